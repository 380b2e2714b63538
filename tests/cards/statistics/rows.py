"""Four rows and nine entries of a ledger, to count."""

import polars as pl

from cards.statistics.listed import Statistics, count, measured
from cards.statistics.statistic import Counted

ROWS = pl.DataFrame(
    {
        "id": ["f-1", "f-2", "f-3", "f-4"],
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


def measured_of(rows, *facts, **more):
    """What is counted from rows with their texts; columns that they lack are empty texts."""
    there = rows.with_columns(pl.lit("").alias(name) for name in ROWS.columns if name not in rows.columns)
    return Counted(measured(Statistics, there), *facts, each=lambda say: say(there), **more)


def counted(rows=ROWS, ledger=LEDGER, **more):
    """Their statistics."""
    return count(Statistics, measured_of(rows, ledger, **more))
