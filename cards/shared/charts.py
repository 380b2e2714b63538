"""What pictures show: bars with their numbers, lines over an axis. `svg.py` draws them.

bars([("refusal", 1200), ("echo", 34)], "Rows by the rule that dropped them", series="two")
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

MOST_BARS = 12
Series = Literal["one", "two", "three"]
SERIES: tuple[Series, ...] = ("one", "two", "three")  # a series has a colour and a sign of its own, in this order


@dataclass(frozen=True)
class Bar:
    """One bar: its name, its length, the number behind it in words. before: where it ended before some were lost, if so."""

    name: str
    rows: int
    label: str
    before: int | None = None


@dataclass(frozen=True)
class Bars:
    """Bars below one another, in their order. description: what the picture shows, in words, with the numbers."""

    description: str
    bars: tuple[Bar, ...]
    series: Series = "one"


@dataclass(frozen=True)
class Point:
    """A place on a line, and what it says to whoever points at it."""

    x: float
    y: float
    note: str


@dataclass(frozen=True)
class Line:
    """A line with a name. dots: whether its points are marked."""

    name: str
    points: tuple[Point, ...]
    series: Series
    dots: bool = True


@dataclass(frozen=True)
class Tick:
    """A number on an axis, and how it is written there."""

    at: float
    label: str


@dataclass(frozen=True)
class Lines:
    """Lines over an axis. across, up: what the axes count. The ticks of each axis say where it begins and ends."""

    description: str
    lines: tuple[Line, ...]
    across: str
    up: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]


Drawing = Bars | Lines


@dataclass(frozen=True)
class Picture:
    """A picture to be drawn: its name (`charts/NAME.svg`), its caption, and what it shows."""

    name: str
    caption: str
    drawing: Drawing

    @property
    def description(self) -> str:
        """What it shows, in words."""
        return self.drawing.description


def bars(
    counted: Iterable[tuple[str, int]], description: str, series: Series = "one", others: bool = True
) -> Bars | None:
    """One bar a name, the longest first; None for no names.

    Beyond MOST_BARS the others are one bar; they are left out where `others` is False, because the counts hold the most
    frequent only.
    """
    ordered = sorted(counted, key=lambda one: (-one[1], one[0]))
    if not ordered:
        return None
    if len(ordered) > MOST_BARS and others:
        rest = ordered[MOST_BARS - 1 :]
        ordered = [*ordered[: MOST_BARS - 1], (f"{len(rest)} others", sum(count for _, count in rest))]
    ordered = ordered[:MOST_BARS]
    named = ", ".join(f"{name} {count:,}" for name, count in ordered)
    return Bars(f"{description}: {named}.", tuple(Bar(name, count, f"{count:,}") for name, count in ordered), series)


def ticks(low: float, high: float, form: str = ",.10g", most: int = 5) -> tuple[Tick, ...]:
    """Round numbers from one that is not above `low` to one that is not below `high`, in at most so many steps."""
    span = high - low or abs(high) or 1.0
    step = 10.0 ** math.floor(math.log10(span / most))
    step *= next(factor for factor in (1, 2, 5, 10, 20) if span / (step * factor) <= most)
    numbers = range(math.floor(low / step), math.ceil(high / step) + 1)
    return tuple(Tick(value := round(step * number, 12), format(value, form)) for number in numbers)
