"""Turns of a conversation as pairs of a question and its answer."""

from dataclasses import dataclass
from typing import Any

import msgspec

USER = frozenset({"user", "human", "prompter", "usuario", "humano", "usuaria", "humana"})
ASSISTANT = frozenset({"assistant", "gpt", "model", "bot", "chatgpt", "chatbot", "ai", "asistente", "modelo"})
SYSTEM = frozenset({"system", "sistema", "developer"})
ROLE_KEYS, TEXT_KEYS = ("role", "from"), ("content", "value", "text")


@dataclass(frozen=True)
class Turn:
    """What one side said. role: `user`, `assistant`, `system`, or whatever else the source says."""

    role: str
    text: str


@dataclass(frozen=True)
class Conversation:
    """Turns as pairs.

    pairs: question and answer; a question that nobody answers has an empty answer, and a conversation without a question
    is one empty pair, so that its row is in the ledger. answered: how many pairs have both. system: it begins with a text that
    sets the scene, which is left out. others: it has turns of other roles, such as tools, which are left out.
    """

    pairs: list[tuple[str, str]]
    answered: int
    system: bool
    others: bool


def turns_of(value: Any) -> list[Turn] | None:
    """The turns in a value: a list of objects with role and text, its JSON, or a tree of replies (the best-ranked ones).

    None for anything else.
    """
    if isinstance(value, str) and value.lstrip()[:1] == "[":
        try:
            value = msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError):
            return None
    if isinstance(value, dict) and "replies" in value:
        return _turns_of_tree(value)
    if not isinstance(value, list):
        return None
    turns = [_turn(one) for one in value]
    return None if None in turns else [turn for turn in turns if turn]


def _turn(value: Any) -> Turn | None:
    if not isinstance(value, dict):
        return None
    role = next((value[key] for key in ROLE_KEYS if isinstance(value.get(key), str)), None)
    key = next((key for key in TEXT_KEYS if key in value), None)
    if role is None or key is None:
        return None
    text = _said(value[key])
    return None if text is None else Turn(_side(role), text)


def _side(role: str) -> str:
    plain = role.strip().lower()
    for side, names in (("user", USER), ("assistant", ASSISTANT), ("system", SYSTEM)):
        if plain in names:
            return side
    return plain


def _said(content: Any) -> str | None:
    """A turn's text; of several parts (as where pictures are among them), those that are text."""
    if content is None:
        return ""
    if isinstance(content, list):
        parts = [one.get("text") if isinstance(one, dict) else one for one in content]
        return "\n\n".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else None


def _turns_of_tree(value: dict[str, Any]) -> list[Turn] | None:
    turns, here = [], value
    while True:
        turn = _turn(here)
        if turn is None:
            return None
        turns.append(turn)
        replies = [one for one in here.get("replies") or [] if isinstance(one, dict)]
        if not replies:
            return turns
        here = min(replies, key=best)


def best(reply: dict[str, Any]) -> tuple[float, str, str]:
    """Sorts the best-ranked reply first; without ranks the order of ids or texts decides, never that of the source."""
    rank = reply.get("rank")
    place = float(rank) if isinstance(rank, int | float) and rank == rank else float("inf")
    return (place, str(reply.get("message_id", "")), str(reply.get("text", "")))


def conversation(turns: list[Turn]) -> Conversation:
    """Turns as pairs. What one side says in several turns on end is one text; answers before the first question are left out."""
    merged: list[Turn] = []
    for turn in turns:
        if turn.role not in ("user", "assistant"):
            continue
        if merged and merged[-1].role == turn.role:
            merged[-1] = Turn(turn.role, f"{merged[-1].text}\n\n{turn.text}")
        elif merged or turn.role == "user":
            merged.append(turn)
    pairs = [
        (turn.text, merged[at + 1].text if at + 1 < len(merged) else "")
        for at, turn in enumerate(merged)
        if turn.role == "user"
    ]
    roles = {turn.role for turn in turns}
    answered = len(merged) // 2
    return Conversation(pairs or [("", "")], answered, "system" in roles, bool(roles - {"user", "assistant", "system"}))
