"""Rows that were read, and the pin that says exactly which rows they are."""

import hashlib
import io
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from builders.errors import Changed, Denied, Invalid, NotFound
from builders.recipes.model import Card, Source, VersionSource
from builders.schema import LANGUAGE, SOURCE_COLUMNS

ROWS_HASHED = 50_000  # rows written out at once
# Takes the texts of some of a source's rows, in the order of the source, so that whoever reads need not hold them.
Keep = Callable[[pl.DataFrame], None]


@dataclass(frozen=True)
class Read:
    """Rows and the pin that says exactly which rows they are.

    rows: `row` (u32, position in natural id order), `position` (u32, place in the source), `id`, `instruction`, `input`,
    `output` (unless a `Keep` took these); sorted by natural id, so that nothing downstream can depend on the source's order.
    With a parallel source also `instruction_en`, `input_en`, null where the id has no English parallel row; `origin`, where a
    column says it; `language`, where rows are of several. pin: the source as a recipe records it, with its sha256. card: of a
    version, what its card states. repeated: `row`, `rule`, `evidence`, `duplicate_of` (a row) of rows that leave at once,
    because another has their id. notes: what was found out about the source and is to be told, one line each. Of pairs of
    answers, the rows also have `builders.schema.PAIR_FIELDS`, held_out is the split of the prompts that SFT versions hold out,
    and versions pins those.
    """

    rows: pl.DataFrame
    pin: Source
    repeated: pl.DataFrame | None = None
    notes: tuple[str, ...] = ()
    card: Card | None = None
    held_out: Mapping[str, str] = field(default_factory=dict)
    versions: tuple[VersionSource, ...] = ()


def rows_sha256(frame: pl.DataFrame) -> str:
    """Hash of rows as JSON Lines in their own order: the same from Parquet as from JSON."""
    digest = hashlib.sha256()
    columns = [*SOURCE_COLUMNS, *(name for name in frame.columns if name in ("origin", LANGUAGE.name))]
    for piece in frame.select(columns).iter_slices(ROWS_HASHED):
        lines = io.BytesIO()
        piece.write_ndjson(lines)
        digest.update(lines.getbuffer())
    return digest.hexdigest()


def file_bytes(path: Path) -> bytes:
    """What a file holds. Raises Problem when it is missing, may not be read, or is no regular file, which may never end."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise Invalid(f"{path}: not a regular file", "copy what it gives into a file, and give that")
        return path.read_bytes()
    except (FileNotFoundError, ValueError):  # a name that no file can have: with NUL, or half a character
        raise NotFound(f"{path}: no such file", "check the path") from None
    except OSError as error:
        raise Denied(f"{path}: cannot be read ({error.strerror})", "give a file that you may read") from None


def require_pin(what: str, expected: str | None, found: str) -> None:
    """Raises Changed when a source is not the one that a recipe pins by its sha256."""
    if expected is not None and expected != found:
        raise Changed(
            f"{what}: another source than the recipe pins (sha256 {found[:12]}…, expected {expected[:12]}…)",
            "use the pinned file, or remove {key} to build from this one",
            "sha256",
        )
