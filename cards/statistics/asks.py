"""What instructions ask for: a question, or a verb."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import polars as pl
from msgspec import Struct

from cards.shared.charts import Drawing, bars
from cards.shared.records import Count, Counts
from cards.shared.tables import SHOWN, Table, ranked, share
from cards.shared.verbs import QUESTION, leading_verbs
from cards.statistics.statistic import Chart, Counted, Statistic

if TYPE_CHECKING:
    from cards.audit.numbers import AnyAudit

MOST = 20  # verbs that are listed


class Asks(Struct, frozen=True):
    """How instructions begin: as a question, with a form of a verb that is known, or with neither.

    verbs: the most frequent infinitives.
    """

    questions: Count
    recognised: Count
    neither: Count
    verbs: Counts


def beginnings(rows: pl.DataFrame) -> pl.DataFrame:
    """`question`: whether the instruction is one; `verb`: else the infinitive that it begins with, if it is known."""
    question = rows["instruction"].str.contains(QUESTION)
    told = pl.DataFrame({"question": question, "verb": leading_verbs(rows["instruction"])})
    return told.with_columns(pl.when(~pl.col("question")).then("verb").alias("verb"))


def asks(data: Counted) -> Asks:
    """How instructions begin."""
    question, found = data.rows["question"], data.rows["verb"]
    counted = found.drop_nulls().value_counts().sort("count", "verb", descending=[True, False])
    return Asks(
        questions=int(question.sum()),
        recognised=int(found.is_not_null().sum()),
        neither=int((~question & found.is_null()).sum()),
        verbs=dict(counted.head(MOST).iter_rows()),
    )


def _table(found: Asks, audit: "AnyAudit") -> Iterable[Table]:
    rows = audit.statistics.rows
    verbs = [(verb, count, share(count, rows)) for verb, count in ranked(found.verbs)[:SHOWN]]
    note = (
        f"{found.recognised:,} rows begin with a verb that is known, {found.questions:,} with a question, "
        f"{found.neither:,} with neither."
    )
    yield Table("Verbs that instructions begin with", ("verb", "rows", "share"), verbs, note)


def _chart(found: Asks) -> Drawing | None:
    return bars(found.verbs.items(), "Rows by the verb that their instruction begins with", others=False)


ASKS = Statistic[Asks](
    "How instructions begin: as a question, with a verb that is known, or with neither.",
    asks,
    beginnings,
    tables=_table,
    chart=Chart("verbs", "What instructions ask for", _chart),
    parts_of={"": "kept"},
    cut=("verbs",),
)
