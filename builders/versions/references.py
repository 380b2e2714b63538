"""A reference is resolved: PATH, NAME@VERSION here, OWNER/NAME@VERSION on the Hub."""

from pathlib import Path

from builders.errors import Invalid, NotFound
from builders.hub.published import open_published
from builders.hub.snapshots import existing
from builders.identifiers import (
    HubReference,
    LocalReference,
    VersionNumber,
    is_repository,
    parse_reference,
    version_number,
)
from builders.schema import MANIFEST
from builders.versions.version import Version, open_version


def names_in(registry: Path) -> list[str]:
    """The names of the datasets that have versions under a registry."""
    return sorted({path.parent.parent.name for path in registry.glob(f"*/v*/{MANIFEST}")})


def versions_in(registry: Path, name: str) -> dict[VersionNumber, Path]:
    """The versions of a dataset under a registry, oldest first."""
    found = {}
    for folder in (registry / name).glob("v*"):
        number = version_number(folder.name)
        if number and (folder / MANIFEST).is_file():
            found[number] = folder
    return dict(sorted(found.items()))


def last_built(registry: Path) -> Version | None:
    """The version whose manifest was written last under a registry, whatever its name."""
    manifests = sorted(registry.glob(f"*/v*/{MANIFEST}"), key=lambda path: (path.stat().st_mtime_ns, str(path)))
    return open_version(manifests[-1].parent) if manifests else None


def resolve(reference: str, registry: Path, check: bool = True) -> Version:
    """Open the version that a reference names; one on the Hub is fetched, and carries its commit.

    check: compare what comes from the Hub with its manifest's hashes at once (`verify` does that itself). Raises
    Problem, naming what exists, when there is no such version or the reference floats.
    """
    folder = Path(reference)
    if folder.is_dir():
        return open_version(folder)
    parsed = parse_reference(reference)
    if isinstance(parsed, LocalReference):
        return _local(parsed, registry)
    names = names_in(registry)
    if reference in names:
        exist = ", ".join(f"{reference}@{number}" for number in versions_in(registry, reference))
        raise Invalid(f"{reference}: name a version; there are {exist}")
    if isinstance(parsed, HubReference):
        return open_published(parsed.repo, parsed.revision, check)
    if is_repository(reference):
        raise Invalid(f"{reference}: no such folder, and a repository alone is no version; {existing(reference)}")
    raise NotFound(
        f"{reference}: no such version folder, and not NAME@X.Y.Z; names in {registry}: {', '.join(names) or 'none'}"
    )


def _local(reference: LocalReference, registry: Path) -> Version:
    known = versions_in(registry, reference.name)
    exist = ", ".join(map(str, known)) or "none"
    number = version_number(reference.version)
    shown = f"{reference.name}@{reference.version}"
    if number is None:
        raise Invalid(f"{shown}: not a version number after the @; versions of {reference.name} in {registry}: {exist}")
    if number not in known:
        raise NotFound(f"{shown}: no such version in {registry}; versions of {reference.name}: {exist}")
    return open_version(known[number])
