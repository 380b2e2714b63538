"""Keys that a JSON row has twice. Readers take the last one in silence; nothing says that it is the right one."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from builders.errors import Invalid, clipped

ESCAPED = r'\\[u/][^"\\]*(?:\\.[^"\\]*)*"\s*:'  # a key that is spelled with escapes


class _Twice(Exception):
    """A key that an object has twice."""


def require_once(rows: pl.Series, columns: Sequence[str], name: str, place: Callable[[int], str]) -> None:
    """Raises Invalid for the first row that has a key twice. place: names a place among these rows, such as `line 3`."""
    if found := first_repeated(rows, columns):
        raise repeated(f"{name}, {place(found[0])}", found[1])


def repeated(place: str, key: str) -> Invalid:
    """The error for a key that is there twice."""
    return Invalid(f"{place}: the key {clipped(key)!r} is there twice", "keep one of the two")


def first_repeated(rows: pl.Series, columns: Sequence[str]) -> tuple[int, str] | None:
    """The place of the first row, as JSON, that has a key twice, and the key; of those that are read, or beside one.

    A pattern finds the few rows in which a column's name is a key more than once, or a key is spelled with escapes; those
    alone are read again.
    """
    names = {step for column in columns for step in (column, *column.split("."))}
    often = [_times(name) > 1 for name in sorted(names)]
    escaped = pl.col("row").str.contains(ESCAPED)
    found = rows.alias("row").to_frame().with_row_index("at").filter(pl.any_horizontal(*often, escaped))
    return next(((at, key) for at, row in found.iter_rows() if (key := repeated_in(row)) is not None), None)


def once_each(texts: Sequence[bytes], present: Mapping[str, int]) -> bool:
    """Whether rows, as JSON, surely have each of these keys once at most: a look at all together, in a sixth of the time.

    present: by name, how many of the rows have the key. Where it is there as often as rows have it, none has it twice.
    """
    if any("." in name for name in present):  # a path: how many of the rows have its steps is not known
        return False
    rows = pl.Series("row", texts, pl.Binary).cast(pl.String).to_frame()
    escaped = pl.col("row").str.contains(ESCAPED).any().alias("escaped")
    counted = (_times(name).sum().alias(f"{number}") for number, name in enumerate(present))
    return rows.select(escaped, *counted).row(0) == (False, *present.values())


def repeated_in(text: str) -> str | None:
    """A key that some object in a JSON text has twice."""
    try:
        json.loads(text, object_pairs_hook=_once)
    except _Twice as found:
        return str(found)
    except (ValueError, RecursionError):
        pass  # what is no JSON is told where it is decoded
    return None


def _times(name: str) -> pl.Expr:
    return pl.col("row").str.count_matches(rf"{_literal(name)}\s*:")


def _literal(name: str) -> str:
    text = json.dumps(name, ensure_ascii=False)
    return "".join(f"\\{one}" if one in r"\.+*?()|[]{}^$#&-~" else one for one in text)


def _once(pairs: list[tuple[str, Any]]) -> None:
    seen = set()
    for key, _ in pairs:
        if key in seen:
            raise _Twice(key)
        seen.add(key)
