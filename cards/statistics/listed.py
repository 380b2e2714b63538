"""The list of statistics, as the record that statistics.json holds: each field names its statistic.

A statistic is found by being a field here, and nowhere else: it is counted on every build, compared, tabulated by the audit,
and its picture, if it has one, is drawn for the card and the audit's page.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, TypeVar, get_type_hints

import msgspec
import polars as pl
from msgspec import UNSET, Struct, UnsetType

from cards.shared.charts import Picture
from cards.shared.records import Count, Counts, StageCounts
from cards.statistics.asks import ASKS, Asks
from cards.statistics.by_language import BY_LANGUAGE, SHARED_IDS, InLanguage
from cards.statistics.dropped import DROPPED
from cards.statistics.histograms import HISTOGRAMS, Histogram
from cards.statistics.languages import LANGUAGE, Languages
from cards.statistics.lengths import LENGTH, LENGTH_STEPS_OF_FIELDS, Lengths
from cards.statistics.long_rows import LONG_ROWS, LongRows
from cards.statistics.origins import BY_ORIGIN, Origin
from cards.statistics.preferences import PREFERENCES, Preferences
from cards.statistics.register import REGISTER, Registers
from cards.statistics.rules import OVERLAP, SENSITIVITY, Overlap
from cards.statistics.same_answers import SAME_ANSWERS, SameAnswer
from cards.statistics.simple import EDITS, FLAGGED, FLAGS, ORIGINS, ROWS, SPLITS, WITH_INPUT
from cards.statistics.splits import BY_SPLIT, Split
from cards.statistics.stages import FUNNEL
from cards.statistics.statistic import Counted, Statistic


class RowStatistics(Struct, frozen=True, kw_only=True):
    """What is counted of any rows, those of a raw file too.

    A statistic that is added later needs a default, `| None = None`: versions that were built before it lack it.
    """

    rows: Annotated[Count, ROWS]
    origins: Annotated[Counts, ORIGINS]
    with_input: Annotated[float, WITH_INPUT]
    length: Annotated[dict[str, Lengths], LENGTH]
    length_steps: Annotated[dict[str, Counts], LENGTH_STEPS_OF_FIELDS]
    asks: Annotated[Asks, ASKS]
    overlap: Annotated[dict[str, Overlap], OVERLAP]
    sensitivity: Annotated[dict[str, Counts], SENSITIVITY]
    language: Annotated[Languages, LANGUAGE]
    register: Annotated[Registers | None, REGISTER] = None
    histograms: Annotated[dict[str, Histogram] | None, HISTOGRAMS] = None
    same_answers: Annotated[list[SameAnswer] | None, SAME_ANSWERS] = None
    long_rows: Annotated[LongRows | None, LONG_ROWS] = None


class Statistics(RowStatistics, frozen=True, kw_only=True):
    """A version's statistics.json: also what only a version with a ledger has."""

    splits: Annotated[Counts, SPLITS]
    dropped: Annotated[dict[str, Counts], DROPPED]
    flags: Annotated[Counts, FLAGS]
    edits: Annotated[Counts, EDITS]
    preferences: Annotated[Preferences | UnsetType, PREFERENCES] = UNSET
    flagged: Annotated[Count | None, FLAGGED] = None
    by_origin: Annotated[dict[str, Origin] | None, BY_ORIGIN] = None
    by_language: Annotated[dict[str, InLanguage] | UnsetType, BY_LANGUAGE] = UNSET
    shared_ids: Annotated[Count | UnsetType, SHARED_IDS] = UNSET
    by_split: Annotated[dict[str, Split] | None, BY_SPLIT] = None


Kind = TypeVar("Kind", bound=RowStatistics)


@cache
def listed(kind: type[RowStatistics]) -> dict[str, Statistic[Any]]:
    """The statistics of a record, by their key."""
    hints = get_type_hints(kind, include_extras=True)
    return {name: hints[name].__metadata__[-1] for name in kind.__struct_fields__}


def measured(kind: type[RowStatistics], rows: pl.DataFrame) -> pl.DataFrame:
    """What the statistics of a record are counted from (see `Counted.rows`), of rows with their texts, in any parts."""
    told = [name for name in ("id", "origin", "split", "language") if name in rows.columns]
    measures = dict.fromkeys(one.measure for one in listed(kind).values() if one.measure)
    return pl.concat([rows.select(told), *(measure(rows) for measure in measures)], how="horizontal")


def count(kind: type[Kind], data: Counted) -> Kind:
    """Count every statistic of a record."""
    return kind(**{name: one.count(data) for name, one in listed(kind).items()})


def read_statistics(data: bytes) -> Statistics:
    """Read a statistics.json. Raises msgspec's DecodeError, naming the field, for anything else."""
    return msgspec.json.decode(data, type=Statistics)


def counted(found: RowStatistics) -> Iterator[tuple[str, Statistic[Any], Any]]:
    """Key, statistic and value of those that were counted."""
    for name, one in listed(type(found)).items():
        value = getattr(found, name)
        if value is not None and value is not UNSET:
            yield name, one, value


def pictures(found: RowStatistics, stages: Sequence[StageCounts] = ()) -> list[Picture]:
    """What there is to draw: the stages, if any, and the statistics that have a picture."""
    drawn = [(FUNNEL, stages), *((one.chart, value) for _, one, value in counted(found) if one.chart)]
    shown = [(chart, chart.draw(value)) for chart, value in drawn]
    return [Picture(chart.name, chart.caption, drawing) for chart, drawing in shown if drawing is not None]


def captions() -> Mapping[str, str]:
    """The caption of every picture that a version may have, by its name."""
    charts = [FUNNEL, *(one.chart for one in listed(Statistics).values() if one.chart)]
    return {chart.name: chart.caption for chart in charts}
