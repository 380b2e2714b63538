"""Near-duplicates: pairs of rows that resemble as a whole, in the instruction and in the answer, with the same signs.

What a row brings (`sketched`) depends on the row alone. Which pairs share a bucket (see `buckets`) needs numbers only. Whether a
pair resembles (`resembling`) needs its two texts. So each of the three can be done in parts, anywhere.
"""

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from builders.recipes.model import Near
from builders.schema import FIELDS, LANGUAGE, several_languages
from builders.stages.buckets import Places, candidates, fitting
from builders.stages.minhash import Sketches, jaccard, shingles, sketch
from builders.stages.outcome import in_parts
from builders.stages.text_keys import keys_64
from filters.text import normalized

NUMBERS = r"\S*[\d+*/=<>%^~@&|\\#$€]\S*"  # what must be the same, in the same order
QUOTED_NUMBER = r"`([-+]?\d(?:[\d.,/]*\d)?\s?%?)`"
MIN_WORDS = 10  # a near-duplicate needs words to resemble in; below, one changed word is another row
PAIR = {"left": pl.UInt32, "right": pl.UInt32, "score": pl.Float64}


def sign_keys(rows: pl.DataFrame) -> NDArray[np.uint64]:
    """A hash of each row's numbers and operators."""
    return keys_64(signs_of(rows))


def sketched(rows: pl.DataFrame, near: Near) -> Sketches:
    """What rows (`instruction`, `input`, `output`) bring to be paired, in their order."""
    return sketch(rows.height, lambda start, end: whole(rows[start:end]), near.ngram)


def eligible(sketches: Sketches) -> Places:
    """The places of rows with words enough."""
    return np.flatnonzero(sketches.words >= MIN_WORDS)


def near_pairs(rows: pl.DataFrame, asked: NDArray[np.int64], spoken: NDArray[np.bool_], near: Near) -> pl.DataFrame:
    """The pairs of rows that are near-duplicates: `left` < `right` (places), `score` (Jaccard index of the whole rows).

    rows: `instruction`, `input`, `output`, in the fixed order. asked, spoken: see `buckets.fitting`.
    """
    signs = np.concatenate(in_parts(sign_keys, rows))
    some = np.flatnonzero(in_company(signs, asked, spoken))
    sketches = sketched(rows[some], near)
    worded = eligible(sketches)
    places = some[worded]
    sizes, asked, spoken = sketches.sizes[worded], asked[places], spoken[places]

    def fits(left: Places, right: Places) -> NDArray[np.bool_]:
        return fitting(left, right, sizes, asked, spoken, near.threshold)

    minima = sketches.minima if len(worded) == len(some) else sketches.minima[worded]
    blocks = candidates(minima, signs[places], near.threshold, fits)
    return resembling_in(((places[left], places[right]) for left, right in blocks), rows, near)


def in_company(signs: NDArray[np.uint64], asked: NDArray[np.int64], spoken: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which rows have what they must share with a near-duplicate: their signs with another row, and their question, where the
    answer is too short to tell. The others need not be read."""
    return _shared(signs) & (spoken | _shared(asked))


def _shared(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Which values are there more than once."""
    return pl.Series(values).is_duplicated().to_numpy()


def resembling_in(blocks: Iterator[tuple[Places, Places]], rows: pl.DataFrame, near: Near) -> pl.DataFrame:
    """The pairs of all blocks that resemble (see `resembling`), each once, in order; each block is compared on all cores."""
    found = [pl.DataFrame(schema=PAIR)]
    waiting: list[Future[pl.DataFrame]] = []
    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as threads:
        for left, right in blocks:  # the next is looked for while one is compared, and no more than one waits
            found += [one.result() for one in waiting]
            # Pairs of one text stay together, so that few texts are read for two parts.
            parts = np.array_split(np.argsort(left, kind="stable"), cores)
            waiting = [threads.submit(resembling, rows, left[part], right[part], near) for part in parts]
        found += [one.result() for one in waiting]
    return pl.concat(found).unique().sort("left", "right")


def resembling(rows: pl.DataFrame, left: Places, right: Places, near: Near) -> pl.DataFrame:
    """Which pairs (places in rows) resemble, with the Jaccard index of the whole rows: `left`, `right`, `score`."""
    # The cheapest question that turns most away comes first: each leaves fewer texts and pairs to the next.
    for field in ("instruction", "output"):
        some, (a, b) = _used(left, right)
        grams = shingles(rows[some].select(normalized(pl.col(field))).to_series(), near.ngram)
        alive = jaccard(grams, a, b) >= near.part_threshold
        left, right = left[alive], right[alive]
    some, (a, b) = _used(left, right)
    signs = signs_of(rows[some]).to_frame("signs").select(pl.col("signs").rank("dense")).to_series().to_numpy()
    score = jaccard(shingles(whole(rows[some]), near.ngram), a, b)
    alive = (signs[a] == signs[b]) & (score >= near.threshold)
    rounded = [round(value, 4) for value in score[alive].tolist()]  # numpy's own rounds some halves the other way
    return pl.DataFrame({"left": left[alive], "right": right[alive], "score": rounded}, PAIR)


def bare_numbers(field: pl.Expr) -> pl.Expr:
    """A field with its numbers out of backticks: "`118`/`115`" and "`118/115`" are "118/115"."""
    return field.str.replace_all(QUOTED_NUMBER, "$1")


def signs_of(rows: pl.DataFrame) -> pl.Series:
    """The numbers and operators of whole rows, in order; before them the language, where rows are of several."""
    text = bare_numbers(pl.concat_str(FIELDS, separator=" "))
    signs = text.str.extract_all(NUMBERS).list.join(" ")
    if several_languages(rows):
        signs = pl.concat_str(LANGUAGE.name, signs, separator=" ")
    return rows.select(signs.alias("signs")).to_series()


def whole(rows: pl.DataFrame) -> pl.Series:
    """The words of whole rows."""
    return rows.select(normalized(pl.concat_str(FIELDS, separator=" "))).to_series()


def _used(left: Places, right: Places) -> tuple[Places, Places]:
    """The places that pairs speak of, and the pairs as places among those, shape (2, pairs)."""
    some, places = np.unique(np.concatenate([left, right]), return_inverse=True)
    return some, places.reshape(2, -1)
