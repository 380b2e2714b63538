"""Resemblance of texts by their word n-grams: MinHash sketches (for candidates, see `buckets`), and the true Jaccard index.

Everything is flat arrays: one 64-bit hash per word n-gram, and where each text's n-grams begin.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from builders.stages.word_hashes import PLACE_BITS, mix, pieces, words_in

# 20 bands of 5 minima: a pair with Jaccard index 0.8 becomes a candidate with probability 1 - (1 - 0.8^5)^20 = 0.9996, one
# with 0.5 with 0.47 (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, section 3.4). False ones cost a comparison.
BANDS = 20
ROWS = 5
SEED = 20241122
HASH_BITS = 64 - PLACE_BITS  # of an n-gram: two of a thousand n-grams are the same by chance once in 10^8 texts
PAIRS = 1 << 14  # pairs compared at once
COMPARED = 1 << 21  # n-grams of both texts of the pairs that are compared at once: about 200 MB while they are
SKETCHED = 5_000  # texts that one thread sketches at once
BLOCK = 1 << 17  # n-grams hashed at once: more than a piece of texts has, few enough for a core's cache


@dataclass(frozen=True)
class Shingles:
    """The n-grams of many texts.

    hashes: the distinct ones, sorted (HASH_BITS bits in u64), text after text. starts: where each text's begin, and where all
    end. words: number of words of each text.
    """

    hashes: NDArray[np.uint64]
    starts: NDArray[np.int64]
    words: NDArray[np.int64]


def shingles(texts: pl.Series, size: int) -> Shingles:
    """Distinct word n-grams of normalized texts (words separated by single spaces). A text of fewer words is one n-gram."""
    if texts.is_empty():
        return Shingles(np.empty(0, np.uint64), np.zeros(1, np.int64), np.empty(0, np.int64))
    parts = []
    for piece in pieces(texts):
        words_of_piece = words_in(piece)
        parts.append(_ngrams(words_of_piece.hashes, words_of_piece.counts, size))
    hashes = np.concatenate([part[0] for part in parts])
    counts = np.concatenate([part[1] for part in parts])
    words = np.concatenate([part[2] for part in parts])
    return Shingles(hashes, np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), words)


def _ngrams(
    flat: NDArray[np.uint64], words: NDArray[np.int64], size: int
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
    """Distinct n-gram hashes text after text, their number per text, and `words` again."""
    # A text shorter than an n-gram is padded with zeros, so that it is one n-gram of its own.
    padded = np.maximum(words, size)
    ends = np.cumsum(padded)
    stream = np.zeros(int(ends[-1]), np.uint64)
    shift = np.concatenate([[0], np.cumsum(padded - words)[:-1]])
    stream[np.arange(len(flat)) + np.repeat(shift, words)] = flat
    combined = stream.copy()
    for step in range(1, size):
        combined[: len(stream) - step] = mix(combined[: len(stream) - step] * np.uint64(31) + stream[step:])
    grams = padded - size + 1
    firsts = np.cumsum(grams) - grams
    take = np.repeat(ends - padded - firsts, grams) + np.arange(int(grams.sum()))
    return _distinct(combined[take], grams, words)


def _distinct(
    hashes: NDArray[np.uint64], grams: NDArray[np.int64], words: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
    owner = np.repeat(np.arange(len(grams), dtype=np.uint64), grams)
    # One sort of one number: the text's place above HASH_BITS bits of hash. Texts follow each other already.
    keys = np.sort((owner << np.uint64(HASH_BITS)) | (hashes >> np.uint64(64 - HASH_BITS)))
    new = np.ones(len(keys), dtype=bool)
    new[1:] = keys[1:] != keys[:-1]
    keys = keys[new]
    counts = np.bincount((keys >> np.uint64(HASH_BITS)).astype(np.int64), minlength=len(grams))
    return keys & np.uint64((1 << HASH_BITS) - 1), counts, words


@dataclass(frozen=True)
class Sketches:
    """What is kept of many texts to find pairs among them.

    minima: u32, shape (texts, BANDS * ROWS). sizes: number of distinct n-grams. words: number of words.
    """

    minima: NDArray[np.uint32]
    sizes: NDArray[np.int64]
    words: NDArray[np.int64]


def sketch(count: int, texts: Callable[[int, int], pl.Series], size: int) -> Sketches:
    """MinHash sketches of `count` normalized texts, on all cores; the n-grams themselves are not kept.

    texts: gives those from one place up to another, so that only the ones in work need be held.
    """
    minima = np.empty((count, BANDS * ROWS), np.uint32)
    sizes, words = np.empty(count, np.int64), np.empty(count, np.int64)

    def part(start: int) -> None:
        end = min(start + SKETCHED, count)
        at = start
        for piece in pieces(texts(start, end)):
            grams = shingles(piece, size)
            here = slice(at, at + len(piece))
            signatures(grams, minima[here])
            sizes[here], words[here] = np.diff(grams.starts), grams.words
            at = here.stop

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        list(threads.map(part, range(0, count, SKETCHED)))  # asked for, so that an error in a thread is raised here
    return Sketches(minima, sizes, words)


def signatures(texts: Shingles, result: NDArray[np.uint32]) -> None:
    """MinHash signatures, written into `result`: BANDS × ROWS minima of 32-bit hashes per text."""
    random = np.random.default_rng(SEED)
    multipliers = random.integers(1, 1 << 32, BANDS * ROWS, dtype=np.uint32) | np.uint32(1)
    masks = random.integers(0, 1 << 32, BANDS * ROWS, dtype=np.uint32)
    low = (texts.hashes >> np.uint64(HASH_BITS - 32)).astype(np.uint32)
    count = len(texts.starts) - 1
    longest = max(BLOCK, int(np.diff(texts.starts).max(initial=0)))
    mixed_all, shifted_all = np.empty(longest, np.uint32), np.empty(longest, np.uint32)
    minima = np.empty(count, np.uint32)
    at = 0
    while at < count:
        upto = max(at + 1, int(np.searchsorted(texts.starts, texts.starts[at] + BLOCK, side="right")) - 1)
        block = low[texts.starts[at] : texts.starts[upto]]
        offsets = texts.starts[at:upto] - texts.starts[at]
        mixed, shifted = mixed_all[: len(block)], shifted_all[: len(block)]
        for number in range(BANDS * ROWS):
            np.bitwise_xor(block, masks[number], out=mixed)
            np.multiply(mixed, multipliers[number], out=mixed)
            np.right_shift(mixed, np.uint32(15), out=shifted)
            np.bitwise_xor(mixed, shifted, out=mixed)
            np.minimum.reduceat(mixed, offsets, out=minima[: len(offsets)])
            result[at:upto, number] = minima[: len(offsets)]
        at = upto


def jaccard(texts: Shingles, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
    """True Jaccard index of the n-gram sets of each pair."""
    result = np.empty(len(left))
    counts = texts.starts[1:] - texts.starts[:-1]
    grams = np.cumsum(counts[left] + counts[right])
    at = 0
    while at < len(left):
        # As many pairs as have COMPARED n-grams together, for texts may be long; one pair in any case.
        done = grams[at - 1] if at else 0
        upto = min(at + PAIRS, max(at + 1, int(np.searchsorted(grams, done + COMPARED, side="right"))))
        a, b = left[at:upto], right[at:upto]
        both = counts[a] + counts[b]
        pair = np.repeat(np.arange(len(a), dtype=np.uint64), both)
        offsets = np.cumsum(both) - both
        within = np.arange(both.sum()) - np.repeat(offsets, both)
        of_a = within < np.repeat(counts[a], both)
        place = np.where(
            of_a, np.repeat(texts.starts[a], both) + within, np.repeat(texts.starts[b] - counts[a], both) + within
        )
        # An n-gram in both sets is there twice under one pair. 40 bits of hash beside the pair's number keep chance
        # equality within one pair under one in 10^7.
        keys = np.sort((pair << np.uint64(40)) | (texts.hashes[place] >> np.uint64(HASH_BITS - 40)))
        same = keys[1:] == keys[:-1]
        shared = np.bincount((keys[1:][same] >> np.uint64(40)).astype(np.int64), minlength=len(a))
        result[at:upto] = shared / (both - shared)
        at = upto
    return result
