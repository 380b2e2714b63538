"""Where rows come from and what became of them: rows by origin, and by the rule that dropped them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import polars as pl
from msgspec import Struct

from cards.shared.records import Count, Counts
from cards.shared.tables import SHOWN, Cell, Table, share
from cards.statistics.counting import counts
from cards.statistics.statistic import Counted, Statistic

if TYPE_CHECKING:
    from cards.audit.numbers import AnyAudit

NOT_SAMPLED = "not_sampled"  # no defect: the sample was full


class Origin(Struct, frozen=True):
    """Source rows of one origin, and those of them that were dropped, by rule."""

    rows: Count
    dropped: Counts

    @property
    def unfit(self) -> int:
        """Rows that were dropped for what they are."""
        return sum(count for rule, count in self.dropped.items() if rule != NOT_SAMPLED)


def by_origin(data: Counted) -> dict[str, Origin] | None:
    """Every origin of the source with its rows and drops; None where nobody knows the origins of dropped rows."""
    if data.origins is None:
        return None
    rows = data.of_version().select("rule").with_columns(data.origins.alias("origin"))
    gone = rows.drop_nulls("rule")
    return {
        name: Origin(count, counts(gone.filter(pl.col("origin") == name)["rule"]))
        for name, count in counts(rows["origin"]).items()
    }


def _named(origin: str) -> str:
    return origin or "none named"


def _table(found: dict[str, Origin] | None, audit: "AnyAudit") -> Iterable[Table]:
    """Of each origin's rows, the share that each rule dropped: the rules that drop most, and all others together."""
    found, sums = found or {}, dict[str, int]()
    for one in found.values():
        for rule, count in one.dropped.items():
            sums[rule] = sums.get(rule, 0) + count
    rules = sorted(sums, key=lambda rule: (-sums[rule], rule))
    origins = sorted(found, key=lambda name: (-found[name].rows, name))[:SHOWN]
    rows: list[tuple[Cell, ...]] = [
        (rule, *(share(found[name].dropped.get(rule, 0), found[name].rows) for name in origins)) for rule in rules
    ]
    if len(found) > 1:
        yield Table(
            "What each rule drops of each origin", ("rule", *map(_named, origins)), rows,
            f"Shares of the source's rows: {', '.join(f'{_named(name)} {found[name].rows:,}' for name in origins)}.",
            heat=True,
        )  # fmt: skip


BY_ORIGIN = Statistic[dict[str, Origin] | None](
    "Source rows by origin, and those that were dropped by rule.", by_origin, tables=_table
)
