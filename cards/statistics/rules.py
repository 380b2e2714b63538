"""What the quality rules do beside each other: what only one of them drops, and what another threshold would cost."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import polars as pl
from msgspec import Struct

from cards.shared.records import Count, Counts, RuleCounts
from cards.shared.tables import Cell, Table, listed
from cards.statistics.statistic import Counted, Statistic

if TYPE_CHECKING:
    from cards.audit.numbers import AnyAudit

# How far a threshold is moved to see what it would cost.
THRESHOLD_STEPS = (-0.2, -0.1, -0.05, 0.0, 0.05, 0.1, 0.2)


class Overlap(Struct, frozen=True, rename={"others": "with"}):
    """What one rule would drop by itself.

    drops: rows that it would drop. first: those that the ledger names it for. alone: those that no other rule would drop.
    others: by rule, those that it would drop too ("with" in JSON).
    """

    drops: Count
    first: Count
    alone: Count
    others: Counts


def overlap(findings: pl.DataFrame) -> dict[str, Overlap]:
    """What each rule would drop by itself, among the rows that reached the quality stage.

    findings: `row`, `order`, `rule`, `action`.
    """
    drops = findings.filter(pl.col("action") == "drop").select("row", "order", "rule")
    drops = drops.with_columns(
        (pl.len().over("row") == 1).alias("alone"),
        (pl.col("order") == pl.col("order").min().over("row")).alias("first"),
    )
    shared = drops.filter(~pl.col("alone")).select("row", "rule")
    pairs = shared.join(shared.rename({"rule": "other"}), on="row").filter(pl.col("rule") != pl.col("other"))
    both = pairs.group_by("rule", "other").len().sort("rule", "len", "other", descending=[False, True, False])
    counted = drops.group_by("rule").agg(pl.len().alias("drops"), pl.col("first").sum(), pl.col("alone").sum())
    return {
        rule: Overlap(
            drops=dropped,
            first=first,
            alone=alone,
            others=dict(both.filter(pl.col("rule") == rule).select("other", "len").iter_rows()),
        )
        for rule, dropped, first, alone in counted.sort("drops", "rule", descending=[True, False]).iter_rows()
    }


def sensitivity(findings: pl.DataFrame, thresholds: Mapping[str, float]) -> dict[str, Counts]:
    """How many rows reach each rule's threshold, and how many would if it were moved by THRESHOLD_STEPS.

    findings: `rule`, `score`. Returns rows by threshold, for each rule whose scores differ within those steps; a rule that
    knows only yes and no has nothing to move.
    """
    found = {}
    for name, threshold in sorted(thresholds.items()):
        scores = findings.filter(pl.col("rule") == name)["score"]
        moved = [round(threshold + step, 4) for step in THRESHOLD_STEPS]
        reached = {f"{at:.2f}": int((scores >= at).sum()) for at in moved if 0 < at <= 1}
        if len(set(reached.values())) > 1:
            found[name] = reached
    return found


def moved_thresholds(moved: Mapping[str, Counts], thresholds: Mapping[str, float]) -> Iterable[Table]:
    """What other thresholds would cost. moved: rows by threshold, by rule. thresholds: where each rule is now."""
    rows = []
    for name, reached in moved.items():
        now = reached.get(f"{thresholds[name]:.2f}", 0)
        others = ", ".join(f"{at} {count - now:+,}" for at, count in reached.items() if count != now)
        rows.append((name, f"{thresholds[name]:.2f}", now, others or "–"))
    yield Table(
        "If a threshold moved", ("rule", "now from", "rows that reach it", "more or fewer at another"), rows,
        "Rows that the rule would catch, whatever other rules catch. Near-duplicates below the threshold were not looked for.",
    )  # fmt: skip


def _rules_table(found: dict[str, Overlap], audit: "AnyAudit") -> Iterable[Table]:
    acted = {name: rule for name, rule in audit.rules.items() if rule.drops or rule.flags or rule.signals}
    by_drops = sorted(acted.items(), key=lambda one: (-one[1].drops, -one[1].flags, one[0]))
    yield Table(
        "Rules", ("rule", "drops", "only this rule", "others too", "which", "flags", "signals"),
        [_rule_row(name, rule, found.get(name)) for name, rule in by_drops],
        "A row that several rules drop is counted for each of them. Without a rule, the rows that only it drops would reach the "
        "later stages.",
    )  # fmt: skip


def _rule_row(name: str, rule: RuleCounts, both: Overlap | None) -> tuple[Cell, ...]:
    alone, shared, others = (both.alone, both.drops - both.alone, listed(both.others)) if both else (0, 0, "–")
    return (name, rule.drops, alone, shared, others, rule.flags, rule.signals)


def _moved_table(found: dict[str, Counts], audit: "AnyAudit") -> Iterable[Table]:
    thresholds = {name: rule.threshold for name, rule in audit.rules.items()}
    near = audit.near_duplicate_threshold
    if near:
        thresholds["near_duplicate"] = float(next(iter(near)))
    return moved_thresholds({**found, **({"near_duplicate": near} if near else {})}, thresholds)


def _sensitivity(data: Counted) -> dict[str, Counts]:
    thresholds = {name: rule.threshold for name, rule in (data.rules or {}).items()}
    return {} if data.findings is None else sensitivity(data.findings, thresholds)


OVERLAP = Statistic[dict[str, Overlap]](
    "What each quality rule would drop by itself, and what no other rule would drop.",
    lambda data: {} if data.findings is None else overlap(data.findings),
    tables=_rules_table,
)
SENSITIVITY = Statistic[dict[str, Counts]](
    "Rows that would reach each rule's threshold if it were moved.", _sensitivity, tables=_moved_table
)
