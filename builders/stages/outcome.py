"""What every stage returns: the rows that go on, and what the ledger records of them.

A stage is a function from rows and its part of the recipe to an Outcome. It decides on rows by themselves (dedup and sample
compare them), in any order, and never touches the ledger: `pipeline.py` does.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

import polars as pl

from builders.labels.records import LabelUse

Said = TypeVar("Said")
OnRows = Callable[[int, int], None]
_heard: ContextVar[OnRows] = ContextVar("heard", default=lambda done, rows: None)
BATCH = 17_000  # rows that a thread of the detectors holds at once


@dataclass(frozen=True)
class Outcome:
    """What a stage made of rows.

    rows: those that go on. drops: `row`, `rule` and, where there is one, `score`, `evidence`, `duplicate_of` (a row).
    flags: `row`, `flag`, `evidence` and, where there is one, `score`. edits: `row`, `edit`.
    findings: what every rule found (see `filters.rule.judge`). languages: see `stages.language.languages_of`.
    label_use: what became of labels. hashes: `row`, `sha256` (in bytes; see `ledger.row_hashes`) of the rows that were read, or
    edited. None where a stage has nothing to say of it.
    """

    rows: pl.DataFrame
    drops: pl.DataFrame | None = None
    flags: pl.DataFrame | None = None
    edits: pl.DataFrame | None = None
    findings: pl.DataFrame | None = None
    languages: pl.DataFrame | None = None
    label_use: LabelUse | None = None
    hashes: pl.DataFrame | None = None


def without(rows: pl.DataFrame, drops: pl.DataFrame) -> pl.DataFrame:
    """The rows that are not among the dropped ones, in their order."""
    return rows.join(drops.select("row"), on="row", how="anti", maintain_order="left")


def side_by_side(judge: Callable[[pl.DataFrame], pl.DataFrame], rows: pl.DataFrame) -> pl.DataFrame:
    """What a function says of rows, asked part by part on all cores.

    judge: decides on a row by the row alone, so that the parts change nothing but time and memory; its work lets go of
    Python's lock. Returns its tables one below the other, in the order of the rows.
    """
    return pl.concat(in_parts(judge, rows))


def in_parts(judge: Callable[[pl.DataFrame], Said], rows: pl.DataFrame) -> list[Said]:
    """What a function says of each part of the rows, in their order (see `side_by_side`)."""
    parts = list(rows.iter_slices(BATCH)) or [rows]
    if len(parts) == 1:
        return [judge(rows)]
    tell, said, done = _heard.get(), [], 0
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for part, found in zip(parts, threads.map(judge, parts), strict=True):
            said.append(found)
            done += part.height
            tell(done, rows.height)
    return said


@contextmanager
def heard(tell: OnRows) -> Iterator[None]:
    """While it lasts, `tell` is called with the rows that are done, and all of them, within every stage that takes parts."""
    before = _heard.set(tell)
    try:
        yield
    finally:
        _heard.reset(before)
