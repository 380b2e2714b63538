"""Tables taken in by one layout: recognised once, read alike, with what a recipe records of it."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from builders.errors import Invalid
from builders.recipes.model import ParallelFile, ParallelHub, Reading
from builders.recipes.sources import Limits
from builders.schema import FIELDS
from builders.sources.formats import EXPECTED
from builders.sources.formats.long_lines import LongLine
from builders.sources.formats.table import Table
from builders.sources.languages import with_language
from builders.sources.mapping.recognition import Layout, recognise
from builders.sources.mapping.rows import mapped
from builders.sources.mapping.wording import recognised_note
from builders.sources.read import Keep


class Intake:
    """Rows of one table or of several by the same layout, with what was found out about them.

    limits: what a table may hold, where its own source does not say it. languages: those that rows may be in. keep: takes the
    texts of each table once it is read, so that only ids are held here; see `read.Keep`. Not where texts are needed to tell
    rows apart: where they have no ids, or ids that several have are numbered.
    """

    def __init__(
        self,
        source: ParallelFile | ParallelHub,
        limits: Limits | None = None,
        languages: Sequence[str] = (),
        keep: Keep | None = None,
    ) -> None:
        own = isinstance(source, Reading)
        self.source, self.languages = source, languages
        stated = {key: getattr(source, key) for key in Reading.model_fields} if own else {}
        self.reading = Reading(**stated | {key: getattr(limits, key) for key in Limits.model_fields if limits})
        self.duplicates = self.reading.duplicates if own else None
        self.keep = None if self.duplicates == "number" else keep
        self.layout: Layout | None = None
        self.frames: list[pl.DataFrame] = []
        self.tables: list[tuple[str, int]] = []  # name and rows of each
        self.notes: list[str] = []
        self.found: dict[str, Any] = {}

    def add(self, table: Table, language: str | None = None) -> None:
        """Read a table; the first decides how all are read. language: that of its rows, where its place says it."""
        notes = list(table.found.notes)
        if self.layout is None:
            self.layout = recognise(table, self.source.columns, self.reading, ids=isinstance(self.source, Reading))
            note = recognised_note(table.name, self.layout, table.found)
            notes += [note] if note else []
            found = {key: getattr(table.found, key) for key in ("encoding", "delimiter", "records")}
            self.found = {key: value for key, value in found.items() if value}
        read = mapped(table, self.layout)
        require_short_rows(read.frame, FIELDS, table.name, self.reading.max_row_bytes)
        frame = with_language(read.frame, language, self.languages, table.name)
        if self.keep and self.layout.columns.id is not None:
            self.keep(frame.select(FIELDS))
            frame = frame.drop(FIELDS)
        self.frames.append(frame)
        self.tables.append((table.name, frame.height))
        self.notes += notes + read.notes

    def frame(self, name: str) -> pl.DataFrame:
        """The rows of all tables. Raises Invalid where there is none."""
        frame = pl.concat(self.frames)
        if frame.is_empty():
            raise Invalid(f"{name}: holds no rows", f"expected {EXPECTED}")
        return frame

    def pin(self) -> dict[str, Any]:
        """How the rows were read, as a recipe records it: what was recognised is spelled out."""
        assert self.layout is not None, "a table was added"
        pin: dict[str, Any] = {"columns": self.layout.columns}
        if isinstance(self.source, Reading):
            pin |= self.found
            pin |= {"shape": "tree"} if self.layout.tree else {}
            pin |= {"turns": self.layout.turns} if self.layout.turns else {}
        return pin


def require_short_rows(frame: pl.DataFrame, fields: Sequence[str], name: str, most: int) -> None:
    """Raises LongLine for the longest row where its texts take more than a row may."""
    sizes = frame.select(pl.sum_horizontal(pl.col(field).str.len_bytes() for field in fields)).to_series()
    longest = 0 if sizes.is_empty() else int(sizes[at := sizes.arg_max() or 0])
    if longest > most:
        raise LongLine(f"{name}, row {at + 1}: its texts take", f"{longest:,}", most)
