"""What every sentence has, and what its rule is computed from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt

from msgspec import Struct

from cards.statistics.listed import Statistics

CERTAIN = 4.0  # standard errors that a difference must have: one in 16,000 by chance, and a page asks many questions


class Look(Struct, frozen=True):
    """Something to look at.

    name: the rule that says so. sentence: what it found. command: words of the command that shows the rows. address: what the
    audit's page is asked for, as `explorer.js` reads it. ids: rows that stand for it, where no facet chooses them.
    """

    name: str
    sentence: str
    command: tuple[str, ...]
    address: dict[str, str] = {}
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seen:
    """What rules look at: a version's numbers, as its build recorded them.

    reference: how commands name it. before: the version before and its statistics, where it is at hand. over: how many rows
    have more tokens than each limit, where a tokenizer counted them. tokenizer: its name.
    """

    reference: str
    source_rows: int
    kept: int
    statistics: Statistics
    before: tuple[str, Statistics] | None = None
    over: Mapping[int, int] = field(default_factory=dict)
    tokenizer: str = ""


Rule = Callable[[Seen], Look | None]


def percent(part: float, whole: float) -> str:
    """`12.3 %`."""
    return f"{100 * part / whole:.1f} %"


def differ(one: int, of_one: int, other: int, of_other: int) -> float:
    """By how many standard errors two shares differ (a two-proportion z test with the pooled share); 0 of nothing."""
    if not of_one or not of_other:
        return 0.0
    pooled = (one + other) / (of_one + of_other)
    error = sqrt(pooled * (1 - pooled) * (1 / of_one + 1 / of_other))
    return abs(one / of_one - other / of_other) / error if error else 0.0


def first(found: Sequence[tuple[float, Look]]) -> Look | None:
    """The one that weighs most; of equals, the one that is named first."""
    return max(found, key=lambda one: one[0])[1] if found else None
