"""A tokenizer whose pattern goes back and forth is refused in one line, before it takes hours; usual ones are taken as they are."""

import time

import pytest
from tokenizers import Regex, Tokenizer, normalizers
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import ByteLevel, Sequence, Split

from builders.errors import Invalid
from builders.reading import patterns
from builders.reading.patterns import PROVEN, require_bounded


def cutting(*found, normalizer=None):
    tokenizer = Tokenizer(WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Sequence([*(Split(Regex(one), "isolated") for one in found), ByteLevel(use_regex=False)])
    if normalizer:
        tokenizer.normalizer = normalizer
    return tokenizer


# Pattern, and a text on which it is slow: every way to share out the run is tried, or the rest is read from every place.
SLOW = [
    (r"(a+)+$", "a" * 60 + "!", "fails on"),
    (r"a*a*a*$", "a" * 5_000 + "!", "fails on|takes too long on"),
    (r"\s+$", " " * 16_000 + "!", "takes too long on"),
]


@pytest.mark.parametrize(("pattern", "text", "says"), SLOW)
def test_a_pattern_that_is_slow_on_a_text_is_refused_in_one_line(monkeypatch, capfd, pattern, text, says):
    monkeypatch.setattr(patterns, "SECONDS", 0.05)
    begun = time.process_time()
    with pytest.raises(
        Invalid, match=f"^base: a pattern of its tokenizer ({says}) the text of a row; use one with the"
    ):
        require_bounded(cutting(r"\d+", pattern), ["Hola.", text], "base")
    assert time.process_time() - begun < 5
    assert capfd.readouterr() == ("", "")


def test_a_pattern_that_changes_texts_is_tried_too():
    slow = cutting(normalizer=normalizers.Replace(Regex(r"(a+)+$"), "b"))
    with pytest.raises(Invalid, match="a pattern of its tokenizer fails"):
        require_bounded(slow, ["a" * 60 + "!"], "base")


def test_a_pattern_of_its_own_that_is_fast_is_no_fault():
    require_bounded(cutting(r"\p{L}+|\p{N}+"), ["hola " * 10_000, " " * 10_000], "base")


def test_a_usual_tokenizer_is_not_tried(monkeypatch):
    usual = cutting(*PROVEN)
    monkeypatch.setattr(patterns, "SECONDS", -1.0)
    require_bounded(usual, ["hola"], "base")
    monkeypatch.setattr(patterns, "PROVEN", set())
    with pytest.raises(Invalid):
        require_bounded(usual, ["hola"], "base")


@pytest.mark.parametrize("pattern", sorted(PROVEN))
@pytest.mark.parametrize("piece", ["a", " ", "7", "\n", " \r", "'s", "!", "a'", "\u0301", "Aa", "\u00a0 "])
def test_a_usual_pattern_takes_time_in_proportion_to_the_text(monkeypatch, pattern, piece):
    monkeypatch.setattr(patterns, "PROVEN", set())
    monkeypatch.setattr(patterns, "SECONDS", 0.5)
    require_bounded(cutting(pattern), [piece * (20_000 // len(piece))], "base")
