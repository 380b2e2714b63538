"""PATH, NAME@VERSION, OWNER/NAME@VERSION: one grammar, one resolver; and where a recipe's source is."""

import re
from pathlib import Path

from builders.stages.decontamination import Texts, read_set
from builders.errors import Problem
from builders.hub.client import fetch_file
from builders.hub.snapshots import existing, open_published
from builders.versions.version_number import NUMBER, Number, parse_number
from builders.recipes.model import (
    Columns,
    DemoSource,
    EvaluationSet,
    FileSource,
    HubSource,
    ParallelFile,
    ParallelHub,
    Recipe,
    VersionSource,
)
from builders.sources.reading import Read, in_natural_order, join_parallel, read_demo, read_file, read_split
from builders.versions.version import Version, open_version

NAMED = re.compile(r"(?P<name>[a-z0-9][a-z0-9._-]*)@(?P<version>[^@/]+)")
REPO = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*", re.ASCII)
HUB = re.compile(rf"(?P<repo>{REPO.pattern})@(?P<version>[^@]+)", re.ASCII)


def versions_in(registry: Path, name: str) -> dict[Number, Path]:
    """The versions of a dataset under a registry, oldest first."""
    found = {}
    for folder in (registry / name).glob("v*"):
        match = NUMBER.fullmatch(folder.name)
        if match and (folder / "manifest.json").is_file():
            found[Number(*map(int, match.groups()))] = folder
    return dict(sorted(found.items()))


def resolve(reference: str, registry: Path, check: bool = True) -> Version:
    """Open the version that a reference names; one on the Hub is fetched, and carries its commit.

    check: compare what comes from the Hub with its manifest's hashes at once (`verify` does that itself). Raises
    Problem, naming what exists, when there is no such version or the reference floats.
    """
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
    if on_hub := HUB.fullmatch(reference):
        return open_published(on_hub["repo"], on_hub["version"], check)
    if REPO.fullmatch(reference):
        raise Problem(f"{reference}: no such folder, and a repository alone is no version; {existing(reference)}")
    raise Problem(
        f"{reference}: no such version folder, and not NAME@X.Y.Z; names in {registry}: {', '.join(known_names) or 'none'}"
    )


# ---- sources ---------------------------------------------------------------------------------------------------------


def with_source(recipe: Recipe, where: str, registry: Path) -> Recipe:
    """The recipe with its source replaced by a file or a version (`--from`); the columns and the parallel source of a file are kept."""
    path = Path(where)
    if path.is_file():
        columns = recipe.source.columns if isinstance(recipe.source, FileSource | HubSource) else Columns()
        source: FileSource | VersionSource = FileSource(path=where, columns=columns, parallel=recipe.parallel)
    elif path.is_dir() or "@" in where:
        resolve(where, registry)
        if recipe.parallel:
            raise Problem(f"--from {where}: a version has no parallel source; add --set source.parallel=null")
        source = VersionSource(ref=where)
    else:
        raise Problem(
            f"--from {where}: no such file, and not a version; give a file, a version folder, NAME@X.Y.Z or OWNER/NAME@vX.Y.Z"
        )
    return recipe.model_copy(update={"source": source})


def read_source(recipe: Recipe, registry: Path, where: str | None = None) -> Read:
    """The rows of a recipe's source, looked for at `where` if given (the pin stays, and is checked).

    Raises Problem when the source is not to be found or is not what the recipe pins.
    """
    source = recipe.source
    if isinstance(source, DemoSource):
        return read_demo(source)
    if isinstance(source, VersionSource):
        return _read_version(source, registry, where)
    if isinstance(source, HubSource):
        path = Path(where) if where else _fetched(source)
    else:
        known = where or source.path or _remembered(registry, source.sha256)
        if known is None:
            raise Problem(f"the source is {_told(source)} and nothing says where it is; give it with --from FILE")
        path = Path(known)
    if path is None:
        assert isinstance(source, HubSource), "only a Hub dataset has splits"
        return _with_parallel(read_split(source), recipe, registry, None)
    return _with_parallel(read_file(path, source), recipe, registry, path.parent)


def _fetched(source: ParallelHub) -> Path | None:
    """The file that a Hub source names, None where it names a split."""
    return fetch_file(source.repo, source.file, source.revision) if source.file else None


