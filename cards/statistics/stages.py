"""The picture of a version's stages: rows from source to version. The counts are in the manifest."""

from collections.abc import Sequence

from cards.shared.charts import BAR, Spec, bar_axes, bar_numbers, frame
from cards.shared.records import StageCounts
from cards.statistics.statistic import Chart


def _funnel(stages: Sequence[StageCounts]) -> Spec | None:
    """Rows after each stage that lost some, and what it lost."""
    if not stages:
        return None
    shown = [stage for at, stage in enumerate(stages) if at == 0 or stage.rows_in > stage.rows_out]
    values = []
    for at, stage in enumerate(shown):
        lost = stage.rows_in - stage.rows_out if at else 0
        label = f"{stage.rows_out:,}" + (f"  (−{lost:,})" if lost else "")
        name = f"after {stage.stage}" if at else "source"
        values.append({"name": name, "rows": stage.rows_out, "before": stage.rows_out + lost, "label": label})
    # The longest bar is that of the most rows that any stage began with.
    longest = max(shown[0].rows_out, *(stage.rows_in for stage in shown[1:]), 0)
    axes = bar_axes([str(value["name"]) for value in values], longest)
    lost_axes = {"y": axes["y"], "x": axes["x"], "x2": {"field": "before"}}
    end = {"y": axes["y"], "x": {**axes["x"], "field": "before"}}
    tooltip = [{"field": "name", "title": "when"}, {"field": "label", "title": "rows (dropped)"}]
    return frame(
        BAR * len(values),
        "Rows from source to version: " + ", ".join(f"{one['name']} {one['rows']:,}" for one in values) + ".",
        values,
        [
            {"mark": {"type": "bar", "style": "one"}, "encoding": {**axes, "tooltip": tooltip}},
            {"mark": {"type": "bar", "style": "two"}, "encoding": {**lost_axes, "tooltip": tooltip}},
            bar_numbers(end),
        ],
    )


FUNNEL = Chart[Sequence[StageCounts]]("funnel", "From source to version", _funnel)
