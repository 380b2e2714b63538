"""Pictures of a version's numbers, as Vega-Lite specifications and as SVG.

Plain specifications rather than a library that writes them: there are four, and they are drawn on every build. Nothing in
them depends on how wide a text is (fixed padding and extents, no title or legend that is laid out by its text), so a picture
has the same bytes whatever fonts a machine has.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

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


def charts(numbers: Mapping[str, Any], stages: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Vega-Lite specifications by name; a picture with nothing to show is left out.

    numbers: as `cards.statistics.statistics` returns them. stages: `stage`, `rows_in`, `rows_out`, in order.
    """
    dropped = [(rule, count, "two") for rules in numbers.get("dropped", {}).values() for rule, count in rules.items()]
    # The most frequent only: what others there are is not known to these numbers.
    verbs = sorted(((verb, count, "one") for verb, count in numbers["asks"]["verbs"].items()), key=_frequency)[
        :MOST_BARS
    ]
    drawn = {
        "funnel": _funnel(stages),
        "dropped": _bars(dropped, "Rows by the rule that dropped them"),
        "lengths": _lengths(numbers["length_steps"]),
        "verbs": _bars(verbs, "Rows by the verb that their instruction begins with"),
    }
    return {name: spec for name, spec in drawn.items() if spec is not None}


def svg(spec: Mapping[str, Any]) -> str:
    """A picture on a light page, titled by its description: the same bytes for the same specification and software."""
    import vl_convert

    themed = {**spec, "config": config("light")}
    drawn = str(vl_convert.vegalite_to_svg(json.dumps(themed), vl_version=VEGA_LITE))
    # The renderer numbers clip paths through the whole process, so no picture may have one: bars are not stacked.
    assert "<clipPath" not in drawn, f"the picture is clipped: {spec['description']}"
    opening, end, rest = drawn.partition(">")
    return f"{opening}{end}<title>{escape(spec['description'])}</title>{rest}\n"


def config(theme: str) -> dict[str, Any]:
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


def _frame(height: int, description: str, values: list[dict[str, Any]], layer: list[dict[str, Any]]) -> dict[str, Any]:
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


def _bar_axes(names: list[str], longest: int, quantity: str) -> dict[str, Any]:
    """Names on the left, in the given order; a scale that leaves room for the numbers behind the bars."""
    return {
        "y": {
            "field": "name",
            "type": "nominal",
            "sort": names,
            "axis": {"title": None, "labelLimit": LABELS - 12, "minExtent": LABELS, "maxExtent": LABELS},
        },
        "x": {
            "field": quantity,
            "type": "quantitative",
            "stack": None,
            "scale": {"domain": [0, _room(longest)]},
            "axis": None,
        },
    }


def _room(longest: int) -> float:
    """Where a scale ends so that NUMBERS pixels are left behind the longest bar. A page of another width does the same."""
    return round(max(longest, 1) * WIDTH / (WIDTH - NUMBERS), 3)


def _bars(counted: Sequence[tuple[str, int, str]], description: str) -> dict[str, Any] | None:
    """One bar a name, the longest first; beyond MOST_BARS the rest is one bar."""
    ordered = sorted(counted, key=_frequency)
    if not ordered:
        return None
    if len(ordered) > MOST_BARS:
        rest = ordered[MOST_BARS - 1 :]
        ordered = [*ordered[: MOST_BARS - 1], (f"{len(rest)} others", sum(count for _, count, _ in rest), rest[0][2])]
    values = [{"name": name, "rows": count, "label": f"{count:,}"} for name, count, _ in ordered]
    axes = _bar_axes([name for name, _, _ in ordered], max(count for _, count, _ in ordered), "rows")
    tooltip = [{"field": "name", "title": "what"}, {"field": "label", "title": "rows"}]
    return _frame(
        BAR * len(values),
        f"{description}: {', '.join(f'{name} {count:,}' for name, count, _ in ordered)}.",
        values,
        [
            {"mark": {"type": "bar", "style": ordered[0][2]}, "encoding": {**axes, "tooltip": tooltip}},
            {
                "mark": {"type": "text", "align": "left", "dx": 6},
                "encoding": {**axes, "text": {"field": "label", "type": "nominal"}},
            },
        ],
    )


