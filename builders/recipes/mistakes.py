"""The first thing that is wrong with a recipe, in words: which key, what it must be, what was probably meant."""

import difflib
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from builders.errors import Invalid, clipped, nearest

# What a value must look like, by the last part of its key, where the model only knows a pattern.
SHAPES = {
    "name": "lower-case letters, digits, dots, dashes and underscores, a letter or digit first",
    "repo": "OWNER/NAME",
    "revision": "a commit's 40 hexadecimal digits (a branch or a tag can move)",
    "commit": "a commit's 40 hexadecimal digits",
    "sha256": "64 hexadecimal digits",
    "content_sha256": "64 hexadecimal digits",
}


def mistake(error: ValidationError, model: type[BaseModel], label: str, renamed: Mapping[str, str]) -> Invalid:
    """The Problem for a recipe that its model refuses. A misspelt key goes before the key that is therefore missing.

    label: how messages call the recipe. renamed: dotted keys of former times, with today's.
    """
    first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    kind, loc = first["type"], first["loc"]
    key, models = _place(model, loc if kind != "extra_forbidden" else loc[:-1])
    if kind == "extra_forbidden":
        return _unknown(label, ".".join(filter(None, (key, str(loc[-1])))), list(models[0].model_fields), renamed)
    shown = key or "the recipe"
    if kind == "missing":
        return Invalid(f"{label}: {shown} is missing", "add it")
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        kinds = [_tag(one) for one in models]
        wrong = f"{shown}.kind is missing"
        if kind == "union_tag_invalid":
            tag = str(first["ctx"]["tag"])
            wrong = f"unknown {shown}.kind {tag!r}{nearest(tag, kinds)}"
        return Invalid(f"{label}: {wrong}", f"there are {', '.join(kinds)}")
    given = "" if isinstance(first["input"], Mapping | BaseModel) else f", not {clipped(repr(first['input']))}"
    if kind == "string_pattern_mismatch" and loc[-1] in SHAPES:
        return Invalid(f"{label}: {shown}: must be {SHAPES[str(loc[-1])]}{given}")
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return Invalid(f"{label}: {shown}: must be a mapping of keys to values{given}")
    plain = kind == "string_type" and isinstance(
        first["input"], bool | int | float
    )  # what YAML takes for more than text
    return Invalid(
        f"{label}: {shown}: {first['msg'].removeprefix('Value error, ')}{given}",
        "put it in quotes: YAML reads numbers, and words such as no, as something else than text" if plain else "",
    )


def _unknown(label: str, key: str, known: list[str], renamed: Mapping[str, str]) -> Invalid:
    """The Problem for a key that there is not, or not any more; a misspelt former name is answered with today's, too."""
    if key in renamed:
        return Invalid(f"{label}: unknown key {key}; it is called {renamed[key]} now")
    parent, _, word = key.rpartition(".")
    former = {
        old.rpartition(".")[2]: new.rpartition(".")[2] for old, new in renamed.items() if old.startswith(f"{parent}.")
    }
    close = difflib.get_close_matches(word, [*known, *former], n=1, cutoff=0.5)
    meant = f"; did you mean {former.get(close[0], close[0])}?" if close else ""
    return Invalid(f"{label}: unknown key {key}{meant}", f"known here: {', '.join(known)}")


def _place(model: type[BaseModel], loc: tuple[int | str, ...]) -> tuple[str, list[type[BaseModel]]]:
    """The dotted key of a place in a recipe, without what only chooses one model of several, and the models that are there."""
    models, shown = [model], []
    for part in loc:
        if len(models) > 1 and (chosen := [one for one in models if _tag(one) == part]):
            models = chosen
            continue
        shown.append(str(part))
        inside = [one.model_fields[part] for one in models if part in one.model_fields]
        models = _models_in(inside[0].annotation) if inside else models
    return ".".join(shown), models


def _tag(model: type[BaseModel]) -> str:
    """What the key `kind` of a model must say: it chooses this model among several."""
    return str(get_args(model.model_fields["kind"].annotation)[0])


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """The models that an annotation such as `tuple[EvaluationSet, ...] | None` speaks of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in _models_in(inner)]
