"""What every stage returns: the rows that go on, and what the ledger records of them.

A stage is a function from rows and its part of the recipe to an Outcome. It decides on rows by themselves (dedup and sample
compare them), in any order, and never touches the ledger: `pipeline.py` does.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

BATCH = 100_000  # rows that the detectors and the rules hold at once


@dataclass(frozen=True)
class Outcome:
    """What a stage made of rows.

    rows: those that go on. drops: `row`, `rule` and, where there is one, `score`, `evidence`, `duplicate_of` (a row).
    flags: `row`, `flag`, `evidence`. edits: `row`, `edit`. findings: what every rule found (see `filters.rule.judge`).
    languages: see `stages.language.languages_of`. None where a stage has nothing to say of it.
    """

    rows: pl.DataFrame
    drops: pl.DataFrame | None = None
    flags: pl.DataFrame | None = None
    edits: pl.DataFrame | None = None
    findings: pl.DataFrame | None = None
    languages: pl.DataFrame | None = None


def without(rows: pl.DataFrame, drops: pl.DataFrame) -> pl.DataFrame:
    """The rows that are not among the dropped ones, in their order."""
    return rows.join(drops.select("row"), on="row", how="anti", maintain_order="left")


def batches(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Parts of the rows, at least one. Decisions depend on a row alone, so the parts change nothing but the memory."""
    return rows.iter_slices(BATCH) if rows.height else iter([rows])
