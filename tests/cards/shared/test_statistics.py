import json

import polars as pl
import pytest

from cards.shared.statistics import describe, language_mix, overlap, sensitivity, statistics

ROWS = pl.DataFrame(
    {
        "instruction": ["Resume el texto.", "Di hola.", "Di adiós.", "Cuenta hasta dos."],
        "input": ["Érase una vez un río.", "", "", "uno"],
        "output": ["Un río.", "Hola.", "", "Uno, dos."],
        "origin": ["dolly", "alpaca", "alpaca", ""],
        "split": ["train", "train", "validation", "train"],
    }
)
LEDGER = pl.DataFrame(
    [
        ("kept", None, None, ["placeholder", "cut_off"], ["input:nfc"]),
        ("kept", None, None, ["placeholder"], []),
        ("kept", None, None, [], ["input:nfc", "output:entities"]),
        ("kept", None, None, [], []),
        ("dropped", "quality", "refusal", [], ["input:nfc"]),
        ("dropped", "quality", "refusal", ["placeholder"], []),
        ("dropped", "quality", "empty_answer", [], []),
        ("dropped", "dedup", "near_duplicate", ["english_form"], []),
        ("dropped", "dedup", "exact_duplicate", [], []),
    ],
    schema={"status": pl.String, "stage": pl.String, "rule": pl.String, "flags": pl.List(pl.String), "edits": pl.List(pl.String)},
    orient="row",
)  # fmt: skip


def test_counts_of_rows_splits_and_origins():
    numbers = statistics(ROWS, LEDGER)

    assert numbers["rows"] == 4
    assert numbers["splits"] == {"train": 3, "validation": 1}
    assert list(numbers["origins"].items()) == [("alpaca", 2), ("", 1), ("dolly", 1)]
    assert numbers["with_input"] == 0.5


def test_lengths_are_of_the_texts_that_are_not_empty():
    length = statistics(ROWS, LEDGER)["length"]

    # 7, 5 and 9 characters; 2, 1 and 2 words.
    assert length["output"] == {
        "characters": {
            "mean": 7.0,
            "p5": 5.0,
            "p25": 7.0,
            "p50": 7.0,
            "p75": 9.0,
            "p95": 9.0,
            "p99": 9.0,
            "max": 9,
            "sum": 21,
        },
        "words": {
            "mean": 1.7,
            "p5": 1.0,
            "p25": 2.0,
            "p50": 2.0,
            "p75": 2.0,
            "p95": 2.0,
            "p99": 2.0,
            "max": 2,
            "sum": 5,
        },
    }
    assert length["input"]["characters"]["mean"] == 12.0


def test_letters_are_counted_not_bytes():
    length = statistics(ROWS.with_columns(pl.lit("¿Qué? Ñandú 😀").alias("output")), LEDGER)["length"]

    assert (length["output"]["characters"]["p50"], length["output"]["words"]["p50"]) == (13.0, 3.0)


def test_drops_are_counted_by_stage_and_rule_the_most_frequent_first():
    dropped = statistics(ROWS, LEDGER)["dropped"]

    assert [(stage, list(rules.items())) for stage, rules in dropped.items()] == [
        ("dedup", [("exact_duplicate", 1), ("near_duplicate", 1)]),
        ("quality", [("refusal", 2), ("empty_answer", 1)]),
    ]


def test_flags_are_those_of_kept_rows_and_edits_those_of_all():
    numbers = statistics(ROWS, LEDGER)

    assert numbers["flags"] == {"placeholder": 2, "cut_off": 1}
    assert numbers["edits"] == {"input:nfc": 3, "output:entities": 1}


def test_where_nothing_was_dropped_flagged_edited_or_given():
    numbers = statistics(ROWS.with_columns(pl.lit("").alias("input")), LEDGER.head(0))

    assert (numbers["dropped"], numbers["flags"], numbers["edits"], numbers["with_input"]) == ({}, {}, {}, 0.0)
    assert set(numbers["length"]["input"]["words"].values()) == {0.0}


def test_numbers_do_not_depend_on_the_order_of_rows():
    assert json.dumps(statistics(ROWS.reverse(), LEDGER.reverse())) == json.dumps(statistics(ROWS, LEDGER))


