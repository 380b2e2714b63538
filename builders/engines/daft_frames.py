"""Tables of Daft and of polars: one made of the other, and functions of partitions done on Daft's rows, one a partition."""

import importlib
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate
from typing import Any

import polars as pl
import pyarrow as pa

OLDEST = pl.CompatLevel.oldest()  # the types of Arrow that every library reads
Types = Mapping[str, Any]


def made(frame: Any, make: Callable[..., pl.DataFrame], types: Types, *names: str) -> Any:
    """The tables that a function makes of each row's values (bytes, numbers, or lists as tables), one below the other, in the
    column `made`. One row at a time, for a row stands for a partition."""
    daft = _daft()
    struct = daft.DataType.from_arrow_type(pa.list_(pa.struct(fields(types))))

    @daft.func.batch(return_dtype=struct, batch_size=1, use_process=False)  # type: ignore[untyped-decorator]
    def make_all(*columns: Any) -> Any:
        tables = [make(*values) for values in zip(*map(_values, columns), strict=True)]
        return _lists(tables, types)

    lists = frame.select(make_all(*map(daft.col, names)).alias("made"))
    return lists.explode("made").where(daft.col("made").not_null())


def columns(frame: Any, types: Types) -> Any:
    """The columns of what was made."""
    return frame.select(*(_daft().col("made").get(name).alias(name) for name in types))


def regrouped(
    frame: Any, scatter: Callable[..., pl.DataFrame], piece: Types, gather: Callable[..., pl.DataFrame], types: Types
) -> Any:
    """What `gather` makes of all pieces that have a `key`, wherever `scatter` made them of `rows`, `keys` and `part`."""
    daft = _daft()
    key = daft.col("made").get("key").alias("key")
    pieces = made(frame, scatter, piece, "rows", "keys", "part").groupby(key)
    return columns(made(pieces.agg(daft.col("made").list_agg().alias("pieces")), gather, types, "pieces"), types)


def union(frames: list[Any]) -> Any:
    """All rows of several tables; by halves, so that no plan is as deep as there are tables."""
    if len(frames) == 1:
        return frames[0]
    middle = len(frames) // 2
    return union(frames[:middle]).concat(union(frames[middle:]))


def source(tables: list[pl.DataFrame]) -> Any:
    """Tables of polars as partitions of Daft."""
    return _daft().from_arrow([table.to_arrow(compat_level=OLDEST) for table in tables])


def polars_of(frame: Any) -> pl.DataFrame:
    """A table of Daft in this process."""
    return pl.DataFrame(frame.to_arrow())


def in_turn(frame: Any) -> Iterator[dict[str, Any]]:
    """Its rows one by one, as Arrow's values: few are here at once."""
    for batch in frame.to_arrow_iter(results_buffer_size=1):
        for place in range(batch.num_rows):
            yield {name: batch.column(name)[place] for name in batch.schema.names}


def fields(types: Types) -> list[pa.Field]:
    """Columns as Arrow describes them."""
    return list(pl.DataFrame(schema=types).to_arrow(compat_level=OLDEST).schema)


def series(values: pl.Series) -> Any:
    """A column of Daft."""
    return _daft().Series.from_arrow(values.to_arrow(compat_level=OLDEST))


def _daft() -> Any:
    return importlib.import_module("daft")


def _values(column: Any) -> list[Any]:
    """The values of a column in Python; a list of records as a table, a list of numbers as a series."""
    values = column.to_arrow()
    if not pa.types.is_nested(values.type):
        return list(values.to_pylist())
    lists = [pl.Series(pl.from_arrow(one.values)) for one in values]
    return [one.struct.unnest() if isinstance(one.dtype, pl.Struct) else one for one in lists]


def _lists(tables: list[pl.DataFrame], types: Types) -> Any:
    """A column with one list of records for each table."""
    whole = pl.concat([pl.DataFrame(schema=types), *tables]).to_arrow(compat_level=OLDEST).combine_chunks()
    arrays = [
        pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type) for column in whole.columns
    ]
    records = pa.StructArray.from_arrays(arrays, fields=fields(types))
    ends = [0, *accumulate(table.height for table in tables)]
    lists = pa.LargeListArray.from_arrays(pa.array(ends, pa.int64()), records)
    return _daft().Series.from_arrow(lists)
