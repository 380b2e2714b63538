"""Four rows and nine entries of a ledger, to count."""

import polars as pl

from cards.statistics.listed import Statistics, count
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


def counted(rows=ROWS, ledger=LEDGER, **more):
    """Their statistics."""
    return count(Statistics, Counted(rows, ledger, **more))
