"""Why rows were dropped: by which stage and rule."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import polars as pl

from cards.shared.charts import Drawing, bars
from cards.shared.records import Counts
from cards.shared.tables import Table, ranked
from cards.statistics.counting import counts
from cards.statistics.statistic import Chart, Counted, Statistic

if TYPE_CHECKING:
    from cards.audit.numbers import AnyAudit


def dropped(data: Counted) -> dict[str, Counts]:
    """Dropped rows by stage and rule."""
    ledger = data.of_version()
    stages = ledger["stage"].drop_nulls().unique(maintain_order=True).sort().to_list()
    return {stage: counts(ledger.filter(pl.col("stage") == stage)["rule"]) for stage in stages}


def _table(found: dict[str, Counts], audit: "AnyAudit") -> Iterable[Table]:
    """What the quality rules did not drop; theirs is the table of rules."""
    rows = [
        (stage, rule, count)
        for stage, by_rule in found.items()
        for rule, count in ranked(by_rule)
        if rule not in audit.rules
    ]
    yield Table("Dropped by language, duplicates, sample, evaluation sets", ("stage", "rule", "rows"), rows)


def _chart(found: dict[str, Counts]) -> Drawing | None:
    rules = [one for by_rule in found.values() for one in by_rule.items()]
    return bars(rules, "Rows by the rule that dropped them", series="two")


DROPPED = Statistic[dict[str, Counts]](
    "Dropped rows by stage and rule.",
    dropped,
    tables=_table,
    chart=Chart("dropped", "Why rows were dropped", _chart),
    parts_of={"": "source_rows"},
)
