"""Drawings as SVG, written here: no renderer and no engine, the same bytes for the same numbers.

Nothing is placed by the width of a text, so a picture is laid out alike whatever fonts a machine has. It is narrow enough for
its words to be read on a telephone, and has a light and a dark look of its own, by what the reader's machine prefers.
"""

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from cards.shared.charts import SERIES, Bar, Bars, Drawing, Line, Lines, Series
from cards.shared.terminal import safe_line

WIDTH = 440  # of lines
NARROW = 320  # of bars: a telephone's
MARGIN = 8
LONGEST_BAR = NARROW - 2 * MARGIN
ROW = 38  # pixels that one bar, its name and number above it, and its gap take
THICK = 12
LONGEST_NAME = 28  # characters of a bar's name that have room beside its number; all of it is in the note of the bar
LEFT, RIGHT, TOP, BOTTOM, HEIGHT = 48, 20, 34, 48, 190  # around lines, and their own height
LEGEND = 96  # pixels from the right, where the names of lines begin
FONT = "13px Helvetica, Arial, sans-serif"
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


def svg(drawing: Drawing) -> str:
    """A picture as a file of its own: titled by its description, in the look that the reader's machine prefers."""
    dark = f"@media (prefers-color-scheme: dark){{{style('dark')}}}"
    head = f"<title>{escape(safe_line(drawing.description))}</title><style>{style('light')}{dark}</style>"
    return _document(drawing, ' role="img"', f'{head}<rect class="page" width="100%" height="100%"/>')


def inline_svg(drawing: Drawing) -> str:
    """A picture within a page that has its style (see `style`) and says in words what it shows."""
    return _document(drawing, "", "")


def style(theme: str, within: str = "") -> str:
    """CSS of the look of pictures on a "light" or "dark" page. within: a selector of what the pictures are in."""
    look = THEMES[theme]
    scope = f"{within} svg " if within else ""
    rules = {
        "text": f"font:{FONT}",
        ".ink": f"fill:{look['ink']}",
        ".soft": f"fill:{look['soft']}",
        ".page": f"fill:{look['page']}",
        ".rule": f"stroke:{look['rule']}",
    }
    for name in SERIES:
        rules[f".{name}"] = f"fill:{look[name]}"
        rules[f".line.{name}"] = f"fill:none;stroke:{look[name]}"
    return "".join(f"{scope}{selector}{{{rule}}}" for selector, rule in rules.items())


def _document(drawing: Drawing, attributes: str, head: str) -> str:
    height, parts = _bars(drawing) if isinstance(drawing, Bars) else _lines(drawing)
    width = NARROW if isinstance(drawing, Bars) else WIDTH
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}{attributes}>{head}{"".join(parts)}</svg>\n'


# ---- bars ------------------------------------------------------------------------------------------------------------


def _bars(drawing: Bars) -> tuple[int, Iterator[str]]:
    """Height and parts: each bar with its name and its number above it, so that it has all the width there is."""
    longest = max(max(bar.rows, bar.before or 0) for bar in drawing.bars) or 1
    parts = (
        part for at, bar in enumerate(drawing.bars) for part in _bar(bar, MARGIN + ROW * at, drawing.series, longest)
    )
    return ROW * len(drawing.bars) + 2 * MARGIN, parts


def _bar(bar: Bar, top: int, series: Series, longest: int) -> Iterator[str]:
    length = max(LONGEST_BAR * bar.rows / longest, 1.0 if bar.rows else 0.0)  # one row can be seen, too
    end = length if bar.before is None else LONGEST_BAR * bar.before / longest
    name = bar.name if len(bar.name) <= LONGEST_NAME else f"{bar.name[: LONGEST_NAME - 1]}…"
    base, top = top + 13, top + 18
    yield f"<g>{_note(f'{bar.name}: {bar.label}')}"
    yield _text(name, MARGIN, base, "ink")
    yield _rect(MARGIN, top, length, series)
    if end > length:
        yield _rect(MARGIN + length, top, end - length, "two")
    yield f"{_text(bar.label, NARROW - MARGIN, base, 'soft', 'end')}</g>"


