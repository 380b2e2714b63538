"""Several files that are one source: a folder of them, or a pattern such as `train-*.parquet`."""

import fnmatch
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from builders.errors import Changed, Invalid, NotFound
from builders.recipes.model import Shard
from builders.sources.formats import is_data_file
from builders.sources.languages import in_language, is_for_each
from builders.sources.order import natural_key

WILD = "*?["


@dataclass(frozen=True)
class Files:
    """The files of a source, in the order of their names.

    name: of the file, or of the folder or pattern that they share. names: how each is recorded. languages: of each, where there
    are files for each language.
    """

    name: str
    paths: tuple[Path, ...]
    several: bool
    names: tuple[str, ...]
    languages: tuple[str, ...] = ()

    @property
    def parent(self) -> Path:
        """The folder of the first."""
        return self.paths[0].parent

    @classmethod
    def one(cls, path: Path) -> "Files":
        """A single file."""
        return cls(path.name, (path,), several=False, names=(path.name,))

    @classmethod
    def of_languages(cls, name: str, each: Mapping[str, "Files"]) -> "Files":
        """The files of each language, by its code; those of one alone are as files that no language has part in."""
        if len(each) == 1:
            (only,) = each.values()
            return only
        languages = [code for code, files in each.items() for _ in files.paths]
        paths, names = ([one for files in each.values() for one in getattr(files, key)] for key in ("paths", "names"))
        return cls(name, tuple(paths), several=True, names=tuple(names), languages=tuple(languages))


def files_at(place: Path, pinned: Sequence[Shard] | None = None, languages: Sequence[str] = ()) -> Files:
    """The files that a path names: itself, a folder's data files, what fits its pattern, or each language's where it has a part
    `{language}`.

    pinned: those that a recipe records; others there are left out. Raises NotFound and Invalid where there is none, or of
    several kinds.
    """
    if is_for_each(place):
        return _files_of_languages(place, pinned, languages)
    if place.is_dir():
        folder, names = place, [path.name for path in place.iterdir() if path.is_file() and is_data_file(path.name)]
        what = f"{place}: a folder without data files (and no version: it has no manifest.json)"
    elif is_pattern(place):
        folder = place.parent
        here = [path.name for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
        names = [name for name in here if fnmatch.fnmatchcase(name, place.name)]
        what = f"{place}: no file has such a name"
    else:
        return Files.one(place)
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
    return Files(place.name or str(place), tuple(folder / name for name in names), several=True, names=tuple(names))


def _files_of_languages(place: Path, pinned: Sequence[Shard] | None, languages: Sequence[str]) -> Files:
    parts = place.parts
    first = next(at for at, part in enumerate(parts) if is_for_each(part))
    beneath = Path(*parts[:first])
    each: dict[str, Files] = {}
    for code in languages:
        mine = None if pinned is None else [_by_file_name(one) for one in pinned if one.language in (None, code)]
        here = Path(in_language(str(place), code))
        if not (here.exists() or is_pattern(here)):
            raise NotFound(
                f"{here}: no such file, and language.of names {code}",
                f"check the path, or leave {code} out of language.of",
            )
        found = files_at(here, mine)
        names = found.names
        if len(languages) > 1:
            names = tuple(path.relative_to(beneath).as_posix() for path in found.paths)
        each[code] = replace(found, names=names)
    return Files.of_languages("/".join(parts[first:]), each)


def _by_file_name(shard: Shard) -> Shard:
    return shard.model_copy(update={"name": Path(shard.name).name})


def any_there(place: Path) -> bool:
    """Whether there is such a file or folder, one of such a pattern, or one of some language."""
    if place.exists():
        return True
    first = next((at for at, part in enumerate(place.parts) if is_for_each(part)), None)
    if first is None:
        return is_pattern(place) and any(place.parent.glob(place.name))
    return any(Path(*place.parts[:first]).glob(in_language("/".join(place.parts[first:]), "*")))


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
