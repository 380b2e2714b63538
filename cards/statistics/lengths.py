"""How long texts are: characters and words of each field, and texts by their number of words. Empty texts are left out."""

from collections.abc import Iterable, Mapping

import polars as pl
from msgspec import Struct

from builders.schema import FIELDS
from cards.shared.charts import SERIES, Line, Lines, Point, Tick, ticks
from cards.shared.records import Counts
from cards.shared.tables import Table, tidy
from cards.statistics.counting import Summary, sizes, summary
from cards.statistics.statistic import Chart, Counted, Statistic

# Words at which a bar of the length chart begins; the last has no end.
LENGTH_STEPS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
COLUMNS = Summary.__struct_fields__


class Lengths(Struct, frozen=True):
    """Sizes of the texts of one field that are not empty."""

    characters: Summary
    words: Summary


def lengths(data: Counted) -> dict[str, Lengths]:
    """Characters and words of each field."""
    return {
        field: Lengths(summary(texts[f"{field}_characters"]), summary(texts[f"{field}_words"]))
        for field, texts in _texts(data).items()
    }


def length_steps(data: Counted) -> dict[str, Counts]:
    """How many texts of each field have as many words as each step, and fewer than the next."""
    return {field: _steps(texts[f"{field}_words"]) for field, texts in _texts(data).items()}


def _texts(data: Counted) -> dict[str, pl.DataFrame]:
    """The sizes of the texts of each field that are not empty."""
    return {field: data.rows.filter(pl.col(f"{field}_characters") > 0) for field in FIELDS}


def _steps(words: pl.Series) -> Counts:
    reached = [int((words >= step).sum()) for step in LENGTH_STEPS] + [0]
    return {str(step): reached[at] - reached[at + 1] for at, step in enumerate(LENGTH_STEPS)}


def _table(found: Mapping[str, Lengths], audit: object) -> Iterable[Table]:
    rows = [
        (field, unit, *(tidy(getattr(sizes, column)) for column in COLUMNS))
        for field in FIELDS
        for unit, sizes in (("characters", found[field].characters), ("words", found[field].words))
    ]
    yield Table("Lengths", ("field", "unit", *COLUMNS), rows, "Of the texts that are not empty.")


def _chart(steps: Mapping[str, Mapping[str, int]]) -> Lines | None:
    """Share of the texts of each field by their number of words, in steps that double."""
    sums = {field: sum(steps[field].values()) for field in FIELDS}
    lines = [
        Line(field, _points(field, steps[field], sums[field]), series)
        for field, series in zip(FIELDS, SERIES, strict=True)
        if sums[field]
    ]
    if not lines:
        return None
    words = sorted(map(int, steps[lines[0].name]))
    described = ", ".join(f"{line.name} {sums[line.name]:,}" for line in lines)
    return Lines(
        f"Words of the texts that are not empty ({described}).",
        tuple(lines),
        across="words, from each number up to the next",
        up="share of the texts",
        x_ticks=tuple(Tick(at, f"{word:,}") for at, word in enumerate(words)),
        y_ticks=ticks(0, max(point.y for line in lines for point in line.points), ".0%"),
    )


def _points(field: str, steps: Mapping[str, int], texts: int) -> tuple[Point, ...]:
    """One point a step: the share of a field's texts, and the numbers in words."""
    return tuple(
        Point(at, round(steps[str(word)] / texts, 4), f"{field}, {word:,} words: {steps[str(word)]:,} texts")
        for at, word in enumerate(sorted(map(int, steps)))
    )


LENGTH = Statistic[dict[str, Lengths]](
    "Characters and words of the texts of each field that are not empty.", lengths, sizes, tables=_table
)
LENGTH_STEPS_OF_FIELDS = Statistic[dict[str, Counts]](
    "Texts of each field by their number of words, from each step up to the next.",
    length_steps,
    sizes,
    chart=Chart("lengths", "How long texts are", _chart),
    parts_of={"": "kept"},
)
