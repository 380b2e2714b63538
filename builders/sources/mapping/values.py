"""Values of a column as text: null is empty, a number is its digits, a list of one text is that text."""

from collections import Counter
from typing import Any

import msgspec
import polars as pl

from builders.errors import Invalid, Problem
from builders.sources.formats.table import MISSING, Part

KINDS = {bool: "bool", dict: "object", list: "array", float: "float", int: "int", bytes: "bytes", type(None): "null"}


def texts(part: Part, column: str, field: str, name: str, seen: Counter[str]) -> pl.Series:
    """A column's values as text, for a field of ours.

    seen: counts what was not text, by kind (`null`, `number`, `list`), for the note. Raises Problem for a value that cannot
    be text, with its place and the way out.
    """
    found = part.values[column]
    if isinstance(found, pl.Series):
        values = found
    else:
        try:
            values = pl.Series(found, dtype=pl.String, strict=True)
        except (TypeError, ValueError):  # something in it is no text
            cells = [_text(found, at, part, column, field, name, seen) for at in range(part.height)]
            values = pl.Series(cells, dtype=pl.String)
    if field == "instruction":
        values = values.set(values == "null", None)  # what an export wrote for null: nobody asks that
    nulls = values.null_count()
    if not nulls:
        return values.alias(field)
    if field == "id":
        raise _without_id(name, part.place(int(values.is_null().arg_true()[0])), column)
    seen["null"] += nulls
    return values.cast(pl.String).fill_null("").alias(field)


def _text(values: list[Any], at: int, part: Part, column: str, field: str, name: str, seen: Counter[str]) -> str | None:
    value = values[at]
    if isinstance(value, str) or value is None:
        return value
    if value is MISSING:
        if field in ("input", "origin", "language"):
            return ""
        raise Invalid(
            f"{name}, {part.place(at)}: field {column!r} is missing",
            "map it with {key} if it has another name",
            "columns",
        )
    if field == "id":
        return _id(value, f"{name}, {part.place(at)}", column)
    text = plain_text(value)
    if text is None:
        raise _no_text(value, f"{name}, {part.place(at)}", column, field)
    seen["list" if isinstance(value, list) else "number"] += 1
    return text


def plain_text(value: Any) -> str | None:
    """A number as JSON writes it, a list of one text (or none) as that; None for what is no text."""
    if isinstance(value, float) and value != value:  # what pandas writes for null in a column of numbers
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return msgspec.json.encode(value).decode()
    if isinstance(value, list) and len(value) <= 1 and all(isinstance(one, str) or one is None for one in value):
        return (value[0] or "") if value else ""
    return None


def _id(value: Any, place: str, column: str) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer():  # pandas turns whole numbers into these where one is missing
        return str(int(value))
    raise Invalid(
        f"{place}: the id (field {column!r}) must be a string or a whole number, not {kind_of(value)}",
        "correct it, or make ids from the rows' content with --set {key}=null",
        "columns.id",
    )


def _without_id(name: str, place: str, column: str) -> Problem:
    return Invalid(
        f"{name}, {place}: the id (field {column!r}) is null",
        "give every row one, or make ids from the rows' content with --set {key}=null",
        "columns.id",
    )


def _no_text(value: Any, place: str, column: str, field: str) -> Problem:
    what = f"{place}: field {column!r} must be text, not {kind_of(value)}"
    if isinstance(value, list):
        return Invalid(
            f"{what} of {len(value)}",
            f"correct it, or read its first with --set {{key}}={column}.0",
            f"columns.{field}",
        )
    if isinstance(value, dict) and value:
        inner = next((key for key, one in value.items() if isinstance(one, str)), next(iter(value)))
        return Invalid(
            what, f"name the field in it that is meant, such as --set {{key}}={column}.{inner}", f"columns.{field}"
        )
    return Invalid(what, "correct it, or map another column with {key}", f"columns.{field}")


def kind_of(value: Any) -> str:
    """The type of a value, in JSON's words."""
    return KINDS.get(type(value), type(value).__name__)


def notes_of(name: str, field: str, seen: Counter[str]) -> list[str]:
    """What is told of a field whose values were not all text."""
    notes = []
    if seen["null"] and field != "input":
        rule = {"instruction": "empty_instruction", "output": "empty_answer"}[field]
        notes.append(f"{name}: {_rows(seen['null'])} no {field} (null); kept as empty, which the rule {rule} drops")
    if seen["number"]:
        notes.append(f"{name}: {_rows(seen['number'])} a number as {field}, read as text")
    if seen["list"]:
        notes.append(f"{name}: {_rows(seen['list'])} a list of one text as {field}, read as that text")
    return notes


def _rows(count: int) -> str:
    return "1 row has" if count == 1 else f"{count:,} rows have"
