"""The picture of a version's stages: rows from source to version. The counts are in the manifest."""

from collections.abc import Sequence

from cards.shared.charts import Bar, Bars
from cards.shared.records import StageCounts
from cards.statistics.statistic import Chart


def _funnel(stages: Sequence[StageCounts]) -> Bars | None:
    """Rows after each stage that lost some, and what it lost."""
    if not stages:
        return None
    shown = [stage for at, stage in enumerate(stages) if at == 0 or stage.rows_in > stage.rows_out]
    bars = [Bar("source", shown[0].rows_out, f"{shown[0].rows_out:,}")]
    for stage in shown[1:]:
        label = f"{stage.rows_out:,}  (−{stage.rows_in - stage.rows_out:,})"
        bars.append(Bar(f"after {stage.stage}", stage.rows_out, label, stage.rows_in))
    numbers = ", ".join(f"{bar.name} {bar.rows:,}" for bar in bars)
    return Bars(f"Rows from source to version: {numbers}.", tuple(bars))


FUNNEL = Chart[Sequence[StageCounts]]("funnel", "From source to version", _funnel)
