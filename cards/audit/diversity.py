"""How varied texts are: distinct n-grams, and texts that come again and again."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

SIZES = (1, 2, 3)
MOST = 15
SHOWN = 200  # characters of a repeated text
FACTOR = 0x9E3779B97F4A7C15  # odd, so that multiplying by it loses nothing modulo 2^64


def distinct(texts: pl.Series) -> dict[str, float]:
    """distinct-1, -2, -3 (Li et al. 2016): distinct word n-grams divided by all, over all texts together.

    It falls as texts grow more, so only sets of about the same size compare. 0 where there are no n-grams.
    """
    words = texts.str.to_lowercase().str.extract_all(r"[\p{L}\p{N}]+")
    counts = words.list.len().to_numpy().astype(np.int64)
    hashes = words.explode().drop_nulls().hash().to_numpy()
    return {f"distinct_{size}": _share(_ngrams(hashes, counts, size)) for size in SIZES}


def repeated(texts: pl.Series) -> dict[str, Any]:
    """Texts that occur more than once, case and outer space aside.

    Returns `texts` (how many such texts), `rows` (that hold one) and `most`: the most frequent, as `text` (its beginning) and
    `rows`.
    """
    plain = texts.filter(texts != "").str.strip_chars().alias("text").to_frame()
    plain = plain.with_columns(pl.col("text").str.to_lowercase().hash().alias("key"))
    groups = plain.group_by("key").agg(pl.len().alias("rows"), pl.col("text").min()).filter(pl.col("rows") > 1)
    most = groups.sort("rows", "text", descending=[True, False]).head(MOST)
    return {
        "texts": groups.height,
        "rows": int(groups["rows"].sum()),
        "most": most.select(pl.col("text").str.head(SHOWN), "rows").to_dicts(),
    }


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
