"""How a rule's scores are spread, so that one sees what another threshold would do."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import polars as pl
from msgspec import Struct

from cards.shared.records import Count
from cards.statistics.statistic import Counted, Statistic

if TYPE_CHECKING:
    from cards.shared.tables import Table

BINS = 20  # of equal width between 0 and 1; the first holds what is next to nothing, and is left out
GRADED = 3  # scores that differ, from which a rule is more than a yes or no


class Histogram(Struct, frozen=True):
    """Scores of one rule from 0.05 on. threshold, flag_from: from where it acts, and flags. rows: rows by steps of 0.05, whatever
    other rules say of them."""

    threshold: float
    flag_from: float
    rows: tuple[Count, ...]

    def reach(self, step: int) -> int:
        """Rows whose score is at least that of a step's beginning (0 is 0.05)."""
        return sum(self.rows[step:])


def histograms(data: Counted) -> dict[str, Histogram]:
    """The rules whose scores are graded."""
    if data.findings is None or data.rules is None:
        return {}
    scores = data.findings.select("rule", "score").filter(pl.col("score") >= 1 / BINS)
    graded = scores.group_by("rule").agg(pl.col("score").n_unique()).filter(pl.col("score") >= GRADED)["rule"].to_list()
    found = {}
    for name in sorted({*graded} & data.rules.keys()):
        # Scores have four decimals: to add less than one keeps 0.15 from falling below its own step.
        steps = (scores.filter(pl.col("rule") == name)["score"] * BINS + 1e-6).floor().clip(1, BINS - 1).cast(pl.Int64)
        count = dict(steps.value_counts().iter_rows())
        threshold = data.rules[name].threshold
        rows = tuple(int(count.get(step, 0)) for step in range(1, BINS))
        found[name] = Histogram(threshold, (data.flag_from or {}).get(name, threshold), rows)
    return found


def _no_table(found: dict[str, Histogram], audit: object) -> Iterable["Table"]:
    """The page draws them; a terminal has the table of moved thresholds."""
    return ()


HISTOGRAMS = Statistic[dict[str, Histogram]](
    "Scores of each rule that grades them, from 0.05 in steps of 0.05, with the threshold and the score from which it flags.",
    histograms,
    tables=_no_table,
)
