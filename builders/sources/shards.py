"""Several files that are one source: a folder of them, or a pattern such as `train-*.parquet`."""

import fnmatch
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from builders.errors import Changed, Invalid, NotFound
from builders.recipes.model import Shard
from builders.sources.formats import is_data_file
from builders.sources.order import natural_key

WILD = "*?["


@dataclass(frozen=True)
class Files:
    """The files of a source, in the order of their names. name: of the file, or of the folder or pattern that they share."""

    name: str
    paths: tuple[Path, ...]
    several: bool


def files_at(place: Path, pinned: Sequence[Shard] | None = None) -> Files:
    """The files that a path names: itself, a folder's data files, or what fits its pattern.

    pinned: those that a recipe records; others there are left out. Raises NotFound and Invalid where there is none, or of
    several kinds.
    """
    if place.is_dir():
        folder, names = place, [path.name for path in place.iterdir() if path.is_file() and is_data_file(path.name)]
        what = f"{place}: a folder without data files (and no version: it has no manifest.json)"
    elif is_pattern(place):
        folder = place.parent
        here = [path.name for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
        names = [name for name in here if fnmatch.fnmatchcase(name, place.name)]
        what = f"{place}: no file has such a name"
    else:
        return Files(place.name, (place,), several=False)
    names = sorted((name for name in names if not name.startswith(".")), key=natural_key)
    if pinned is not None:
        names = _pinned_of(names, [one.name for one in pinned], place)
    if not names:
        raise NotFound(what, "give a file, a folder of shards, or a pattern such as 'train-*.parquet'")
    endings = sorted({Path(name).suffix.lower() for name in names})
    if len(endings) > 1:
        raise Invalid(
            f"{place}: files of several kinds ({', '.join(endings)})",
            f"name one kind, such as '{folder / '*'}{endings[0]}'",
        )
    return Files(place.name or str(place), tuple(folder / name for name in names), several=True)


def is_pattern(place: Path) -> bool:
    """Whether a path names several files by a pattern, and no file is called so."""
    return any(one in place.name for one in WILD) and not place.exists()


def _pinned_of(names: list[str], pinned: list[str], place: Path) -> list[str]:
    missing = sorted(set(pinned) - set(names))
    if missing:
        raise Changed(f"{place}: {missing[0]} is missing, which the recipe pins", "fetch it again")
    return [name for name in names if name in pinned]


def shards_sha256(shards: Sequence[Shard]) -> str:
    """The hash of several files: of their names and hashes, in the order of the names."""
    lines = sorted(f"{one.name} {one.sha256}\n" for one in shards)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
