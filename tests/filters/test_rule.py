"""How a score becomes a decision, exactly at the edges of its thresholds; and what the decorator makes of a function."""

import math

import polars as pl
import pytest

from filters import all_rules, rules_of
from filters.languages import ANY, FILLED, UNFILLED
from filters.rule import Example, Setting, findings, judge, read_once, rule


@rule(defect=1, fields=("instruction",), verdict="flag", caught=[], spared=[])
def scored(rows):
    """The score that the instruction says."""
    return findings(rows, when=pl.lit(True), score=pl.col("instruction").cast(pl.Float64), evidence=pl.col("input"))


def actions(setting, *scores):
    rows = pl.DataFrame(
        {"row": range(len(scores)), "instruction": [str(score) for score in scores], "input": "", "output": ""},
        schema_overrides={"row": pl.UInt32},
    )
    return judge(rows, {"scored": scored}, {"scored": setting})["action"].to_list()


def test_a_drop_rule_drops_from_its_threshold_on_and_flags_from_flag_from_on():
    setting = Setting("drop", 0.8, 0.5)
    assert actions(setting, 1.0, 0.8, 0.7999, 0.5, 0.4999, 0.0) == ["drop", "drop", "flag", "flag", "none", "none"]


@pytest.mark.parametrize("verdict", ["flag", "signal"])
def test_another_verdict_is_given_from_the_threshold_on_and_nothing_below(verdict):
    setting = Setting(verdict, 0.8, 0.5)
    assert actions(setting, 1.0, 0.8, 0.7999, 0.5, 0.0) == [verdict, verdict, "none", "none", "none"]


def test_without_a_doubtful_range_a_drop_rule_flags_nothing():
    assert actions(Setting("drop", 0.8, 0.8), 0.8, 0.7999) == ["drop", "none"]


def test_a_score_is_rounded_before_it_is_compared():
    assert actions(Setting("drop", 0.8, 0.8), math.nextafter(0.8, 0)) == ["drop"]


def test_findings_are_sorted_by_row_and_by_the_place_of_the_rule():
    rows = pl.DataFrame(
        {"row": [0, 1], "instruction": ["0.5", "1"], "input": "", "output": ""}, schema_overrides={"row": pl.UInt32}
    )
    setting = Setting("flag", 0.5, 0.5)
    found = judge(rows, {"b": scored, "a": scored}, {"scored": setting})
    assert found.select("row", "order").rows() == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_a_rule_reads_many_rows_in_parts_each_row_once(monkeypatch):
    monkeypatch.setattr("filters.rule.PART", 2)
    heights = []

    @rule(defect=1, fields=("instruction",), verdict="flag", caught=[], spared=[])
    def reading(rows):
        """Every row."""
        heights.append(rows.height)
        return findings(rows, when=pl.lit(True), evidence=pl.col("instruction"))

    rows = pl.DataFrame(
        {"row": range(5), "instruction": list("abcde"), "input": "", "output": ""}, schema_overrides={"row": pl.UInt32}
    )
    found = judge(rows, {"reading": reading}, {"reading": Setting("flag", 0.5, 0.5)})

    assert heights == [2, 2, 1]
    assert found["evidence"].to_list() == list("abcde")


def test_the_decorator_takes_its_defaults_from_what_is_said():
    assert (scored.name, scored.version, scored.threshold, scored.flag_from) == ("scored", 1, 0.8, 0.8)
    assert scored.reason == "The score that the instruction says."


def test_a_rule_that_does_not_say_its_language_is_for_spanish_alone():
    assert scored.languages == ("es",)
    assert set(rules_of("es")) == {name for name, one in all_rules().items() if "es" in one.languages}


def test_a_language_that_nobody_knows_is_refused_where_it_is_written():
    with pytest.raises(AssertionError, match="no languages of Bactrian-X: eu, xx"):
        rule(defect=1, fields=(), verdict="flag", caught=[Example("")], spared=[], languages=("es", "xx", "eu"))


def test_no_rule_gets_lost():
    """Rules are found by being there, so one that is no longer there must be missed somewhere."""
    assert {
        *(
            "refusal",
            "missing_context",
            "absent_object",
            "changed_urls",
            "url_as_data",
            "impossible_action",
            "invented_url",
        ),
        *("changed_numbers", "untranslated", "translated_code", "translated_keywords", "repaired_correction"),
        *("english_form", "broken_text", "foreign_script", "role_markers", "cut_off", "blank_answer", "empty_answer"),
        *("empty_instruction", "placeholder", "echo", "repetition", "model_identity", "wrong_arithmetic"),
        *("missing_opening_mark", "personal_data"),
    } <= set(all_rules())


def test_languages_without_a_room_have_the_rules_that_read_no_words():
    unknown = {"blank_answer", "broken_text", "changed_urls", "empty_instruction", "wrong_arithmetic"}
    assert all(unknown <= rules_of(code).keys() for code in UNFILLED)
    assert "refusal" in rules_of("es") and "refusal" not in rules_of("pt")
    assert "empty_answer" in rules_of("es") and "blank_answer" not in rules_of("es")
    assert {*FILLED, *UNFILLED} == set(ANY)


def test_what_two_rules_need_of_the_same_rows_is_read_once_and_of_others_anew():
    read = []
    reading = read_once(lambda rows: read.append(rows.height) or rows.head(1))
    some, others = pl.DataFrame({"row": [1, 2]}), pl.DataFrame({"row": [3, 4, 5]})

    assert [reading(rows)["row"].to_list() for rows in (some, some, others)] == [[1], [1], [3]]
    assert read == [2, 3]
