"""What was recognised, in words, and as lines that a recipe would have."""

from typing import Any

import yaml

from builders.recipes.model import Columns
from builders.sources.formats.table import Found
from builders.sources.mapping.recognition import Layout

FIELDS = ("instruction", "input", "output")


def source_keys(layout: Layout, found: Found) -> dict[str, Any]:
    """The keys of `source` that spell out how a table is read, where that is not the plain way."""
    keys: dict[str, Any] = {}
    if found.encoding or found.delimiter or found.records:
        stated = {"encoding": found.encoding, "delimiter": found.delimiter, "records": found.records}
        keys |= {key: value for key, value in stated.items() if value}
    if layout.tree:
        keys["shape"] = "tree"
    if (columns := changed_columns(layout.columns)) and not layout.tree:
        keys["columns"] = columns
    if layout.turns:
        keys["turns"] = layout.turns
    return keys


def changed_columns(columns: Columns) -> dict[str, str | None]:
    """The columns that are not called as our fields are."""
    plain, ours = columns.model_dump(), Columns().model_dump()
    return {key: value for key, value in plain.items() if key not in ours or value != ours[key]}


def flow(keys: dict[str, Any]) -> str:
    """Keys of `source` on one line of YAML."""
    text: str = yaml.safe_dump(
        {"source": keys}, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10**6
    )
    return text.strip().removeprefix("{").removesuffix("}")


def recognised_note(name: str, layout: Layout, found: Found) -> str | None:
    """What was recognised and the line that a recipe would have; None where nothing had to be."""
    if not layout.recognised:
        return None
    return f"{name}: {mapping_in_words(layout)}; in a recipe: {flow(source_keys(layout, found))}"


def mapping_in_words(layout: Layout) -> str:
    """`read as question and answer (instruction from 'pregunta', …), ids are made from content`."""
    columns = layout.columns
    ids = "ids are made from the rows' content" if columns.id is None else f"ids from {columns.id!r}"
    if layout.tree:
        return f"read as {layout.label}, each tree of them as one conversation"
    if columns.messages is not None:
        return f"read as {layout.label} in column {columns.messages!r}, {ids}"
    other = {field: getattr(columns, field) for field in FIELDS}
    named = [f"{field} from {column!r}" for field, column in other.items() if column not in (None, field)]
    if not named:
        if columns.id == "id":
            return "id, instruction, input and output are where they belong"
        return "no column 'id': ids are made from the rows' content" if columns.id is None else f"read with {ids}"
    note = f"read as {layout.label} ({', '.join(named)}), {ids}"
    if any(column and column != column.strip() for column in (*other.values(), columns.id)):
        note += "; its header has blanks around the names"
    elif any(column and column != column.lower() for column in (*other.values(), columns.id)):
        note += "; its names differ from ours in case"
    return note
