"""Rows from conversations: a column of turns, or messages in trees, of which a recipe takes the first pair, the last, or all."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec
import polars as pl

from builders.errors import Invalid
from builders.recipes.model import Columns
from builders.schema import SOURCE_COLUMNS
from builders.sources.formats.table import MISSING, Part, Table
from builders.sources.mapping.conversations import Conversation, Turn, best, conversation, turns_of
from builders.sources.mapping.values import kind_of, texts

Turns = Literal["first", "last", "all"]
TREE = ("message_id", "parent_id", "role", "text")  # and `rank`, where there is one


def conversation_rows(table: Table, columns: Columns, turns: Turns, label: str) -> tuple[pl.DataFrame, list[str]]:
    """Columns id, instruction, input, output (origin and language, where a column says it), and what is to be told.

    Raises Invalid for a value that has no turns.
    """
    assert columns.messages is not None, "the column that holds the turns"
    wanted = [columns.messages] if columns.id is None else [columns.id, columns.messages]
    wanted += [getattr(columns, name) for name in columns.told]
    found: list[tuple[str, Conversation]] = []
    told: dict[str, list[str]] = {name: [] for name in columns.told}
    copies: Counter[str] = Counter()
    for part in table.parts(wanted):
        ids = texts(part, columns.id, "id", table.name, Counter()).to_list() if columns.id else None
        for name, values in told.items():
            values += texts(part, getattr(columns, name), name, table.name, Counter()).to_list()
        for at, value in enumerate(part.values[columns.messages]):
            said = _turns(value, part, at, table.name, columns.messages)
            found.append((ids[at] if ids else _content_id(said, copies), conversation(said)))
    frame, notes = _frame(found, turns), _notes(found, turns, table.name, label)
    for name, values in told.items():
        of_rows = [value for value, (_, one) in zip(values, found, strict=True) for _ in _chosen(one, turns)]
        frame = frame.with_columns(pl.Series(name, of_rows, dtype=pl.String))
    return frame, notes


def tree_rows(table: Table, turns: Turns, label: str) -> tuple[pl.DataFrame, list[str]]:
    """The same from messages that name their parents: each tree is one conversation, along its best-ranked replies."""
    messages: list[dict[str, Any]] = []
    for part in table.parts((*TREE, "rank")):
        fields = {key: list(values) for key, values in part.values.items()}
        for at in range(part.height):
            message = {key: None if values[at] is MISSING else values[at] for key, values in fields.items()}
            if not isinstance(message["message_id"], str) or not isinstance(message["role"], str):
                raise Invalid(f"{table.name}, {part.place(at)}: a message needs message_id and role", "correct it")
            messages.append(message)
    found = [(str(root["message_id"]), conversation(said)) for root, said in _paths(messages, table.name)]
    more = f"{table.name}: {len(messages):,} messages in {len(found):,} trees, each read along its best-ranked replies"
    return _frame(found, turns), [more, *_notes(found, turns, table.name, label)]


def _paths(messages: list[dict[str, Any]], name: str) -> Iterator[tuple[dict[str, Any], list[Turn]]]:
    known = {message["message_id"] for message in messages}
    if len(known) < len(messages):
        raise Invalid(f"{name}: a message_id is there more than once", "remove the copies")
    replies: dict[str, list[dict[str, Any]]] = {}
    for message in messages:
        if message["parent_id"] in known:
            replies.setdefault(message["parent_id"], []).append(message)
    for root in messages:
        if root["parent_id"] in known:
            continue
        path, here = [root], root
        while following := replies.get(here["message_id"]):
            here = min(following, key=best)
            path.append(here)
        yield root, turns_of([{"role": one["role"], "text": one["text"]} for one in path]) or []


def _turns(value: Any, part: Part, at: int, name: str, column: str) -> list[Turn]:
    if value is None:
        return []
    said = turns_of(value)
    if said is None:
        shown = "missing" if value is MISSING else "not a list of turns with role and content (or from and value)"
        if not isinstance(value, list) and value is not MISSING:
            shown += f", but {kind_of(value)}"
        hint = "correct it, or map another column with {key}"
        raise Invalid(f"{name}, {part.place(at)}: field {column!r} is {shown}", hint, "columns.messages")
    return said


def _content_id(said: list[Turn], copies: Counter[str]) -> str:
    """An id for a conversation without one: a hash of what is said, numbered among exact copies."""
    text = msgspec.json.encode([(turn.role, turn.text) for turn in said])
    id = hashlib.sha256(text).hexdigest()[:16]
    copies[id] += 1
    return id if copies[id] == 1 else f"{id}-{copies[id]}"


def _frame(found: Iterable[tuple[str, Conversation]], turns: Turns) -> pl.DataFrame:
    rows = []
    for id, one in found:
        for number, (question, answer) in _chosen(one, turns):
            rows.append((id if number == 1 else f"{id}#{number}", question, "", answer))
    return pl.DataFrame(rows, dict.fromkeys(SOURCE_COLUMNS, pl.String), orient="row")


def _chosen(one: Conversation, turns: Turns) -> list[tuple[int, tuple[str, str]]]:
    """Pairs with their numbers, as `turns` says. The last is the last that is answered; its row keeps the conversation's id."""
    if turns == "all":
        return list(enumerate(one.pairs, 1))
    return [(1, one.pairs[max(one.answered - 1, 0) if turns == "last" else 0])]


def _notes(found: list[tuple[str, Conversation]], turns: Turns, name: str, label: str) -> list[str]:
    rows = len(found)
    paired = sum(one.answered > 0 for _, one in found)
    longer = sum(one.answered > 1 for _, one in found)
    which = "last" if turns == "last" else "first"
    notes = [f"{name}: {label}: {paired:,} of {rows:,} rows have a {which} pair of question and answer"]
    if paired < rows:
        notes[0] += f" ({rows - paired:,} without one are kept as empty, which the rule empty_answer drops)"
    if longer and turns == "all":
        pairs = sum(len(one.pairs) for _, one in found)
        notes.append(
            f"{name}: {longer:,} conversations have several pairs: {pairs:,} rows in all, without what was said before"
        )
    elif longer:
        notes.append(
            f"{name}: {longer:,} conversations have more pairs, which are left out; source.turns takes first, last or all"
        )
    systems, others = sum(one.system for _, one in found), sum(one.others for _, one in found)
    if systems:
        notes.append(f"{name}: {systems:,} conversations have a system text, which is left out")
    if others:
        notes.append(f"{name}: {others:,} conversations have turns of others (such as tools), which are left out")
    return notes
