"""Pairs of answers: whether length gives the better one away, where the sides come from, and what the worse ones break."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import polars as pl
from msgspec import UNSET, Struct, UnsetType

from cards.shared.records import Count, Counts
from cards.shared.tables import Table, share
from cards.shared.words import number_of
from cards.statistics.counting import counts, words
from cards.statistics.statistic import Counted, Statistic

if TYPE_CHECKING:
    from cards.audit.numbers import AnyAudit

# Signs of who is addressed: pronouns and possessives that only one form has (of verbs, usted shares those of él and ella).
USTED = r"(?i)\b(?:usted|ustedes)\b"
TU = r"(?i)\b(?:tú|ti|contigo|tu|tus|tuyo|tuya|te)\b"


class Preferences(Struct, frozen=True, kw_only=True):
    """What is counted of pairs.

    pairs: how many. chosen_longer: share of the pairs whose better answer has more words; equal ones count for neither.
    equally_long: share whose answers have as many words. chosen_words, rejected_words: the medians. scored: pairs with a margin.
    margin_and_length: Pearson's correlation of the margin and the difference in words, null where it is not defined.
    chosen_origins, rejected_origins: pairs by where the sides come from, those of one model together. register: pairs by how the
    two answers address the reader: `same`, or `CHOSEN over REJECTED`. rejected_breaks: pairs by the rules that the worse answer
    breaks and the better one does not. unbroken: pairs whose worse answer breaks none.
    """

    pairs: Count
    chosen_longer: float
    equally_long: float
    chosen_words: float
    rejected_words: float
    scored: Count
    margin_and_length: float | None
    chosen_origins: Counts
    rejected_origins: Counts
    register: Counts
    rejected_breaks: Counts
    unbroken: Count


def sides(rows: pl.DataFrame) -> pl.DataFrame:
    """Of pairs, the words, register and origin of both sides, and the margin."""
    if "rejected_output" not in rows.columns:
        return rows.select()
    return rows.select(
        words("output").alias("chosen_words").cast(pl.Int64),
        words("rejected_output").alias("rejected_words").cast(pl.Int64),
        _register("output").alias("chosen_register"),
        _register("rejected_output").alias("rejected_register"),
        _kind_of_origin("chosen_origin"),
        _kind_of_origin("rejected_origin"),
        "margin",
    )


def preferences(data: Counted) -> Preferences | UnsetType:
    """The statistics of pairs; UNSET for rows that are none."""
    rows, broken = data.rows, data.rejected
    if "rejected_words" not in rows.columns or broken is None:
        return UNSET
    more = (pl.col("chosen_words") - pl.col("rejected_words")).alias("more")
    sizes = rows.select("chosen_words", "rejected_words", "margin", more)
    scored = sizes.drop_nulls("margin")
    correlation = scored.select(pl.corr("margin", "more")).item() if scored.height > 1 else None
    told = rows.select(
        pl.when(pl.col("chosen_register") == pl.col("rejected_register"))
        .then(pl.lit("same"))
        .otherwise(pl.format("{} over {}", "chosen_register", "rejected_register"))
    ).to_series()
    kept = broken.join(rows.select("id"), on="id", how="semi")
    return Preferences(
        pairs=rows.height,
        chosen_longer=_share(sizes["more"] > 0),
        equally_long=_share(sizes["more"] == 0),
        chosen_words=_median(sizes["chosen_words"]),
        rejected_words=_median(sizes["rejected_words"]),
        scored=scored.height,
        margin_and_length=None if correlation is None or correlation != correlation else round(correlation, 3),
        chosen_origins=counts(rows["chosen_origin"]),
        rejected_origins=counts(rows["rejected_origin"]),
        register=counts(told),
        rejected_breaks=counts(kept["rule"]),
        unbroken=rows.height - kept["id"].n_unique(),
    )


def _kind_of_origin(side: str) -> pl.Expr:
    """Single rows are not told apart: `row 17` is `row`."""
    return pl.col(side).str.replace(r"^row .*$", "row")


def _register(field: str) -> pl.Expr:
    usted, tu = pl.col(field).str.contains(USTED), pl.col(field).str.contains(TU)
    return (
        pl.when(usted & tu).then(pl.lit("mixed")).when(usted).then(pl.lit("usted")).when(tu).then(pl.lit("tú"))
    ).otherwise(pl.lit("neither"))


def _share(hits: pl.Series) -> float:
    return round(int(hits.sum()) / len(hits), 4) if len(hits) else 0.0


def _median(sizes: pl.Series) -> float:
    middle = sizes.median()
    return float(middle) if isinstance(middle, int | float) else 0.0


def pair_tables(found: Preferences | UnsetType | None, audit: "AnyAudit | None" = None) -> Iterable[Table]:
    """What was counted of pairs, for the audit and the card; nothing for rows that are none."""
    if not isinstance(found, Preferences):
        return
    correlation = "–" if found.margin_and_length is None else f"{found.margin_and_length:.2f}"
    yield Table(
        "Pairs: length",
        ("what", "value"),
        [
            ("pairs whose better answer is longer", f"{100 * found.chosen_longer:.1f} %"),
            ("pairs whose answers are equally long", f"{100 * found.equally_long:.1f} %"),
            ("median words of the better answer", f"{found.chosen_words:g}"),
            ("median words of the worse answer", f"{found.rejected_words:g}"),
            ("correlation of margin and length", f"{correlation} ({number_of(found.scored, 'scored pair')})"),
        ],
    )
    for title, told in (
        ("Pairs: where the better answer comes from", found.chosen_origins),
        ("Pairs: where the worse answer comes from", found.rejected_origins),
        ("Pairs: how the two answers address the reader", found.register),
        ("Pairs: what the worse answer breaks", {**found.rejected_breaks, "no rule": found.unbroken}),
    ):
        rows = [(name, count, share(count, found.pairs)) for name, count in told.items()]
        yield Table(title, ("what", "pairs", "share"), rows)


PREFERENCES = Statistic[Preferences | UnsetType](
    "Of pairs of answers: length, origins, register, and what the worse ones break.",
    preferences,
    sides,
    tables=pair_tables,
)
