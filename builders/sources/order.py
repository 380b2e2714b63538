"""Rows in an order that does not depend on the source's: natural order of ids; ids for sources that have none."""

import hashlib
import re

import polars as pl

from builders.errors import Invalid
from builders.schema import FIELDS


def in_natural_order(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Rows sorted by natural id ("alpaca-2" before "alpaca-10"), with `row` and `position`.

    Raises Invalid for an empty or duplicate id.
    """
    frame = frame.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("position"), "id", *FIELDS)
    if frame["id"].null_count():
        frame = frame.with_columns(id=_content_ids(frame))
    empty = frame.filter(pl.col("id") == "")
    if not empty.is_empty():
        raise Invalid(f"{name}, row {empty['position'][0] + 1}: the id is empty", "every row needs one of its own")
    ordered = frame.sort(natural_keys(frame["id"]))
    repeated = ordered.filter(pl.col("id") == pl.col("id").shift(1))
    if not repeated.is_empty():
        places = sorted(frame.filter(pl.col("id") == repeated["id"][0])["position"].to_list())
        raise Invalid(
            f"{name}, rows {places[0] + 1} and {places[1] + 1}: both have the id {repeated['id'][0]!r}",
            "ids must be unique",
        )
    return ordered.with_row_index("row")


def natural_keys(ids: pl.Series) -> list[pl.Series]:
    """Sort keys that put numbers inside ids in numeric order; the id itself breaks ties such as "a-1" and "a-01"."""
    parts = ids.str.extract_groups(r"^([^0-9]*)([0-9]{1,18})$").struct.unnest()
    if parts.to_series(0).null_count() == 0:  # the usual shape, "alpaca-17"
        return [parts.to_series(0), parts.to_series(1).cast(pl.UInt64), ids]
    # Any other shape: every run of digits is preceded by its length, so that text order is numeric order, and by the
    # lowest character, so that two ids of the usual shape keep their order. There is no vectorised way to write that
    # length, hence the loop.
    digits = re.compile(r"0*([0-9]+)")
    padded = [digits.sub(lambda m: f"\0{len(m[1]):03d}{m[1]}", text) for text in ids.to_list()]
    return [pl.Series(padded, dtype=pl.String), ids]


def _content_ids(frame: pl.DataFrame) -> pl.Series:
    """Ids for a source without any: a hash of the text, numbered among exact copies, whatever the row order."""
    text = frame.select(pl.struct(FIELDS).struct.json_encode()).to_series()
    hashes = pl.Series("id", [hashlib.sha256(row.encode()).hexdigest()[:16] for row in text])
    copy = hashes.to_frame().select(pl.int_range(pl.len()).over("id") + 1).to_series()
    return (
        hashes.to_frame()
        .select(pl.when(copy == 1).then("id").otherwise(pl.col("id") + "-" + copy.cast(pl.String)))
        .to_series()
    )
