"""A table's rows under our names."""

from collections import Counter
from dataclasses import dataclass, field

import polars as pl

from builders.errors import Invalid, NotFound
from builders.recipes.model import Columns
from builders.schema import SOURCE_COLUMNS
from builders.sources.formats.table import MISSING, Part, Table
from builders.sources.mapping.pairs import conversation_rows, tree_rows
from builders.sources.mapping.recognition import Layout
from builders.sources.mapping.values import notes_of, texts


@dataclass(frozen=True)
class Mapped:
    """Rows of one table, and notes: `id` (null where ids are to be made from content), `instruction`, `input`, `output`, and
    `origin` and `language` where a column says it."""

    frame: pl.DataFrame
    notes: list[str] = field(default_factory=list)


def mapped(table: Table, layout: Layout) -> Mapped:
    """A table's rows by a layout. Raises Problem for a column that is missing and for a value that is no text."""
    for told in layout.columns.told if layout.tree else ():
        raise Invalid(
            f"{table.name}: trees of messages have no column of {told}s", "leave {key} out", f"columns.{told}"
        )
    _require_language(table, layout.columns.language)
    if layout.tree:
        return Mapped(*tree_rows(table, layout.turns or "first", layout.label))
    if layout.columns.messages is not None:
        return Mapped(*conversation_rows(table, layout.columns, layout.turns or "first", layout.label))
    used = _used(table, layout.columns)
    fields = (*SOURCE_COLUMNS, *layout.columns.told)
    seen: dict[str, Counter[str]] = {name: Counter() for name in fields}
    guard = ["id"] if layout.recognised and layout.columns.id is None and "id" not in used else []
    frames = []
    for part in table.parts([*used, *guard]):
        if guard:
            _require_no_ids(part, table.name)
        frames.append(_frame(part, layout.columns, used, table.name, seen))
    notes = [note for name in SOURCE_COLUMNS[1:] for note in notes_of(table.name, name, seen[name])]
    empty = pl.DataFrame(schema=dict.fromkeys(fields, pl.String))
    return Mapped(pl.concat([empty, *frames]), notes)


def _frame(part: Part, columns: Columns, used: list[str], name: str, seen: dict[str, Counter[str]]) -> pl.DataFrame:
    series = []
    for field_name in seen:
        column = getattr(columns, field_name)
        if column is None or column not in used:
            fill = None if field_name == "id" else ""
            series.append(pl.repeat(fill, part.height, dtype=pl.String, eager=True).alias(field_name))
        else:
            series.append(texts(part, column, field_name, name, seen[field_name]))
    return pl.DataFrame(series)


def _require_no_ids(part: Part, name: str) -> None:
    """Either all rows have an id or none: which rows a sample shows must decide nothing."""
    for at, value in enumerate(part.values["id"]):
        if value is not None and value is not MISSING:
            raise Invalid(
                f"{name}, {part.place(at)}: has an id, and the first rows have none",
                "give every row one, or make all ids from the rows' content with --set {key}=null",
                "columns.id",
            )


def _require_language(table: Table, column: str | None) -> None:
    """Every row says its language, so a column that the first rows lack is none, though JSON lets a row leave one out."""
    names = table.names()
    if column is not None and names and not {column, column.partition(".")[0]} & set(names):
        raise _missing(table, column, "columns.language")


def _missing(table: Table, column: str, key: str) -> NotFound:
    return NotFound(
        f"{table.name}: column {column!r} is missing (it has {', '.join(table.names())})",
        "map it with {key} if it has another name",
        key,
    )


def _used(table: Table, columns: Columns) -> list[str]:
    """The columns that are read. Raises Problem for one that a table with a header lacks or has twice."""
    names = table.names() if table.header else []
    if not names:  # each row has fields of its own, or there is none
        return list(columns.used)
    for column in columns.used:
        outer = column if column in names else column.partition(".")[0]
        if outer not in names and column != columns.input:
            raise _missing(table, column, "columns")
        if names.count(column) > 1:
            raise Invalid(f"{table.name}: two columns are called {column!r}", "rename one of the two")
    return [column for column in columns.used if column in names or column.partition(".")[0] in names]
