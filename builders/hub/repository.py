"""A repository on the Hub as its publishers see it: what is there, one commit on a known head, a tag of one's own."""

import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from builders.errors import Conflict, Denied, Invalid, Problem, clipped
from builders.hub.client import Advice, client, in_words, upload_failed
from builders.hub.patience import patiently, status_of
from builders.hub.snapshots import Kind, Published, commits, moved_to, published
from builders.identifiers import VersionNumber
from builders.schema import CARD
from builders.versions.fingerprint import file_fingerprint
from cards.shared.sections import sections, unclosed
from cards.shared.terminal import safe_line

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, CommitOperationCopy, CommitOperationDelete, GitCommitInfo
    from huggingface_hub.hf_api import DatasetInfo, ModelInfo

log = logging.getLogger(__name__)
Content = bytes | Path  # of one file: itself, or where it lies

# What the Hub puts into a repository by itself, or offers to.
OF_THE_HUB = frozenset({".gitattributes", "README.md", "LICENSE", "LICENSE.md", "LICENSE.txt"})
OURS = Advice(name="check the name, and the token in HF_TOKEN")


@dataclass(frozen=True)
class Remote:
    """A repository as it is now. head: the newest commit of `branch`. files: size and content hash by path (sha256, or git's)."""

    repo: str
    kind: Kind
    head: str
    private: bool
    files: Mapping[str, tuple[int, str]]
    tags: Mapping[VersionNumber, Published]
    branch: str = "main"


@dataclass(frozen=True)
class Sent:
    """One file of a publication. action: add, replace, keep (the Hub has these bytes already) or remove."""

    path: str
    action: str
    bytes: int


@dataclass(frozen=True)
class Publication:
    """What was published, or would be.

    commit: the tagged commit, None for a dry run. outcome: published, tagged (a commit was there without its tag),
    unchanged (all was there), proposed (as a pull request) or planned. reason: why this number is right. pull_request: the
    address of the one that proposes it.
    """

    repo: str
    number: str
    outcome: str
    commit: str | None
    private: bool
    files: tuple[Sent, ...]
    reason: str
    pull_request: str | None = None

    @property
    def reference(self) -> str:
        """`OWNER/NAME@v1.2.0`, as every command takes it."""
        return f"{self.repo}@v{self.number}"

    @property
    def bytes_sent(self) -> int:
        """Size of the files that the Hub does not have yet."""
        return sum(one.bytes for one in self.files if one.action in ("add", "replace"))


def remote_repository(repo: str, kind: Kind) -> Remote | None:
    """The repository, None when there is none (or none that may be seen)."""
    from huggingface_hub.errors import RepositoryNotFoundError

    api = client()

    def ask() -> "DatasetInfo | ModelInfo | None":
        try:
            if kind == "dataset":
                return api.dataset_info(repo, files_metadata=True)
            return api.model_info(repo, files_metadata=True)
        except RepositoryNotFoundError as error:
            if status_of(error) == 401:  # asked without a token: that does not say that there is none
                raise
            return None

    with in_words(repo, "the repository", OURS):
        info = patiently(ask, anonymous=False)
    if info is None:
        return None
    repo = moved_to(repo, info.id)
    return Remote(repo, kind, str(info.sha), bool(info.private), _files(info), published(repo, kind))


def files_at(repo: str, commit: str, kind: Kind = "dataset") -> Mapping[str, tuple[int, str]]:
    """Size and content hash (sha256, or git's) by path, of the files of a commit."""
    api = client()
    with in_words(repo, "the list of files"):
        if kind == "dataset":
            return _files(patiently(lambda: api.dataset_info(repo, revision=commit, files_metadata=True)))
        return _files(patiently(lambda: api.model_info(repo, revision=commit, files_metadata=True)))


def _files(info: "DatasetInfo | ModelInfo") -> dict[str, tuple[int, str]]:
    return {
        file.rfilename: (int(file.size or 0), file.lfs.sha256 if file.lfs else str(file.blob_id))
        for file in info.siblings or ()
    }


def make_repository(repo: str, kind: Kind, private: bool | None) -> Remote:
    """The repository, made where there was none. Raises Problem when somebody else made it meanwhile, and used it."""
    with in_words(repo, "making a repository", OURS):
        patiently(lambda: client().create_repo(repo, repo_type=kind, private=bool(private), exist_ok=True))
    made = remote_repository(repo, kind)
    assert made, "the repository was just made"
    require_private(repo, made, private)
    if made.tags or made.files.keys() - OF_THE_HUB:
        raise Conflict(
            f"{repo}: somebody else made it meanwhile", "nothing was published, run again to see what is there"
        )
    return made


def require_private(repo: str, remote: Remote | None, private: bool | None) -> None:
    """Raises Conflict when a repository is asked to be private and is public."""
    if remote and private and not remote.private:
        raise Conflict(f"{repo}: is public", "leave out --private, or publish to another repository")


def card_texts(remote: Remote | None, card: str) -> dict[str, str]:
    """What people wrote between the marks of the card that is there. Raises Problem when the marks are broken."""
    if remote is None or CARD not in remote.files:
        return {}
    repo = remote.repo
    there = published_card(remote)
    if names := unclosed(there):
        raise Invalid(
            f"{repo}: its README.md lacks the mark <!-- /aguila:editable --> that ends the section {names[0]!r}",
            "put it back there, then publish again",
        )
    texts = sections(there)
    for name in texts.keys() - sections(card).keys():
        log.warning(
            "the new card has no section %s; what it says on the Hub stays in commit %s", name, remote.head[:12]
        )
    return texts


