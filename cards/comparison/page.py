"""Models compared, as one page that opens offline, without scripts: a sentence, a picture, a table."""

from collections.abc import Sequence
from importlib import resources
from typing import TYPE_CHECKING

from markupsafe import Markup

from cards.shared.charts import SERIES, Line, Lines, Point, Tick, ticks
from cards.shared.page import environment, policy_hash
from cards.shared.svg import inline_svg, style

if TYPE_CHECKING:
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
    lines = tuple(
        Line(
            one.other,
            tuple(Point(at, value, f"{one.other}: {value:+.4f}") for value in (one.low, one.nats, one.high)),
            SERIES[(at - 1) % len(SERIES)],
        )
        for at, one in enumerate(gaps, 1)
    )
    heights = [0.0, *(point.y for line in lines for point in line.points)]
    return Lines(
        f"Loss per answer token against {first}, with 95 % intervals: "
        + "; ".join(f"{one.other} {one.nats:+.4f} ({one.low:+.4f} to {one.high:+.4f})" for one in gaps),
        lines,
        across="model",
        up=f"nats against {first}; below zero is better",
        x_ticks=(Tick(0, ""), *(Tick(at, one.other[:18]) for at, one in enumerate(gaps, 1)), Tick(len(gaps) + 1, "")),
        y_ticks=ticks(min(heights), max(heights)),
    )
