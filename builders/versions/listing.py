"""The versions that lie under a registry. `builders/hub/published.py` lists those of a repository."""

from dataclasses import dataclass
from pathlib import Path

from builders.errors import NotFound
from builders.versions.references import names_in, sound_versions
from builders.versions.version import Version


@dataclass(frozen=True)
class ListedVersion:
    """A version as `aguila versions` shows it. commit: where it is known to lie on the Hub; a version built here has none."""

    name: str
    version: str
    rows: int
    content_sha256: str
    commit: str | None
    path: Path


def list_versions(registry: Path, name: str | None = None) -> list[ListedVersion]:
    """The versions of a dataset under a registry, or of every dataset there by name, oldest first.

    A version that cannot be read is named in a warning and passed over. Raises NotFound when a dataset is named and has no
    version that can be read.
    """
    names = [name] if name else names_in(registry)
    found = [_listed(version) for one in names for version in sound_versions(registry, one).values()]
    if name and not found:
        raise NotFound(f"{name}: no versions in {registry}", "build one with `aguila build`")
    return found


def _listed(version: Version) -> ListedVersion:
    rows = version.manifest.kept
    return ListedVersion(version.name, str(version.number), rows, version.content_sha256, version.commit, version.path)
