"""A version on disk: opened, and its parts read. `write.py` writes one."""

import errno
import stat
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec
import polars as pl

from builders.errors import Invalid, NotFound
from builders.identifiers import VersionNumber
from builders.manifest import Manifest, read_manifest
from builders.recipes.loading import recipe_from_yaml
from builders.recipes.model import Recipe
from builders.records import reason
from builders.schema import (
    COLUMNS,
    LANGUAGE,
    LEDGER_SCHEMA,
    MANIFEST,
    RECIPE,
    STATISTICS,
    TEMPLATE_COLUMNS,
    columns_of,
    is_ledger,
    split_of,
)
from builders.sources.formats.parquet import parquet_table
from builders.sources.order import natural_keys
from cards.statistics.listed import Statistics, read_statistics

AGAIN = "fetch or build the version again"


@dataclass(frozen=True)
class Version:
    """A version that is there: its folder and its manifest; for one from the Hub also its repository and commit.

    others: what lies beside its files in the repository at that commit, as far as the Hub could be asked.
    """

    path: Path
    manifest: Manifest
    repo: str | None = None
    commit: str | None = None
    others: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """How a person names it: `NAME@1.2.0`, or `OWNER/NAME@v1.2.0`."""
        return f"{self.repo}@v{self.number}" if self.repo else f"{self.name}@{self.number}"

    @property
    def name(self) -> str:
        """Name of the dataset."""
        return self.manifest.name

    @property
    def number(self) -> VersionNumber:
        """Its version number."""
        return self.manifest.number

    @property
    def content_sha256(self) -> str:
        """Hash of the rows alone."""
        return self.manifest.content_sha256

    @cached_property
    def recipe(self) -> Recipe:
        """The recipe with its pinned source, as recipe.yaml records it. Raises Problem when that file is missing or broken."""
        path = self.path / RECIPE
        return recipe_from_yaml(self.text(path.name), str(path))

    def rows(self) -> pl.DataFrame:
        """All kept rows with their `split`. Raises Problem when a file is missing or broken."""
        parts = [
            self.table(path).with_columns(pl.lit(split).alias("split"))
            for path in self.manifest.files
            if (split := split_of(path))
        ]
        recipe = self.manifest.recipe
        columns = tuple(column.name for column in columns_of(recipe.kind, recipe.language.several))
        if len({tuple(part.schema.items()) for part in parts}) != 1 or tuple(parts[0].columns) != (*columns, "split"):
            raise Invalid(
                f"{self.path / 'data'}: not the files of a version, with columns {', '.join(columns)} in each", AGAIN
            )
        rows = pl.concat(parts)
        for column in (name for name in columns if name in (*COLUMNS, LANGUAGE.name)):
            text = column in TEMPLATE_COLUMNS or rows[column].dtype == pl.String  # those may be messages
            if not text or rows[column].has_nulls():
                raise Invalid(f"{self.path / 'data'}: not every row has a text as its {column}", AGAIN)
        return rows

    def rows_by_id(self) -> pl.DataFrame:
        """All kept rows with their `split`, in natural id order. Raises Problem for an id that occurs more than once, too."""
        return self._by_id(self.rows(), "data")

    def ledger(self) -> pl.DataFrame:
        """The ledger as it is written. Raises Problem when a file is missing or broken."""
        parts = [self.table(path) for path in self.manifest.files if is_ledger(path)]
        if len({tuple(part.schema.items()) for part in parts}) != 1:
            raise Invalid(
                f"{self.path / 'ledger'}: not the ledger of a version, with the same columns in each file", AGAIN
            )
        return pl.concat(parts)

    def ledger_by_id(self) -> pl.DataFrame:
        """The ledger in natural id order. Raises Problem for other columns than a ledger has, or an id that occurs twice."""
        ledger = self.ledger()
        if dict(ledger.schema) != LEDGER_SCHEMA:
            raise Invalid(f"{self.path / 'ledger'}: other columns than a ledger has", AGAIN)
        return self._by_id(ledger, "ledger")

    def statistics(self) -> Statistics:
        """What the build counted. Raises Problem when the file is missing, or Invalid, naming the field, when it is broken."""
        path = self.path / STATISTICS
        try:
            return read_statistics(self.text(path.name).encode())
        except (msgspec.DecodeError, RecursionError) as error:
            raise Invalid(f"{path}: not the statistics of a version ({reason(error)})", AGAIN) from None

    def _by_id(self, table: pl.DataFrame, part: str) -> pl.DataFrame:
        if table["id"].has_nulls():
            raise Invalid(f"{self.path / part}: not every row has an id", AGAIN)
        ordered = table.sort(natural_keys(table["id"]))
        repeated = ordered.filter(pl.col("id") == pl.col("id").shift(1))
        if not repeated.is_empty():
            raise Invalid(f"{self.path / part}: the id {repeated['id'][0]!r} occurs more than once", AGAIN)
        return ordered

    def table(self, path: str) -> pl.DataFrame:
        """One of its Parquet files. Raises Problem when it is missing or broken."""
        try:
            _require_regular(self.path / path)
            data = (self.path / path).read_bytes()
        except FileNotFoundError:
            raise NotFound(f"{self.path / path}: missing", AGAIN) from None
        except OSError as error:
            raise Invalid(f"{self.path / path}: cannot be read ({error.strerror})", AGAIN) from None
        return parquet_table(data, str(self.path / path), lambda names: names)

    def text(self, name: str) -> str:
        """One of its text files. Raises Problem when it is missing or no UTF-8 text."""
        path = self.path / name
        try:
            _require_regular(path)
            return path.read_text("utf-8")
        except FileNotFoundError:
            raise NotFound(f"{path}: missing", AGAIN) from None
        except (OSError, UnicodeDecodeError) as error:
            raise Invalid(f"{path}: cannot be read ({error})", AGAIN) from None


def _require_regular(path: Path) -> None:
    """Raises OSError for what may never end: a pipe, a device."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "not a regular file")


def open_version(folder: Path) -> Version:
    """Open a version folder. Raises Problem when it holds no manifest, which is written last, or one that is not sound."""
    return Version(folder, read_manifest(folder / MANIFEST))
