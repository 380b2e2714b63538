"""The demo's rows against their labels: what the README and `aguila rules` claim."""

from collections import Counter

import pytest

from builders.gold import labels, measure
from builders.recipes.model import DemoSource
from builders.sources.demo import read_demo
from cards.shared.records import Measure
from filters import all_rules

# Drop rules whose defect the demo shows. A rule that is not among them is not measured, and is said to be so.
SHOWN = [
    *("refusal", "missing_context", "absent_object", "url_as_data", "translated_code", "broken_text", "foreign_script"),
    *("role_markers", "cut_off", "empty_answer", "echo", "repetition", "model_identity"),
]


def test_the_demo_is_large_varied_and_labelled():
    rows, truth = read_demo(DemoSource()).rows, labels()
    assert rows["id"].to_list() == list(truth)
    assert rows.height >= 400
    defective = [label for label in truth.values() if label.rule or label.flags or label.edits]
    assert 0.2 <= len(defective) / rows.height <= 0.3
    assert sum("hard negative" in label.why for label in truth.values()) >= 60
    assert 0.35 <= (rows["input"] != "").mean() <= 0.45


def test_every_defect_has_four_rows():
    counts = Counter(name for label in labels().values() for name in (label.rule, *label.flags, *label.edits))
    assert {name for name in SHOWN if counts[name] < 4} == set()
    assert all(all_rules()[name].verdict == "drop" for name in SHOWN)


@pytest.mark.parametrize("name", SHOWN)
def test_drop_rules_meet_their_targets_on_the_gold_rows(name):
    gold = measure()[name]
    assert gold.recall >= 0.95, gold
    assert gold.precision >= 0.97, gold


@pytest.mark.parametrize("name", ["exact_duplicate", "near_duplicate", "same_prompt", "answer_language"])
def test_duplicates_and_answers_are_found(name):
    assert measure()[name] == Measure(true_positives=4, false_positives=0, false_negatives=0)


def test_the_question_language_makes_no_mistake_on_the_demo():
    assert measure()["question_language"] == Measure(true_positives=4, false_positives=0, false_negatives=0)


@pytest.mark.parametrize("name", ["mojibake", "entities", "invisible", "control", "width", "nfc", "no_input"])
def test_repairs_are_made_where_they_should(name):
    assert measure()[name] == Measure(true_positives=4, false_positives=0, false_negatives=0)