def _frequency(one: tuple[str, int, str]) -> tuple[int, str]:
    return -one[1], one[0]


def _funnel(stages: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Rows after each stage that lost some, and what it lost."""
    if not stages:
        return None
    shown = [stage for at, stage in enumerate(stages) if at == 0 or stage["rows_in"] > stage["rows_out"]]
    values = []
    for at, stage in enumerate(shown):
        lost = stage["rows_in"] - stage["rows_out"] if at else 0
        label = f"{stage['rows_out']:,}" + (f"  (−{lost:,})" if lost else "")
        name = f"after {stage['stage']}" if at else "source"
        values.append({"name": name, "rows": stage["rows_out"], "before": stage["rows_out"] + lost, "label": label})
    names = [str(value["name"]) for value in values]
    axes = _bar_axes(names, max(int(value["before"]) for value in values), "rows")
    lost_axes = {"y": axes["y"], "x": axes["x"], "x2": {"field": "before"}}
    end = {"y": axes["y"], "x": {**axes["x"], "field": "before"}}
    tooltip = [{"field": "name", "title": "when"}, {"field": "label", "title": "rows (dropped)"}]
    return _frame(
        BAR * len(values),
        "Rows from source to version: " + ", ".join(f"{one['name']} {one['rows']:,}" for one in values) + ".",
        values,
        [
            {"mark": {"type": "bar", "style": "one"}, "encoding": {**axes, "tooltip": tooltip}},
            {"mark": {"type": "bar", "style": "two"}, "encoding": {**lost_axes, "tooltip": tooltip}},
            {
                "mark": {"type": "text", "align": "left", "dx": 6},
                "encoding": {**end, "text": {"field": "label", "type": "nominal"}},
            },
        ],
    )


def _lengths(steps: Mapping[str, Mapping[str, int]]) -> dict[str, Any] | None:
    """Share of the texts of each field by their number of words, in steps that double."""
    names = {"instruction": "one", "input": "two", "output": "three"}
    sums = {field: sum(steps[field].values()) for field in names}
    shown = [field for field in names if sums[field]]
    if not shown:
        return None
    words = sorted(map(int, steps[shown[0]]))
    labels = [f"{word:,}" for word in words]
    values: list[dict[str, Any]] = []
    for field in shown:
        for word in words:
            texts = steps[field][str(word)]
            share = round(texts / sums[field], 4)
            values.append({"field": field, "words": f"{word:,}", "share": share, "texts": f"{texts:,}"})
    extent = {"minExtent": 22, "maxExtent": 22}
    across = {"title": "words, from each number up to the next", "labelAngle": 0, "labelOverlap": False, "grid": False}
    up = {"title": "share of the texts", "format": ".0%", "tickCount": 4, "minExtent": 48, "maxExtent": 48}
    axes = {
        "x": {"field": "words", "type": "nominal", "sort": labels, "axis": across | extent},
        "y": {"field": "share", "type": "quantitative", "axis": up},
    }
    tooltip = [{"field": "field"}, {"field": "words"}, {"field": "texts"}, {"field": "share", "format": ".1%"}]
    layer: list[dict[str, Any]] = []
    for at, field in enumerate(shown):
        only = [{"filter": {"field": "field", "equal": field}}]
        layer.append({"transform": only, "mark": {"type": "line", "style": names[field]}, "encoding": axes})
        layer.append(
            {
                "transform": only,
                "mark": {"type": "point", "filled": True, "size": 50, "opacity": 1, "style": names[field]},
                "encoding": {**axes, "tooltip": tooltip},
            }
        )
        # The key: names in their lines' colours, one below the other in the corner where long texts are few.
        layer.append(
            {
                "data": {"values": [{}]},
                "mark": {
                    "type": "text",
                    "style": f"{names[field]}-text",
                    "align": "right",
                    "baseline": "top",
                    "x": "width",
                    "y": 18 * at,
                },
                "encoding": {"text": {"value": field}},
            }
        )
    described = ", ".join(f"{field} {sums[field]:,}" for field in shown)
    return _frame(200, f"Words of the texts that are not empty ({described}).", values, layer) | {
        "padding": {"left": 76, "top": 12, "right": 16, "bottom": 52}
    }
