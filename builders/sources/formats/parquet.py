"""Parquet files."""

from collections.abc import Callable

import polars as pl

from builders.errors import Invalid
from builders.recipes.source_model import Columns
from builders.sources.formats.format import Chosen, Format, chosen_columns
from builders.sources.formats.mapping import picked, used_columns


def parquet_frame(data: bytes, name: str, columns: Columns) -> pl.DataFrame:
    """Rows as columns id, instruction, input, output."""
    return picked(parquet_table(data, name, lambda names: used_columns(names, name, columns)), name, columns)


def parquet_table(data: bytes, name: str, choose: Callable[[list[str]], list[str]]) -> pl.DataFrame:
    """The columns that `choose` takes from all names.

    Read with Arrow: on a damaged file it answers with an error where polars panics.
    """
    import pyarrow as pa
    import pyarrow.parquet as parquet

    try:
        table = parquet.read_table(pa.BufferReader(data))
        table = table.select(choose(table.column_names)).replace_schema_metadata(None)
        table.validate(full=True)  # text that is not UTF-8 too
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0].rstrip(".").removeprefix("Could not open Parquet input source '<Buffer>': ")
        raise Invalid(f"{name}: not a sound Parquet file ({reason})", "fetch the file again") from None
    return pl.DataFrame(table)


def parquet_texts(data: bytes, name: str, columns: Chosen) -> dict[str, pl.Series]:
    """The texts of columns, also those inside lists and structs."""
    table = parquet_table(data, name, lambda names: chosen_columns(names, name, columns))
    return {column: pl.concat(_strings(table[column])).drop_nulls() for column in table.columns}


def _strings(values: pl.Series) -> list[pl.Series]:
    """The texts of a column, also those inside lists and structs."""
    if isinstance(values.dtype, pl.Struct):
        return [texts for field in values.struct.fields for texts in _strings(values.struct.field(field))]
    if isinstance(values.dtype, pl.List | pl.Array):
        return _strings(values.explode())
    return [values.rename("") if values.dtype == pl.String else pl.Series(dtype=pl.String)]


PARQUET = Format((".parquet",), parquet_frame, parquet_texts, packed=False)
