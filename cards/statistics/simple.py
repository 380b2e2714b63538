"""Statistics that are plain counts: rows, splits, origins, flags, edits; and the share of rows with an input."""

from collections.abc import Iterable

import polars as pl

from cards.shared.records import Counts
from cards.shared.tables import Table, ranked
from cards.statistics.counting import counts, sizes
from cards.statistics.statistic import Counted, Statistic


def _with_input(data: Counted) -> float:
    inputs = data.rows["input_characters"]
    return round(int((inputs > 0).sum()) / len(inputs), 4) if len(inputs) else 0.0


def _flags(data: Counted) -> Counts:
    return counts(data.of_version().filter(pl.col("status") == "kept")["flags"].explode().drop_nulls())


def _flagged(data: Counted) -> int:
    kept = data.of_version().filter(pl.col("status") == "kept")
    return kept.filter(pl.col("flags").list.len() > 0).height


def _edits(data: Counted) -> Counts:
    return counts(data.of_version()["edits"].explode().drop_nulls())


def _flags_table(found: Counts, audit: object) -> Iterable[Table]:
    yield Table("Flags of kept rows", ("flag", "rows"), ranked(found))


def _edits_table(found: Counts, audit: object) -> Iterable[Table]:
    yield Table("Edits", ("edit", "rows"), ranked(found))


# The first four are in the audit's first table, together with the rows of the source.
ROWS = Statistic[int]("Rows that the statistics are of.", lambda data: data.rows.height)
ORIGINS = Statistic[Counts](
    "Rows by origin: what their ids begin with.", lambda data: counts(data.rows["origin"]), parts_of={"": "kept"}
)
WITH_INPUT = Statistic[float](
    "Share of the rows whose input is not empty.", _with_input, sizes, parts_of={"": "itself"}
)
SPLITS = Statistic[Counts]("Rows by split.", lambda data: counts(data.rows["split"]), parts_of={"": "kept"})
FLAGS = Statistic[Counts](
    "Kept rows by the rules that flagged them.", _flags, tables=_flags_table, parts_of={"": "kept"}
)
FLAGGED = Statistic[int]("Kept rows that carry a flag, each once.", _flagged, parts_of={"": "kept"})
EDITS = Statistic[Counts](
    "Source rows by the repairs that were made, as field:edit.",
    _edits,
    tables=_edits_table,
    parts_of={"": "source_rows"},
)
