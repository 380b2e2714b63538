"""Typical bad and good answers of a chat model to translated instructions (`typical.jsonl`, written for this): caught and lost."""

import json
from itertools import product
from pathlib import Path

import polars as pl
import pytest

from filters import rules_of
from filters.detectors.language import Thresholds, decide
from filters.rule import Setting, judge

ROWS = [json.loads(line) for line in (Path(__file__).parent / "typical.jsonl").read_text("utf-8").splitlines()]
# Rules were made and tuned on the part `tuned`. The part `held` was written before they were read, and is not to be tuned on.
# `blind` was written before rules were run on it: of 60 bad rows 46 were caught then and 1 of 60 good ones was lost. Rules were
# mended with it in view, so that it is as good as tuned on since.
ROWS_OF_A_KIND = {"tuned": 75, "held": 75, "blind": 60}
MISSED_AT_MOST = {"tuned": 1, "held": 12, "blind": 2}  # rows, after tuning; of the held part 32 were missed at first
LOST_AT_MOST = {"tuned": 1, "held": 3, "blind": 0}


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


def of(half, right):
    return [row["id"] for row in ROWS if (row["half"], row["right"]) == (half, right)]


@pytest.mark.parametrize(("half", "right"), list(product(ROWS_OF_A_KIND, ("good", "bad"))))
def test_each_part_has_as_many_rows_of_a_kind(half, right):
    assert len(of(half, right)) >= ROWS_OF_A_KIND[half]


@pytest.mark.parametrize("half", ROWS_OF_A_KIND)
def test_hardly_a_typical_good_row_is_lost(dropped, half):
    lost = {one: dropped[one] for one in of(half, "good") if one in dropped}

    assert len(lost) <= LOST_AT_MOST[half], lost


@pytest.mark.parametrize("half", ROWS_OF_A_KIND)
def test_nearly_every_typical_bad_row_is_caught(dropped, half):
    missed = [one for one in of(half, "bad") if one not in dropped]

    assert len(missed) <= MISSED_AT_MOST[half], missed
