"""Rows to read on the audit's page: as a table, and as the packed blocks that `page.js` unpacks.

The first block is the list (who, what became of it, why); the others hold the texts, BLOCK rows each, so that the list is
there before the texts are. A block is JSON by columns, compressed as zlib does, which browsers call "deflate".
"""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from builders.schema import FIELDS
from cards.shared.terminal import HARMLESS, safe

LIST: dict[str, pl.DataType | type[pl.DataType]] = {
    "id": pl.String,
    "status": pl.String,
    "stage": pl.String,
    "rule": pl.String,
    "score": pl.Float64,
    "evidence": pl.String,
    "duplicate_of": pl.String,
    "edits": pl.List(pl.String),
    "flags": pl.List(pl.String),
    "split": pl.String,
    "origin": pl.String,
    "language": pl.String,
    "words": pl.Int64,
    "here": pl.List(pl.String),
    "first": pl.String,
}
TEXTS: dict[str, pl.DataType | type[pl.DataType]] = dict.fromkeys(
    (*FIELDS, "rejected_output", "prompt", "completion"), pl.String
)
BLOCK = 1_000  # rows whose texts are packed together
FIRST = 160  # characters of an instruction that the list shows
# What `cards.shared.terminal.safe` writes as escapes, as a pattern of polars.
STEERS = rf"[\p{{Cc}}\p{{Cf}}\p{{Zl}}\p{{Zp}}&&[^{HARMLESS}]]"


@dataclass(frozen=True)
class RowsToRead:
    """Rows of a version, or of a raw file, to be read.

    rows: columns LIST without `first`, and TEXTS; a text is null where it is not at hand. `here` says why a kept row is among
    them: "flagged", "twin" (of a dropped row), "sample", or the name of what points at it. blocks: the same, packed. most: how
    many rows of a kind there are at most, None where all are. total: how many there would be. note: why text is missing.
    """

    rows: pl.DataFrame
    blocks: tuple[bytes, ...]
    total: int
    most: int | None = None
    note: str | None = None

    @property
    def size(self) -> int:
        """Bytes of all blocks."""
        return sum(map(len, self.blocks))


def no_rows() -> RowsToRead:
    """Nothing to read: where rows were not asked for."""
    columns = {name: dtype for name, dtype in {**LIST, **TEXTS}.items() if name != "first"}
    return RowsToRead(pl.DataFrame(schema=columns), (), 0)


def packed(rows: pl.DataFrame) -> tuple[bytes, ...]:
    """Rows (LIST without `first`, and TEXTS) as blocks; nothing in them steers what shows them."""
    shown = rows.with_columns(
        pl.col("instruction").str.replace_all(r"\s+", " ").str.head(FIRST).alias("first")
    ).with_columns(_visible(pl.col(name)) for name in (*LIST, *TEXTS) if name in _TEXTUAL)
    return tuple(_pack(block) for block in _blocks(shown))


def _blocks(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    yield rows.select(*LIST)
    yield from rows.select(*TEXTS).iter_slices(BLOCK)


def _pack(block: pl.DataFrame) -> bytes:
    """Columns as JSON; one without a value is left out."""
    columns = {name: block[name].to_list() for name in block.columns if block[name].null_count() < block.height}
    return zlib.compress(json.dumps(columns, ensure_ascii=False, separators=(",", ":")).encode(), 6)


_TEXTUAL = {name for name, dtype in {**LIST, **TEXTS}.items() if dtype == pl.String}


def _visible(text: pl.Expr) -> pl.Expr:
    """Texts with what could steer as escapes. Few have any, so that only those are gone through."""
    return pl.when(text.str.contains(STEERS)).then(text.map_elements(safe, pl.String)).otherwise(text)
