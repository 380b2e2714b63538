"""What every statistic has: how it is counted, what it means, and how the audit, the card and a comparison show it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

import polars as pl

from cards.shared.charts import Drawing
from cards.shared.records import RuleCounts
from cards.shared.tables import Table

if TYPE_CHECKING:
    from cards.audit.numbers import AnyAudit

Number = TypeVar("Number")
# What is said of rows with their texts: a table. The rows may come in parts, and in parts it is said.
Say = Callable[[pl.DataFrame], pl.DataFrame]
# What a count is a part of, so that a comparison can say by how many points its share moved; "itself" for a number that is
# a share already.
Whole = Literal["kept", "source_rows", "itself"]


@dataclass(frozen=True)
class Counted:
    """What statistics are counted from. No texts: those may be on many machines.

    rows: `id`, `origin`, of a version also `split`, `language` where rows are of several, and what the statistics measure of
    each row (see `listed.measured`). ledger: of a version, one row per source row; None for a raw file, of which every row
    counts as kept. findings: what the rules found (`row`, `order`, `rule`, `score`, `action`), None where they did not run;
    rules: how they were applied. languages: `row` (a place among the source's rows), `question`, `answer` (a language or
    "undetermined"), `question_score`, `answer_score` (0 sure Spanish … 1 sure foreign); None where the languages were not asked
    for. rejected: of pairs of answers, what the rules found in the worse one and not in the better one (`id`, `rule`). each:
    what a function says of the rows with their texts, for what can be asked only when all rows were counted.
    """

    rows: pl.DataFrame
    ledger: pl.DataFrame | None = None
    findings: pl.DataFrame | None = None
    rules: Mapping[str, RuleCounts] | None = None
    languages: pl.DataFrame | None = None
    rejected: pl.DataFrame | None = None
    origins: pl.Series | None = None
    flag_from: Mapping[str, float] | None = None
    each: Callable[[Say], pl.DataFrame] | None = None

    def of_version(self) -> pl.DataFrame:
        """The ledger, for statistics that only a version has."""
        assert self.ledger is not None, "a raw file has no ledger"
        return self.ledger

    def kept(self) -> pl.Series:
        """Of each source row, whether it was kept."""
        if self.ledger is None:
            return pl.repeat(True, self.rows.height, eager=True)
        return self.ledger["status"] == "kept"


@dataclass(frozen=True)
class Chart(Generic[Number]):
    """A picture of a statistic: its name (`charts/NAME.svg`), its caption, and what it shows; None if there is nothing to
    show."""

    name: str
    caption: str
    draw: Callable[[Number], Drawing | None]


def no_tables(number: object, audit: object) -> Iterable[Table]:
    """Of a statistic that is part of another table."""
    return ()


@dataclass(frozen=True)
class Statistic(Generic[Number]):
    """One statistic.

    meaning: one sentence. count: from rows to the value that statistics.json records. measure: of rows with their texts, in
    any parts, the columns that it is counted from: numbers and short words, each from its row alone. tables: how `aguila audit`
    shows it. chart: its picture, on the card and on the audit's page. parts_of: of which whole its counts are parts, by the
    dotted key of the group ("" for all of it). cut: keys of lists that hold the most frequent only, so that what is not in them
    is unknown and not 0.
    """

    meaning: str
    count: Callable[[Counted], Number]
    measure: Say | None = None
    tables: Callable[[Number, "AnyAudit"], Iterable[Table]] = no_tables
    chart: Chart[Number] | None = None
    parts_of: Mapping[str, Whole] | None = None
    cut: tuple[str, ...] = ()
