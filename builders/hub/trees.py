"""The whole tree of a published version: is every file there as its manifest says, and what else is?"""

from builders.hub.files import fetch_file
from builders.hub.repository import files_at, hashes_of
from builders.manifest import Manifest
from builders.schema import CARD, MANIFEST
from builders.versions.fingerprint import file_fingerprint
from builders.versions.strangers import harmful
from builders.versions.version import Version
from cards.shared.sections import fixed_sha256


def damage(repo: str, commit: str, manifest: Manifest, at_hand: Version) -> list[str]:
    """What is wrong with a version at a commit, by the manifest there; nothing where it is whole.

    The Hub's own hashes are compared; a small file, of which the Hub tells no sha256, is fetched unless the version at
    hand has the same one. at_hand: that version.
    """
    there = files_at(repo, commit)
    wrong = []
    for path, expected in manifest.files.items():
        if path not in there:
            wrong.append(f"{path}: missing")
            continue
        size, digest = there[path]
        if path == CARD:
            text = fetch_file(repo, path, commit).read_bytes().decode("utf-8", "replace")
            same = fixed_sha256(text) == manifest.card_sha256
        elif len(digest) == len(expected.sha256):
            same = (size, digest) == (expected.bytes, expected.sha256)
        elif at_hand.manifest.files.get(path) == expected:
            same = digest in hashes_of(at_hand.path / path)
        else:
            same = file_fingerprint(fetch_file(repo, path, commit)) == expected
        if not same:
            wrong.append(f"{path}: changed")
    return wrong + harmful(there.keys() - manifest.files.keys() - {MANIFEST}, repo)
