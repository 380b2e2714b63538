"""The statistics that moved between two versions."""

from collections.abc import Iterator, Mapping

import msgspec

from cards.diff.records import Shift, Side
from cards.statistics.listed import Statistics, listed
from cards.statistics.statistic import Whole


def shifts(old: Side, new: Side) -> list[Shift]:
    """The numbers in the statistics of both sides that differ.

    A kind of row that one side lacks counts as 0 there; a statistic that one side never counted is None there.
    """
    sides = old, new
    plain = [msgspec.to_builtins(side.statistics) for side in sides]
    had, has = (dict(_numbers(one)) for one in plain)
    found = []
    for key in dict.fromkeys([*had, *has]):
        group, whole = _group(key)
        missing = 0 if group and all(_counted(one, group) for one in plain) else None
        before, after = had.get(key, missing), has.get(key, missing)
        if before != after:
            found.append(_shift(key, before, after, whole, sides))
    return found


def _shift(key: str, before: float | None, after: float | None, whole: Whole | None, sides: tuple[Side, Side]) -> Shift:
    if before is None or after is None:
        return Shift(key, before, after)
    return Shift(
        key,
        before,
        after,
        change=_rounded(after - before, 4),
        relative=_rounded((after - before) / before, 4) if before else None,
        points=_points(before, after, whole, *sides),
    )


def _points(before: float, after: float, whole: Whole | None, old: Side, new: Side) -> float | None:
    if whole is None:
        return None
    if whole == "itself":
        return _rounded(100 * (after - before), 2)
    wholes = (old.kept, new.kept) if whole == "kept" else (old.source_rows, new.source_rows)
    return _rounded(100 * (after / wholes[1] - before / wholes[0]), 2) if all(wholes) else None


def _group(key: str) -> tuple[str, Whole | None]:
    """The group of counts that a number belongs to, by its dotted key, and the whole of which they are parts.

    No group ("") for a number that is none of several, and for one of a list that is cut: what the list lacks is not 0.
    """
    name, _, rest = key.partition(".")
    statistic = listed(Statistics)[name]
    for part, whole in (statistic.parts_of or {}).items():
        if not part or f"{rest}.".startswith(f"{part}."):
            cut = any(rest.startswith(f"{one}.") for one in statistic.cut)
            return f"{name}.{part}".strip(".") if rest and not cut else "", whole
    return "", None


def _counted(statistics: Mapping[str, object], group: str) -> bool:
    """Whether a group of counts is there at all."""
    inner: object = statistics
    for part in group.split("."):
        inner = inner.get(part) if isinstance(inner, Mapping) else None
    return isinstance(inner, Mapping)


def _numbers(values: Mapping[str, object], before: str = "") -> Iterator[tuple[str, int | float]]:
    """The numbers in nested mappings by dotted key, in the order of the keys, as statistics.json has them."""
    for key, inner in sorted(values.items()):
        name = f"{before}{key}"
        if isinstance(inner, Mapping):
            yield from _numbers(inner, f"{name}.")
        elif isinstance(inner, int | float):
            yield name, inner


def _rounded(value: float, digits: int) -> float:
    return round(value, digits) + 0.0  # no minus before a zero
