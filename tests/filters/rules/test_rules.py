"""Every rule's own examples are its tests; adding a rule adds its tests."""

from dataclasses import replace

import polars as pl
import pytest

from filters import all_rules
from filters.rule import Example, Rule, Setting, judge

RULES = list(all_rules().values())


def frame(examples: tuple[Example, ...]) -> pl.DataFrame:
    fields = ("instruction", "input", "output", "instruction_en", "input_en")
    columns = {field: [getattr(example, field, None) for example in examples] for field in fields}
    table = pl.DataFrame({"row": range(len(examples)), **columns}, schema_overrides={"row": pl.UInt32})
    return table.with_columns(pl.col("instruction_en", "input_en").cast(pl.String))


def caught(rule: Rule, examples: tuple[Example, ...]) -> list[bool]:
    found = rule.find(frame(examples)).filter(pl.col("score") >= rule.threshold)
    return [row in set(found["row"]) for row in range(len(examples))]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_catches_and_spares_its_examples(rule):
    assert [example for example, hit in zip(rule.caught, caught(rule, rule.caught), strict=True) if not hit] == []
    assert [example for example, hit in zip(rule.spared, caught(rule, rule.spared), strict=True) if hit] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_has_three_examples_each_way_a_reason_and_a_source(rule):
    assert len(rule.caught) >= 3 and len(rule.spared) >= 3
    assert (rule.reason.endswith(".") and "ource" in rule.find.__doc__) or "core" in rule.find.__doc__
    assert rule.version >= 1 and 0 < rule.flag_from <= rule.threshold <= 1


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_findings_have_bounded_scores_evidence_and_one_row_each(rule):
    found = rule.find(frame(rule.caught + rule.spared))
    assert found.columns == ["row", "score", "evidence"]
    assert found["score"].is_between(0, 1).all()
    assert found["evidence"].str.len_chars().max() <= 160
    assert found["row"].is_unique().all()
    blank = pl.any_horizontal(pl.col("instruction", "output").str.strip_chars() == "")
    nothing_to_show = frame(rule.caught + rule.spared).filter(blank)["row"]
    assert set(found.filter(evidence="")["row"]) <= set(nothing_to_show)


SHOWN = tuple(example for rule in RULES for example in rule.caught + rule.spared)
LONG = " ".join(f"La casa número {number} de la calle tiene un balcón y dos ventanas." for number in range(20))
FILLING = 5  # of the examples of other rules every fifth: they only have to be there


def beside(rule: Rule) -> pl.DataFrame:
    """A rule's examples and some of the others, each with a copy, and with a much longer answer beside it."""
    shown = rule.caught + rule.spared + SHOWN[::FILLING]
    return frame(shown + shown + tuple(replace(example, output=f"{example.output}\n{LONG}") for example in shown))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_decision_on_a_row_does_not_depend_on_the_rows_beside_it(rule):
    """On these rows in halves: those whose number has a bit, and those whose number lacks it, for every bit. Any two rows are in
    different halves of some bit, so whatever one row does to the decision on another shows there; and a measure of the whole
    frame (its height, a mean, its first row) is another one in every half. In reverse, too.
    """
    rows = beside(rule)
    together = rule.find(rows).sort("row")
    assert len(together) >= len(rule.caught)
    for bit in range(rows.height.bit_length()):
        for wanted in (0, 1):
            half = pl.col("row") // 2**bit % 2 == wanted
            assert rule.find(rows.filter(half)).sort("row").equals(together.filter(half)), (bit, wanted)
    assert rule.find(rows.reverse()).sort("row").equals(together)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_decides_on_its_examples_one_by_one_as_on_all_of_them(rule):
    """What a frame of one row could upset, or of none, where the rule has something to say."""
    rows = frame(rule.caught + rule.spared)
    together = rule.find(rows).sort("row")
    assert together.equals(pl.concat([rule.find(row) for row in rows.iter_slices(1)]).sort("row"))
    assert rule.find(rows.clear()).equals(together.clear())


def test_judging_with_all_rules_is_judging_with_each():
    rules = {rule.name: rule for rule in RULES}
    settings = {rule.name: Setting(rule.verdict, rule.threshold, rule.flag_from) for rule in RULES}
    rows = frame(SHOWN)
    each = [judge(rows, {name: rule}, settings).drop("order") for name, rule in rules.items()]
    places = pl.DataFrame({"rule": list(rules), "order": range(len(rules))}, schema_overrides={"order": pl.UInt32})
    expected = pl.concat(each).join(places, on="rule").sort("row", "order")
    assert judge(rows, rules, settings).equals(expected.select("row", "order", "rule", "score", "evidence", "action"))


def test_a_score_between_the_two_thresholds_flags_and_a_higher_threshold_spares():
    rule = all_rules()["refusal"]
    row = frame(
        (Example("¿Llueve?", "No puedo saberlo. Sin embargo, en general se sabe que " + "llueve a menudo. " * 12),)
    )
    score = rule.find(row)["score"].item()
    assert score == 0.6
    assert judge(row, {"refusal": rule}, {"refusal": Setting("drop", 0.8, 0.5)})["action"].to_list() == ["flag"]
    assert judge(row, {"refusal": rule}, {"refusal": Setting("drop", 0.6, 0.5)})["action"].to_list() == ["drop"]
    assert judge(row, {"refusal": rule}, {"refusal": Setting("drop", 0.9, 0.9)})["action"].to_list() == ["none"]


def test_rules_survive_hostile_text():
    hostile = (
        "",
        "\0",
        "¿" * 500,
        "(" * 300 + "a" * 300,
        "1" * 400 + " = " + "2" * 400,
        "\n" * 200,
        "🜁" * 100,
        "\\E\\Q[[",
    )
    examples = tuple(
        Example(text, output=other, input=third) for text in hostile for other in hostile for third in hostile[:3]
    )
    for rule in RULES:
        found = rule.find(frame(examples))
        assert found["score"].is_between(0, 1).all(), rule.name
