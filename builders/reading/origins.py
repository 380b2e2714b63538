"""Where the rows of a version's source come from, dropped ones too."""

from pathlib import Path

import polars as pl

from builders.errors import Problem
from builders.sources.reading import read_source
from builders.stages.templates import common_origins, origin
from builders.versions.version import Version


def with_origins(rows: pl.DataFrame) -> pl.DataFrame:
    """A source's rows with their `origin`: as a column says it, else what many of their ids begin with."""
    return rows if "origin" in rows.columns else rows.with_columns(origin(rows, common_origins(rows)))


def origins(version: Version, kept_only: bool, registry: Path, where: str | None = None) -> pl.DataFrame:
    """`id`, `origin` of kept rows, or of every row of the source.

    Raises Problem where dropped rows are asked for and the source is not at hand.
    """
    if kept_only:
        return version.rows().select("id", "origin")
    try:
        return with_origins(read_source(version.recipe, registry, where).rows).select("id", "origin")
    except Problem as problem:
        raise Problem(
            f"where dropped rows come from is not at hand, {problem}; or choose among kept rows alone with --kept"
        ) from None
