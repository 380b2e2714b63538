"""How long texts are: characters and words of each field, and texts by their number of words. Empty texts are left out."""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl
from msgspec import Struct

from builders.schema import FIELDS
from cards.shared.charts import SERIES, Spec, frame
from cards.shared.records import Counts
from cards.shared.tables import Table, tidy
from cards.statistics.counting import Summary, summary
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
        field: Lengths(summary(texts.str.len_chars()), summary(_words(texts))) for field, texts in _texts(data).items()
    }


def length_steps(data: Counted) -> dict[str, Counts]:
    """How many texts of each field have as many words as each step, and fewer than the next."""
    return {field: _steps(_words(texts)) for field, texts in _texts(data).items()}


def _texts(data: Counted) -> dict[str, pl.Series]:
    return {field: data.rows[field].filter(data.rows[field] != "") for field in FIELDS}


def _words(texts: pl.Series) -> pl.Series:
    return texts.str.count_matches(r"\S+")


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


def _chart(steps: Mapping[str, Mapping[str, int]]) -> Spec | None:
    """Share of the texts of each field by their number of words, in steps that double."""
    names = dict(zip(FIELDS, SERIES, strict=True))
    sums = {field: sum(steps[field].values()) for field in names}
    shown = [field for field in names if sums[field]]
    if not shown:
        return None
    words = sorted(map(int, steps[shown[0]]))
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
        "x": {"field": "words", "type": "nominal", "sort": [f"{word:,}" for word in words], "axis": across | extent},
        "y": {"field": "share", "type": "quantitative", "axis": up},
    }
    layer = [mark for at, field in enumerate(shown) for mark in _line(at, field, names[field], axes)]
    described = ", ".join(f"{field} {sums[field]:,}" for field in shown)
    return frame(200, f"Words of the texts that are not empty ({described}).", values, layer) | {
        "padding": {"left": 76, "top": 12, "right": 16, "bottom": 52}
    }


def _line(at: int, field: str, style: str, axes: Spec) -> Iterable[Spec]:
    """The marks of one field: its line, its points, and its name in the line's colour, one below the other in the corner
    where long texts are few."""
    only = [{"filter": {"field": "field", "equal": field}}]
    tooltip = [{"field": "field"}, {"field": "words"}, {"field": "texts"}, {"field": "share", "format": ".1%"}]
    yield {"transform": only, "mark": {"type": "line", "style": style}, "encoding": axes}
    yield {
        "transform": only,
        "mark": {"type": "point", "filled": True, "size": 50, "opacity": 1, "style": style},
        "encoding": {**axes, "tooltip": tooltip},
    }
    name = {"type": "text", "style": f"{style}-text", "align": "right", "baseline": "top", "x": "width", "y": 18 * at}
    yield {"data": {"values": [{}]}, "mark": name, "encoding": {"text": {"value": field}}}


LENGTH = Statistic[dict[str, Lengths]](
    "Characters and words of the texts of each field that are not empty.", lengths, tables=_table
)
LENGTH_STEPS_OF_FIELDS = Statistic[dict[str, Counts]](
    "Texts of each field by their number of words, from each step up to the next.",
    length_steps,
    chart=Chart("lengths", "How long texts are", _chart),
    parts_of={"": "kept"},
)
