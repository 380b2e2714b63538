"""Versions on the Hub: a tag is resolved to its commit, the commit's files to a folder in the Hub cache."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from builders.errors import Problem
from builders.hub.client import COMMIT, Advice, client, fetch_file, in_words, patiently, unreachable
from builders.versions.version import OtherFormat, Version, file_fingerprint, open_version
from builders.versions.version_number import NUMBER, Number, parse_number

if TYPE_CHECKING:
    from huggingface_hub import GitCommitInfo

log = logging.getLogger(__name__)

# What a version's files may be called. A manifest comes from whoever owns the repository: nothing outside the snapshot, no
# pattern, nothing hidden, nothing endless.
FILE_NAME = re.compile(r"(?=.{1,200}\Z)[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*){0,3}", re.ASCII)
NOT_OURS = "it is no version of this tool (it has no manifest.json of one); read it as a source: kind hub, repo, revision, file"


# What is read of a manifest, and its type: it may come from anyone.
READ = {
    "name": str,
    "version": str,
    "kept": int,
    "columns": list,
    "content_sha256": str,
    "template": dict,
    "files": dict,
}


@dataclass(frozen=True)
class Published:
    """One version in a repository: its tag and the commit behind it."""

    number: Number
    commit: str

    @property
    def tag(self) -> str:
        """`v1.2.0`."""
        return f"v{self.number}"


def published(repo: str, kind: str = "dataset") -> dict[Number, Published]:
    """The tags of a repository that are version numbers, oldest first. Raises Problem when it cannot be asked."""
    with in_words(repo, "the list of versions"):
        refs = patiently(lambda: client().list_repo_refs(repo, repo_type=kind))
    found = {}
    for ref in refs.tags:
        if ref.name.startswith("v") and NUMBER.fullmatch(ref.name):
            number = parse_number(ref.name)
            found[number] = Published(number, ref.target_commit)
    return dict(sorted(found.items()))


def open_published(repo: str, revision: str, check: bool = True) -> Version:
    """The version `OWNER/NAME@revision`, fetched whole into the Hub cache; the commit stands in what is returned.

    revision: `v1.2.0`, `1.2.0` or a commit's 40 digits; a branch floats and is refused. check: compare every fetched
    file with the manifest's hash (`verify` does that itself). Without a network, a cached copy serves, and a warning
    says so. Raises Problem for anything that does not exist, is not ours, is not what its manifest says, and for a tag
    that points elsewhere than when it was last fetched here.
    """
    from huggingface_hub import snapshot_download

    if not COMMIT.fullmatch(revision) and not NUMBER.fullmatch(revision):
        raise Problem(f"{repo}@{revision}: not a version, it may change at any time; {existing(repo)}")
    tag = revision if COMMIT.fullmatch(revision) else f"v{parse_number(revision)}"
    where = f"{repo}@{tag[:12]}"
    commit, present = _commit(repo, tag)
    fetch_file(repo, "manifest.json", tag, _advice(repo))  # by its tag, so that the cache remembers the tag
    manifest_file = fetch_file(repo, "manifest.json", commit, _advice(repo))
    version = _checked(manifest_file, repo, commit)
    if version is None:
        raise Problem(f"{where}: {NOT_OURS}")
    if not COMMIT.fullmatch(tag) and f"v{version.number}" != tag:
        raise Problem(f"{where}: the tag holds version {version.number} of {version.name}; name that, or its commit")
    files: Mapping[str, Any] = version.manifest["files"]
    for path in files:
        if not FILE_NAME.fullmatch(path):
            raise Problem(f"{where}: the manifest names a file {path[:80]!r}, which no version has; do not use it")
    strange = sorted(path for path in present or () if path.startswith(("data/", "ledger/")) and path not in files)
    if strange:  # `load_dataset` would read it as rows of the version
        raise Problem(
            f"{where}: holds {strange[0][:80]!r}, which the manifest does not know; ask its owner to publish it again"
        )
    missing = [path for path in files if not _is_cached(repo, path, commit)]
    if missing and present is None:
        raise Problem(
            f"{where}: only a part of it is in the Hub cache and the Hub cannot be reached; connect, then run again"
        )
    if missing:
        with in_words(where, "the version's files", _advice(repo)):
            patiently(lambda: snapshot_download(repo, repo_type="dataset", revision=commit, allow_patterns=missing))
    if check:
        _require_hashes(version, where)
    return version


def _commit(repo: str, tag: str) -> tuple[str, list[str] | None]:
    """The commit behind a tag (or the commit itself) and its files; without a network, the commit in the cache and None."""
    cached = tag if COMMIT.fullmatch(tag) else cached_commit(repo, tag)
    try:
        with in_words(f"{repo}@{tag[:12]}", "the version", _advice(repo)):
            try:
                info = patiently(lambda: client().dataset_info(repo, revision=tag))
            except Exception as error:
                if cached is None or not unreachable(error):
                    raise
                log.warning("the Hub cannot be reached; %s@%s is the copy in the cache", repo, tag[:12])
                return cached, None
    except Problem as problem:
        if "no such revision" in str(problem):
            raise Problem(f"{repo}@{tag[:12]}: no such version; {existing(repo)}") from None
        raise
    if cached not in (None, info.sha):
        raise Problem(
            f"{repo}@{tag}: the tag was moved: it pointed at {cached}, and now at {info.sha}; name the commit that you mean, "
            f"as {repo}@{cached}"
        )
    return str(info.sha), [file.rfilename for file in info.siblings or ()]


def cached_commit(repo: str, tag: str) -> str | None:
    """The commit that a tag had when it was last fetched here; the Hub cache keeps it beside the files."""
    from huggingface_hub import constants

    owner, name = repo.split("/")
    note = Path(constants.HF_HUB_CACHE) / f"datasets--{owner}--{name}" / "refs" / tag
    return note.read_text("ascii").strip() if note.is_file() else None


def _is_cached(repo: str, path: str, commit: str) -> bool:
    from huggingface_hub import try_to_load_from_cache

    return isinstance(try_to_load_from_cache(repo, path, revision=commit, repo_type="dataset"), str)


def _require_hashes(version: Version, where: str) -> None:
    for path, expected in version.manifest["files"].items():
        if path == "README.md":
            continue  # people may edit it on the Hub; `verify` knows where
        file = version.path / path
        if not file.is_file():
            raise Problem(f"{where}: {path} is missing from the repository; ask its owner to publish it again")
        if file_fingerprint(file) != expected:
            raise Problem(
                f"{where}: {path} is not the file that the manifest records (other sha256); do not use it: remove "
                f"{file} and fetch it again, and if it stays so, ask its owner to publish it again"
            )


def _advice(repo: str) -> Advice:
    return Advice(entry=NOT_OURS, revision="no such revision", offline="connect, then run again")


def existing(repo: str) -> str:
    """`versions of o/n: v1.0.0, v1.1.0`."""
    known = published(repo)
    return f"versions of {repo}: {', '.join(one.tag for one in known.values()) or 'none'}"


@dataclass(frozen=True)
class Listed:
    """A published version as `aguila versions` shows it. `date` is the commit's, ISO 8601."""

    version: str
    commit: str
    date: str
    rows: int
    content_sha256: str


