"""What differs between two versions. Field names are those of `aguila diff --json`; ids are in natural order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl
from msgspec import Struct

from cards.shared.entries import Decision
from cards.shared.records import Count, RuleCounts
from cards.shared.words import Piece
from cards.statistics.listed import Statistics

Step = Literal["major", "minor", "patch"]
Plain = Mapping[str, object]  # a part of a manifest as plain values, compared key by key


@dataclass(frozen=True)
class Side:
    """One of two versions.

    label: how a person names it. rows: `id`, `instruction`, `input`, `output`, `prompt`, `completion`, `split`. ledger: see
    `builders.schema.LEDGER_COLUMNS`. Both in natural id order, every id once. recipe (without its source), source, template:
    as the manifest records them. software: versions of what can change bytes. models: what the detectors are pinned by.
    """

    label: str
    rows: pl.DataFrame
    ledger: pl.DataFrame
    statistics: Statistics
    kept: int
    source_rows: int
    columns: tuple[str, ...]
    rules: Mapping[str, RuleCounts]
    recipe: Plain
    source: Plain
    template: Plain
    software: Mapping[str, str]
    models: Mapping[str, str]


@dataclass(frozen=True)
class Worth:
    """What a change is worth.

    bump: None where nothing differs. deserves: the number after OLD's; None for two datasets of different names.
    number_fits: whether NEW's number is at least that; None where NEW's is not above OLD's.
    """

    same_name: bool
    bump: Step | None
    reason: str
    deserves: str | None
    number_fits: bool | None


class Change(Struct, frozen=True):
    """A value that differs: its dotted key, and both values; None where a side has no such key."""

    key: str
    old: object
    new: object


class ChangedRow(Struct, frozen=True):
    """A row that both versions keep: the fields whose text differs."""

    id: str
    fields: list[str]


class ChangedDecision(Struct, frozen=True):
    """A row of both sources whose status, stage or rule differs."""

    id: str
    old: Decision
    new: Decision


class Moved(Struct, frozen=True):
    """A row that both versions keep, in other splits."""

    id: str
    old: str
    new: str


class Decisions(Struct, frozen=True):
    """How many rows went from one decision (`kept` or `stage/rule`) to another."""

    old: str
    new: str
    rows: Count


class RowCounts(Struct, frozen=True):
    """How many rows differ in which way, and how many each side has."""

    added: Count
    removed: Count
    changed: Count
    reasons_changed: Count
    moved_splits: Count
    old_kept: Count
    old_source_rows: Count
    new_kept: Count
    new_source_rows: Count


class SourceRows(Struct, frozen=True):
    """Rows of the source that are new, gone, or of another text."""

    added: Count
    removed: Count
    changed: Count


class SourceChange(Struct, frozen=True):
    """What differs in the pins of both sources, and in their rows."""

    changes: list[Change]
    rows: SourceRows


class RuleSetting(Struct, frozen=True):
    """How a rule was applied."""

    version: Count
    verdict: str
    threshold: float


class RuleChange(Struct, frozen=True):
    """A rule whose version, verdict or threshold differs; None where a side did not apply it."""

    rule: str
    old: RuleSetting | None
    new: RuleSetting | None


class Shift(Struct, frozen=True):
    """A statistic that moved, by its dotted key.

    old, new: None where a side never counted it; so are the sizes of the change then. relative: the change over the old
    value, None where that is 0. points: for a share, and for a count that is a part of the version's rows or source rows, by
    how many percentage points of the whole it moved; None for anything else.
    """

    statistic: str
    old: float | None
    new: float | None
    change: float | None = None
    relative: float | None = None
    points: float | None = None


class ExampleRow(Struct, frozen=True):
    """A row that one version keeps and the other does not. why: what the other decided (`STAGE/RULE`, or that it lacks it)."""

    id: str
    why: str
    instruction: str
    input: str
    output: str
    split: str


class ChangedTexts(Struct, frozen=True):
    """A row that both versions keep: the fields that differ, and those of the source word by word."""

    id: str
    fields: list[str]
    texts: dict[str, list[Piece]]


class Examples(Struct, frozen=True):
    """Some rows of each kind, with their text where it matters: drawn by turns from every kind of change and every origin."""

    added: list[ExampleRow]
    removed: list[ExampleRow]
    changed: list[ChangedTexts]
    reasons_changed: list[ChangedDecision]


class Comparison(Struct, frozen=True, kw_only=True):
    """Everything that differs between two versions; for `same_name` to `number_fits` see `Worth`.

    added, removed: ids that one side alone keeps. The lists from `recipe` on hold what differs and nothing else.
    """

    old: str
    new: str
    same_name: bool
    bump: Step | None
    reason: str
    deserves: str | None
    number_fits: bool | None
    added: list[str]
    removed: list[str]
    changed: list[ChangedRow]
    reasons_changed: list[ChangedDecision]
    moved_splits: list[Moved]
    counts: RowCounts
    decisions: list[Decisions]
    recipe: list[Change]
    source: SourceChange
    template: list[Change]
    columns: list[Change]
    statistics: list[Shift]
    rules: list[RuleChange]
    software: list[Change]
    examples: Examples
