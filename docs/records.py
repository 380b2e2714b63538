"""Records as documentation shows them: the keys of a pydantic model or a msgspec struct, with type, default and meaning.

A key's meaning is in the docstring of the class that has the key, as `key: what it is.`; what comes before the first key is
about the record as a whole. A statistic says its meaning itself.
"""

import dataclasses
import inspect
import json
import re
from collections.abc import Iterator, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UnsetType
from pydantic import BaseModel, RootModel
from pydantic.fields import FieldInfo

from builders.identifiers import COMMIT, DATASET_NAME, SHA256, Repository

REQUIRED = object()
WORDS = {str: "text", int: "whole number", float: "number", bool: "true or false", Any: "anything"}
WORDS_OF_SHAPES = {Any: "any", object: "any"}
PATTERNS = {SHA256: "sha256, 64 hex digits", COMMIT: "commit, 40 hex digits", DATASET_NAME: "name"}
Record = type[Any]


class MissingMeaning(Exception):
    """A key without a meaning in its class's docstring."""


def fields(record: Record) -> dict[str, tuple[Any, Any]]:
    """Type and default of each key of a record; REQUIRED where there is no default."""
    hints = get_type_hints(record, include_extras=True)
    if issubclass(record, BaseModel):
        return {name: (hints[name], _default_of(one)) for name, one in record.model_fields.items()}
    if issubclass(record, msgspec.Struct):
        known = msgspec.structs.fields(record)
        return {one.encode_name: (hints[one.name], REQUIRED if one.required else one.default) for one in known}
    missing = dataclasses.MISSING
    return {
        one.name: (hints[one.name], REQUIRED if one.default is missing else one.default)
        for one in dataclasses.fields(record)
    }


def _default_of(field: FieldInfo) -> Any:
    return REQUIRED if field.is_required() else field.get_default(call_default_factory=True)


def about(record: Record) -> tuple[str, dict[str, str]]:
    """What a record's docstrings say of it as a whole, and of each of its keys; those of the classes above it count too."""
    names = list(fields(record))
    entry = re.compile(rf"(?:^|(?<=\s))((?:{'|'.join(names)})(?:, (?:{'|'.join(names)}))*): ")
    whole = ""
    meanings: dict[str, str] = {}
    for one in (
        cls for cls in record.__mro__ if cls.__module__.split(".")[0] in ("builders", "cards", "train", "aguila")
    ):
        text = " ".join(inspect.cleandoc(vars(one).get("__doc__") or "").split())
        first, *parts = entry.split(text)
        whole = whole or first.strip()
        for keys, meaning in zip(parts[::2], parts[1::2], strict=True):
            for key in keys.split(", "):
                meanings.setdefault(key, _sentence(meaning))
    for name, (kind, _) in fields(record).items():
        for one in getattr(kind, "__metadata__", ()):
            if isinstance(getattr(one, "meaning", None), str):
                meanings.setdefault(name, _sentence(one.meaning))
    return whole, meanings


def _sentence(text: str) -> str:
    text = text.strip()
    return text[:1].upper() + text[1:]


def table(record: Record, places: Mapping[Record, str], defaults: bool = True) -> list[str]:
    """A record's keys as a Markdown table. places: headings of the records that have a table of their own.

    defaults: whether there is a column for them. Raises MissingMeaning for a key whose meaning no docstring says.
    """
    _, meanings = about(record)
    names = ["key", "type", *(["default"] if defaults else []), "meaning"]
    rows = [names, ["---"] * len(names)]
    for name, (kind, default) in fields(record).items():
        if name not in meanings:
            raise MissingMeaning(f"{record.__module__}.{record.__name__}: its docstring does not say what {name} is")
        shown = ["required" if default is REQUIRED else _default(default)] if defaults else []
        rows.append([f"`{name}`", type_in_words(kind, places), *shown, meanings[name]])
    return [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]


def _default(value: Any) -> str:
    if isinstance(value, BaseModel):
        return "its keys' defaults"
    plain = msgspec.to_builtins(value) if isinstance(value, tuple | dict | msgspec.Struct) else value
    return f"`{json.dumps(plain, ensure_ascii=False)}`"


