"""Models compared, as one page that opens offline, without scripts: a sentence, a picture, a table."""

from collections.abc import Sequence
from importlib import resources
from typing import TYPE_CHECKING

from markupsafe import Markup

from cards.shared.charts import SERIES, Line, Lines, Point, Tick, ticks
from cards.shared.page import environment, policy_hash
from cards.shared.svg import inline_svg, style

if TYPE_CHECKING:
    from cards.comparison.paired import Difference
    from train.comparison.compare import ComparedModels


def models_page(found: "ComparedModels", header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """HTML of a comparison; header and rows are those of its table."""
    folder = resources.files("cards.comparison")
    css = (folder / "page.css").read_text("utf-8") + style("light")
    return (
        environment()
        .from_string((folder / "page.html.jinja").read_text("utf-8"))
        .render(
            found=found,
            header=header,
            rows=rows,
            style=Markup(css),
            style_hash=policy_hash(css),
            picture=Markup(inline_svg(intervals(found))),
        )
    )


def intervals(found: "ComparedModels") -> Lines:
    """Each model's difference from the first, with its interval as a line upright."""
    first = found.models[0].name
    gaps = [one for one in found.differences if one.one == first]
    shown = [_interval(one) for one in gaps]
    lines = tuple(
        Line(
            one.other,
            tuple(Point(at, value, f"{one.other}: {value:+.4f}") for value in values),
            SERIES[(at - 1) % len(SERIES)],
        )
        for at, (one, values) in enumerate(zip(gaps, shown, strict=True), 1)
    )
    heights = [0.0, *(point.y for line in lines for point in line.points)]
    what, up = "Loss per answer token", f"nats against {first}; below zero is better"
    if found.of_pairs:
        what, up = "Share of pairs whose better answer is preferred", f"share against {first}; above zero is better"
    return Lines(
        f"{what} against {first}, with 95 % intervals: "
        + "; ".join(
            f"{one.other} {value:+.4f} ({low:+.4f} to {high:+.4f})"
            for one, (low, value, high) in zip(gaps, shown, strict=True)
        ),
        lines,
        across="model",
        up=up,
        x_ticks=(Tick(0, ""), *(Tick(at, one.other[:18]) for at, one in enumerate(gaps, 1)), Tick(len(gaps) + 1, "")),
        y_ticks=ticks(min(heights), max(heights)),
    )


def _interval(one: "Difference") -> tuple[float, float, float]:
    """Low end, value and high end of a difference: of accuracies where there are any, else of losses."""
    return (one.accuracy.low, one.accuracy.value, one.accuracy.high) if one.accuracy else (one.low, one.nats, one.high)
