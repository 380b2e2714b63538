"""Frames as Parquet files that the Hub likes, and in the types that `datasets` reads."""

from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import polars as pl

from builders.versions.fingerprint import ROW_GROUP
from cards.shared.records import FileSize

if TYPE_CHECKING:
    import pyarrow as pa


def write_parquet(frame: pl.DataFrame, path: Path) -> FileSize:
    """Write as the Hub likes it: content-defined chunks (so that Xet stores only what changed), page index, bounded row
    groups. Plain 32-bit strings, because that is what `datasets` calls a string."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # An open file, because pyarrow fails on a path that is no UTF-8.
    with path.open("wb") as file:
        return write_parquet_to(file, frame)


def write_parquet_to(file: IO[bytes], frame: pl.DataFrame) -> FileSize:
    """The same into an open file, from its beginning."""
    import pyarrow.parquet as pq

    schema = _arrow_schema(frame)
    num_bytes = 0
    options = {
        "compression": "zstd",
        "use_content_defined_chunking": True,
        "write_page_index": True,
        # Without dictionaries: nearly every text occurs once, and what follows a dictionary moves with it. Two versions of
        # Spanish rows share up to 14 points more of their bytes, in files 2.7 % smaller (benchmarks/chunks.py).
        "use_dictionary": False,
    }
    with pq.ParquetWriter(file, schema, **options) as writer:
        for piece in frame.iter_slices(ROW_GROUP):
            table = piece.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(schema)
            num_bytes += sum(_without_empty_bitmap(one).nbytes for column in table.columns for one in column.chunks)
            writer.write_table(table, row_group_size=ROW_GROUP)
    return FileSize(frame.height, num_bytes, file.tell())


def _without_empty_bitmap(array: Any) -> Any:
    """An array without a bitmap of nulls that tells of none: whether memory has one depends on how the rows came to be,
    and their recorded size must not."""
    import pyarrow as pa

    if pa.types.is_list(array.type) and not array.null_count:
        return pa.ListArray.from_arrays(array.offsets, _without_empty_bitmap(array.values), array.type)
    if pa.types.is_struct(array.type) and not array.null_count:
        return pa.StructArray.from_arrays([_without_empty_bitmap(one) for one in array.flatten()], fields=array.type)
    if pa.types.is_string(array.type) and not array.null_count:
        _, *buffers = array.buffers()
        return pa.Array.from_buffers(array.type, len(array), [None, *buffers], 0, array.offset)
    return array


def _arrow_schema(frame: pl.DataFrame) -> "pa.Schema":
    import pyarrow as pa

    def plain(dtype: pl.DataType) -> "pa.DataType":
        if isinstance(dtype, pl.List):
            return pa.list_(plain(dtype.inner))  # type: ignore[arg-type]
        if isinstance(dtype, pl.Struct):
            return pa.struct([pa.field(field.name, plain(field.dtype)) for field in dtype.fields])  # type: ignore[arg-type]
        return {pl.String(): pa.string(), pl.Float64(): pa.float64()}[dtype]

    return pa.schema([pa.field(name, plain(dtype)) for name, dtype in frame.schema.items()])
