"""The loss curve: as a table, and as a picture."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cards.shared.charts import Line, Lines, ticks
from cards.shared.charts import Point as Place
from cards.shared.svg import svg
from train.run.record import PairMeasures


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


class PairPoint(NamedTuple):
    """How pairs of answers stand: after which step, of which split (train or validation), and the measures."""

    split: str
    measures: PairMeasures


def pair_points(history: Sequence[Mapping[str, Any]]) -> list[PairPoint]:
    """The measures of pairs in a trainer's log, in its order; none where none were learnt."""
    names = [name for name in PairMeasures.__struct_fields__ if name != "step"]
    return [
        PairPoint(split, PairMeasures(step=int(entry["step"]), **{one: float(entry[key + one]) for one in names}))
        for entry in history
        for key, split in (("", "train"), ("eval_", "validation"))
        if f"{key}margin" in entry
    ]


def pairs_table(found: Sequence[PairPoint]) -> str:
    """CSV: step, split, and each measure."""
    names = [name for name in PairMeasures.__struct_fields__ if name != "step"]
    lines = [[str(one.step), split, *(repr(getattr(one, name)) for name in names)] for split, one in found]
    return "".join(",".join(line) + "\n" for line in [["step", "split", *names], *lines])


def table(curve: Sequence[Point]) -> str:
    """CSV: step, split, loss."""
    return "step,split,loss\n" + "".join(f"{step},{split},{loss!r}\n" for step, split, loss in curve)


def picture(curve: Sequence[Point]) -> str:
    """SVG: train losses as a thin line, validation losses as points on a line. A loss that is no number is left out."""
    lines = tuple(line for split in ("train", "validation") if (line := _line(curve, split)).points)
    places = [point for line in lines for point in line.points] or [Place(0, 0.0, "")]
    return svg(
        Lines(
            "Loss by step: train (thin line) and validation (points)",
            lines,
            across="step",
            up="loss per answer token",
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
