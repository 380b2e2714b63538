"""Statistics under names that people read, and what belongs together in one group."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from cards.diff.records import Shift
from cards.statistics.listed import Statistics, listed


def statistic_name(key: str) -> str:
    """A statistic's dotted key in words: `length.output.words.mean` is `length › output › words › mean`."""
    return " › ".join(part.replace("_", " ") for part in _parts(key))


def grouped(found: Iterable[Shift]) -> Iterator[tuple[str, list[Shift]]]:
    """Shifts by the statistic that they are of, under what that statistic means."""
    meanings = {name: one.meaning for name, one in listed(Statistics).items()}
    for name, shifts in groupby(found, key=lambda one: one.statistic.partition(".")[0]):
        yield meanings[name].rstrip("."), list(shifts)


def strongest(found: Iterable[Shift], most: int) -> list[Shift]:
    """The shifts that moved most: by points of their whole, then in relation to what they were."""
    ranked = sorted(found, key=lambda one: (-abs(one.points or 0), -abs(one.relative or 0), one.statistic))
    return ranked[:most]


def _parts(key: str) -> list[str]:
    """A key's parts; a number with a point in it, as thresholds and steps have, stays whole."""
    parts: list[str] = []
    for part in key.split("."):
        if part.isdigit() and parts and parts[-1].isdigit():
            parts[-1] += f".{part}"
        else:
            parts.append(part)
    return parts
