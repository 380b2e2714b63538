import os
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.stages import minhash, word_hashes
from builders.stages.minhash import jaccard, shingles

# Few words, so that texts share n-grams; letters of one to four bytes.
WORDS = ["el", "la", "año", "ñandú", "café", "25", "30", "日本", "😀", "a"]
phrases = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)

DIGEST = """
import hashlib, numpy as np, polars as pl
from builders.stages.minhash import BANDS, ROWS, shingles, signatures
texts = shingles(pl.Series(["el año nuevo en casa", "", "una sola", "日本 café ñandú a a a a"]), 3)
minima = np.empty((4, BANDS * ROWS), np.uint32)
signatures(texts, minima)
print(hashlib.sha256(texts.hashes.tobytes() + minima.tobytes()).hexdigest())
"""


def ngrams(text, size):
    """The set of word n-grams in plain Python; a text of fewer words is one n-gram of its own."""
    words = text.split()
    if len(words) < size:
        return {tuple(words)}
    return {tuple(words[at : at + size]) for at in range(len(words) - size + 1)}


def resemblance(one, other, size):
    left, right = ngrams(one, size), ngrams(other, size)
    return len(left & right) / len(left | right)


def every_pair(count):
    pairs = np.array(list(combinations(range(count), 2)), dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def of_text(texts, index):
    """One text's n-grams and number of words."""
    begin, end = texts.starts[index : index + 2]
    return texts.hashes[begin:end].tolist(), int(texts.words[index])


@given(texts=st.lists(phrases, min_size=2, max_size=8), size=st.integers(1, 4))
def test_jaccard_is_that_of_the_sets_of_ngrams(texts, size):
    left, right = every_pair(len(texts))

    found = jaccard(shingles(pl.Series(texts), size), left, right)

    expected = [resemblance(texts[a], texts[b], size) for a, b in zip(left, right, strict=True)]
    assert found.tolist() == expected


@given(texts=st.lists(phrases, min_size=1, max_size=8), size=st.integers(1, 4))
def test_a_texts_ngrams_are_sorted_distinct_and_depend_on_no_other_text(texts, size):
    together = shingles(pl.Series(texts), size)

    for index, text in enumerate(texts):
        hashes, words = of_text(together, index)
        assert (hashes, words) == of_text(shingles(pl.Series([text]), size), 0)
        assert hashes == sorted(set(hashes))
        assert (len(hashes), words) == (len(ngrams(text, size)), len(text.split()))


@pytest.mark.parametrize(("name", "value"), [("PIECE", 1), ("PIECE", 40), ("PIECE_TEXTS", 1), ("PIECE_TEXTS", 3)])
def test_how_texts_are_cut_into_pieces_changes_nothing(monkeypatch, name, value):
    texts = pl.Series(
        ["el año nuevo en casa", "", "", "una sola", "日本 café ñandú a a a a", "el año", "x " * 60 + "y", ""]
    )
    whole = shingles(texts, 3)

    monkeypatch.setattr(word_hashes, name, value)
    cut = shingles(texts, 3)

    assert [array.tolist() for array in (cut.hashes, cut.starts, cut.words)] == [
        array.tolist() for array in (whole.hashes, whole.starts, whole.words)
    ]


def test_words_in_another_order_or_cut_elsewhere_are_other_ngrams():
    texts = shingles(pl.Series(["sol y mar", "mar y sol", "soly mar", "sol ymar", "sol y", "sol", "sol y mar"]), 3)

    left, right = every_pair(7)
    alike = [
        (int(a), int(b)) for a, b, score in zip(left, right, jaccard(texts, left, right), strict=True) if score > 0
    ]

    assert alike == [(0, 6)]


def test_no_texts_have_no_ngrams_and_no_pairs():
    nothing = shingles(pl.Series([], dtype=pl.String), 3)
    none = np.empty(0, dtype=np.int64)

    assert (nothing.hashes.size, nothing.starts.tolist()) == (0, [0])
    assert jaccard(shingles(pl.Series(["sol y mar"]), 3), none, none).tolist() == []


def test_many_pairs_are_compared_in_blocks():
    texts = shingles(pl.Series(["uno dos tres cuatro", "uno dos tres cinco", "seis siete ocho"]), 3)
    left = np.tile(np.array([0, 0, 1], dtype=np.int64), 6_000)
    right = np.tile(np.array([1, 2, 2], dtype=np.int64), 6_000)

    assert jaccard(texts, left, right).tolist() == [1 / 3, 0.0, 0.0] * 6_000


@pytest.mark.parametrize("compared", [1, 7, 20, 10_000])
def test_pairs_of_long_texts_are_compared_a_few_at_a_time_with_the_same_result(monkeypatch, compared):
    texts = shingles(
        pl.Series(["uno dos tres cuatro " * 3, "", "uno dos tres cinco", "seis siete ocho nueve diez once"]), 3
    )
    left, right = every_pair(4)
    whole = jaccard(texts, left, right)
    sorted_at_once = []
    monkeypatch.setattr(np, "sort", lambda keys, sort=np.sort: sorted_at_once.append(len(keys)) or sort(keys))

    monkeypatch.setattr(minhash, "COMPARED", compared)

    assert jaccard(texts, left, right).tolist() == whole.tolist()
    assert max(sorted_at_once) <= max(compared, 8) and sum(sorted_at_once) == 3 * len(texts.hashes)


def test_hashes_are_the_same_in_every_process():
    root = os.fspath(Path(__file__).parents[2])
    found = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            env={**os.environ, "PYTHONPATH": root, "PYTHONHASHSEED": seed, "POLARS_MAX_THREADS": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(found) == 1
