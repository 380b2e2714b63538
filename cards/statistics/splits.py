"""What is in each split, to be set side by side."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import polars as pl
from msgspec import Struct

from cards.shared.records import Count, Counts
from cards.shared.tables import Table, share
from cards.statistics.counting import counts, sizes
from cards.statistics.statistic import Counted, Statistic

if TYPE_CHECKING:
    from cards.audit.numbers import AnyAudit


class Split(Struct, frozen=True):
    """Kept rows of one split: how many, with an input, by origin; words: of the median answer. longer: answers with more words
    than the median answer of all kept rows, so that splits can be told apart from chance (Mood's median test)."""

    rows: Count
    with_input: Count
    words: float
    origins: Counts
    longer: Count


def by_split(data: Counted) -> dict[str, Split]:
    """Every split that has rows."""
    median = data.rows["output_words"].quantile(0.5, "nearest") or 0
    parts = data.rows.partition_by("split", as_dict=True)
    return {str(name): _split(part, median) for (name,), part in sorted(parts.items())}


def _split(rows: pl.DataFrame, median: float) -> Split:
    return Split(
        rows.height,
        int((rows["input_characters"] > 0).sum()),
        float(rows["output_words"].quantile(0.5, "nearest") or 0),
        counts(rows["origin"]),
        int((rows["output_words"] > median).sum()),
    )


def _table(found: dict[str, Split], audit: "AnyAudit") -> Iterable[Table]:
    rows = [(name, one.rows, share(one.with_input, one.rows), f"{one.words:.0f}") for name, one in found.items()]
    if len(found) > 1:
        yield Table("Splits side by side", ("split", "rows", "with an input", "words in the median answer"), rows)


BY_SPLIT = Statistic[dict[str, Split]](
    "Kept rows of each split: how many, with an input, by origin, and how long their answers are.",
    by_split,
    sizes,
    tables=_table,
)
