"""Where rows come from and what became of them: rows by origin, and by the rule that dropped them."""

from collections.abc import Iterable, Mapping
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


def shares_by(what: str, found: Mapping[str, tuple[int, Mapping[str, int]]]) -> Iterable[Table]:
    """Of each part's rows, the share that each rule dropped. what: what the parts are. found: their rows, and drops by rule."""
    sums = dict[str, int]()
    for _, dropped in found.values():
        for rule, count in dropped.items():
            sums[rule] = sums.get(rule, 0) + count
    rules = sorted(sums, key=lambda rule: (-sums[rule], rule))
    parts = sorted(found, key=lambda name: (-found[name][0], name))[:SHOWN]
    rows: list[tuple[Cell, ...]] = [
        (rule, *(share(found[name][1].get(rule, 0), found[name][0]) for name in parts)) for rule in rules
    ]
    if len(found) > 1:
        yield Table(
            f"What each rule drops of each {what}", ("rule", *map(_named, parts)), rows,
            f"Shares of the source's rows: {', '.join(f'{_named(name)} {found[name][0]:,}' for name in parts)}.",
            heat=True,
        )  # fmt: skip


def _table(found: dict[str, Origin] | None, audit: "AnyAudit") -> Iterable[Table]:
    yield from shares_by("origin", {name: (one.rows, one.dropped) for name, one in (found or {}).items()})


BY_ORIGIN = Statistic[dict[str, Origin] | None](
    "Source rows by origin, and those that were dropped by rule.", by_origin, tables=_table
)