def type_in_words(kind: Any, places: Mapping[Record, str]) -> str:
    """A type as readers of YAML or JSON see it."""
    origin, inside = get_origin(kind), get_args(kind)
    if kind == Repository:
        return "OWNER/NAME"
    if origin is Annotated:
        return _bounded(inside[0], inside[1:], places)
    if origin is Literal:
        return ", ".join(f"`{str(one).encode('unicode_escape').decode()}`" for one in inside)
    if origin in (Union, UnionType):
        return " or ".join(type_in_words(one, places) for one in inside if one is not NoneType) + (
            " or null" if NoneType in inside else ""
        )
    if origin is tuple and inside[-1] is not ...:
        return "list of " + " and ".join(type_in_words(one, places) for one in inside)
    if origin in (tuple, list):
        return f"list of {type_in_words(inside[0], places)}"
    if origin and issubclass(origin, Mapping):
        return f"mapping of {type_in_words(inside[1], places)}"
    if kind in places:
        return f"[{places[kind]}](#{anchor(places[kind])})"
    if is_record(kind):
        return f"`{bare(json.dumps(shape(kind), ensure_ascii=False))}`"
    return WORDS.get(kind, f"`{getattr(kind, '__name__', kind)}`")


def _bounded(kind: Any, bounds: tuple[Any, ...], places: Mapping[Record, str]) -> str:
    """A type with bounds: those of pydantic's Field, or of msgspec's Meta."""
    found: dict[str, Any] = {}
    for one in (part for bound in bounds for part in (bound, *getattr(bound, "metadata", ()))):
        found |= {
            name: value
            for name in ("ge", "gt", "le", "lt", "pattern")
            if (value := getattr(one, name, None)) is not None
        }
    if found.get("pattern") in PATTERNS:
        return PATTERNS[found["pattern"]]
    limits = [("gt", "above"), ("ge", "from"), ("lt", "below"), ("le", "to")]
    # That nothing is below 0 or beyond what a machine holds goes without saying.
    said = [f"{word} {found[name]:g}" for name, word in limits if name in found and found[name] < 2**31]
    if said == ["from 0"]:
        said = []
    return ", ".join(filter(None, [type_in_words(kind, places), " ".join(said)]))


def inner(kind: Any) -> Iterator[Record]:
    """The records that a type holds, in order."""
    if isinstance(kind, type) and issubclass(kind, RootModel):
        kind = kind.model_fields["root"].annotation
    if is_record(kind):
        yield kind
    for one in get_args(kind) if get_origin(kind) is not Annotated else get_args(kind)[:1]:
        yield from inner(one)


def is_record(kind: Any) -> bool:
    """Whether a type has keys of its own."""
    return isinstance(kind, type) and (issubclass(kind, BaseModel | msgspec.Struct) or dataclasses.is_dataclass(kind))


def bare(text: str) -> str:
    """JSON in which kinds of value stand without their marks: `"kept": int`."""
    return re.sub(r'"<([\w|]+)>"', r"\1", text)


def anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def shape(kind: Any) -> Any:
    """A record as golden files show one: every key, and for each the kind of value."""
    origin, inside = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return shape(inside[0])
    if isinstance(kind, type) and issubclass(kind, BaseModel):  # what a recipe's models read
        return "<source>" if issubclass(kind, RootModel) else "<recipe>"
    if origin in (Union, UnionType):
        inside = tuple(one for one in inside if one is not UnsetType)
        if len(inside) == 1:
            return shape(inside[0])
        shapes = [shape(one) for one in inside if one is not NoneType]
        optional = ["<null>"] if NoneType in inside else []
        words = [one.strip("<>") for one in [*shapes, *optional] if isinstance(one, str)]
        if len(words) == len([*shapes, *optional]):
            return f"<{'|'.join(dict.fromkeys(words))}>"
        return {"one of": [*shapes, *optional]}
    if origin is Literal:
        return f"<{type(inside[0]).__name__}>"
    if origin in (tuple, list):
        return [shape(inside[0])]
    if origin and issubclass(origin, Mapping):
        return {"*": shape(inside[1])}
    if is_record(kind):
        return {name: shape(of) for name, (of, _) in fields(kind).items()}
    return f"<{WORDS_OF_SHAPES.get(kind) or kind.__name__}>"
