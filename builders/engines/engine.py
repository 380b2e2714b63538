"""What an engine does, and the one that works in this process."""

import time
from collections.abc import Iterator
from typing import Protocol

import polars as pl

from builders.stages.by_row import RowWork
from builders.stages.dedup import Here, Texts
from builders.stages.outcome import Outcome

Step = tuple[str, Outcome, float]


class Engine(Texts, Protocol):
    """Where the work on rows is done; what needs all rows is done by the pipeline, on numbers."""

    def by_row(self, rows: pl.DataFrame, work: RowWork) -> Iterator[Step]:
        """What each stage that decides row by row made of the rows, in order, and its seconds."""


class Local(Here):
    """Everything in this process, on all its cores."""

    def by_row(self, rows: pl.DataFrame, work: RowWork) -> Iterator[Step]:
        """See `Engine`."""
        for name, stage in work.stages():
            start = time.perf_counter()
            outcome = stage(rows)
            rows = outcome.rows
            yield name, outcome, time.perf_counter() - start
