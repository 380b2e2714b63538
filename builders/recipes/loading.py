"""A recipe is read from YAML: a file or a shipped one, what it extends, `--set`, and errors in words.

`KIND` is the recipe that says what to build. The one that says how to train is another `RecipeKind`, read by the same functions
(`train/recipes/loading.py`).
"""

import copy
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from builders.errors import Invalid, NotFound, clipped, nearest
from builders.identifiers import is_remote
from builders.recipes.layers import merge, override, parse, read_text
from builders.recipes.mistakes import mistake
from builders.recipes.model import Recipe
from builders.recipes.provenance import beneath
from builders.recipes.recorded import require_no_places

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class RecipeKind(Generic[Model]):
    """What tells one kind of recipe from another.

    word: what messages call it. model: what it is checked against. package: where `recipes/shipped` lies. paths: dotted keys
    of files, which lie beside the recipe that names them. renamed: dotted keys that had another name once, with today's.
    beneath: what is left of a recipe's values (the first) beneath others that are stated over them (the second): those of a
    recipe that extends it, or its own after `--set`.
    """

    word: str
    model: type[Model]
    package: str
    paths: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    beneath: Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any]] = lambda below, above: below

    def folder(self) -> Path:
        """Where the shipped ones are."""
        return Path(str(resources.files(self.package) / "recipes" / "shipped"))

    def shipped(self) -> list[str]:
        """Names of those that come with the package."""
        return sorted(path.stem for path in self.folder().glob("*.yaml"))


KIND = RecipeKind(
    "recipe",
    Recipe,
    "builders",
    (
        "source.path",
        "source.parallel.path",
        "source.rows.path",
        "decontaminate.sets.path",
        "labels",
        "labels.path",
        "scores.path",
    ),
    beneath=beneath,
)


def shipped_recipes() -> list[str]:
    """Names of the recipes that come with this package."""
    return KIND.shipped()


def load_recipe(reference: str, overrides: Iterable[str] = ()) -> Recipe:
    """Read a recipe from a YAML file or by the name of a shipped one (see `load`)."""
    return load(KIND, reference, overrides)


def recipe_from_yaml(text: str, where: str) -> Recipe:
    """Parse a recorded recipe (no `extends`, no places of files). Raises Problem, naming `where`."""
    label = f"{KIND.word} {where}"
    recipe = _checked(KIND, parse(text, label), label)
    require_no_places(recipe, where)
    return recipe


def load(kind: RecipeKind[Model], reference: str, overrides: Iterable[str] = ()) -> Model:
    """Read a recipe of a kind from a YAML file or by the name of a shipped one.

    `overrides` are `dotted.key=value` pairs, their values read as YAML. Raises NotFound for a recipe that is not there, and
    Invalid for one that is no YAML, or holds an unknown key or a wrong value.
    """
    values, changes = _read(kind, reference, ()), list(overrides)
    left = kind.beneath(values, _changed(values, changes))
    return _checked(kind, _changed(left, changes), f"{kind.word} {reference}")


def _changed(values: Mapping[str, Any], changes: Iterable[str]) -> dict[str, Any]:
    """A copy of a recipe's values with single ones set."""
    changed = copy.deepcopy(dict(values))
    for change in changes:
        override(changed, change)
    return changed


def _checked(kind: RecipeKind[Model], values: Mapping[str, Any], label: str) -> Model:
    try:
        recipe = kind.model.model_validate(values)
        json.dumps(recipe.model_dump(mode="json"), ensure_ascii=False).encode()
    except ValidationError as error:
        raise mistake(error, kind.model, label, kind.renamed) from None
    except UnicodeEncodeError as error:
        raise Invalid(f"{label}: half a character ({error.object[error.start]!r})", "write it whole") from None
    return recipe


def _read(kind: RecipeKind[Any], reference: str, seen: tuple[Path, ...], folder: Path = Path()) -> dict[str, Any]:
    """A recipe's values with everything that it extends merged beneath. Paths are relative to `folder`."""
    label = f"{kind.word} {reference}"
    path = _find(kind, reference, folder)
    if path.resolve() in seen:
        circle = " → ".join([*(one.name for one in seen), path.name])
        raise Invalid(f"{label}: extends goes in a circle: {circle}", "remove one extends")
    values = parse(read_text(path, kind.word), label)
    for key in kind.paths:
        _place(values, key.split("."), path.parent)
    parent = values.pop("extends", None)
    if parent is None:
        return values
    if not isinstance(parent, str):
        raise Invalid(f"{label}: extends must be the name or path of one recipe, not {clipped(repr(parent))}")
    try:
        below = _read(kind, parent, (*seen, path.resolve()), path.parent)
    except NotFound as problem:
        problem.message = f"{label}: extends: {problem.message}"
        raise
    return merge(kind.beneath(below, values), values)


def _find(kind: RecipeKind[Any], reference: str, folder: Path) -> Path:
    """The file that a reference names: one that is there, or a shipped one."""
    path = folder / reference
    if path.is_file():
        return path
    shipped = kind.folder() / f"{reference.removesuffix('.yaml')}.yaml"
    if shipped.stem in kind.shipped() and shipped.parent == kind.folder():
        return shipped
    raise NotFound(
        f"{kind.word} {reference}: no such file, and no shipped recipe has that name{nearest(shipped.stem, kind.shipped())}",
        f"shipped: {', '.join(kind.shipped())}",
    )


def _place(values: Any, keys: list[str], folder: Path) -> None:
    """Put a path that is named under these keys (through lists, too) into the folder of its recipe, in place."""
    if not isinstance(values, dict):
        return
    inner, rest = values.get(keys[0]), keys[1:]
    if not rest and isinstance(inner, str) and not is_remote(inner):
        values[keys[0]] = str(folder / inner)
    for one in inner if isinstance(inner, list) else [inner]:
        if rest:
            _place(one, rest, folder)
