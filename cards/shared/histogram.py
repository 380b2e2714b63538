"""Scores of one rule as bars side by side, with the lines from which it flags and acts. Static SVG, in the look of a page."""

from collections.abc import Iterator, Sequence

STEP, HEIGHT, TOP, BOTTOM = 16, 90, 16, 18  # pixels: of a bar with its gap, and around them
FIRST = 0.05


def histogram_svg(rows: Sequence[int], threshold: float, flag_from: float) -> str:
    """Bars of scores from 0.05 on in steps of 0.05; heights by the square root, so that few rows are seen beside many."""
    width = STEP * (len(rows) + 1)
    most = max(rows) ** 0.5 or 1.0
    parts = [*_bars(rows, most), *_line(threshold, "threshold", "line two"), *_scale(width)]
    if flag_from < threshold:
        parts += _line(flag_from, "flags from", "line three")
    size = f'viewBox="0 0 {width} {TOP + HEIGHT + BOTTOM}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} aria-hidden="true">{"".join(parts)}</svg>'


def _bars(rows: Sequence[int], most: float) -> Iterator[str]:
    for place, count in enumerate(rows):
        height = max(HEIGHT * count**0.5 / most, 1.0 if count else 0.0)
        x, y = _x(FIRST * (place + 1)), TOP + HEIGHT - height
        note = f"<title>{FIRST * (place + 1):.2f}: {count:,} rows</title>"
        yield f'<rect class="bar one" x="{x + 1:g}" y="{y:.1f}" width="{STEP - 2}" height="{height:.1f}">{note}</rect>'


def _line(score: float, name: str, look: str) -> Iterator[str]:
    x = _x(score)
    yield f'<path class="{look}" stroke-width="2" d="M{x:g} {TOP}V{TOP + HEIGHT}"/>'
    yield f'<text class="soft" x="{x:g}" y="{TOP - 4}" text-anchor="middle">{name} {score:g}</text>'


def _scale(width: int) -> Iterator[str]:
    yield f'<path class="rule" d="M0 {TOP + HEIGHT}H{width}"/>'
    for score in (0.25, 0.5, 0.75):
        yield f'<text class="soft" x="{_x(score):g}" y="{TOP + HEIGHT + 14}" text-anchor="middle">{score}</text>'


def _x(score: float) -> float:
    return round(STEP * score / FIRST, 1)
