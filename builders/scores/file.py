"""A file of scores is read, and found: where a recipe says, in a version that holds it, or beside a version."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
import polars as pl

from builders.errors import Changed, Invalid
from builders.recipes.model import Recipe
from builders.records import reason
from builders.scores.records import FORMAT, SCHEMA, Score, Scoring
from builders.sources.places import pinned_place
from builders.sources.read import file_bytes
from builders.versions.version import Version

Record = TypeVar("Record", bound=msgspec.Struct)
NAME = "scores.jsonl"  # what a version calls them
AGAIN = "score the version again: `aguila score`"


@dataclass(frozen=True)
class Scores:
    """A file of scores as it is. by: how they were made. rows: `id`, `row_sha256` and the scores, each row once."""

    data: bytes
    by: Scoring
    rows: pl.DataFrame

    def sha256(self) -> str:
        """The hash of the file."""
        return hashlib.sha256(self.data).hexdigest()


def read_scores(path: Path, pinned: str | None = None) -> Scores:
    """The scores of a file. pinned: the hash that it must have.

    Raises NotFound for a path that is not there, Changed for another file than the pinned one, and Invalid, naming the line,
    for what is no file of scores.
    """
    data = file_bytes(path)
    if pinned and (found := hashlib.sha256(data).hexdigest()) != pinned:
        raise Changed(
            f"{path}: other scores than the recipe pins (sha256 {found[:12]}…, expected {pinned[:12]}…)",
            "use the pinned scores, or remove scores.sha256 to use these",
        )
    return scores_in(data, str(path))


def scores_in(data: bytes, where: str) -> Scores:
    """The scores in the bytes of a file, called `where` in errors. Raises Invalid, naming the line."""
    first, *lines = data.splitlines() or [b""]
    by = _decoded(first, Scoring, f"{where}, line 1")
    if by.format != FORMAT:
        raise Invalid(f"{where}: scores in format {by.format}, this software reads {FORMAT}", AGAIN)
    found = [_decoded(one, Score, f"{where}, line {number}") for number, one in enumerate(lines, 2)]
    rows = pl.DataFrame([msgspec.structs.astuple(score) for score in found], schema=SCHEMA, orient="row")
    if (twice := rows.filter(pl.col("id").is_duplicated())).height:
        raise Invalid(f"{where}: row {twice['id'][0]!r} is scored twice", AGAIN)
    return Scores(data, by, rows)


def _decoded(text: bytes, kind: type[Record], where: str) -> Record:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Invalid(f"{where}: no score ({reason(error)})", AGAIN) from None


def scores_of(recipe: Recipe, registry: Path, version: Path | None = None) -> Scores | None:
    """The scores that a recipe names: where it says, in the folder of a version that holds them, or where they were last.

    Raises Problem for scores that are missing or are not the pinned ones.
    """
    asked = recipe.scores
    if asked is None:
        return None
    inside = str(version / NAME) if version else None
    place = pinned_place(asked.path or inside, asked.sha256, registry, "scores", "name them as scores.path")
    return read_scores(place, asked.sha256)


def beside(version: Version, registry: Path) -> Path:
    """Where the scores of a version are written unless somebody says otherwise: beside it, never in it."""
    return registry / version.name / f"scores-v{version.number}.jsonl"


def scores_to_show(version: Version, registry: Path) -> Scores | None:
    """Scores of a version's rows that are at hand: made of this very version and beside it, or those that it was built with."""
    path = beside(version, registry)
    if path.is_file() and (found := read_scores(path)).by.content_sha256 == version.content_sha256:
        return found
    return read_scores(version.path / NAME) if NAME in version.manifest.files else None
