"""How varied texts are: distinct n-grams, and texts that come again and again."""

from collections.abc import Iterable, Mapping

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from cards.shared.records import Count
from cards.shared.tables import Table

SIZES = (1, 2, 3)
MOST = 15
SHOWN = 200  # characters of a repeated text
FACTOR = 0x9E3779B97F4A7C15  # odd, so that multiplying by it loses nothing modulo 2^64


class RepeatedText(Struct, frozen=True):
    """The beginning of a text that several rows hold, and how many do."""

    text: str
    rows: Count


class Repeated(Struct, frozen=True):
    """How many texts occur more than once, how many rows hold one, and the most frequent of them."""

    texts: Count
    rows: Count
    most: list[RepeatedText]


def distinct(texts: pl.Series) -> dict[str, float]:
    """distinct_1, _2, _3 (Li et al. 2016): distinct word n-grams divided by all, over all texts together.

    It falls as texts grow more, so only sets of about the same size compare. 0 where there are no n-grams.
    """
    words = texts.str.to_lowercase().str.extract_all(r"[\p{L}\p{N}]+")
    counts = words.list.len().to_numpy().astype(np.int64)
    hashes = words.explode().drop_nulls().hash().to_numpy()
    return {f"distinct_{size}": _share(_ngrams(hashes, counts, size)) for size in SIZES}


def repeated(texts: pl.Series) -> Repeated:
    """Texts that occur more than once, case and outer space aside; empty ones are left out."""
    plain = texts.filter(texts != "").str.strip_chars().alias("text").to_frame()
    plain = plain.with_columns(pl.col("text").str.to_lowercase().hash().alias("key"))
    groups = plain.group_by("key").agg(pl.len().alias("rows"), pl.col("text").min()).filter(pl.col("rows") > 1)
    most = groups.sort("rows", "text", descending=[True, False]).head(MOST)
    return Repeated(
        texts=groups.height,
        rows=int(groups["rows"].sum()),
        most=[RepeatedText(*one) for one in most.select(pl.col("text").str.head(SHOWN), "rows").iter_rows()],
    )


def distinct_table(found: Mapping[str, Mapping[str, float]]) -> Iterable[Table]:
    """Distinct n-grams by field."""
    rows = [(field, *(f"{shares[f'distinct_{size}']:.3f}" for size in SIZES)) for field, shares in found.items()]
    note = "Distinct word n-grams divided by all; falls as a set grows, so only sets of about the same size compare."
    yield Table("Diversity", ("field", *(f"distinct-{size}" for size in SIZES)), rows, note)


def repeated_table(found: Repeated) -> Iterable[Table]:
    """The answers that come most often."""
    note = f"{found.texts:,} answers occur more than once, in {found.rows:,} rows."
    yield Table("Most repeated answers", ("answer", "rows"), [(one.text, one.rows) for one in found.most], note)


def _ngrams(words: NDArray[np.uint64], counts: NDArray[np.int64], size: int) -> pl.Series:
    """A hash of every n-gram that lies within one text. words: hashes, text after text. counts: words of each text."""
    grams = words
    for _ in range(size - 1):
        grams = grams[:-1] * np.uint64(FACTOR) + words[len(words) - len(grams) + 1 :]
    if size > 1:
        text = np.repeat(np.arange(len(counts)), counts)
        grams = grams[text[size - 1 :] == text[: len(text) - size + 1]]
    return pl.Series(grams)


def _share(grams: pl.Series) -> float:
    return round(grams.n_unique() / len(grams), 4) if len(grams) else 0.0
