"""Rows to read on the audit's page: some that were dropped, with the reason marked in them, and some that were kept."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from builders.errors import Problem
from builders.schema import ENTRY, SOURCE_COLUMNS
from builders.sources.order import natural_keys
from builders.sources.reading import read_source
from builders.stages.repair import repair
from builders.stages.sampling import places
from builders.versions.version import Version
from cards.audit.rows import DroppedRow, Duplicate, Fields, RowsToRead, ShownRow
from cards.rows.records import KeptRow, Message, Texts
from cards.shared.entries import Entry
from cards.shared.words import changes, marked, side

PER_RULE = 100  # dropped rows of one rule that a page shows
KEPT = 60  # kept rows that a page shows
LONG = 4_000  # characters of a field that a page shows


def rows_to_read(version: Version, registry: Path, where: str | None = None) -> RowsToRead:
    """Rows of a version: at most PER_RULE that each rule dropped, and KEPT that were kept, chosen by hash of their ids.

    where: the source's place now, if it has moved.
    """
    rows, ledger = version.rows(), version.ledger_by_id()
    chosen = _some(ledger.filter(pl.col("status") == "dropped"), ["stage", "rule"], PER_RULE)
    texts, note = _texts(version, rows, chosen, registry, where)
    dropped = [_dropped(Entry(**entry), texts) for entry in chosen.select("id", *ENTRY).to_dicts()]
    kept = _some(rows.join(ledger.select("id", "flags", "edits"), on="id", how="left"), [], KEPT)
    return RowsToRead(dropped, [_kept(row, noted) for row, noted in _with_notes(kept)], note)


def rows_of_file(rows: pl.DataFrame) -> RowsToRead:
    """The same for rows that no recipe has seen: a sample of them, and no dropped ones."""
    sample = _some(rows, [], KEPT).select(SOURCE_COLUMNS)
    return RowsToRead([], [_raw(Texts(**row)) for row in sample.to_dicts()], None)


def _texts(
    version: Version, rows: pl.DataFrame, dropped: pl.DataFrame, registry: Path, where: str | None
) -> tuple[dict[str, Texts], str | None]:
    """The text of dropped rows and of those that were kept instead, by id; and why some is missing."""
    wanted = pl.concat([dropped["id"], dropped["duplicate_of"].drop_nulls()]).unique()
    found = rows.filter(pl.col("id").is_in(wanted.implode())).select(SOURCE_COLUMNS)
    note = None
    try:
        source = read_source(version.recipe, registry, where).rows
    except Problem as problem:
        note = f"The text of dropped rows is not at hand: {problem}."
    else:
        missing = source.filter(pl.col("id").is_in(wanted.implode()) & ~pl.col("id").is_in(found["id"].implode()))
        repaired, _ = repair(missing, version.recipe.edits)
        found = pl.concat([found, repaired.select(SOURCE_COLUMNS)])
    return {row["id"]: Texts(**row) for row in found.to_dicts()}, note


def _some(rows: pl.DataFrame, groups: list[str], most: int) -> pl.DataFrame:
    """At most so many rows of each group, by hash of their ids; then in natural order of the ids."""
    placed = rows.with_columns(places(rows["id"], 0, "audit")).sort("place", "id")
    some = placed.group_by(groups, maintain_order=True).head(most) if groups else placed.head(most)
    return some.select(rows.columns).sort(natural_keys(some["id"]))


def _dropped(entry: Entry, texts: dict[str, Texts]) -> DroppedRow:
    row, duplicate = texts.get(entry.id), texts.get(entry.duplicate_of or "")
    fields: Fields | None = None
    others: Fields = {}
    if row and duplicate:
        both = {field: changes(_short(text), _short(row.fields()[field])) for field, text in duplicate.fields().items()}
        fields = {field: side(pieces, "new") for field, pieces in both.items()}
        others = {field: side(pieces, "old") for field, pieces in both.items()}
    elif row:
        fields = {field: marked(_short(text), entry.pieces()) for field, text in row.fields().items()}
    elif duplicate:
        others = {field: [("same", _short(text))] for field, text in duplicate.fields().items()}
    return DroppedRow(
        id=entry.id,
        stage=entry.stage or "",
        rule=entry.rule or "",
        score=entry.score,
        evidence=entry.evidence or "",
        edits=", ".join(entry.edits),
        flags=", ".join(entry.flags),
        first=_first(row.instruction) if row else "",
        fields=fields,
        duplicate_of=Duplicate(duplicate.id, others) if duplicate else None,
    )


def _with_notes(kept: pl.DataFrame) -> Iterator[tuple[KeptRow, str]]:
    """Kept rows, and their flags and edits in words."""
    noted = pl.concat_list("flags", "edits").list.join(", ")
    for row, notes in zip(kept.drop("flags", "edits").to_dicts(), kept.select(noted).to_series(), strict=True):
        yield KeptRow.of(row), notes


def _kept(row: KeptRow, noted: str) -> ShownRow:
    return ShownRow(
        id=row.id,
        about=row.split + (f": {noted}" if noted else ""),
        first=_first(row.instruction),
        prompt=_short(_said(row.prompt)),
        completion=_short(_said(row.completion)),
    )


def _raw(row: Texts) -> ShownRow:
    return ShownRow(
        id=row.id,
        about="with an input" if row.input else "no input",
        first=_first(row.instruction),
        prompt=_short(f"{row.instruction}\n\n{row.input}" if row.input else row.instruction),
        completion=_short(row.output),
    )


def _said(part: str | list[Message]) -> str:
    """A prompt or completion as text; of a chat, what its messages say."""
    return part if isinstance(part, str) else "\n\n".join(message.content for message in part)


def _first(text: str) -> str:
    return " ".join(text.split())[:160]


def _short(text: str) -> str:
    return text if len(text) <= LONG else f"{text[:LONG]} … ({len(text) - LONG:,} characters more)"