def _rect(x: float, y: float, width: float, series: Series) -> str:
    return f'<rect class="bar {series}" x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{THICK}" rx="2"/>'


# ---- lines -----------------------------------------------------------------------------------------------------------


def _lines(drawing: Lines) -> tuple[int, Iterator[str]]:
    """Height and parts: axes, lines with their points, and the names of the lines."""
    return TOP + HEIGHT + BOTTOM, (part for some in (_axes(drawing), _curves(drawing)) for part in some)


def _x(drawing: Lines, value: float) -> float:
    first, last = drawing.x_ticks[0].at, drawing.x_ticks[-1].at
    return LEFT + (WIDTH - LEFT - RIGHT) * (value - first) / (last - first or 1)


def _y(drawing: Lines, value: float) -> float:
    first, last = drawing.y_ticks[0].at, drawing.y_ticks[-1].at
    return TOP + HEIGHT - HEIGHT * (value - first) / (last - first or 1)


def _axes(drawing: Lines) -> Iterator[str]:
    for tick in drawing.y_ticks:
        y = _n(_y(drawing, tick.at))
        yield f'<path class="rule" d="M{LEFT} {y}H{WIDTH - RIGHT}"/>'
        yield _text(tick.label, LEFT - 6, _y(drawing, tick.at) + 4, "ink", "end")
    for tick in drawing.x_ticks:
        yield _text(tick.label, _x(drawing, tick.at), TOP + HEIGHT + 18, "ink", "middle")
    yield _text(drawing.up, MARGIN, 18, "soft")
    yield _text(drawing.across, (LEFT + WIDTH - RIGHT) / 2, TOP + HEIGHT + 38, "soft", "middle")


def _curves(drawing: Lines) -> Iterator[str]:
    for line in drawing.lines:
        places = [(_x(drawing, point.x), _y(drawing, point.y)) for point in line.points]
        width = 2.5 if line.dots else 1.5
        path = "L".join(f"{_n(x)} {_n(y)}" for x, y in places)
        yield f'<path class="line {line.series}" stroke-width="{width}" stroke-linejoin="round" d="M{path}"/>'
        if line.dots:
            for point, (x, y) in zip(line.points, places, strict=True):
                yield f"<g>{_note(point.note)}{_sign(line, x, y)}</g>"
    for at, line in enumerate(drawing.lines):
        y = TOP + 14 + 19 * at
        dash = f'<path class="line {line.series}" stroke-width="1.5" d="M{WIDTH - LEGEND - 6} {y}h12"/>'
        yield _sign(line, WIDTH - LEGEND, y) if line.dots else dash
        yield _text(line.name, WIDTH - LEGEND + 10, y + 4, line.series)


def _sign(line: Line, x: float, y: float) -> str:
    """What marks a line's points, another for each series, so that colours are not all that tells them apart."""
    if line.series == "one":
        return f'<circle class="one" cx="{_n(x)}" cy="{_n(y)}" r="4"/>'
    if line.series == "two":
        return f'<path class="two" d="M{_n(x - 3.5)} {_n(y - 3.5)}h7v7h-7z"/>'
    return f'<path class="three" d="M{_n(x)} {_n(y - 5)}l5 5l-5 5l-5 -5z"/>'


# ---- both ------------------------------------------------------------------------------------------------------------


def _text(text: str, x: float, y: float, look: str, anchor: str = "start") -> str:
    where = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text class={quoteattr(look)} x="{_n(x)}" y="{_n(y)}"{where}>{escape(safe_line(text))}</text>'


def _note(text: str) -> str:
    """What is shown to whoever points at it."""
    return f"<title>{escape(safe_line(text))}</title>"


def _n(number: float) -> str:
    """A number of pixels with two places at most: `172`, `3.5`."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
