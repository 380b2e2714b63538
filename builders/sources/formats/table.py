"""What every format gives: rows with their own columns, before any of them is mapped to a field."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import polars as pl

SAMPLE = 1000  # rows that are looked at to recognise a shape


class _Missing:
    """A row that lacks a column, which JSON allows."""

    def __repr__(self) -> str:
        return "missing"


MISSING = _Missing()


@dataclass(frozen=True)
class Found:
    """What a file turned out to be, where its name does not say it.

    form: in words, such as `JSON Lines`. encoding, delimiter, records: as the recipe's keys of a source record them; None
    where they are the usual ones. notes: one line each, to be told.
    """

    form: str
    encoding: str | None = None
    delimiter: str | None = None
    records: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """Some rows of a table.

    values: by column, a value for each row (MISSING where a row has no such column; a Series has none missing). place: where
    a row of this part is, in words, such as `line 3`.
    """

    values: dict[str, pl.Series | list[Any]]
    height: int
    place: Callable[[int], str]


class Table(Protocol):
    """Rows of a file or split, whatever its format. header: whether all rows have the same columns."""

    name: str
    found: Found
    header: bool

    def names(self) -> list[str]:
        """Its columns, in their order; of JSON, those of the sample."""

    def sample(self) -> list[dict[str, Any]]:
        """Its first rows, at most SAMPLE."""

    def parts(self, columns: Sequence[str]) -> Iterator[Part]:
        """All rows with these columns, part by part. A column may be a dotted path into another."""


@dataclass
class FrameTable:
    """A table that polars holds, such as a split that `datasets` has read."""

    frame: pl.DataFrame
    name: str
    found: Found = field(default_factory=lambda: Found("a table"))
    header: bool = True

    def names(self) -> list[str]:
        """Its columns."""
        return self.frame.columns

    def sample(self) -> list[dict[str, Any]]:
        """Its first rows."""
        return self.frame.head(SAMPLE).to_dicts()

    def parts(self, columns: Sequence[str]) -> Iterator[Part]:
        """All rows at once."""
        yield frame_part(self.frame, columns)


def frame_part(frame: pl.DataFrame, columns: Sequence[str]) -> Part:
    """Columns of a frame, those inside others walked to."""
    return Part({column: _column(frame, column) for column in columns}, frame.height, lambda at: f"row {at + 1}")


def _column(frame: pl.DataFrame, column: str) -> pl.Series | list[Any]:
    if column in frame.columns:
        series = frame[column]
        return series if series.dtype in (pl.String, pl.Null) else series.to_list()
    outer, _, inner = column.partition(".")
    if outer not in frame.columns:
        return [MISSING] * frame.height
    return [walk(value, inner) for value in frame[outer].to_list()]


def walk(value: Any, path: str) -> Any:
    """What stands at a dotted path inside a value: keys of objects, places (from 0) in lists. Nothing is inside null."""
    while path:
        if value is None:
            return None
        if isinstance(value, dict) and path in value:  # a key may hold a dot itself
            return value[path]
        step, _, path = path.partition(".")
        if isinstance(value, dict):
            value = value.get(step, MISSING)
        elif isinstance(value, list) and step.isdecimal():
            value = value[int(step)] if int(step) < len(value) else None
        else:
            return MISSING
    return value
