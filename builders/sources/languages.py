"""Which language each row of a source is meant to be in: a part `{language}` of where its files are, or a column, says it."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from builders.errors import Invalid
from builders.recipes.model import FileSource, HubSource, Recipe
from builders.schema import LANGUAGE, several_languages

PLACE = "{language}"
WAYS = (
    f"write {PLACE} where a language's code stands in source.path (or source.file, source.config), such as "
    f"rows/{PLACE}.jsonl, or name the column with source.columns.language"
)


def in_language(place: str, code: str) -> str:
    """A place with a language's code where the place says that one stands."""
    return place.replace(PLACE, code)


def is_for_each(place: Path | str | None) -> bool:
    """Whether a place is one for each language."""
    return PLACE in str(place)


def require_languages_told(recipe: Recipe, place: str | None) -> None:
    """Raises Invalid where nothing says which language rows are in, though they are to be in several, or two things do.

    place: where the files are, if the source is of files.
    """
    source = recipe.source
    if not isinstance(source, FileSource | HubSource):
        return
    by_place = is_for_each(place)
    by_column = source.columns.language is not None
    if by_place and by_column:
        raise Invalid(
            f"source: {PLACE} in its place and columns.language both say which language rows are in", "keep one of them"
        )
    if recipe.language.several and not (by_place or by_column):
        raise _untold(recipe)


def require_languages(rows: pl.DataFrame, recipe: Recipe) -> None:
    """Raises Invalid for a source of one language where several are asked for."""
    if recipe.language.several and not several_languages(rows):
        raise _untold(recipe)


def _untold(recipe: Recipe) -> Invalid:
    codes = ", ".join(recipe.language.codes)
    return Invalid(
        f"source: language.of names several languages ({codes}), and nothing says which of them each row is in", WAYS
    )


def with_language(frame: pl.DataFrame, code: str | None, codes: Sequence[str], name: str) -> pl.DataFrame:
    """Rows with their language in a column, and without it where only one is asked for.

    code: that of all of them, where their place says it; otherwise a column does, or nothing. codes: those asked for. Raises
    Invalid for a row in another language, or in none.
    """
    if code is not None:
        return frame.with_columns(pl.lit(code).alias(LANGUAGE.name))
    if not several_languages(frame):
        return frame
    other = ~pl.col(LANGUAGE.name).is_in(list(codes))
    wrong = frame.select(pl.int_range(pl.len()).alias("at"), LANGUAGE.name).filter(other)
    if not wrong.is_empty():
        at, said = wrong.row(0)
        told = "says no language"
        ways = "give it one in the column of {key}, or leave such rows out of the source"
        if said:
            told = f"its language is {said!r}, and language.of names {', '.join(codes)}"
            ways = "add it to language.of, correct it, or leave such rows out of the source"
        more = f" ({wrong.height:,} rows are so)" if wrong.height > 1 else ""
        raise Invalid(f"{name}, row {at + 1}: {told}{more}", ways, "columns.language")
    return frame if len(codes) > 1 else frame.drop(LANGUAGE.name)
