from itertools import combinations, pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.stages import buckets
from builders.stages.buckets import Buckets, bucket_keys, candidates, fitting
from builders.stages.minhash import BANDS, ROWS, sketch

WORDS = ["el", "la", "año", "ñandú", "café", "25", "30", "日本", "😀", "a"]
phrases = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)


def minima_of(texts):
    series = pl.Series(texts, dtype=pl.String)
    return sketch(len(texts), lambda start, end: series[start:end], 3).minima


def pairs_of(blocks):
    return [pair for left, right in blocks for pair in zip(left.tolist(), right.tolist(), strict=True)]


def everything(left, right):
    return np.ones(len(left), dtype=bool)


def in_buckets(keys):
    return pairs_of(Buckets(np.array(keys, dtype=np.uint64)).pairs())


@given(texts=st.lists(phrases, max_size=8))
def test_candidates_are_pairs_in_order_each_once_and_equal_texts_are_among_them(texts):
    pairs = pairs_of(candidates(minima_of(texts), np.zeros(len(texts), np.uint64), 0.8, everything))

    assert len(pairs) == len(set(pairs))
    assert all(one < other for one, other in pairs)
    equal = {(one, other) for one, other in combinations(range(len(texts)), 2) if texts[one] == texts[other]}
    assert equal <= set(pairs)


def test_texts_with_other_signs_are_no_candidates():
    minima = minima_of(["el café de la mañana en casa"] * 60)
    signs = np.arange(60, dtype=np.uint64) % np.uint64(20)
    looked_at = []

    def fits(left, right):
        looked_at.append(len(left))
        return everything(left, right)

    found = set(pairs_of(candidates(minima, signs, 0.8, fits)))

    assert found == {(a, b) for a, b in combinations(range(60), 2) if a % 20 == b % 20}
    assert sum(looked_at) == len(found) * BANDS, "no other pair was formed"


def test_candidates_that_do_not_fit_or_are_not_likely_are_left_out():
    minima = minima_of(["el café de la mañana en casa"] * 2 + ["otra cosa que se dice de noche"])
    minima[2, :ROWS] = minima[0, :ROWS]  # they share one bucket, and nothing else
    signs = np.zeros(3, np.uint64)

    assert pairs_of(candidates(minima, signs, 0.8, everything)) == [(0, 1)]
    assert pairs_of(candidates(minima, signs, 0.8, lambda left, right: ~everything(left, right))) == []


@given(keys=st.lists(st.integers(0, 4), max_size=30))
def test_all_pairs_of_a_bucket_are_proposed_once(keys):
    found = in_buckets(keys)

    assert sorted(found) == [(a, b) for a, b in combinations(range(len(keys)), 2) if keys[a] == keys[b]]


def test_a_crowded_bucket_proposes_the_best_and_the_neighbours(monkeypatch):
    monkeypatch.setattr(buckets, "CROWD", 5)
    monkeypatch.setattr(buckets, "HEADS", 2)
    monkeypatch.setattr(buckets, "NEIGHBOURS", 1)
    keys = [7, 3, 7, 3, 7, 7, 7, 7]  # six in one bucket, two in another
    places = [0, 2, 4, 5, 6, 7]

    found = in_buckets(keys)

    neighbours = set(pairwise(places))
    best = {(head, other) for head in places[:2] for other in places if other > head}
    assert sorted(found) == sorted(neighbours | best | {(1, 3)})
    every = list(combinations(range(8), 2))
    told = Buckets(np.array(keys, dtype=np.uint64)).proposed(*np.array(every).T)
    assert [pair for pair, one in zip(every, told, strict=True) if one] == sorted(found)


@pytest.mark.parametrize("texts", [buckets.CROWD, buckets.CROWD + 1, 50_000])
def test_the_pairs_of_a_bucket_grow_with_its_texts(texts):
    pairs = sum(len(left) for left, _ in Buckets(np.zeros(texts, np.uint64)).pairs())

    if texts <= buckets.CROWD:
        assert pairs == texts * (texts - 1) // 2
    else:
        assert pairs <= texts * (buckets.HEADS + buckets.NEIGHBOURS)


def test_a_pair_that_a_crowded_bucket_leaves_out_is_found_in_another(monkeypatch):
    monkeypatch.setattr(buckets, "CROWD", 4)
    monkeypatch.setattr(buckets, "HEADS", 1)
    monkeypatch.setattr(buckets, "NEIGHBOURS", 1)
    minima = np.repeat(np.arange(6, dtype=np.uint32)[:, None], BANDS * ROWS, axis=1)
    minima[:, :ROWS] = 77  # all six are in one bucket of the first band
    minima[4] = minima[2]  # and two of them, neither best nor neighbours there, in all others

    assert (2, 4) in pairs_of(candidates(minima, np.zeros(6, np.uint64), 0.8, everything))


def test_pairs_of_crowded_buckets_are_compared_once(monkeypatch):
    monkeypatch.setattr(buckets, "CROWD", 4)
    monkeypatch.setattr(buckets, "HEADS", 1)
    monkeypatch.setattr(buckets, "NEIGHBOURS", 1)
    minima = minima_of(["el café de la mañana en casa"] * 9)

    pairs = pairs_of(candidates(minima, np.zeros(9, np.uint64), 0.8, everything))

    assert len(pairs) == len(set(pairs)) == 2 * 9 - 3, "the same in each of the bands"


def test_no_texts_have_no_pairs():
    assert in_buckets([]) == []
    assert pairs_of(candidates(minima_of([]), np.empty(0, np.uint64), 0.8, everything)) == []


def test_a_bucket_is_of_one_band_and_of_equal_minima_and_signs():
    minima = np.ones((3, BANDS * ROWS), np.uint32)
    minima[2, ROWS - 1] = 2
    signs = np.array([5, 6, 5], np.uint64)

    first, second = bucket_keys(minima, signs, 0), bucket_keys(minima, signs, 1)

    assert len({*first.tolist(), *second.tolist()}) == 5, "the last text differs in the first band alone"
    assert second[0] == second[2]


def test_pairs_fit_by_their_sizes_and_by_what_was_asked():
    sizes = np.array([80, 100, 79, 100])
    asked = np.array([1, 1, 1, 2])
    spoken = np.array([True, False, True, True])
    left, right = np.array([0, 1, 0, 1]), np.array([1, 2, 3, 3])

    assert fitting(left, right, sizes, asked, spoken, 0.8).tolist() == [True, False, True, False]
