"""Which texts may resemble each other: those that share a bucket, without asking every pair.

A text is in one bucket a band: that of its band's minima and its signs (numbers and operators, which duplicates have in
common). Which pairs a bucket proposes depends on what is in it alone, so buckets can be looked at in any order and anywhere.

A bucket of more than CROWD texts would be that number squared in pairs. In one, each text is paired with the HEADS best and
with the NEIGHBOURS next to it in the fixed order: what resembles the best leaves by it, and the cost grows with the texts.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from builders.stages.minhash import BANDS, BLOCK, ROWS
from builders.stages.word_hashes import mix

CROWD = 2_000
HEADS = 16
NEIGHBOURS = 16
PAIRS = 1 << 14  # pairs looked at once
YIELDED = 1 << 20  # candidate pairs handed on at once

Places = NDArray[np.int64]
Fits = Callable[[Places, Places], NDArray[np.bool_]]


def bucket_keys(minima: NDArray[np.uint32], signs: NDArray[np.uint64], band: int) -> NDArray[np.uint64]:
    """The bucket of each text in a band. Unlike texts in one by chance cost a comparison, once in 2^64 pairs."""
    keys = np.empty(len(minima), np.uint64)
    for at in range(0, len(minima), BLOCK):
        some = minima[at : at + BLOCK, band * ROWS : (band + 1) * ROWS]
        key = mix(signs[at : at + BLOCK] * np.uint64(31) + np.uint64(band))
        for number in range(ROWS):
            key = mix(key * np.uint64(31) + some[:, number])
        keys[at : at + BLOCK] = key
    return keys


def fitting(
    left: Places,
    right: Places,
    sizes: NDArray[np.int64],
    asked: NDArray[np.int64],
    spoken: NDArray[np.bool_],
    threshold: float,
) -> NDArray[np.bool_]:
    """Which pairs may reach a Jaccard index, and may be duplicates at all.

    sizes: distinct n-grams of each text. asked: equal for equal instructions. spoken: whether the answer has words enough to
    tell by itself that two questions are the same; otherwise they must be equal.
    """
    # |A ∩ B| ≤ min(|A|, |B|), so the index cannot exceed the ratio of the sizes.
    alike = np.minimum(sizes[left], sizes[right]) >= threshold * np.maximum(sizes[left], sizes[right])
    return np.asarray(alike & ((asked[left] == asked[right]) | (spoken[left] & spoken[right])), dtype=np.bool_)


def likely(same: NDArray[np.bool_], threshold: float) -> NDArray[np.bool_]:
    """Which pairs are worth comparing, by the minima that they have in common, shape (pairs, BANDS * ROWS).

    The share of equal minima estimates the Jaccard index. A pair whose estimate is four standard deviations under the
    threshold is not worth it: of those at the threshold, 3 in 100,000 are lost.
    """
    total = BANDS * ROWS
    enough = (threshold - 4 * (threshold * (1 - threshold) / total) ** 0.5) * total
    return np.asarray(same.sum(axis=1) >= enough, dtype=np.bool_)


def candidates(
    minima: NDArray[np.uint32], signs: NDArray[np.uint64], threshold: float, fits: Fits
) -> Iterator[tuple[Places, Places]]:
    """Pairs of texts (left < right) that share a bucket, fit and are likely, in blocks of bounded size.

    minima, signs: of texts in the fixed order. fits: see `fitting`. Each pair once: in the first bucket that proposes it.
    """
    waiting: list[tuple[Places, Places]] = []
    count = 0
    earlier: list[Buckets] = []
    for band in range(BANDS):
        bucket = Buckets(bucket_keys(minima, signs, band))
        for left, right in bucket.pairs():
            alive = fits(left, right)
            left, right = left[alive], right[alive]
            for one in earlier:
                new = ~one.proposed(left, right)
                left, right = left[new], right[new]
            alive = likely(minima[left] == minima[right], threshold)
            waiting.append((left[alive], right[alive]))
            count += len(waiting[-1][0])
            if count >= YIELDED:
                yield _joined(waiting)
                waiting, count = [], 0
        earlier.append(bucket.without_order())
    yield _joined(waiting)


class Buckets:
    """Texts in the fixed order, by their keys: those that have one in common are a bucket."""

    def __init__(self, keys: NDArray[np.uint64]) -> None:
        self.keys = keys
        self._order = np.argsort(keys, kind="stable")  # so that a bucket's texts stay in the fixed order
        ordered = keys[self._order]
        starts = np.concatenate([np.ones(min(1, len(keys)), dtype=bool), ordered[1:] != ordered[:-1]])
        self._starts = np.flatnonzero(starts)
        self._lengths = np.diff(np.concatenate([self._starts, [len(keys)]]))
        self._ranks = self._places()

    def _places(self) -> NDArray[np.int32] | None:
        """The place of each text in its bucket where that is crowded, else 0; None where none is."""
        crowded = self._lengths > CROWD
        if not crowded.any():
            return None
        found = np.empty(len(self._order), np.int32)
        found[self._order] = self._within() * np.repeat(crowded, self._lengths)
        return found

    def without_order(self) -> "Buckets":
        """What is needed to tell which pairs were proposed, and no more: 8 bytes a text."""
        self._order = self._starts = self._lengths = np.empty(0, np.int64)
        return self

    def proposed(self, left: Places, right: Places) -> NDArray[np.bool_]:
        """Which of these pairs (left < right) these buckets propose."""
        together = np.asarray(self.keys[left] == self.keys[right], dtype=np.bool_)
        if self._ranks is not None:
            first, second = self._ranks[left], self._ranks[right]
            together &= (first < HEADS) | (second - first <= NEIGHBOURS)
        return together

    def pairs(self) -> Iterator[tuple[Places, Places]]:
        """The pairs that the buckets propose (the smaller place first), each once, in blocks of at most PAIRS."""
        # How many of the texts behind it each text is paired with.
        reach = np.repeat(self._lengths, self._lengths) - 1 - self._within()
        reach = np.minimum(reach, np.repeat(np.where(self._lengths > CROWD, NEIGHBOURS, CROWD), self._lengths))
        alive, distance = np.flatnonzero(reach), 1
        while len(alive):
            for at in range(0, len(alive), PAIRS):
                first = alive[at : at + PAIRS]
                yield self._order[first], self._order[first + distance]
            distance += 1
            alive = alive[reach[alive] >= distance]
        for crowd in np.flatnonzero(self._lengths > CROWD):
            start, end = self._starts[crowd], self._starts[crowd] + self._lengths[crowd]
            for head in range(start, start + HEADS):
                for at in range(head + NEIGHBOURS + 1, end, PAIRS):
                    others = self._order[at : min(at + PAIRS, end)]
                    yield np.full(len(others), self._order[head]), others

    def _within(self) -> Places:
        return np.arange(len(self._order)) - np.repeat(self._starts, self._lengths)


def _joined(parts: list[tuple[Places, Places]]) -> tuple[Places, Places]:
    none = np.empty(0, np.int64)
    return np.concatenate([none, *(left for left, _ in parts)]), np.concatenate([none, *(right for _, right in parts)])
