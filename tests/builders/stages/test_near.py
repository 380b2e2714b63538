"""Which rows are read at all when near-duplicates are looked for."""

import numpy as np
import polars as pl

from builders.recipes.model import Near
from builders.stages import near
from builders.stages.minhash import sketch
from builders.stages.near import in_company, near_pairs

WORDS = "el faro de la isla alumbra a los barcos que vuelven de noche con la pesca"


def test_a_row_is_in_company_that_shares_its_signs_and_if_its_answer_is_short_its_question():
    signs = np.array([7, 7, 8, 7], np.uint64)
    asked = np.array([1, 2, 1, 1], np.int64)
    spoken = np.array([False, False, True, False])
    assert in_company(signs, asked, spoken).tolist() == [True, False, False, True]


def test_only_rows_in_company_are_sketched(monkeypatch):
    read = []
    texts = [WORDS, f"{WORDS} 12", WORDS, f"{WORDS} 15"]
    rows = pl.DataFrame({"instruction": texts, "input": [""] * 4, "output": texts})
    monkeypatch.setattr(near, "sketch", lambda count, *rest: read.append(count) or sketch(count, *rest))

    found = near_pairs(rows, np.arange(4), np.ones(4, dtype=bool), Near())

    assert read == [2]
    assert found.select("left", "right").rows() == [(0, 2)]
