"""Which columns of a table hold which field, recognised by their names and by what is in them; never guessed in silence.

What a recipe states stays. What it leaves out is looked for: our own names first, then those that data sets in English and
Spanish use, a column of turns, messages that name their parents, fields inside other fields. Where two columns may be meant
it says so, and asks.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from builders.errors import NotFound, nearest
from builders.recipes.model import Columns, Reading
from builders.sources.formats.table import Table
from builders.sources.mapping.conversations import turns_of
from builders.sources.mapping.pairs import TREE

# What data sets call the fields, as `_plain` writes a name. The first that is there is meant, and no other may be.
INSTRUCTIONS = (
    *("instruction", "instruccion", "prompt", "question", "pregunta", "query", "consulta", "user_prompt", "orden"),
    *("input", "inputs", "entrada"),
)
INPUTS = ("input", "context", "contexto", "entrada")
OUTPUTS = (
    *("output", "response", "respuesta", "completion", "answer", "salida", "target", "best_answer", "mejor_respuesta"),
    *("gold", "completado", "contestacion"),
)
IDS = ("id", "uid", "uuid", "_id")
TURNS = (
    "messages",
    "conversations",
    "conversation",
    "conversacion",
    "mensajes",
    "dialogue",
    "dialogo",
    "chat",
    "turns",
)
DEEP = 3  # how many objects inside one another a field is looked for in
NAMED = {
    ("instruction", "context", "response"): "Dolly's columns",
    ("prompt", None, "completion"): "prompt and completion",
    ("question", None, "answer"): "question and answer",
    ("pregunta", None, "respuesta"): "question and answer",
    ("question", "context", "answer"): "question, context and answer",
    ("pregunta", "contexto", "respuesta"): "question, context and answer",
}


@dataclass(frozen=True)
class Layout:
    """How a table's rows are read.

    label: what the shape is called. recognised: the keys that the recipe did not state and that are not our own names, as a
    recipe's source would state them; empty where there is nothing to tell.
    """

    columns: Columns
    label: str
    tree: bool = False
    turns: Literal["first", "last", "all"] | None = None
    recognised: tuple[str, ...] = ()


def recognise(table: Table, columns: Columns, reading: Reading, ids: bool = True) -> Layout:
    """The layout of a table. ids: whether rows may do without an id (it is made from their content).

    Raises NotFound where a field that is needed cannot be found, naming the columns that there are.
    """
    layout = _recognised(table, columns, reading, ids)
    told = {name: getattr(columns, name) for name in columns.told}
    return replace(layout, columns=layout.columns.model_copy(update=told)) if told else layout


def _recognised(table: Table, columns: Columns, reading: Reading, ids: bool) -> Layout:
    stated = columns.model_fields_set
    if reading.shape == "tree":
        return Layout(columns, "OpenAssistant messages", tree=True, turns=reading.turns or "first")
    if columns.messages is not None and "id" in stated:
        return Layout(columns, "conversations", turns=reading.turns or "first")
    if {"id", "instruction", "input", "output"} <= stated:
        return Layout(columns, "columns")
    sample, names = table.sample(), table.names()
    if not sample:
        return Layout(columns, "columns")
    if columns.messages is not None:
        return _conversations(columns.messages, _id(names, sample, columns, ids), columns, reading, sample)
    if not stated & {"instruction", "output"} and not {"instruction", "output"} <= set(names):
        if set(TREE) <= set(names):
            found = Columns(id="message_id", messages="text")
            return Layout(
                found, "OpenAssistant messages", True, reading.turns or "first", ("shape", "columns", "turns")
            )
        if (turns := _column_of_turns(names, sample)) is not None:
            return _conversations(turns, _id(names, sample, columns, ids), columns, reading, sample)
    return _fields(names, sample, columns, table.name, ids)


# ---- conversations ---------------------------------------------------------------------------------------------------


def _conversations(
    messages: str, id: str | None, columns: Columns, reading: Reading, sample: list[dict[str, Any]]
) -> Layout:
    values = [row.get(messages) for row in sample if isinstance(row.get(messages), list | dict) and row.get(messages)]
    first = values[0] if values else []
    turn = first[0] if isinstance(first, list) and first else {}
    tree = isinstance(first, dict) and "replies" in first
    label = "OpenAssistant trees" if tree else "ShareGPT conversations" if "from" in turn else "conversations"
    found = Columns(id=id, messages=messages)
    return Layout(found, label, turns=reading.turns or "first", recognised=("columns", "turns"))


def _column_of_turns(names: list[str], sample: list[dict[str, Any]]) -> str | None:
    """The column whose values are turns; of several the one with a usual name. None where none is, or it is not clear."""
    found = [name for name in names if _are_turns([row.get(name) for row in sample])]
    usual = [name for name in found if _plain(name) in TURNS]
    chosen = usual or found
    return chosen[0] if len(chosen) == 1 else None


def _are_turns(values: list[Any]) -> bool:
    filled = [value for value in values if value not in (None, [], "")][:50]
    return bool(filled) and all(turns_of(value) for value in filled)


# ---- fields ----------------------------------------------------------------------------------------------------------


def _fields(names: list[str], sample: list[dict[str, Any]], columns: Columns, name: str, ids: bool) -> Layout:
    stated = columns.model_fields_set
    telling = {columns.origin, columns.language}
    here = [one for one in names if one not in telling and not any(isinstance(row.get(one), dict) for row in sample)]
    found = _named(here, columns)
    if None in (found["instruction"], found["output"]):
        here += _inner(sample)
        found = _named(here, columns)
    for field in ("instruction", "output"):
        if found[field] is None:
            raise _not_found(field, found, here or names, columns, name)
    # `input` may be missing; our own name for it stays, so that a row which has one is read.
    given = found["input"] or ("input" if found["instruction"] == "instruction" else None)
    if "input" in stated:
        given = columns.input
    values = {
        "id": columns.id if "id" in stated else _id(names, sample, columns, ids),
        "instruction": str(found["instruction"]),
        "input": None if given == found["instruction"] else given,
        "output": str(found["output"]),
    }
    chosen = Columns(**values)  # type: ignore[arg-type]
    ours = Columns()
    changed = any(getattr(chosen, key) != getattr(ours, key) for key in values if key not in stated)
    label = NAMED.get(
        (_plain(chosen.instruction), chosen.input and _plain(chosen.input), _plain(chosen.output)), "columns"
    )
    return Layout(chosen, label, recognised=("columns",) if changed else ())


def _named(names: Iterable[str], columns: Columns) -> dict[str, str | None]:
    """The columns that names say are instruction, input and output; a field that is stated is itself."""
    stated = columns.model_fields_set
    known = list(names)
    found: dict[str, str | None] = {
        key: getattr(columns, key) if key in stated else None for key in ("instruction", "input", "output")
    }
    taken = {column for key, column in found.items() if key in stated and column}
    for field, words in (("instruction", INSTRUCTIONS), ("output", OUTPUTS), ("input", INPUTS)):
        if field not in stated:
            found[field] = _one(field, [one for one in known if one not in taken], words)
            taken |= {found[field]} if found[field] else set()  # type: ignore[arg-type]
    return found


def _one(field: str, names: list[str], words: tuple[str, ...]) -> str | None:
    """The column that is called by one of these words; our own name goes before all others. None where two may be meant."""
    if field in names:
        return field
    alike = [one for one in names if _last(one) in words]
    own = [one for one in alike if _last(one) == field]
    if field == "instruction" and len(alike) > 1:  # `input` beside `question` is what the question is about
        alike = [one for one in alike if _last(one) not in ("input", "inputs", "entrada")] or alike
    chosen = own or alike
    return chosen[0] if len(chosen) == 1 else None


def _id(names: list[str], sample: list[dict[str, Any]], columns: Columns, ids: bool) -> str | None:
    """The column of ids: our own name, or one that means the same and has another value in every row. None without one."""
    if "id" in columns.model_fields_set or not ids:
        return columns.id
    if "id" in names:
        return None if all(row.get("id") is None for row in sample) else "id"
    for name in names:
        if _plain(name) in IDS:
            values = [row.get(name) for row in sample]
            usable = all(isinstance(value, str | int) and not isinstance(value, bool) for value in values)
            if usable and len(set(values)) == len(values):
                return name
    return None


def _inner(sample: list[dict[str, Any]]) -> list[str]:
    """Dotted paths of the fields inside objects, as the sample has them."""
    paths: dict[str, None] = {}

    def walk(value: dict[str, Any], before: str, depth: int) -> None:
        for key, inner in value.items():
            path = f"{before}{key}"
            if isinstance(inner, dict) and depth < DEEP:
                walk(inner, f"{path}.", depth + 1)
            elif before:
                paths[path] = None

    for row in sample:
        walk(row, "", 0)
    return list(paths)


def _plain(name: str) -> str:
    """A name without what people write differently: case, accents, blanks, dashes, a leading number (`1-instruction`)."""
    bare = "".join(one for one in unicodedata.normalize("NFD", name.strip().lower()) if not unicodedata.combining(one))
    bare = re.sub(r"^\d+[\s._-]+", "", bare)
    return re.sub(r"[\s-]+", "_", bare)


def _last(path: str) -> str:
    """The plain last name of a path."""
    return _plain(path.rpartition(".")[2])


def _not_found(field: str, found: dict[str, str | None], names: list[str], columns: Columns, name: str) -> NotFound:
    words = {"instruction": INSTRUCTIONS, "output": OUTPUTS}[field]
    taken = {column for key, column in found.items() if column and key != field}
    alike = [one for one in names if _last(one) in words and one not in taken]
    has = ", ".join(names[:20]) + (" …" if len(names) > 20 else "") or "none"
    if len(alike) > 1:
        return NotFound(
            f"{name}: the {field} may be column {' or '.join(map(repr, alike))}",
            f"say which with --set {{key}}.{field}={alike[0]}",
            "columns",
        )
    return NotFound(
        f"{name}: column {getattr(columns, field)!r} is missing{nearest(field, names)} (it has {has})",
        "map it with {key} if it has another name",
        "columns",
    )
