"""Parquet files."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import polars as pl

from builders.errors import Invalid
from builders.sources.formats.table import SAMPLE, Found, Part, frame_part

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile


class ParquetTable:
    """The rows of a Parquet file; only columns that are asked for are read."""

    header = True

    def __init__(self, data: bytes, name: str) -> None:
        self.data, self.name, self.found = data, name, Found("Parquet")

    def names(self) -> list[str]:
        """Its columns."""
        with _sound(self.name):
            return list(_open(self.data).schema_arrow.names)

    def sample(self) -> list[dict[str, Any]]:
        """Its first rows."""
        with _sound(self.name):
            for batch in _open(self.data).iter_batches(SAMPLE):
                batch.validate(full=True)
                rows: list[dict[str, Any]] = batch.to_pylist()
                return rows
        return []

    def parts(self, columns: Sequence[str]) -> Iterator[Part]:
        """All rows at once."""

        def choose(names: list[str]) -> list[str]:
            outer = [column if column in names else column.partition(".")[0] for column in columns]
            return [name for name in names if name in outer]

        yield frame_part(parquet_table(self.data, self.name, choose), columns)


def parquet_table(data: bytes, name: str, choose: Callable[[list[str]], list[str]]) -> pl.DataFrame:
    """The columns that `choose` takes from all names.

    Read with Arrow: on a damaged file it answers with an error where polars panics.
    """
    import pyarrow as pa
    import pyarrow.parquet as parquet

    with _sound(name):
        table = parquet.read_table(pa.BufferReader(data))
        table = table.select(choose(table.column_names)).replace_schema_metadata(None)
        table.validate(full=True)  # text that is not UTF-8 too
    return pl.DataFrame(table)


def _open(data: bytes) -> "ParquetFile":
    import pyarrow as pa
    import pyarrow.parquet as parquet

    return parquet.ParquetFile(pa.BufferReader(data))


@contextmanager
def _sound(name: str) -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0].rstrip(".").removeprefix("Could not open Parquet input source '<Buffer>': ")
        raise Invalid(f"{name}: not a sound Parquet file ({reason})", "fetch the file again") from None
