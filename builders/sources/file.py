"""Rows of one file on disk or of several, or of one file of a Hub dataset once it is fetched."""

import hashlib
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from builders.errors import Changed, keyed
from builders.recipes.model import FileSource, HubSource, ParallelFile, ParallelHub, Shard
from builders.recipes.sources import Limits
from builders.sources.formats import open_table
from builders.sources.intake import Intake
from builders.sources.languages import is_for_each
from builders.sources.order import Ordered, ordered
from builders.sources.read import Keep, Read, file_bytes, require_pin, rows_sha256
from builders.sources.shards import Files, files_at, shards_sha256


def read_file(
    place: Path | Files, source: FileSource | HubSource, languages: Sequence[str] = (), keep: Keep | None = None
) -> Read:
    """Read a file, the files of a folder or pattern, or those of each language. The pin records names and hashes, never a
    folder's place. languages: those that the recipe asks for. keep: takes the texts of several files, see `Intake`."""
    with keyed("source"):
        found, pin, notes = ordered_file(place, source, languages=languages, keep=keep)
    return Read(found.rows, source.model_copy(update=pin), found.repeated, tuple(notes))


def ordered_file(
    place: Path | Files,
    source: ParallelFile | ParallelHub,
    limits: Limits | None = None,
    languages: Sequence[str] = (),
    keep: Keep | None = None,
) -> tuple[Ordered, dict[str, Any], list[str]]:
    """Rows in natural order, what the pin records of them, and notes. limits, languages, keep: see `Intake`."""
    files = place if isinstance(place, Files) else _files(place, source, languages)
    where = files.name if isinstance(place, Files) else str(place)
    rows = Intake(source, limits, languages, keep if files.several else None)
    shards = []
    for one, name, language in zip_longest(files.paths, files.names, files.languages):
        data = file_bytes(one)
        sha256 = hashlib.sha256(data).hexdigest()
        shards.append(Shard(name=name, sha256=sha256, language=language))
        if not files.several and not (isinstance(source, ParallelHub) and source.split):
            require_pin(where, source.sha256, sha256)  # before a file that is another one is read
        elif files.several and isinstance(source, FileSource | HubSource):
            _require_shard(where, shards[-1], source)
        rows.add(open_table(data, name, rows.reading), language)
        del data
    frame, pin = rows.frame(files.name), rows.pin()
    if isinstance(source, ParallelHub) and source.split:  # a file that stands for a split: it is the rows that count
        pin["sha256"] = rows_sha256(frame)
        require_pin(where, source.sha256, pin["sha256"])
    elif files.several:
        pin["sha256"] = shards_sha256(shards)
        require_pin(where, source.sha256, pin["sha256"])
        pin["files"] = tuple(shards)
        rows.notes.insert(0, f"{files.name}: {_counted(len(shards))}, read in the order of their names")
    else:
        pin["sha256"] = shards[0].sha256
    if isinstance(source, ParallelFile):  # a recorded name stays, whatever the file is called now
        pin["name"] = source.name or files.name
    return ordered(frame, files.name, rows.duplicates, rows.tables), pin, rows.notes


def _counted(files: int) -> str:
    return "1 file" if files == 1 else f"{files:,} files"


def _files(place: Path, source: ParallelFile | ParallelHub, languages: Sequence[str]) -> Files:
    if isinstance(source, ParallelHub) and not is_for_each(place):
        return Files.one(place)
    return files_at(place, source.files if isinstance(source, FileSource | HubSource) else None, languages)


def _require_shard(where: str, shard: Shard, source: FileSource | HubSource) -> None:
    expected = {one.name: one.sha256 for one in source.files or ()}.get(shard.name)
    if expected not in (None, shard.sha256):
        raise Changed(f"{where}: {shard.name} is another file than the recipe pins", "use the pinned file")
