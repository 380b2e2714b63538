"""A recipe is read from YAML: a file or a shipped one, what it extends, `--set`, and errors in words."""

from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from builders.errors import Problem, clipped, nearest
from builders.recipes.layers import merge, override, parse, read_text
from builders.recipes.model import (
    DemoSource,
    FileSource,
    Frozen,
    HubSource,
    ParallelFile,
    ParallelHub,
    Recipe,
    VersionSource,
)
from builders.recipes.recorded import require_no_places


def shipped_recipes() -> list[str]:
    """Names of the recipes that come with this package."""
    folder = resources.files("builders") / "recipes" / "shipped"
    return sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))


def load_recipe(reference: str, overrides: Iterable[str] = ()) -> Recipe:
    """Read a recipe from a YAML file or by the name of a shipped one.

    `overrides` are `dotted.key=value` pairs, their values read as YAML. Raises Problem for a recipe that is not found,
    is no YAML, or holds an unknown key or a wrong value.
    """
    values = _read(reference, ())
    for change in overrides:
        override(values, change)
    return _checked(values, reference)


def recipe_from_yaml(text: str, where: str) -> Recipe:
    """Parse a recorded recipe (no `extends`, no places of files). Raises Problem, naming `where`."""
    recipe = _checked(parse(text, where), where)
    require_no_places(recipe, where)
    return recipe


def _checked(values: Mapping[str, Any], where: str) -> Recipe:
    try:
        recipe = Recipe.model_validate(values)
        recipe.canonical().encode()
    except ValidationError as error:
        raise Problem(_explain(error, where)) from None
    except UnicodeEncodeError as error:
        raise Problem(f"recipe {where}: half a character ({error.object[error.start]!r}); write it whole") from None
    return recipe


def _read(reference: str, seen: tuple[Path, ...], folder: Path = Path()) -> dict[str, Any]:
    """A recipe's values with everything that it extends merged beneath. Paths are relative to `folder`."""
    path = folder / reference
    shipped = Path(str(resources.files("builders") / "recipes" / "shipped"))
    if not path.is_file():
        path = shipped / f"{reference.removesuffix('.yaml')}.yaml"
        if path.stem not in shipped_recipes() or path.parent != shipped:
            raise Problem(
                f"recipe {reference}: no such file, and no shipped recipe has that name"
                f"{nearest(path.stem, shipped_recipes())}; shipped: {', '.join(shipped_recipes())}"
            )
    if path.resolve() in seen:
        circle = [*(one.name for one in seen), path.name]
        raise Problem(f"recipe {reference}: extends goes in a circle: {' → '.join(circle)}; remove one extends")
    values = parse(read_text(path), reference)
    _place_paths(values, path.parent)
    parent = values.pop("extends", None)
    if parent is None:
        return values
    if not isinstance(parent, str):
        raise Problem(
            f"recipe {reference}: extends must be the name or path of one recipe, not {clipped(repr(parent))}"
        )
    return merge(_read(parent, (*seen, path.resolve()), path.parent), values)


def _place_paths(values: dict[str, Any], folder: Path) -> None:
    """Files that a recipe names lie beside the recipe, as what it extends does."""
    source, sets = values.get("source"), values.get("decontaminate")
    parallel = source.get("parallel") if isinstance(source, dict) else None
    listed = sets.get("sets") if isinstance(sets, dict) else None
    for place in (source, parallel, *(listed if isinstance(listed, list) else ())):
        if isinstance(place, dict) and isinstance(place.get("path"), str):
            place["path"] = str(folder / place["path"])


def _explain(error: ValidationError, where: str) -> str:
    """The first thing wrong with a recipe, in words. A misspelt key goes before the key that is therefore missing."""
    first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    loc = [str(part) for part in first["loc"]]
    tags = {at for at in range(1, len(loc)) if loc[at - 1] in ("source", "parallel") and loc[at] in _SOURCES}
    shown = ".".join(part for index, part in enumerate(loc) if index not in tags) or "the recipe"
    if first["type"] == "extra_forbidden":
        known = _fields_at(loc[:-1])
        return f"recipe {where}: unknown key {shown}{nearest(loc[-1], known)}; known here: {', '.join(known)}"
    if first["type"] == "missing":
        return f"recipe {where}: {shown} is missing; add it"
    kinds = _PARALLELS if loc[-1:] == ["parallel"] else _SOURCES
    if first["type"] == "union_tag_invalid":
        kind = str(first["ctx"]["tag"])
        return f"recipe {where}: unknown {shown}.kind {kind!r}{nearest(kind, kinds)}; there are {', '.join(kinds)}"
    if first["type"] == "union_tag_not_found":
        return f"recipe {where}: {shown}.kind is missing; there are {', '.join(kinds)}"
    given = "" if isinstance(first["input"], dict) else f", not {clipped(repr(first['input']))}"
    if first["type"] == "string_pattern_mismatch" and loc[-1] in SHAPES:
        return f"recipe {where}: {shown}: must be {SHAPES[loc[-1]]}{given}"
    if first["type"] in ("model_type", "dict_type", "model_attributes_type"):
        return f"recipe {where}: {shown}: must be a mapping of keys to values{given}"
    return f"recipe {where}: {shown}: {first['msg'].removeprefix('Value error, ')}{given}"


SHAPES = {
    "name": "lower-case letters, digits, dots, dashes and underscores, a letter or digit first",
    "repo": "OWNER/NAME",
    "revision": "a commit's 40 hexadecimal digits (a branch or a tag can move)",
    "commit": "a commit's 40 hexadecimal digits",
    "sha256": "64 hexadecimal digits",
    "content_sha256": "64 hexadecimal digits",
}
_SOURCES: dict[str, type[Frozen]] = {"demo": DemoSource, "file": FileSource, "hub": HubSource, "version": VersionSource}
_PARALLELS: dict[str, type[Frozen]] = {"file": ParallelFile, "hub": ParallelHub}


def _fields_at(loc: list[str]) -> list[str]:
    """Keys that a recipe knows at a place such as ["dedup", "near"]."""
    model: type[BaseModel] = Recipe
    for index, part in enumerate(loc):
        if index == 1 and loc[0] == "source":
            model = _SOURCES[part]
        elif index == 3 and loc[2] == "parallel":
            model = _PARALLELS[part]
        elif part in ("source", "parallel"):
            continue
        elif part in model.model_fields:
            model = _models_in(model.model_fields[part].annotation)[0]
    return list(model.model_fields)


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """The models that an annotation such as `tuple[EvaluationSet, ...] | None` speaks of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in _models_in(inner)]