def published_card(remote: Remote) -> str:
    """The README.md at the repository's head. Raises Problem when it is no text."""
    with in_words(remote.repo, "README.md"):
        path = patiently(
            lambda: client().hf_hub_download(remote.repo, "README.md", repo_type=remote.kind, revision=remote.head)
        )
    try:
        return Path(path).read_bytes().decode()
    except UnicodeDecodeError:
        raise Invalid(
            f"{remote.repo}: its README.md is not UTF-8 text", "correct it there, then publish again"
        ) from None


def plan(remote: Remote | None, contents: Mapping[str, Content], stale: Iterable[str]) -> list[Sent]:
    """What happens to each file: of `contents` by path, and of those there that are `stale`."""
    there = remote.files if remote else {}
    planned = []
    for path, content in sorted(contents.items()):
        known = there.get(path)
        kept = known is not None and known[1] in hashes_of(content)
        size = len(content) if isinstance(content, bytes) else content.stat().st_size
        planned.append(Sent(path, "keep" if kept else "replace" if known else "add", size))
    return planned + [Sent(path, "remove", there[path][0]) for path in sorted(stale) if path not in contents]


def hashes_of(content: Content) -> tuple[str, str]:
    """A file's sha256, and the id that git gives it (SHA-1 over a header and the bytes)."""
    if isinstance(content, bytes):
        git = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False)
        return hashlib.sha256(content).hexdigest(), git.hexdigest()
    git = hashlib.sha1(b"blob %d\0" % content.stat().st_size, usedforsecurity=False)
    with content.open("rb") as file:
        hashlib.file_digest(file, lambda: git)  # in pieces: an adapter's weights are half a gigabyte
    return file_fingerprint(content).sha256, git.hexdigest()


def operations(
    planned: Iterable[Sent], contents: Mapping[str, Content]
) -> "list[CommitOperationAdd | CommitOperationDelete | CommitOperationCopy]":
    """What a commit does, as the client takes it."""
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    return [
        CommitOperationDelete(one.path, is_folder=False)
        if one.action == "remove"
        else CommitOperationAdd(one.path, contents[one.path])
        for one in planned
        if one.action != "keep"
    ]


def send(
    remote: Remote,
    planned: Iterable[Sent],
    contents: Mapping[str, Content],
    title: str,
    description: str,
    is_ours: "Callable[[GitCommitInfo], bool]",
    advice: str,
) -> str:
    """One commit with everything, on the head that was planned for. Returns its id.

    is_ours: is this the commit that publishes these contents? advice: what to correct when the Hub refuses the card.
    Raises Problem when the head has moved.
    """
    from huggingface_hub.errors import HfHubHTTPError

    repo = remote.repo
    chosen = list(planned)

    def once() -> str:
        return (
            client()
            .create_commit(
                repo,
                operations(chosen, contents),
                commit_message=title,
                commit_description=description,
                repo_type=remote.kind,
                revision=remote.branch,
                parent_commit=remote.head,
            )
            .oid
        )

    made = None  # where the head has moved: by ourselves, if an answer was lost on the way; otherwise by somebody else
    with in_words(repo, "writing to the repository", OURS):
        try:
            made = patiently(once)
        except HfHubHTTPError as error:
            if status_of(error) != 412:
                raise
        except ValueError as error:
            raise _refused(repo, error, advice) from None
        except RuntimeError as error:
            raise upload_failed(repo, error) from None
    return _ours(remote, made, is_ours)


def _refused(repo: str, error: ValueError, advice: str) -> Problem:
    """A ValueError is how the client tells that the Hub refuses the card, or a large file."""
    reason = clipped(" ".join(safe_line(str(error)).split()), 300)
    if "LFS" in reason:
        return Denied(f"{repo}: the Hub refuses a file: {reason}", "correct that, then run again")
    return Invalid(f"{repo}: the Hub refuses the card: {reason}", advice)


def _ours(remote: Remote, made: str | None, is_ours: "Callable[[GitCommitInfo], bool]") -> str:
    """The commit that followed on the head that was planned for, if it is ours.

    made: what the client gave as our commit. It is not believed: where an answer was lost and others committed after it,
    that is their commit. Raises Conflict when somebody else's followed, or none that is ours.
    """
    listed = commits(remote.repo, made or remote.branch, remote.kind)
    for one, before in pairwise(listed):
        if before.commit_id == remote.head and is_ours(one):
            return one.commit_id
    raise Conflict(
        f"{remote.repo}: somebody else changed it meanwhile (its head is no longer {remote.head[:12]})",
        "nothing was published, run again to see what is there",
    )


def tag_commit(repo: str, kind: Kind, one: Published) -> None:
    """Tag a commit. Raises Problem when the tag was given to another commit meanwhile."""
    with in_words(repo, "tagging"):
        patiently(lambda: client().create_tag(repo, tag=one.tag, revision=one.commit, repo_type=kind, exist_ok=True))
    now = published(repo, kind).get(one.number)
    if now is None or now.commit != one.commit:
        at = now.commit[:12] if now else "no commit"
        raise Conflict(f"{repo}: somebody else tagged {one.tag} meanwhile, at {at}", "run again to see what is there")
