"""Recipes by chance: made of the models themselves, each value right, left out or wrong, and their text damaged now and then."""

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import yaml
from hypothesis import strategies as st
from pydantic import BaseModel

from builders.recipes.model import Recipe
from filters import all_rules

ODD = (
    *(
        None,
        True,
        -1,
        0,
        10**30,
        1e308,
        float("nan"),
        float("inf"),
        "",
        " ",
        "x" * 5000,
        "../..",
        "/dev/zero",
        "a\x00b",
    ),
    *(
        "\x1b[2Jok",
        "línea\notra",
        "`<b>|",
        "\u202e",
        "null",
        "2024-02-30",
        "~",
        "{key}",
        "{0}",
        "%s",
        [],
        {},
        [[]],
        ["x", 1],
    ),
    *({"kind": "file"}, {"": ""}, {"enabled": "sí"}, "refusal", "es", "alpaca", "1e400", "0x10", "12:30:45", "=", "<<"),
)
TEXTS = ("x", "filas.jsonl", "instruction", "output", "es", "alpaca", "apache-2.0", "Un título: con «signos»", "a" * 64)
NAMES = ("refusal", "personal_data", "length", "nada", *list(all_rules())[:20])
# What most recipes say of these, so that some become versions.
USUAL = {
    "name": "filas",
    "source": {"kind": "file", "path": "filas.jsonl"},
    "template": "alpaca",
    "kind": "instructions",
}
RARELY = {"source", "kind", "name", "decontaminate", "labels", "scores", "preferences", "template", "language"}


def odd() -> st.SearchStrategy[Any]:
    """Something that hardly any key takes."""
    return st.sampled_from(ODD)


def values_of(annotation: Any) -> st.SearchStrategy[Any]:
    """Values that an annotation takes, more or less: bounds and patterns are not looked at."""
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return values_of(inside[0])
    if origin in (Union, types.UnionType):
        return st.one_of([values_of(one) for one in inside])
    if origin is Literal:
        return st.sampled_from(inside)
    if origin is tuple:
        return st.lists(values_of(inside[0]), max_size=2)
    if origin is dict:
        return st.dictionaries(st.sampled_from(NAMES), values_of(inside[1]), max_size=3)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return st.deferred(lambda: model(annotation))
    plain = {bool: st.booleans(), int: st.integers(0, 20), float: st.sampled_from((0.0, 0.1, 0.3, 0.5, 0.9, 1.0))}
    return plain.get(annotation, st.sampled_from(TEXTS) if annotation is str else st.none())


def field(annotation: Any) -> st.SearchStrategy[Any]:
    """A value of a key: in one of ten another than it takes."""
    return st.integers(0, 9).flatmap(lambda chance: odd() if chance == 9 else values_of(annotation))


@st.composite
def model(draw: Any, kind: type[BaseModel]) -> dict[str, Any]:
    """Some keys of a model, now and then one that it has not."""
    keys = draw(st.lists(st.sampled_from(sorted(kind.model_fields)), max_size=3, unique=True))
    found = {key: draw(field(kind.model_fields[key].annotation)) for key in keys}
    if draw(st.integers(0, 19)) == 19:
        found[draw(st.sampled_from(("treshold", "", "kind", "Name", "extends", "a.b", "\x1b")))] = draw(odd())
    return found


@st.composite
def recipes(draw: Any) -> bytes:
    """The text of a recipe: as YAML writes it, or damaged."""
    keys = draw(st.lists(st.sampled_from(sorted({*Recipe.model_fields} - RARELY)), max_size=4, unique=True))
    keys += draw(st.lists(st.sampled_from(sorted(RARELY)), max_size=1)) if draw(st.booleans()) else []
    found = dict(USUAL) | {key: draw(field(Recipe.model_fields[key].annotation)) for key in keys}
    text = yaml.safe_dump(found, allow_unicode=True, sort_keys=False)
    for _ in range(draw(st.sampled_from((0, 0, 0, 1, 2)))):
        at = draw(st.integers(0, len(text)))
        put = draw(
            st.sampled_from(
                ("", "\t", "&a ", "*a", "!!python/none ", "}", "- ", "\n", "'", "?", "\x00", "\ud800", "é", "{")
            )
        )
        text = text[:at] + put + text[at + draw(st.integers(0, 3)) :]
    return text.encode("utf-8", "surrogatepass")
