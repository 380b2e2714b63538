"""A table's columns as the four columns of the data contract."""

import polars as pl

from builders.errors import Invalid, NotFound
from builders.recipes.source_model import Columns
from builders.schema import SOURCE_COLUMNS


def used_columns(names: list[str], name: str, columns: Columns) -> list[str]:
    """Those columns of a table that the recipe reads. Raises Problem for one that is missing or has a namesake."""
    used = [column for column in (columns.id, columns.instruction, columns.input, columns.output) if column is not None]
    for column in used:
        if column not in names and column != columns.input:
            raise NotFound(
                f"{name}: column {column!r} is missing (it has {', '.join(names)})",
                "map it with {key} if it has another name",
                "columns",
            )
        if names.count(column) > 1:
            raise Invalid(f"{name}: two columns are called {column!r}", "rename one of the two")
    return [column for column in used if column in names]


def picked(frame: pl.DataFrame, name: str, columns: Columns) -> pl.DataFrame:
    """The four columns of a table under our names, checked for type and nulls."""
    chosen = []
    for field in SOURCE_COLUMNS:
        column = getattr(columns, field)
        if column is None or (field == "input" and column not in frame.columns):
            chosen.append(pl.lit(None if field == "id" else "", pl.String).alias(field))
            continue
        kind = frame.schema[column]
        if field == "input" and kind == pl.Null:  # no row has an input, and the writer could not know its type
            chosen.append(pl.lit("").alias(field))
            continue
        if kind != pl.String:
            raise Invalid(
                f"{name}: column {column!r} must hold strings, not {kind}", "convert it, or map another column"
            )
        nulls = frame[column].is_null()
        if field != "input" and nulls.any():
            raise Invalid(
                f"{name}, row {nulls.arg_true()[0] + 1}: column {column!r} is null", "every row needs a value"
            )
        chosen.append(pl.col(column).fill_null("").alias(field))
    return frame.select(chosen)