def _with_parallel(read: Read, recipe: Recipe, registry: Path, beside: Path | None) -> Read:
    """The rows with their English parallel rows, if the recipe names some: where they were last, or beside the rows."""
    parallel = recipe.parallel
    if parallel is None:
        return read
    try:
        if not isinstance(parallel, ParallelFile):
            return join_parallel(read, _fetched(parallel), parallel)
        known = parallel.path or _remembered(registry, parallel.sha256)
        if known is None and beside and parallel.name and (beside / parallel.name).is_file():
            known = str(beside / parallel.name)
        if known is None:
            raise Problem(f"it is {_told(parallel)} and nothing says where; put it beside the source's file")
        return join_parallel(read, Path(known), parallel)
    except Problem as problem:  # the same words as for the source itself, under the key that is meant
        told = re.sub(
            r"\bsource\.(columns|sha256|repo|revision|file|config|split)\b", r"source.parallel.\1", str(problem)
        )
        told = re.sub(r",? or use --from FILE", "", told)
        raise Problem(f"source.parallel: {told}") from None


def _told(source: ParallelFile) -> str:
    return f"{source.name} (sha256 {source.sha256[:12]}…)" if source.name and source.sha256 else "a file"


def _read_version(source: VersionSource, registry: Path, where: str | None) -> Read:
    # A recorded commit says more than a tag, which its owner can move.
    pinned = f"{source.repo}@{source.commit}" if source.repo and source.commit else None
    named = f"{source.name}@{source.version}" if source.name and source.version else None
    reference = where or source.ref or pinned or named
    if reference is None:
        raise Problem("the source is a version and nothing says which; give it with --from NAME@X.Y.Z, or source.ref")
    version = resolve(reference, registry)
    if source.commit and version.commit not in (None, source.commit):
        raise Problem(
            f"{reference}: commit {version.commit} now, and the recipe pins {source.commit}: the tag was moved; leave out "
            "--from and source.ref to use the pinned commit"
        )
    if source.content_sha256 not in (None, version.content_sha256):
        raise Problem(
            f"{reference}: another content than the recipe pins ({version.content_sha256[:12]}…, expected "
            f"{str(source.content_sha256)[:12]}…); use the pinned version"
        )
    rows = version.rows().select("id", "instruction", "input", "output")
    pin = VersionSource(
        name=version.name,
        version=version.number,
        content_sha256=version.content_sha256,
        repo=version.repo or source.repo,
        commit=version.commit or source.commit,
    )
    return Read(in_natural_order(rows, reference), pin)


def read_sets(recipe: Recipe, registry: Path) -> list[Texts]:
    """The evaluation sets of a recipe, where it says or where they were last. Raises Problem for one that is missing."""
    asked = recipe.decontaminate.sets if recipe.decontaminate else ()
    return [read_set(one, _place(one, registry)) for one in asked]


def _place(asked: EvaluationSet, registry: Path) -> Path:
    if asked.repo and asked.revision and asked.file:
        try:
            return fetch_file(asked.repo, asked.file, asked.revision)
        except Problem as problem:
            told = re.sub(r"source\.(\w+)", r"the set's \1", str(problem))
            told = told.replace("or use --from FILE", "then run again")
            raise Problem(f"evaluation set {asked.name}: {told}") from None
    path = asked.path or _remembered(registry, asked.sha256)
    if path is None:
        note = registry / ".sources" / str(asked.sha256)
        raise Problem(
            f"evaluation set {asked.name}: {asked.file or 'a file'} (sha256 {str(asked.sha256)[:12]}…) is needed and "
            f"nothing says where it is; write its path into {note}, or give the set's path in the recipe"
        )
    return Path(path)


def remember(registry: Path, sha256: str, path: Path) -> None:
    """Note beside the versions (never in one) where a source file lies, so that `verify` finds it again here."""
    notes = registry / ".sources"
    notes.mkdir(parents=True, exist_ok=True)
    (notes / sha256).write_text(str(path.resolve()), "utf-8")


def _remembered(registry: Path, sha256: str | None) -> str | None:
    note = registry / ".sources" / str(sha256)
    if not note.is_file():
        return None
    path = note.read_text("utf-8").removesuffix("\n")  # where a person wrote it
    return path if Path(path).is_file() else None
