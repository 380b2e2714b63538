"""What an engine does, and the one that works in this process."""

import time
from collections.abc import Iterator
from typing import Protocol

import polars as pl

from builders.engines import content
from builders.engines.content import Content, Finish
from builders.sources.read import Keep
from builders.stages.by_row import RowWork
from builders.stages.dedup import Here, Texts
from builders.stages.outcome import Outcome

Step = tuple[str, Outcome, float]


class Engine(Texts, Protocol):
    """Where the work on rows is done; what needs all rows is done by the pipeline, on numbers.

    Rows that an engine took may lack their texts from then on: it has them, and `row` says which they are.
    """

    @property
    def keep(self) -> Keep | None:
        """What takes texts while they are read, if the engine has them anywhere else than here."""

    def take(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Take the source's rows, also those whose texts were kept. Returns `row`, `position`, `id`, and what the source states
        of each (`order.STATED`)."""

    def by_row(self, rows: pl.DataFrame, work: RowWork) -> Iterator[Step]:
        """What each stage that decides row by row made of the rows, in order, and its seconds."""

    def whole(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows with their texts, here."""

    def finished(self, rows: pl.DataFrame, finish: Finish) -> Content:
        """The rows of a version. rows: those that are kept, with their `split`."""


class Local(Here):
    """Everything in this process, on all its cores."""

    keep = None

    def take(self, rows: pl.DataFrame) -> pl.DataFrame:
        """See `Engine`."""
        return rows

    def by_row(self, rows: pl.DataFrame, work: RowWork) -> Iterator[Step]:
        """See `Engine`."""
        for name, stage in work.stages():
            start = time.perf_counter()
            outcome = stage(rows)
            rows = outcome.rows
            yield name, outcome, time.perf_counter() - start

    def whole(self, rows: pl.DataFrame) -> pl.DataFrame:
        """See `Engine`."""
        return rows

    def finished(self, rows: pl.DataFrame, finish: Finish) -> Content:
        """See `Engine`."""
        return content.Here(finish(rows).rows)
