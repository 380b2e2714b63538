"""Answers that say the same in many spellings: by their last sentence, without case, accents and signs."""

import re

import polars as pl
from msgspec import Struct

from cards.shared.records import Count
from cards.statistics.statistic import Counted, Statistic

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


def same_answers(data: Counted) -> list[SameAnswer]:
    """The sentences that most answers end with, in more than one spelling."""
    last = data.rows["output"].str.strip_chars().str.tail(TAIL).str.extract(LAST, 1).str.strip_chars(AROUND)
    said = (
        pl.DataFrame({"id": data.rows["id"], "last": last}).drop_nulls("last").with_columns(_plain("last").alias("key"))
    )
    groups = said.group_by("key").agg(pl.len().alias("ends"), pl.col("last").n_unique().alias("spellings"))
    groups = groups.filter(
        (pl.col("ends") >= FEWEST) & (pl.col("spellings") > 1) & (pl.col("key").str.count_matches(" ") >= WORDS - 1)
    ).sort("ends", "key", descending=[True, False])
    return [_told(said, data.rows["output"], *one) for one in groups.head(MOST).select("key", "spellings").iter_rows()]


def _told(said: pl.DataFrame, outputs: pl.Series, key: str, spellings: int) -> SameAnswer:
    rows = said.filter(pl.col("key") == key)
    written = rows.group_by("last").len().sort("len", "last", descending=[True, False])["last"][0]
    holds = int(outputs.str.contains(_anywhere(key)).sum())
    return SameAnswer(written, spellings, rows.height, holds, sorted(rows["id"].to_list())[:SHOWN])


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
    "Sentences that many answers end with in several spellings, and how many rows say them anywhere.", same_answers
)
