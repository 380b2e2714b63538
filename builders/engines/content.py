"""The rows of a version, finished, wherever they are: what is told of them, hashed and written.

What needs rows in another order than theirs (a hash, files) needs few of them at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from builders.stages.outcome import Outcome
from builders.versions.fingerprint import content_sha256
from builders.versions.parquet import write_parquet
from cards.shared.records import FileSize
from cards.statistics.statistic import Say

Finish = Callable[[pl.DataFrame], Outcome]  # the template stage


class Content(Protocol):
    """Rows of a version, with their `split`, in natural id order."""

    def each(self, say: Say) -> pl.DataFrame:
        """What a function says of the rows, part by part: its tables one below the other, in the order of the rows."""

    def sha256(self) -> str:
        """See `fingerprint.content_sha256`."""

    def write(self, files: pl.Series, paths: Sequence[Path], columns: Sequence[str]) -> list[FileSize]:
        """Write these columns into Parquet files. files: of each row, which of the paths is its file."""


@dataclass(frozen=True)
class Here:
    """Rows in this process."""

    rows: pl.DataFrame

    def each(self, say: Say) -> pl.DataFrame:
        """See `Content`."""
        return say(self.rows)

    def sha256(self) -> str:
        """See `Content`."""
        return content_sha256(self.rows)

    def write(self, files: pl.Series, paths: Sequence[Path], columns: Sequence[str]) -> list[FileSize]:
        """See `Content`."""
        rows = self.rows.select(columns)
        return [write_parquet(rows.filter(files == number), path) for number, path in enumerate(paths)]
