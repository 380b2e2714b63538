"""Tables as data: shown on a terminal, as tab-separated lines, and in a page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Cell = str | int | float
SHOWN = 12  # rows of a list of most frequent things


@dataclass(frozen=True)
class Table:
    """A titled table. Cells are text or numbers; note: one line on how to read it. heat: whether its
    cells are shares that a page colours."""

    title: str
    header: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    note: str = ""
    heat: bool = False

    def shares(self) -> list[float]:
        """Of a table with one column named "share": its numbers from 0 to 1, a dash and nothing as 0. Else empty."""
        at = [place for place, name in enumerate(self.header) if name == "share"]
        if len(at) != 1:
            return []
        cells = [str(row[at[0]]).removesuffix(" %") for row in self.rows]
        return [float(cell) / 100 if cell.replace(".", "", 1).isdigit() else 0.0 for cell in cells]


def share(part: float, whole: float) -> str:
    """`12.3 %`, or a dash of nothing."""
    return f"{100 * part / whole:.1f} %" if whole else "–"


def right_of(right: int, whole: int) -> str:
    """`0.97 (30/31)`, or a dash of nothing."""
    return f"{right / whole:.2f} ({right}/{whole})" if whole else "–"


def ranked(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The most frequent first, then by name: a recorded mapping has lost its order."""
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


def listed(counts: Mapping[str, int]) -> str:
    """`echo 12, cut_off 3`, the most frequent first; a dash of nothing."""
    return ", ".join(f"{name} {count:,}" for name, count in ranked(counts)) or "–"


def tidy(number: float) -> int | float:
    """A whole number without its `.0`: percentiles are sizes of texts, means have a decimal."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


def in_order(names: Iterable[str], first: Sequence[str]) -> list[str]:
    """Names in the order of `first`; those that it does not list come last, in their own order."""
    known = list(names)
    return [*(name for name in first if name in known), *(name for name in known if name not in first)]
