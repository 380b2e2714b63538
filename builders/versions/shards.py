"""Rows cut into files of a stated size.

The size is that of the rows' text, not of the Parquet files: what those take depends on who compresses them, and the same
rows must be cut at the same places by whatever software.
"""

from itertools import pairwise

import polars as pl

NUMBER_BYTES = 8  # of a value that is no text


def shards(frame: pl.DataFrame, limit: int) -> list[pl.DataFrame]:
    """The frame in pieces, in its order: each the longest that holds at most `limit` bytes of text.

    A row that alone holds more is a piece of its own. A frame that fits, or has no row, is one piece.
    """
    starts = [*cuts(text_bytes(frame), limit), frame.height]
    return [frame.slice(start, stop - start) for start, stop in pairwise(starts)]


def cuts(sizes: pl.Series, limit: int) -> list[int]:
    """Where each piece begins of rows of these sizes (see `shards`); the first at 0, also without rows."""
    ends = sizes.cum_sum()
    starts, held = [0], 0
    while True:  # once a piece
        stop = max(int(ends.search_sorted(held + limit, "right")), starts[-1] + 1)
        if stop >= len(sizes):
            return starts
        starts.append(stop)
        held = int(ends[stop - 1])


def text_bytes(frame: pl.DataFrame) -> pl.Series:
    """Bytes that each row's values take: UTF-8 for text, also within lists and messages; nothing for what is null."""
    sizes = [_bytes(pl.col(name), dtype).fill_null(0) for name, dtype in frame.schema.items()]
    return frame.select(pl.sum_horizontal(sizes).alias("bytes")).to_series()


def _bytes(values: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.List):
        return values.list.eval(_bytes(pl.element(), dtype.inner)).list.sum()  # type: ignore[arg-type]
    if isinstance(dtype, pl.Struct):
        return pl.sum_horizontal(_bytes(values.struct.field(one.name), one.dtype) for one in dtype.fields)  # type: ignore[arg-type]
    if dtype == pl.String:
        return values.str.len_bytes().cast(pl.Int64)
    return pl.when(values.is_not_null()).then(pl.lit(NUMBER_BYTES, pl.Int64))
