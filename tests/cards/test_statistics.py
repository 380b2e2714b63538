import json

import polars as pl

from cards.statistics import statistics

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
        ("dropped", "dedup", "near_twin", ["english_form"], []),
        ("dropped", "dedup", "exact_twin", [], []),
    ],
    schema={"fate": pl.String, "stage": pl.String, "rule": pl.String, "flags": pl.List(pl.String), "edits": pl.List(pl.String)},
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
        "characters": {"mean": 7.0, "p5": 5.0, "p25": 7.0, "p50": 7.0, "p75": 9.0, "p95": 9.0},
        "words": {"mean": 1.7, "p5": 1.0, "p25": 2.0, "p50": 2.0, "p75": 2.0, "p95": 2.0},
    }
    assert length["input"]["characters"]["mean"] == 12.0


def test_letters_are_counted_not_bytes():
    length = statistics(ROWS.with_columns(pl.lit("¿Qué? Ñandú 😀").alias("output")), LEDGER)["length"]

    assert (length["output"]["characters"]["p50"], length["output"]["words"]["p50"]) == (13.0, 3.0)


def test_drops_are_counted_by_stage_and_rule_the_most_frequent_first():
    dropped = statistics(ROWS, LEDGER)["dropped"]

    assert [(stage, list(rules.items())) for stage, rules in dropped.items()] == [
        ("dedup", [("exact_twin", 1), ("near_twin", 1)]),
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
