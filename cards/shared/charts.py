"""How pictures look and are drawn: Vega-Lite specifications, and SVG of them.

Plain specifications rather than a library that writes them: there are few, and they are drawn on every build. Nothing in
them depends on how wide a text is (fixed padding and extents, no title or legend that is laid out by its text), so a picture
has the same bytes whatever fonts a machine has.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

Spec = dict[str, Any]  # a Vega-Lite specification
VEGA_LITE = "6.4"
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
WIDTH = 480
BAR = 24  # pixels that one bar and its gap take
LABELS = 160  # pixels for the names of bars
NUMBERS = 110  # pixels for the numbers behind them
MOST_BARS = 12
SERIES = ("one", "two", "three")
FONT = "Helvetica, Arial, sans-serif"
# Okabe and Ito's palette (Color Universal Design, 2008), which people who see fewer colours tell apart too.
THEMES = {
    "light": {
        "ink": "#1f2328",
        "soft": "#59636e",
        "rule": "#d1d9e0",
        "page": "#ffffff",
        "one": "#0072b2",
        "two": "#d55e00",
        "three": "#009e73",
    },
    "dark": {
        "ink": "#e6edf3",
        "soft": "#9aa4af",
        "rule": "#30363d",
        "page": "#14181d",
        "one": "#56b4e9",
        "two": "#e69f00",
        "three": "#2fc79a",
    },
}


@dataclass(frozen=True)
class Picture:
    """A picture to be drawn: its name (`charts/NAME.svg`), its caption, and its specification."""

    name: str
    caption: str
    spec: Spec

    @property
    def description(self) -> str:
        """What it shows, in words."""
        return str(self.spec["description"])


def svg(spec: Mapping[str, Any]) -> str:
    """A picture on a light page, titled by its description: the same bytes for the same specification and software."""
    import vl_convert

    themed = {**spec, "config": config("light")}
    drawn = str(vl_convert.vegalite_to_svg(json.dumps(themed), vl_version=VEGA_LITE))
    # The renderer numbers clip paths through the whole process, so no picture may have one: bars are not stacked.
    assert "<clipPath" not in drawn, f"the picture is clipped: {spec['description']}"
    opening, end, rest = drawn.partition(">")
    return f"{opening}{end}<title>{escape(spec['description'])}</title>{rest}\n"


def config(theme: str) -> Spec:
    """The look of every picture on a "light" or "dark" page; `style` names what marks are."""
    look = THEMES[theme]
    return {
        "background": look["page"],
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            "labelColor": look["ink"],
            "titleColor": look["soft"],
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
            "domain": False,
            "ticks": False,
            "gridColor": look["rule"],
            "labelPadding": 6,
        },
        "bar": {"cornerRadiusEnd": 2},
        "line": {"strokeWidth": 2.5},
        "text": {"fontSize": 12, "color": look["soft"]},
        "style": {
            **{name: {"color": look[name]} for name in SERIES},
            **{f"{name}-text": {"color": look[name], "fontWeight": "bold"} for name in SERIES},
        },
    }


def frame(height: int, description: str, values: Sequence[Mapping[str, Any]], layer: Sequence[Spec]) -> Spec:
    """A picture of so many pixels with room on its left for names. description: what it shows, in words, with the numbers."""
    return {
        "$schema": SCHEMA,
        "description": description,
        "width": WIDTH,
        "height": height,
        "autosize": {"type": "none"},
        "padding": {"left": LABELS, "top": 8, "right": 16, "bottom": 12},
        "data": {"values": values},
        "layer": layer,
    }


def bar_axes(names: Sequence[str], longest: int) -> Spec:
    """Axes of horizontal bars: names on the left, in the given order; a scale that leaves room for the numbers behind them."""
    return {
        "y": {
            "field": "name",
            "type": "nominal",
            "sort": list(names),
            "axis": {"title": None, "labelLimit": LABELS - 12, "minExtent": LABELS, "maxExtent": LABELS},
        },
        "x": {
            "field": "rows",
            "type": "quantitative",
            "stack": None,
            "scale": {"domain": [0, _room(longest)]},
            "axis": None,
        },
    }


def bar_numbers(axes: Spec) -> Spec:
    """The numbers (field `label`) at the ends of bars."""
    return {
        "mark": {"type": "text", "align": "left", "dx": 6},
        "encoding": {**axes, "text": {"field": "label", "type": "nominal"}},
    }


def bars(counted: Iterable[tuple[str, int]], description: str, style: str = "one", others: bool = True) -> Spec | None:
    """One bar a name, the longest first; None for no names.

    style: the colour, one of SERIES. Beyond MOST_BARS the others are one bar; they are left out where `others` is False,
    because the counts hold the most frequent only.
    """
    ordered = sorted(counted, key=lambda one: (-one[1], one[0]))
    if not ordered:
        return None
    if len(ordered) > MOST_BARS and others:
        rest = ordered[MOST_BARS - 1 :]
        ordered = [*ordered[: MOST_BARS - 1], (f"{len(rest)} others", sum(count for _, count in rest))]
    ordered = ordered[:MOST_BARS]
    values = [{"name": name, "rows": count, "label": f"{count:,}"} for name, count in ordered]
    axes = bar_axes([name for name, _ in ordered], max(count for _, count in ordered))
    tooltip = [{"field": "name", "title": "what"}, {"field": "label", "title": "rows"}]
    return frame(
        BAR * len(values),
        f"{description}: {', '.join(f'{name} {count:,}' for name, count in ordered)}.",
        values,
        [{"mark": {"type": "bar", "style": style}, "encoding": {**axes, "tooltip": tooltip}}, bar_numbers(axes)],
    )


def _room(longest: int) -> float:
    """Where a scale ends so that NUMBERS pixels are left behind the longest bar. A page of another width does the same."""
    return round(max(longest, 1) * WIDTH / (WIDTH - NUMBERS), 3)
