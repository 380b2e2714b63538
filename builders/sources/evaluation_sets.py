"""The evaluation sets that a recipe keeps out: found, and every text of them read."""

import hashlib
from pathlib import Path

import polars as pl

from builders.errors import Changed, Invalid, NotFound, Problem
from builders.hub.files import fetch_file
from builders.recipes.model import Recipe
from builders.recipes.source_model import EvaluationSet
from builders.sources.formats import opened
from builders.sources.hub import advice_for
from builders.sources.places import note_of, remembered
from builders.sources.read import file_bytes
from builders.stages.decontamination import Texts


def read_sets(recipe: Recipe, registry: Path) -> list[Texts]:
    """The evaluation sets of a recipe, where it says or where they were last. Raises Problem for one that is missing."""
    asked = recipe.decontaminate.sets if recipe.decontaminate else ()
    return [read_set(one, _place(one, registry)) for one in asked]


def _place(asked: EvaluationSet, registry: Path) -> Path:
    if asked.repo and asked.revision and asked.file:
        advice = advice_for(f"decontaminate.sets, {asked.name}", "connect, then run again")
        return fetch_file(asked.repo, asked.file, asked.revision, advice)
    path = asked.path or remembered(registry, asked.sha256)
    if path is None:
        raise NotFound(
            f"evaluation set {asked.name}: {asked.file or 'a file'} (sha256 {str(asked.sha256)[:12]}…) is needed and "
            "nothing says where it is",
            f"write its path into {note_of(registry, asked.sha256)}, or give the set's path in the recipe",
        )
    return Path(path)


def read_set(asked: EvaluationSet, path: Path) -> Texts:
    """Every text of a set's columns. Raises Problem for another file than the pinned one and for one without text."""
    try:
        data = file_bytes(path)
        sha256 = hashlib.sha256(data).hexdigest()
        if asked.sha256 not in (None, sha256):
            raise Changed(
                f"{path}: another file than the recipe pins (sha256 {sha256[:12]}…, expected {str(asked.sha256)[:12]}…)",
                "use the pinned file, or remove the set's sha256 to use this one",
            )
        texts = _texts(data, path.name, asked.columns)
    except Problem as problem:
        problem.message = f"evaluation set {asked.name}: {problem.message}"
        raise
    # A recorded name stays, whatever the file is called now.
    return Texts(asked.model_copy(update={"sha256": sha256, "file": asked.file or path.name}), texts)


def _texts(data: bytes, name: str, columns: tuple[str, ...] | None) -> pl.Series:
    kind, content = opened(data, name, "rows with text")
    found = kind.texts(content, name, columns)
    empty = [column for column, texts in found.items() if texts.is_empty()]
    if columns and empty:
        raise Invalid(f"{name}: column {empty[0]!r} holds no text", "name columns that do")
    texts = pl.concat([pl.Series(dtype=pl.String), *found.values()])
    if texts.is_empty():
        raise Invalid(f"{name}: no column holds text", "give a file with the texts that must not be in the rows")
    return texts
