"""PATH, NAME@VERSION, OWNER/NAME@VERSION: one grammar, one resolver; and where a recipe's source is."""

import re
from dataclasses import dataclass
from functools import total_ordering
from pathlib import Path

from builders.errors import Problem
from builders.hub import fetch_file
from builders.recipe import Columns, DemoSource, FileSource, HubSource, Recipe, VersionSource
from builders.sources import Read, in_natural_order, read_demo, read_file
from builders.version import Version, open_version

NUMBER = re.compile(r"v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
NAMED = re.compile(r"(?P<name>[a-z0-9][a-z0-9._-]*)@(?P<version>[^@/]+)")
HUB = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)@(?P<version>[^@]+)")


@total_ordering
@dataclass(frozen=True)
class Number:
    """A semantic version number."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    def __lt__(self, other: "Number") -> bool:
        return (self.major, self.minor, self.patch) < (other.major, other.minor, other.patch)

    def bumped(self, part: str) -> "Number":
        """The next number after a change of this size."""
        if part == "major":
            return Number(self.major + 1, 0, 0)
        if part == "minor":
            return Number(self.major, self.minor + 1, 0)
        return Number(self.major, self.minor, self.patch + 1)


def parse_number(text: str) -> Number:
    """`1.2.0` or `v1.2.0`. Raises Problem for anything else."""
    found = NUMBER.fullmatch(text)
    if not found:
        raise Problem(f"{text!r} is not a version number; write X.Y.Z, such as 1.0.0")
    return Number(*map(int, found.groups()))


def versions_in(registry: Path, name: str) -> dict[Number, Path]:
    """The versions of a dataset under a registry, oldest first."""
    found = {}
    for folder in (registry / name).glob("v*"):
        match = NUMBER.fullmatch(folder.name)
        if match and (folder / "manifest.json").is_file():
            found[Number(*map(int, match.groups()))] = folder
    return dict(sorted(found.items()))


def resolve(reference: str, registry: Path) -> Version:
    """Open the version that a reference names. Raises Problem, naming what exists, when there is none."""
    folder = Path(reference)
    if folder.is_dir():
        return open_version(folder)
    if named := NAMED.fullmatch(reference):
        known = versions_in(registry, named["name"])
        exist = ", ".join(map(str, known)) or "none"
        if not NUMBER.fullmatch(named["version"]):
            raise Problem(
                f"{reference}: not a version number after the @; versions of {named['name']} in {registry}: {exist}"
            )
        number = parse_number(named["version"])
        if number not in known:
            raise Problem(f"{reference}: no such version in {registry}; versions of {named['name']}: {exist}")
        return open_version(known[number])
    known_names = sorted({path.parent.parent.name for path in registry.glob("*/v*/manifest.json")})
    if reference in known_names:
        exist = ", ".join(f"{reference}@{number}" for number in versions_in(registry, reference))
        raise Problem(f"{reference}: name a version; there are {exist}")
    if HUB.fullmatch(reference):
        raise Problem(
            f"{reference}: no such folder, and versions on the Hub cannot be opened yet; name a local version"
        )
    raise Problem(
        f"{reference}: no such version folder, and not NAME@X.Y.Z; names in {registry}: {', '.join(known_names) or 'none'}"
    )


# ---- sources ---------------------------------------------------------------------------------------------------------


def with_source(recipe: Recipe, where: str, registry: Path) -> Recipe:
    """The recipe with its source replaced by a file or a version (`--from`); the column mapping of a file is kept."""
    path = Path(where)
    if path.is_file():
        columns = recipe.source.columns if isinstance(recipe.source, FileSource | HubSource) else Columns()
        source: FileSource | VersionSource = FileSource(path=where, columns=columns)
    elif path.is_dir() or "@" in where:
        resolve(where, registry)
        source = VersionSource(ref=where)
    else:
        raise Problem(f"--from {where}: no such file, and not a version; give a file, a version folder or NAME@X.Y.Z")
    return recipe.model_copy(update={"source": source})


def read_source(recipe: Recipe, registry: Path, where: str | None = None) -> Read:
    """The rows of a recipe's source, looked for at `where` if given (the pin stays, and is checked).

    Raises Problem when the source is not to be found or is not what the recipe pins.
    """
    source = recipe.source
    if isinstance(source, DemoSource):
        return read_demo(source)
    if isinstance(source, HubSource):
        return read_file(Path(where) if where else fetch_file(source.repo, source.file, source.revision), source)
    if isinstance(source, FileSource):
        path = where or source.path or _remembered(registry, source.sha256)
        if path is None:
            what = f"{source.name} (sha256 {source.sha256[:12]}…)" if source.name and source.sha256 else "a file"
            raise Problem(f"the source is {what} and nothing says where it is; give it with --from FILE")
        return read_file(Path(path), source)
    return _read_version(source, registry, where)


def _read_version(source: VersionSource, registry: Path, where: str | None) -> Read:
    reference = where or source.ref or (f"{source.name}@{source.version}" if source.name and source.version else None)
    if reference is None:
        raise Problem("the source is a version and nothing says which; give it with --from NAME@X.Y.Z, or source.ref")
    version = resolve(reference, registry)
    if source.content_sha256 not in (None, version.content_sha256):
        raise Problem(
            f"{reference}: another content than the recipe pins ({version.content_sha256[:12]}…, expected "
            f"{str(source.content_sha256)[:12]}…); use the pinned version"
        )
    rows = version.rows().select("id", "instruction", "input", "output")
    pin = VersionSource(name=version.name, version=version.number, content_sha256=version.content_sha256)
    return Read(in_natural_order(rows, reference), pin)


def remember(registry: Path, sha256: str, path: Path) -> None:
    """Note beside the versions (never in one) where a source file lies, so that `verify` finds it again here."""
    notes = registry / ".sources"
    notes.mkdir(parents=True, exist_ok=True)
    (notes / sha256).write_text(str(path.resolve()), "utf-8")


def _remembered(registry: Path, sha256: str | None) -> str | None:
    note = registry / ".sources" / str(sha256)
    if not note.is_file():
        return None
    path = note.read_text("utf-8")
    return path if Path(path).is_file() else None
