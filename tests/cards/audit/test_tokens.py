import msgspec
import polars as pl
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from cards.audit.tokens import token_counts


@pytest.fixture
def words():
    """A tokenizer for which every word is a token."""
    tokenizer = Tokenizer(WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    return tokenizer


def test_tokens_of_each_part_and_of_the_row(words):
    texts = {"prompt": pl.Series(["uno dos", "tres"]), "completion": pl.Series(["", "a b c d"])}

    found = token_counts(texts, words, "palabras")

    assert (found.tokenizer, list(found.parts())) == ("palabras", ["prompt", "completion", "row"])
    assert (found.prompt.sum, found.completion.sum, found.row.sum) == (3, 4, 7)
    assert (found.row.mean, found.row.p50, found.row.max) == (3.5, 5.0, 5)
    assert msgspec.to_builtins(found).keys() == {"tokenizer", "prompt", "completion", "row", "over"}


def test_the_share_of_rows_that_exceed_each_limit(words):
    texts = pl.Series([" ".join(["sol"] * size) for size in (512, 513, 1025, 2049)])

    assert token_counts({"prompt": texts}, words, "").over == {"512": 0.75, "1024": 0.5, "2048": 0.25}


def test_no_rows(words):
    found = token_counts({"prompt": pl.Series([], dtype=pl.String)}, words, "")

    assert found.row.sum == 0
    assert found.over == {"512": 0.0, "1024": 0.0, "2048": 0.0}