def test_each_step_of_lengths_counts_the_texts_up_to_the_next():
    texts = [" ".join(["voz"] * words) for words in (1, 2, 3, 4, 7, 8, 1023, 1024, 3000)]
    rows = pl.DataFrame({"instruction": texts, "input": [""] * 9, "output": texts, "origin": [""] * 9})

    steps = describe(rows)["length_steps"]

    assert {step: count for step, count in steps["output"].items() if count} == {
        "1": 1,
        "2": 2,
        "4": 2,
        "8": 1,
        "512": 1,
        "1024": 2,
    }
    assert set(steps["input"].values()) == {0}


# ---- rules -----------------------------------------------------------------------------------------------------------

FINDINGS = pl.DataFrame(
    [
        (0, 0, "refusal", 1.0, "drop"),
        (1, 0, "refusal", 0.9, "drop"),
        (1, 1, "echo", 0.85, "drop"),
        (2, 1, "echo", 0.8, "drop"),
        (2, 2, "cut_off", 0.7, "flag"),
        (3, 1, "echo", 0.75, "none"),
        (4, 0, "refusal", 0.85, "drop"),
        (4, 1, "echo", 0.95, "drop"),
        (4, 2, "cut_off", 0.9, "drop"),
    ],
    schema={"row": pl.UInt32, "order": pl.UInt32, "rule": pl.String, "score": pl.Float64, "action": pl.String},
    orient="row",
)


def test_overlap_tells_what_only_one_rule_drops_and_which_others_would():
    assert overlap(FINDINGS) == {
        "echo": {"drops": 3, "first": 1, "alone": 1, "with": {"refusal": 2, "cut_off": 1}},
        "refusal": {"drops": 3, "first": 3, "alone": 1, "with": {"echo": 2, "cut_off": 1}},
        "cut_off": {"drops": 1, "first": 0, "alone": 0, "with": {"echo": 1, "refusal": 1}},
    }


def test_the_rows_that_rules_claim_first_are_the_dropped_ones():
    assert sum(rule["first"] for rule in overlap(FINDINGS).values()) == 4


def test_sensitivity_counts_the_rows_that_reach_each_threshold():
    rules = {
        "echo": {"threshold": 0.8},
        "refusal": {"threshold": 0.8},
        "cut_off": {"threshold": 0.95},
        "never": {"threshold": 0.8},
    }

    found = sensitivity(FINDINGS, rules)

    assert found["echo"] == {"0.60": 4, "0.70": 4, "0.75": 4, "0.80": 3, "0.85": 2, "0.90": 1, "1.00": 0}
    assert found["cut_off"] == {"0.75": 1, "0.85": 1, "0.90": 1, "0.95": 0, "1.00": 0}
    assert "never" not in found


def test_a_rule_that_knows_only_yes_and_no_has_nothing_to_move():
    sure = FINDINGS.with_columns(pl.lit(1.0).alias("score"))

    assert sensitivity(sure, {"echo": {"threshold": 0.8}}) == {}


# ---- languages -------------------------------------------------------------------------------------------------------

LANGUAGES = pl.DataFrame(
    {
        "row": [0, 1, 2, 3],
        "question": ["es", "es", "undetermined", "ca"],
        "answer": ["es", "undetermined", "es", "es"],
        "question_score": [0.0, 0.1, 0.9, 0.99],
        "answer_score": [0.3, 0.0, 0.005, 0.02],
    },
    schema_overrides={"row": pl.UInt32},
)


def test_the_language_mix_of_kept_and_dropped_rows():
    mix = language_mix(LANGUAGES, pl.Series([True, True, True, False]))

    assert mix["question"] == {"kept": {"es": 2, "undetermined": 1}, "dropped": {"ca": 1}}
    assert mix["answer"] == {"kept": {"es": 2, "undetermined": 1}, "dropped": {"es": 1}}


def test_confidence_is_of_kept_spanish_rows_alone():
    confidence = language_mix(LANGUAGES, pl.Series([True, True, True, False]))["confidence"]

    assert confidence["question"] == {"0.99": 1, "0.90": 1, "0.80": 0, "0.50": 0, "0.00": 0}
    assert confidence["answer"] == {"0.99": 1, "0.90": 0, "0.80": 0, "0.50": 1, "0.00": 0}


def test_a_row_is_found_by_its_place_in_the_ledger():
    only_last = LANGUAGES.tail(1)

    assert language_mix(only_last, pl.Series([True, True, True, False]))["question"] == {
        "kept": {},
        "dropped": {"ca": 1},
    }


@pytest.mark.parametrize("key", ["overlap", "sensitivity", "language"])
def test_what_was_not_looked_at_is_empty(key):
    assert statistics(ROWS, LEDGER)[key] == {}
