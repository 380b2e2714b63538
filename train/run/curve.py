"""The loss curve: as a table, and as a picture."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Point(NamedTuple):
    """One loss: after which step, of which split (train or validation), and how large."""

    step: int
    split: str
    loss: float


def points(history: Sequence[Mapping[str, Any]]) -> list[Point]:
    """The losses in a trainer's log, in its order."""
    named = (("loss", "train"), ("eval_loss", "validation"))
    return [
        Point(int(entry["step"]), split, float(entry[key])) for entry in history for key, split in named if key in entry
    ]


def table(curve: Sequence[Point]) -> str:
    """CSV: step, split, loss."""
    return "step,split,loss\n" + "".join(f"{step},{split},{loss!r}\n" for step, split, loss in curve)


def picture(curve: Sequence[Point]) -> str:
    """SVG: train losses as a thin line, validation losses as points on a line."""
    from cards.shared.charts import FONT, SCHEMA, THEMES, WIDTH, svg

    look = THEMES["light"]
    axis = {
        "gridColor": look["rule"],
        "labelColor": look["soft"],
        "titleColor": look["soft"],
        "labelFont": FONT,
        "titleFont": FONT,
    }
    encoding = {
        "x": {"field": "step", "type": "quantitative", "axis": {**axis, "title": "step", "minExtent": 24}},
        "y": {
            "field": "loss",
            "type": "quantitative",
            "scale": {"zero": False},
            "axis": {**axis, "title": "loss per answer token (line: train, points: validation)", "minExtent": 40},
        },
    }
    values = [point._asdict() for point in curve]
    marks = (
        ("train", {"type": "line", "strokeWidth": 1, "color": look["one"]}),
        ("validation", {"type": "line", "point": True, "color": look["two"]}),
    )
    return svg(
        {
            "$schema": SCHEMA,
            "description": "Loss by step: train (thin line) and validation (points)",
            "width": WIDTH,
            "height": WIDTH // 2,
            "data": {"values": values},
            "layer": [
                {"transform": [{"filter": f"datum.split == '{split}'"}], "mark": mark, "encoding": encoding}
                for split, mark in marks
            ],
        }
    )
