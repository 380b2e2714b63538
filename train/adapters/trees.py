"""The whole tree of what was published: is every file there as its record says, and what else would be loaded with it?"""

from collections.abc import Callable, Mapping
from pathlib import Path

from builders.hub.repository import OF_THE_HUB, files_at, hashes_of
from builders.manifest import Fingerprint


def damage(
    repo: str, commit: str, folder: Path, files: Mapping[str, Fingerprint], record: str, holds: Callable[[str], bool]
) -> list[str]:
    """What is wrong with files at a commit, by the Hub's own hashes; card and record apart, which are compared as text.

    folder, files: the same ones here, as their record has them. record: its name. holds: whether a file would be loaded.
    """
    there = files_at(repo, commit, "model")
    wrong = []
    for path, expected in files.items():
        digest = there[path][1] if path in there else None
        if digest is None:
            wrong.append(f"{path}: missing")
        elif path not in OF_THE_HUB and digest != _known_as(digest, expected, folder / path):
            wrong.append(f"{path}: changed")
    strange = sorted(there.keys() - files.keys() - OF_THE_HUB - {record})
    return wrong + [f"{path}: not part of it" for path in strange if holds(path)]


def _known_as(digest: str, expected: Fingerprint, path: Path) -> str:
    """The hash that the Hub should tell, of the same kind: the recorded one, or git's, which small files have."""
    return expected.sha256 if len(digest) == len(expected.sha256) else hashes_of(path)[1]