def list_published(repo: str) -> list[Listed]:
    """What a repository holds: number, commit, date, rows and content hash of each version, oldest first.

    Tags that hold no manifest are named in a warning and left out. Raises Problem when the repository has no version.
    """
    listed: list[Listed] = []
    dates = {commit.commit_id: commit.created_at for commit in commits(repo)}
    for one in published(repo).values():
        manifest = manifest_or_none(repo, one.commit)
        if manifest is None:
            log.warning("%s@%s is left out: %s", repo, one.tag, NOT_OURS)
            continue
        if one.commit not in dates:  # on another branch, or none
            dates |= {commit.commit_id: commit.created_at for commit in commits(repo, one.commit)}
        date = dates[one.commit].isoformat()
        listed.append(Listed(str(one.number), one.commit, date, manifest["kept"], manifest["content_sha256"]))
    if not listed:
        raise Problem(f"{repo}: holds no version; publish one with `aguila publish REF {repo}`")
    return listed


def commits(repo: str, revision: str | None = None, kind: str = "dataset") -> "list[GitCommitInfo]":
    """The commits behind a revision, newest first."""
    with in_words(repo, "the list of commits"):
        return patiently(lambda: client().list_repo_commits(repo, repo_type=kind, revision=revision))


def latest_published(repo: str) -> Version | None:
    """The newest version in a repository as far as its manifest tells, None where there is none. Nothing else is fetched."""
    for one in reversed(published(repo).values()):
        if version := _manifest_of(repo, one.commit):
            return version
    return None


def manifest_or_none(repo: str, commit: str) -> Mapping[str, Any] | None:
    """The manifest at a commit, None where the commit has none that is ours."""
    version = _manifest_of(repo, commit)
    return version.manifest if version else None


def _manifest_of(repo: str, commit: str) -> Version | None:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    with in_words(repo, "manifest.json"):
        try:
            path = patiently(lambda: hf_hub_download(repo, "manifest.json", repo_type="dataset", revision=commit))
        except LocalEntryNotFoundError:  # no network: that says nothing of the commit
            raise
        except EntryNotFoundError:
            return None
    return _checked(Path(path), repo, commit)


def _checked(manifest_file: Path, repo: str, commit: str) -> Version | None:
    """The version that a fetched manifest describes, None for one that is not ours. Raises Problem for a newer format."""
    try:
        version = open_version(manifest_file.parent)
    except OtherFormat:
        raise
    except Problem:
        return None
    manifest = version.manifest
    sound = (
        all(type(manifest.get(key)) is kind for key, kind in READ.items())
        and {"name", "sha256"} <= manifest["template"].keys()
    )
    if not sound or not all(_is_fingerprint(entry) for entry in manifest["files"].values()):
        return None
    return replace(version, repo=repo, commit=commit)


def _is_fingerprint(entry: Any) -> bool:
    return isinstance(entry, dict) and type(entry.get("bytes")) is int and isinstance(entry.get("sha256"), str)
