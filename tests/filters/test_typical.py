"""Typical bad and good answers of a chat model to translated instructions (`typical.jsonl`, written for this): caught and lost."""

import json
from pathlib import Path

import polars as pl
import pytest

from filters import rules_of
from filters.detectors.language import Thresholds, decide
from filters.rule import Setting, judge

ROWS = [json.loads(line) for line in (Path(__file__).parent / "typical.jsonl").read_text("utf-8").splitlines()]
MISSED_AT_MOST = 0.1  # of the bad ones


@pytest.fixture(scope="module")
def dropped():
    """Row id → what drops it."""
    rows = pl.DataFrame(ROWS).with_row_index("row")
    rules = rules_of("es")
    found = judge(
        rows, rules, {name: Setting(one.verdict, one.threshold, one.flag_from) for name, one in rules.items()}
    )
    by = dict(found.filter(pl.col("action") == "drop").select("row", "rule").rows())
    foreign = decide(rows, Thresholds()).filter((pl.col("question") == "other") | (pl.col("answer") == "other"))
    return {ROWS[row]["id"]: rule for row, rule in (by | dict.fromkeys(foreign["row"], "language")).items()}


def test_no_typical_good_row_is_lost(dropped):
    assert {row["id"]: dropped[row["id"]] for row in ROWS if row["right"] == "good" and row["id"] in dropped} == {}


def test_nearly_every_typical_bad_row_is_caught(dropped):
    bad = [row["id"] for row in ROWS if row["right"] == "bad"]
    missed = [one for one in bad if one not in dropped]
    assert len(missed) <= MISSED_AT_MOST * len(bad), missed
