"""Answers that say the same in many spellings: by their last sentence, without case, accents and signs."""

import re
from collections.abc import Callable

import polars as pl
from msgspec import Struct

from cards.shared.records import Count
from cards.statistics.statistic import Counted, Say, Statistic

MOST = 3  # sentences that are told
SHOWN = 20  # rows that stand for one
FEWEST = 5  # rows that end alike
TAIL = 300  # characters in which the last sentence is looked for
WORDS = 3  # of a sentence that says something by itself
LAST = r"(?:^|[.!?…:;\n])([^.!?…:;\n]{8,200})[.!?…\s»\"”')\]*]*$"
AROUND = " «»“”\"'‘’()[]*¿¡"  # around a sentence, and no part of how it is spelt
NOT_WORD = r"[^\p{L}\p{N}]+"


class SameAnswer(Struct, frozen=True):
    """A sentence that many answers end with. text: as it is written most often. spellings: how many ways there are. ends: rows
    that end with it. holds: rows that say it anywhere. ids: some of those that end with it."""

    text: str
    spellings: Count
    ends: Count
    holds: Count
    ids: list[str]


def endings(rows: pl.DataFrame) -> pl.DataFrame:
    """`ending`, `spelling`: keys of the answer's last sentence without case and accents, and as it is; null without one that says
    something by itself."""
    said = pl.col("plain").is_not_null()
    keys = {"ending": pl.col("plain"), "spelling": pl.col("last")}
    return _last(rows).select(pl.when(said).then(text.hash()).alias(name) for name, text in keys.items())


def same_answers(data: Counted) -> list[SameAnswer]:
    """The sentences that most answers end with, in more than one spelling."""
    said = data.rows.select("id", "ending", "spelling").drop_nulls()
    groups = said.group_by("ending").agg(pl.len().alias("ends"), pl.col("spelling").n_unique().alias("spellings"))
    groups = groups.filter((pl.col("ends") >= FEWEST) & (pl.col("spellings") > 1))
    if groups.is_empty():
        return []
    assert data.each is not None, "whoever counts sentences can be asked for their texts"
    fewest = groups["ends"].top_k(MOST).min()
    texts = _written(said.join(groups.filter(pl.col("ends") >= fewest), on="ending"), data.each)
    most = texts.sort("ends", "plain", descending=[True, False]).head(MOST)
    holds = data.each(lambda rows: rows.select(_holding(number, key) for number, key in enumerate(most["plain"]))).sum()
    return [
        SameAnswer(last, spellings, ends, holds[f"{number}"][0], _some_ids(said, ending))
        for number, (ending, ends, spellings, last) in enumerate(
            most.select("ending", "ends", "spellings", "last").iter_rows()
        )
    ]


def _written(said: pl.DataFrame, each: Callable[[Say], pl.DataFrame]) -> pl.DataFrame:
    """Each ending with `plain` and `last`: its sentence without case and accents, and as it is written most often.

    said: `id`, `ending`, `spelling`, `ends`, `spellings`. Texts are asked for of one row a spelling that may be the one.
    """
    groups = ["ending", "ends", "spellings"]
    spelt = said.group_by(*groups, "spelling").agg(pl.len(), pl.col("id").min())
    usual = spelt.filter(pl.col("len") == pl.col("len").max().over("ending"))
    ids = usual["id"]
    texts = each(lambda rows: _last(rows.filter(pl.col("id").is_in(ids.implode()))))
    return usual.join(texts, on="id").group_by(groups).agg(pl.col("last").min(), pl.col("plain").first())


def _some_ids(said: pl.DataFrame, ending: int) -> list[str]:
    return said.filter(pl.col("ending") == ending)["id"].sort().head(SHOWN).to_list()


def _holding(number: int, key: str) -> pl.Expr:
    return pl.col("output").str.contains(_anywhere(key)).sum().alias(f"{number}")


def _last(rows: pl.DataFrame) -> pl.DataFrame:
    """`id`, `last` (the answer's last sentence), `plain` (without case, accents and signs; null of fewer than WORDS words)."""
    last = pl.col("output").str.strip_chars().str.tail(TAIL).str.extract(LAST, 1).str.strip_chars(AROUND).alias("last")
    told = rows.select("id", last).with_columns(_plain("last").alias("plain"))
    enough = pl.col("plain").str.count_matches(" ") >= WORDS - 1
    return told.with_columns(pl.when(enough).then("plain").alias("plain"))


def _plain(name: str) -> pl.Expr:
    """A text without case, accents and signs."""
    bare = pl.col(name).str.normalize("NFD").str.replace_all(r"\p{M}", "").str.to_lowercase()
    return bare.str.replace_all(NOT_WORD, " ").str.strip_chars()


def _anywhere(key: str) -> str:
    """A pattern of a plain sentence with whatever accents, case and signs."""
    accents = {"a": "[aáà]", "e": "[eéè]", "i": "[iíì]", "o": "[oóò]", "u": "[uúùü]", "n": "[nñ]", "c": "[cç]"}
    words = ("".join(accents.get(sign, re.escape(sign)) for sign in word) for word in key.split(" "))
    return rf"(?i)\b{NOT_WORD.join(words)}\b"


SAME_ANSWERS = Statistic[list[SameAnswer]](
    "Sentences that many answers end with in several spellings, and how many rows say them anywhere.",
    same_answers,
    endings,
)
