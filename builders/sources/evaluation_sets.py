"""The evaluation sets that a recipe keeps out: found, and every text of them read."""

import hashlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from builders.errors import Changed, Invalid, NotFound, Problem
from builders.hub.files import fetch_file
from builders.recipes.model import EvaluationSet, Recipe
from builders.sources.formats import USUAL, opened
from builders.sources.formats.csv_rows import csv_table
from builders.sources.formats.json_rows import json_rows
from builders.sources.formats.long_lines import no_key
from builders.sources.formats.parquet import parquet_table
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
        with no_key():
            texts = _texts(data, path.name, asked.columns)
    except Problem as problem:
        problem.message = f"evaluation set {asked.name}: {problem.message}"
        raise
    # A recorded name stays, whatever the file is called now.
    return Texts(asked.model_copy(update={"sha256": sha256, "file": asked.file or path.name}), texts)


def _texts(data: bytes, name: str, columns: tuple[str, ...] | None) -> pl.Series:
    ending, data = opened(data, name, "rows with text")
    if ending == ".parquet":
        found = _parquet_texts(data, name, columns)
    elif ending in USUAL:
        found = _csv_texts(data, name, columns)
    else:
        found = _json_texts(data, name, columns)
    empty = [column for column, texts in found.items() if texts.is_empty()]
    if columns and empty:
        raise Invalid(f"{name}: column {empty[0]!r} holds no text", "name columns that do")
    texts = pl.concat([pl.Series(dtype=pl.String), *found.values()])
    if texts.is_empty():
        raise Invalid(f"{name}: no column holds text", "give a file with the texts that must not be in the rows")
    return texts


def _parquet_texts(data: bytes, name: str, columns: tuple[str, ...] | None) -> dict[str, pl.Series]:
    table = parquet_table(data, name, lambda names: _chosen(names, name, columns))
    return {column: pl.concat(_strings(table[column])).drop_nulls() for column in table.columns}


def _strings(values: pl.Series) -> list[pl.Series]:
    """The texts of a column, also those inside lists and structs."""
    if isinstance(values.dtype, pl.Struct):
        return [texts for field in values.struct.fields for texts in _strings(values.struct.field(field))]
    if isinstance(values.dtype, pl.List | pl.Array):
        return _strings(values.explode())
    return [values.rename("") if values.dtype == pl.String else pl.Series(dtype=pl.String)]


def _csv_texts(data: bytes, name: str, columns: tuple[str, ...] | None) -> dict[str, pl.Series]:
    header, *rows = csv_table(data, name) or [[]]
    places = {column: header.index(column) for column in _chosen(header, name, columns)}
    return {column: pl.Series([row[place] for row in rows], dtype=pl.String) for column, place in places.items()}


def _json_texts(data: bytes, name: str, columns: tuple[str, ...] | None) -> dict[str, pl.Series]:
    found: dict[str, list[str]] = {}
    rows = itertools.chain.from_iterable(json_rows(data, name, Any))
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise Invalid(f"{name}, row {number}: must be an object with text in its fields", "correct it")
        for column, value in row.items():
            found.setdefault(column, []).extend(_strings_in(value))
    chosen = _chosen(list(found), name, columns)
    return {column: pl.Series(found[column], dtype=pl.String) for column in chosen}


def _strings_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings_in(inner)


def _chosen(names: list[str], name: str, columns: tuple[str, ...] | None) -> list[str]:
    chosen = list(columns or names)
    for column in chosen:
        if column not in names:
            raise NotFound(f"{name}: column {column!r} is missing (it has {', '.join(names)})", "name one that it has")
        if names.count(column) > 1:
            raise Invalid(f"{name}: two columns are called {column!r}", "rename one of the two")
    return chosen
