"""The loss curve: as a table, and as a picture."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cards.shared.charts import Line, Lines, ticks
from cards.shared.charts import Point as Place
from cards.shared.svg import svg


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


def picture(curve: Sequence[Point], of: str = "answer token") -> str:
    """SVG: train losses as a thin line, validation losses as points on a line. A loss that is no number is left out.

    of: what a loss is the mean of.
    """
    lines = tuple(line for split in ("train", "validation") if (line := _line(curve, split)).points)
    places = [point for line in lines for point in line.points] or [Place(0, 0.0, "")]
    return svg(
        Lines(
            "Loss by step: train (thin line) and validation (points)",
            lines,
            across="step",
            up=f"loss per {of}",
            x_ticks=ticks(0, max(place.x for place in places)),
            y_ticks=ticks(min(place.y for place in places), max(place.y for place in places)),
        )
    )


def _line(curve: Sequence[Point], split: str) -> Line:
    """The losses of one split, in their order."""
    places = tuple(
        Place(point.step, point.loss, f"{split}, step {point.step:,}: {point.loss:.4f}")
        for point in curve
        if point.split == split and math.isfinite(point.loss)
    )
    return Line(split, places, "one" if split == "train" else "two", dots=split != "train")
