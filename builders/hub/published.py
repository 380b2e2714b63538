"""Dataset versions on the Hub: opened at the commit behind a tag, checked, listed."""

import logging
from dataclasses import dataclass

from builders.errors import Changed, Invalid, NotFound, OtherFormat, Unreachable
from builders.hub.client import Advice, in_words
from builders.hub.files import fetch_file
from builders.hub.patience import patiently
from builders.hub.snapshots import commits, file_at, name_of, pin, published, tag_of
from builders.hub.yanking import notes_at
from builders.identifiers import is_commit
from builders.manifest import Manifest, read_manifest
from builders.records import NotARecord
from builders.schema import CARD, MANIFEST
from builders.versions.fingerprint import file_fingerprint
from builders.versions.version import Version

log = logging.getLogger(__name__)
NOT_OURS = "it is no version of this tool (it has no manifest.json of one); read it as a source: kind hub, repo, revision, file"
ADVICE = Advice(entry=NOT_OURS, revision="no such revision")
LOADED = ("data/", "ledger/")  # folders that `load_dataset` reads whole


def open_published(repo: str, revision: str, check: bool = True) -> Version:
    """The version `OWNER/NAME@revision`, fetched whole into the Hub cache; the commit stands in what is returned.

    revision: `v1.2.0`, `1.2.0` or a commit's 40 digits; a branch floats and is refused. check: compare every fetched
    file with the manifest's hash, and refuse strange files among its rows (`verify` does both itself). Without a network,
    a cached copy serves, and a warning says so. Raises Problem for anything that does not exist, is not ours, is not what
    its manifest says, and for a tag that points elsewhere than when it was last fetched here.
    """
    from huggingface_hub import snapshot_download

    tag = tag_of(repo, revision)
    where = f"{repo}@{tag[:12]}"
    pinned = pin(repo, tag)
    fetch_file(repo, MANIFEST, tag, ADVICE)  # by its tag, so that the cache remembers the tag
    manifest = fetch_file(repo, MANIFEST, pinned.commit, ADVICE)
    try:
        record = read_manifest(manifest, f"{where}: {MANIFEST}")
        others = {*(pinned.files or ())} - record.files.keys() - {MANIFEST, ".gitattributes"}
        version = Version(manifest.parent, record, repo, pinned.commit, tuple(sorted(others)))
    except NotARecord:
        raise Invalid(f"{where}: {NOT_OURS}") from None
    if not is_commit(tag) and version.number.tag != tag:
        raise Invalid(f"{where}: the tag holds version {version.number} of {version.name}", "name that, or its commit")
    files = version.manifest.files
    strange = [path for path in version.others if path.startswith(LOADED)]
    if strange and check:  # `load_dataset` would read it as rows of the version
        raise Changed(
            f"{where}: holds {strange[0][:80]!r}, which the manifest does not know", "ask its owner to publish it again"
        )
    missing = [path for path in files if not _is_cached(repo, path, pinned.commit)]
    if missing and pinned.files is None:
        raise Unreachable(
            f"{where}: only a part of it is in the Hub cache and the Hub cannot be reached", "connect, then run again"
        )
    if missing:
        with in_words(where, "the version's files", ADVICE):
            patiently(
                lambda: snapshot_download(repo, repo_type="dataset", revision=pinned.commit, allow_patterns=missing)
            )
    if check:
        _require_hashes(version, where)
    return version


def _is_cached(repo: str, path: str, commit: str) -> bool:
    from huggingface_hub import try_to_load_from_cache

    return isinstance(try_to_load_from_cache(repo, path, revision=commit, repo_type="dataset"), str)


def _require_hashes(version: Version, where: str) -> None:
    for path, expected in version.manifest.files.items():
        if path == CARD:
            continue  # people may edit it on the Hub; `verify` knows where
        file = version.path / path
        if not file.is_file():
            raise NotFound(f"{where}: {path} is missing from the repository", "ask its owner to publish it again")
        if file_fingerprint(file) != expected:
            raise Changed(
                f"{where}: {path} is not the file that the manifest records (other sha256)",
                f"do not use it: remove {file} and fetch it again, and if it stays so, ask its owner to publish it again",
            )


@dataclass(frozen=True)
class Listed:
    """A published version as `aguila versions` shows it. date: the commit's, ISO 8601. yanked: why it was withdrawn."""

    version: str
    commit: str
    date: str
    rows: int
    content_sha256: str
    yanked: str | None = None


def list_published(repo: str) -> list[Listed]:
    """What a repository holds: number, commit, date, rows and content hash of each version, oldest first.

    Tags that hold no manifest are named in a warning and left out. Raises NotFound when the repository has no version.
    """
    listed: list[Listed] = []
    repo = name_of(repo)
    every = commits(repo)
    dates = {commit.commit_id: commit.created_at for commit in every}
    notes = notes_at(repo, every[0].commit_id)
    for one in published(repo).values():
        manifest = manifest_at(repo, one.commit)
        if manifest is None:
            log.warning("%s@%s is left out: %s", repo, one.tag, NOT_OURS)
            continue
        if one.commit not in dates:  # on another branch, or none
            dates |= {commit.commit_id: commit.created_at for commit in commits(repo, one.commit)}
        date = dates[one.commit].isoformat()
        note = notes.get(one.number)
        why = note.reason if note else None
        listed.append(Listed(str(one.number), one.commit, date, manifest.kept, manifest.content_sha256, why))
    if not listed:
        raise NotFound(f"{repo}: holds no version", f"publish one with `aguila publish REF {repo}`")
    return listed


def latest_published(repo: str) -> Version | None:
    """The newest version in a repository as far as its manifest tells, None where there is none. Nothing else is fetched."""
    for one in reversed(published(repo).values()):
        if version := _version_at(repo, one.commit):
            return version
    return None


def manifest_at(repo: str, commit: str) -> Manifest | None:
    """The manifest at a commit, None where the commit has none that is ours."""
    version = _version_at(repo, commit)
    return version.manifest if version else None


def _version_at(repo: str, commit: str) -> Version | None:
    """The version at a commit as far as its manifest tells; None for one that is not ours. Raises OtherFormat."""
    path = file_at(repo, commit, MANIFEST)
    if path is None:
        return None
    try:
        return Version(path.parent, read_manifest(path, f"{repo}@{commit[:12]}"), repo, commit)
    except OtherFormat:
        raise
    except Invalid:
        return None
