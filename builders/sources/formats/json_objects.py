"""One JSON object that holds all rows: a list under a key, or a row for each key."""

from dataclasses import dataclass
from typing import Any

import msgspec

from builders.errors import Invalid, NotFound

ONE_ROW = "one JSON object, which is one row"
ROLES = ("role", "from")  # what a turn of a conversation says first: a list of turns belongs to one row


@dataclass(frozen=True)
class Unwrapped:
    """The rows in an object. form: what it is, in words. records: the key whose list they are, None where there is none."""

    rows: list[Any]
    form: str
    records: str | None = None


def rows_in(whole: Any, name: str, records: str | None) -> Unwrapped:
    """The rows that one object holds; it may itself be one row. records: the key that the recipe states.

    Raises Invalid where several lists may be meant, NotFound where the stated key holds no list.
    """
    assert isinstance(whole, dict), "it begins with a brace"
    if records is None and isinstance(whole.get("instruction"), str) and "output" in whole:
        return Unwrapped([whole], ONE_ROW)
    lists = [key for key, value in whole.items() if _are_rows(value)]
    if records is not None and records not in lists:
        raise NotFound(
            f"{name}: no list of rows is under {records!r} (there is one under {', '.join(lists) or 'no key'})",
            "correct {key}",
            "records",
        )
    if len(lists) > 1 and records is None:
        raise Invalid(
            f"{name}: one object with several lists of rows, under {', '.join(lists)}",
            f"say which with --set {{key}}={lists[0]}",
            "records",
        )
    if lists:
        key = records or lists[0]
        return Unwrapped(whole[key], f"one JSON object, whose rows are the list under {key!r}", key)
    if whole and all(isinstance(value, dict) for value in whole.values()):
        rows = [{"id": key, **value} for key, value in whole.items()]
        return Unwrapped(rows, "one JSON object with a row under each key, which is its id")
    return Unwrapped([whole], ONE_ROW) if whole else Unwrapped([], "an empty JSON object")


def holds_short_rows(data: bytes, longest: int) -> bool:
    """Whether a long text is one object that holds rows, each of `longest` bytes at most; told without decoding any.

    An object that is itself one row is none, and neither is one with long values beside its rows.
    """
    try:
        fields = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        if {"instruction", "output"} <= set(fields):
            return False
        long = [value for value in fields.values() if _size(value) > longest]
        if not long:  # many short values: rows, if they are objects
            return all(_starts(value, b"{") for value in fields.values())
        return all(_starts(value, b"[") and _are_short_rows(_items(value), longest) for value in long)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def _are_short_rows(items: list[msgspec.Raw], longest: int) -> bool:
    if not items or not all(_size(item) <= longest and _starts(item, b"{") for item in items):
        return False
    first = msgspec.json.decode(items[0], type=dict[str, msgspec.Raw])
    return not any(role in first for role in ROLES)


def _items(value: msgspec.Raw) -> list[msgspec.Raw]:
    return msgspec.json.decode(value, type=list[msgspec.Raw])


def _starts(value: msgspec.Raw, sign: bytes) -> bool:
    return bytes(memoryview(value)[:1]) == sign


def _size(value: msgspec.Raw) -> int:
    return memoryview(value).nbytes


def _are_rows(value: Any) -> bool:
    if not isinstance(value, list) or not value or not all(isinstance(one, dict) for one in value):
        return False
    return not any(role in value[0] for role in ROLES)
