"""Rows of one file on disk or of several, or of one file of a Hub dataset once it is fetched."""

import hashlib
from pathlib import Path
from typing import Any

from builders.errors import Changed, keyed
from builders.recipes.model import FileSource, HubSource, ParallelFile, ParallelHub, Shard
from builders.recipes.sources import Limits
from builders.sources.formats import open_table
from builders.sources.intake import Intake
from builders.sources.order import Ordered, ordered
from builders.sources.read import Read, file_bytes, require_pin, rows_sha256
from builders.sources.shards import Files, files_at, shards_sha256


def read_file(path: Path, source: FileSource | HubSource) -> Read:
    """Read a file, or the files of a folder or pattern. The pin records names and hashes, never a folder's place."""
    with keyed("source"):
        found, pin, notes = ordered_file(path, source)
    return Read(found.rows, source.model_copy(update=pin), found.repeated, tuple(notes))


def ordered_file(
    path: Path, source: ParallelFile | ParallelHub, limits: Limits | None = None
) -> tuple[Ordered, dict[str, Any], list[str]]:
    """Rows in natural order, what the pin records of them, and notes. limits: see `Intake`."""
    if isinstance(source, ParallelFile):
        files = files_at(path, source.files if isinstance(source, FileSource) else None)
    else:
        files = Files(path.name, (path,), several=False)
    rows = Intake(source, limits)
    shards = []
    for one in files.paths:
        data = file_bytes(one)
        sha256 = hashlib.sha256(data).hexdigest()
        shards.append(Shard(name=one.name, sha256=sha256))
        if not files.several and not (isinstance(source, ParallelHub) and source.split):
            require_pin(str(path), source.sha256, sha256)  # before a file that is another one is read
        elif files.several and isinstance(source, FileSource):
            _require_shard(path, shards[-1], source)
        rows.add(open_table(data, one.name, rows.reading))
        del data
    frame, pin = rows.frame(files.name), rows.pin()
    if isinstance(source, ParallelHub) and source.split:  # a file that stands for a split: it is the rows that count
        pin["sha256"] = rows_sha256(frame)
        require_pin(str(path), source.sha256, pin["sha256"])
    elif files.several:
        pin["sha256"] = shards_sha256(shards)
        require_pin(str(path), source.sha256, pin["sha256"])
        pin["files"] = tuple(shards)
        rows.notes.insert(0, f"{files.name}: {_counted(len(shards))}, read in the order of their names")
    else:
        pin["sha256"] = shards[0].sha256
    if isinstance(source, ParallelFile):  # a recorded name stays, whatever the file is called now
        pin["name"] = source.name or files.name
    return ordered(frame, files.name, rows.duplicates), pin, rows.notes


def _counted(files: int) -> str:
    return "1 file" if files == 1 else f"{files:,} files"


def _require_shard(path: Path, shard: Shard, source: FileSource) -> None:
    expected = {one.name: one.sha256 for one in source.files or ()}.get(shard.name)
    if expected not in (None, shard.sha256):
        raise Changed(f"{path}: {shard.name} is another file than the recipe pins", "use the pinned file")
