"""A reference is resolved: PATH, NAME@VERSION here, OWNER/NAME@VERSION on the Hub."""

import logging
from pathlib import Path

from builders.errors import Invalid, NotFound, Problem
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

log = logging.getLogger(__name__)


def names_in(registry: Path) -> list[str]:
    """The names of the datasets that have versions under a registry."""
    return sorted({path.parent.parent.name for path in registry.glob(f"*/v*/{MANIFEST}")})


def versions_in(registry: Path, name: str) -> dict[VersionNumber, Path]:
    """The folders of a dataset's versions under a registry, oldest first. A manifest is there; what is in it is not read."""
    folders = numbers_in(registry, name)
    return {number: folder for number, folder in folders.items() if (folder / MANIFEST).is_file()}


def numbers_in(registry: Path, name: str) -> dict[VersionNumber, Path]:
    """Every number that is taken under a registry, lowest first: whatever is called v1.2.0 there, a version or not."""
    found = {number: path for path in (registry / name).glob("v*") if (number := version_number(path.name))}
    return dict(sorted(found.items()))


def sound_versions(registry: Path, name: str) -> dict[VersionNumber, Version]:
    """The versions of a dataset under a registry, opened, oldest first. A broken one is named in a warning and passed over."""
    opened = {number: _sound(folder) for number, folder in versions_in(registry, name).items()}
    return {number: version for number, version in opened.items() if version}


def last_built(registry: Path) -> Version | None:
    """The version whose manifest was written last under a registry, whatever its name; broken ones are passed over."""
    manifests = [path for path in registry.glob(f"*/v*/{MANIFEST}") if path.is_file()]
    manifests.sort(key=lambda path: (path.stat().st_mtime_ns, str(path)), reverse=True)
    return next((version for path in manifests if (version := _sound(path.parent))), None)


def _sound(folder: Path) -> Version | None:
    """A version, or None, with a warning that names it, where its manifest cannot be used."""
    try:
        return open_version(folder)
    except Problem as problem:
        log.warning("passed over: %s", problem)
        return None


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
