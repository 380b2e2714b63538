"""Rows of one file on disk, or of one file of a Hub dataset once it is fetched."""

import hashlib
from pathlib import Path

import polars as pl

from builders.errors import NotFound, keyed
from builders.recipes.source_model import FileSource, HubSource, ParallelFile, ParallelHub
from builders.sources.formats import rows_of
from builders.sources.order import in_natural_order
from builders.sources.places import describe_file, remembered
from builders.sources.read import Read, file_bytes, require_pin, rows_sha256


def read(source: FileSource, registry: Path, where: str | None) -> Read:
    """The rows of a file (see `builders.sources.reading.Reader`), looked for where the recipe says, or where it was last."""
    known = where or source.path or remembered(registry, source.sha256)
    if known is None:
        raise NotFound(
            f"the source is {describe_file(source)} and nothing says where it is", "give it with --from FILE"
        )
    return read_file(Path(known), source)


def read_file(path: Path, source: FileSource | HubSource) -> Read:
    """Read one file, by its ending. The pin records the file's name and sha256, never its folder."""
    with keyed("source"):
        rows, pin = ordered_file(path, source)
    return Read(rows, source.model_copy(update=pin), path.parent)


def ordered_file(path: Path, source: ParallelFile | ParallelHub) -> tuple[pl.DataFrame, dict[str, str]]:
    """A file's rows in natural order, and what its pin records of it (`sha256`, of a file on disk also `name`)."""
    data = file_bytes(path)
    if isinstance(source, ParallelHub) and source.split:  # a file that stands for a split: it is the rows that count
        frame = rows_of(data, path, source.columns)
        sha256 = rows_sha256(frame)
        require_pin(str(path), source.sha256, sha256)
    else:
        sha256 = hashlib.sha256(data).hexdigest()
        require_pin(str(path), source.sha256, sha256)
        frame = rows_of(data, path, source.columns)
    pin = {"sha256": sha256}
    if isinstance(source, ParallelFile):  # a recorded name stays, whatever the file is called now
        pin["name"] = source.name or path.name
    return in_natural_order(frame, path.name), pin
