"""A repository's published versions, of datasets and adapters alike: tags, the commits behind them, files at a commit."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from builders.errors import Changed, Invalid, NoSuchRevision, NotFound
from builders.hub.client import Advice, client, in_words, unreachable
from builders.hub.patience import patiently
from builders.identifiers import VersionNumber, is_commit, is_repository, version_number

if TYPE_CHECKING:
    from huggingface_hub import GitCommitInfo
    from huggingface_hub.hf_api import DatasetInfo, ModelInfo

log = logging.getLogger(__name__)
Kind = Literal["dataset", "model"]


@dataclass(frozen=True)
class Published:
    """One version in a repository: its number and the commit behind its tag."""

    number: VersionNumber
    commit: str

    @property
    def tag(self) -> str:
        """`v1.2.0`."""
        return self.number.tag


@dataclass(frozen=True)
class Pinned:
    """The commit behind a revision, and its files; None where the Hub cannot be reached and a cached copy serves."""

    commit: str
    files: tuple[str, ...] | None


def published(repo: str, kind: Kind = "dataset") -> dict[VersionNumber, Published]:
    """The tags of a repository that are version numbers, oldest first. Raises Problem when it cannot be asked."""
    with in_words(repo, "the list of versions"):
        refs = patiently(lambda: client().list_repo_refs(repo, repo_type=kind))
    found = {}
    for ref in refs.tags:
        number = version_number(ref.name)
        if number and ref.name == number.tag:
            found[number] = Published(number, ref.target_commit)
    return dict(sorted(found.items()))


def existing(repo: str, kind: Kind = "dataset") -> str:
    """`versions of o/n: v1.0.0, v1.1.0`."""
    known = published(repo, kind)
    return f"versions of {repo}: {', '.join(one.tag for one in known.values()) or 'none'}"


def tag_of(repo: str, revision: str, kind: Kind = "dataset") -> str:
    """The tag `v1.2.0` of `1.2.0` or `v1.2.0`; a commit is itself. Raises Invalid for anything else, which floats."""
    if is_commit(revision):
        return revision
    number = version_number(revision)
    if number is None:
        raise Invalid(f"{repo}@{revision}: not a version, it may change at any time; {existing(repo, kind)}")
    return number.tag


def pin(repo: str, tag: str, kind: Kind = "dataset", what: str = "the version") -> Pinned:
    """The commit behind a tag (or the commit itself) and its files.

    Without a network the commit in the cache serves, and a warning says so. Raises NotFound, naming the versions that
    exist, and Changed when the tag points elsewhere than when it was last fetched here.
    """
    cached = tag if is_commit(tag) else cached_commit(repo, tag, kind)
    where = f"{repo}@{tag[:12]}"

    def ask() -> "DatasetInfo | ModelInfo":
        api = client()
        return api.dataset_info(repo, revision=tag) if kind == "dataset" else api.model_info(repo, revision=tag)

    try:
        with in_words(where, what, Advice(revision="no such revision")):
            try:
                info = patiently(ask)
            except Exception as error:
                if cached is None or not unreachable(error):
                    raise
                log.warning("the Hub cannot be reached; %s is the copy in the cache", where)
                return Pinned(cached, None)
    except NoSuchRevision:
        raise NotFound(f"{where}: no such version; {existing(repo, kind)}") from None
    moved_to(repo, info.id)
    if cached not in (None, info.sha):
        raise Changed(
            f"{repo}@{tag}: the tag was moved: it pointed at {cached}, and now at {info.sha}",
            f"name the commit that you mean, as {repo}@{cached}",
        )
    return Pinned(str(info.sha), tuple(file.rfilename for file in info.siblings or ()))


def moved_to(repo: str, now: str | None) -> str:
    """The name that the Hub answers under, told where it is another than was asked for."""
    if not now or now == repo or not is_repository(now):
        return repo
    if now.lower() != repo.lower():
        log.warning("%s was moved: it is now %s", repo, now)
    return now


def name_of(repo: str, kind: Kind = "dataset") -> str:
    """The name that a repository has now, told where it was moved."""
    api = client()
    with in_words(repo, "the repository"):
        info = patiently(lambda: api.dataset_info(repo) if kind == "dataset" else api.model_info(repo))
    return moved_to(repo, info.id)


def cached_commit(repo: str, tag: str, kind: Kind = "dataset") -> str | None:
    """The commit that a tag had when it was last fetched here; the Hub cache keeps it beside the files."""
    from huggingface_hub import constants

    owner, name = repo.split("/")
    note = Path(constants.HF_HUB_CACHE) / f"{kind}s--{owner}--{name}" / "refs" / tag
    return note.read_text("ascii").strip() if note.is_file() else None


def file_at(repo: str, commit: str, name: str, kind: Kind = "dataset") -> Path | None:
    """A file at a commit, fetched; None where the commit has none."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    with in_words(repo, name):
        try:
            return Path(patiently(lambda: hf_hub_download(repo, name, repo_type=kind, revision=commit)))
        except LocalEntryNotFoundError:  # no network: that says nothing of the commit
            raise
        except EntryNotFoundError:
            return None


def commits(repo: str, revision: str | None = None, kind: Kind = "dataset") -> "list[GitCommitInfo]":
    """The commits behind a revision, newest first."""
    with in_words(repo, "the list of commits"):
        return patiently(lambda: client().list_repo_commits(repo, repo_type=kind, revision=revision))
