"""Samples and splits by hash of the id.

Every id has one fixed place between 0 and 1 per seed. A sample of n rows is the n smallest places, so a smaller sample is
inside a larger one, and a filter that removes a row lets exactly the next one in. Validation takes the low end of the
places, test the high end: changing one share never moves an id between the other splits.
"""

import hashlib

import polars as pl

from builders.errors import Invalid
from builders.recipes.model import Sample, Split
from builders.schema import plain_id
from builders.stages.outcome import Outcome, without


def places(ids: pl.Series, seed: int, purpose: str) -> pl.Series:
    """A number in [0, 1) for each id, from SHA-256 of purpose, seed and id.

    hashlib has no call for many texts at once, and polars' own hash may change between its versions; hence the loop
    (about a microsecond per row).
    """
    salt = f"{purpose}:{seed}:".encode()
    digests = [int.from_bytes(hashlib.sha256(salt + text.encode()).digest()[:8]) for text in ids.to_list()]
    # 53 bits: what a double holds exactly, so that no two platforms round differently.
    return pl.Series("place", [(digest >> 11) / (1 << 53) for digest in digests], dtype=pl.Float64)


def sampled(rows: pl.DataFrame, settings: Sample) -> Outcome:
    """The sample stage (see `sample`); rows that are left out are dropped as `not_sampled`."""
    kept = sample(rows, settings)
    return Outcome(kept, without(rows, kept).select("row", pl.lit("not_sampled").alias("rule")))


def with_splits(rows: pl.DataFrame, settings: Split) -> Outcome:
    """The split stage: rows with their `split`. Raises Invalid when no row falls into train."""
    placed = rows.with_columns(split(rows, settings))
    require_train(placed)
    return Outcome(placed)


def require_train(placed: pl.DataFrame) -> None:
    """Raises Invalid where no row is in train. placed: `split`."""
    if not (placed["split"] == "train").any():
        raise Invalid(
            f"all {placed.height} kept rows fall into validation or test", "lower split.validation or split.test"
        )


def sample(rows: pl.DataFrame, settings: Sample) -> pl.DataFrame:
    """The rows that are kept, in the order given. Raises Invalid when too few are left and the recipe says error."""
    if settings.rows is None:
        return rows
    if rows.height < settings.rows:
        if settings.shortfall == "error":
            raise Invalid(
                f"sample.rows asks for {settings.rows:,} rows but only {rows.height:,} are left after the filters",
                "lower sample.rows, or take all that is left with --set sample.shortfall=all",
            )
        return rows
    key = rows["position"] if settings.method == "first" else places(rows["id"], settings.seed, "sample")
    chosen = rows.select("row").with_columns(key.alias("key")).sort("key", "row").head(settings.rows)
    return rows.join(chosen.select("row"), on="row", how="semi", maintain_order="left")


def split(rows: pl.DataFrame, settings: Split) -> pl.Series:
    """`train`, `validation` or `test` for each row. No two kept rows are duplicates, so no group of duplicates is divided, nor,
    where rows are of several languages, is a row from its translations, which have its id."""
    return splits_by(rows.select(plain_id(rows))["id"], settings)


def splits_by(keys: pl.Series, settings: Split) -> pl.Series:
    """A split for each key; equal keys have the same."""
    place = places(keys, settings.seed, "split")
    return (
        place.to_frame()
        .select(
            pl.when(place < settings.validation)
            .then(pl.lit("validation"))
            .when(place >= 1 - settings.test)
            .then(pl.lit("test"))
            .otherwise(pl.lit("train"))
            .alias("split")
        )
        .to_series()
    )
