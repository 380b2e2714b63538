"""Counting that several statistics share: how often values occur, how long texts are, and how sizes are spread."""

import polars as pl
from msgspec import Struct

from builders.schema import FIELDS
from cards.shared.records import Count, Counts

PERCENTILES = (5, 25, 50, 75, 95, 99)


class Summary(Struct, frozen=True):
    """How sizes are spread: mean, percentiles (nearest), largest and sum; zeros for none."""

    mean: float
    p5: float
    p25: float
    p50: float
    p75: float
    p95: float
    p99: float
    max: Count
    sum: Count


def counts(values: pl.Series) -> Counts:
    """How often each value occurs, most frequent first, then by name."""
    table = values.alias("value").to_frame().group_by("value").len().sort(["len", "value"], descending=[True, False])
    return {str(value): int(count) for value, count in table.iter_rows()}


def sizes(rows: pl.DataFrame) -> pl.DataFrame:
    """`FIELD_characters`, `FIELD_words` of each field."""
    return rows.select(
        *(pl.col(field).str.len_chars().alias(f"{field}_characters") for field in FIELDS),
        *(words(field).alias(f"{field}_words") for field in FIELDS),
    )


def words(field: str) -> pl.Expr:
    """How many words a text has."""
    return pl.col(field).str.count_matches(r"\S+")


def summary(sizes: pl.Series) -> Summary:
    """Mean, percentiles, largest and sum of sizes."""
    ordered = sizes.sort()
    percentiles = {f"p{p}": _round(ordered.quantile(p / 100, "nearest")) for p in PERCENTILES}
    return Summary(
        mean=_round(ordered.mean()),
        **percentiles,
        max=int(ordered[-1]) if len(ordered) else 0,
        sum=int(ordered.cast(pl.UInt64).sum()),  # more characters than 32 bits count
    )


def _round(value: object) -> float:
    return round(float(value), 1) if isinstance(value, int | float) else 0.0
