"""Words of many texts as numbers: one 64-bit hash each, the same in every process and on every machine."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

PIECE = 1 << 18  # bytes of text whose words are hashed at once: the arrays stay in cache and are used again
PLACE_BITS = 16  # of a text's place in its piece, which n-grams carry beside their hash
PIECE_TEXTS = 1 << PLACE_BITS
BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2^64


@dataclass(frozen=True)
class Words:
    """The words of many texts that are joined by single spaces.

    hashes: 64 bits of each word, text after text. begins, ends: its bytes in the joined text. counts: words of each text.
    """

    hashes: NDArray[np.uint64]
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]
    counts: NDArray[np.int64]


def mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Finalizer of splitmix64 (Steele, Lea, Flood 2014): every input bit moves every output bit."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def pieces(texts: pl.Series) -> Iterator[pl.Series]:
    """Runs of texts of at most PIECE bytes (or one longer text)."""
    ends = texts.str.len_bytes().cum_sum().to_numpy()
    at = 0
    while at < len(texts):
        done = int(ends[at - 1]) if at else 0
        upto = max(at + 1, int(np.searchsorted(ends, done + PIECE, side="right")))
        upto = min(upto, at + PIECE_TEXTS)
        yield texts[at:upto]
        at = upto


@cache
def powers_of_base(length: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """BASE^i and BASE^-i modulo 2^64 for i below length (a power of two), by doubling."""
    powers, inverses = np.ones(1, np.uint64), np.ones(1, np.uint64)
    inverse = pow(BASE, -1, 1 << 64)
    while len(powers) < length:
        powers = np.concatenate([powers, powers * np.uint64(pow(BASE, len(powers), 1 << 64))])
        inverses = np.concatenate([inverses, inverses * np.uint64(pow(inverse, len(inverses), 1 << 64))])
    return powers, inverses


def words_in(texts: pl.Series) -> Words:
    """A 64-bit hash of every word of normalized texts, and where it stands.

    A polynomial hash of the UTF-8 bytes, by prefix sums over all texts at once. It is our own because the ones at hand
    are promised for one process (polars, Python) or take one word a call (hashlib): duplicates may not depend on either.
    """
    joined = texts.str.join(" ").item() if len(texts) > 1 else texts.item()
    data = np.frombuffer(joined.encode(), np.uint8)
    lengths = texts.str.len_bytes().to_numpy().astype(np.int64)
    text_starts = np.cumsum(lengths + 1) - lengths - 1
    space = data == 32
    begins = np.flatnonzero(~space & np.concatenate([[True], space[:-1]]))
    ends = np.flatnonzero(~space & np.concatenate([space[1:], [True]])) + 1
    powers, inverses = powers_of_base(max(2 * PIECE, 1 << len(data).bit_length()))
    sums = np.concatenate([[np.uint64(0)], np.cumsum((data.astype(np.uint64) + np.uint64(1)) * powers[: len(data)])])
    hashes = mix((sums[ends] - sums[begins]) * inverses[begins])
    counts = np.diff(np.searchsorted(begins, np.concatenate([text_starts, [len(data) + 1]])))
    return Words(hashes, begins, ends, counts.astype(np.int64))
