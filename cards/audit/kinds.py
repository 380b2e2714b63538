"""What instructions begin with, and which kinds of task and forms of answer there are."""

from collections.abc import Iterable, Mapping

import polars as pl
from msgspec import Struct

from cards.audit.tasks import NAMES, OTHER, tasks
from cards.shared.records import Counts
from cards.shared.tables import SHOWN, Table, ranked, share

MOST = 20  # openings that are listed

# Forms of an answer by its look; a row may have several.
FORMS = {
    "code": r"```|(?m)^\s*(?:def |class |import |function |const |let |var |public |#include|SELECT |INSERT |<!DOCTYPE|<html)",
    "list": r"(?m)^\s*(?:[-*•–]|\d{1,2}[.)])\s+\S.*\n+\s*(?:[-*•–]|\d{1,2}[.)])\s+\S",
    "table": r"(?m)^\s*\|.*\|.*\n\s*\|[\s:|-]+\|",
    "maths": r"\$\$|\\(?:frac|sqrt|begin)\b|\d\s*[-+*/×÷]\s*\d[\d\s.,*/×÷+-]*=\s*-?\d",
    "one word": r"^\s*\S+\s*$",
    "several paragraphs": r"\S\n\s*\n\s*\S",
}


class Kinds(Struct, frozen=True):
    """How many rows are of each kind: `task` by what the instruction asks for (see `cards/audit/tasks.py`), `answer` by its look.

    "other" is none of them. A row is one kind of task; its answer may have several forms.
    """

    task: Counts
    answer: Counts


def openings(instructions: pl.Series, words: int = 3) -> Counts:
    """The most frequent first words of instructions, without case and punctuation, with how many rows begin so."""
    text = instructions.str.head(200).str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()
    first = text.str.extract(rf"^(\S+(?: \S+){{0,{words - 1}}})").drop_nulls()
    counted = first.alias("words").value_counts().sort("count", "words", descending=[True, False])
    return dict(counted.head(MOST).iter_rows())


def kinds(rows: pl.DataFrame) -> Kinds:
    """The kinds of task and answer of `instruction` and `output`."""
    return Kinds(_tasks(rows["instruction"]), _matching(rows["output"], FORMS))


def openings_table(found: Counts, rows: int) -> Iterable[Table]:
    """The most frequent openings."""
    opened = [(words, count, share(count, rows)) for words, count in ranked(found)[:SHOWN]]
    yield Table("Openings", ("first words", "rows", "share"), opened)


def kinds_tables(found: Kinds, rows: int) -> Iterable[Table]:
    """Kinds of task and forms of answer that occur."""
    notes = "By the instruction's own words; what they do not tell is other.", "An answer may have several forms."
    for title, counts, note in zip(
        ("Kinds of task", "Forms of answer"), (found.task, found.answer), notes, strict=True
    ):
        occurring = [(name, count, share(count, rows)) for name, count in counts.items() if count]
        yield Table(title, ("kind", "rows", "share"), occurring, note)


def _tasks(instructions: pl.Series) -> Counts:
    counted = dict(tasks(instructions).value_counts().iter_rows())
    return {**_by_size({name: counted.get(name, 0) for name in NAMES}), OTHER: counted.get(OTHER, 0)}


def _matching(texts: pl.Series, patterns: Mapping[str, str]) -> Counts:
    found = (
        texts.alias("text")
        .to_frame()
        .select(pl.col("text").str.contains(one).alias(name) for name, one in patterns.items())
    )
    sums = {name: int(found[name].sum()) for name in found.columns}
    other = found.height - int(found.select(pl.any_horizontal(pl.all()))[:, 0].sum())
    return {**_by_size(sums), OTHER: other}


def _by_size(counts: Counts) -> Counts:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
