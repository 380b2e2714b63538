"""Which rows stand for many: of every kind of change and every origin some, drawn by hash, whatever the rows' order."""

import hashlib
from collections.abc import Sequence

import polars as pl

KEPT, ABSENT = "kept", "not in the source"


def decision(side: pl.Expr) -> pl.Expr:
    """What a struct of a decision comes to: `kept`, `STAGE/RULE`, or `not in the source` where there is none."""
    dropped = pl.concat_str(side.struct.field("stage"), pl.lit("/"), side.struct.field("rule"))
    status = side.struct.field("status")
    return pl.when(status.is_null()).then(pl.lit(ABSENT)).when(status == "kept").then(pl.lit(KEPT)).otherwise(dropped)


def drawn(rows: pl.DataFrame, strata: Sequence[str], most: int) -> pl.DataFrame:
    """At most so many of the rows (`id` and the columns that tell strata apart), by turns from every stratum, the largest first.

    Within a stratum the sha256 of the id decides. The rows come in the order in which they were drawn.
    """
    places = [hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest() for id in rows["id"]]
    columns = [pl.col(name) for name in strata]
    turn = pl.col("place").rank("ordinal").over(columns) if strata else pl.col("place").rank("ordinal")
    size = pl.len().over(columns) if strata else pl.len()
    placed = rows.with_columns(pl.Series("place", places, dtype=pl.String)).with_columns(turn=turn, size=size)
    ordered = placed.sort("turn", "size", *strata, "place", descending=[False, True, *[False] * (len(strata) + 1)])
    return ordered.head(most).select(rows.columns)
