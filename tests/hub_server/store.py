"""Repositories: blobs on disk by their id, commits as a chain of trees, branches and tags as names of commits."""

import hashlib
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.hub_server import git

LFS_NAMES = re.compile(r"\.(parquet|arrow|safetensors|bin|pt|gz|zst|xz|zip|png|jpg)$")
LFS_SIZE = 10_000_000  # bytes: above it any file goes to LFS
OID = re.compile(r"[0-9a-f]{40}")


class Refused(Exception):
    """What the Hub answers when it does not do what it was asked: status, message, and the code that clients look at."""

    def __init__(
        self, status: int, message: str, code: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.headers = status, message, code, headers or {}


@dataclass(frozen=True)
class File:
    """A file of a tree: its git id (of the pointer, with LFS), its size, and its sha256 if LFS keeps it."""

    oid: str
    size: int
    sha256: str | None = None


@dataclass(frozen=True)
class Commit:
    """A commit: the whole tree, not a difference."""

    oid: str
    parent: str | None
    tree: Mapping[str, File]
    folders: Mapping[str, str]
    title: str
    description: str
    author: str
    date: datetime


@dataclass
class Repo:
    """A repository. `refs` has full names: refs/heads/main, refs/tags/v1.0.0, refs/convert/parquet."""

    kind: str
    id: str
    created: datetime
    private: bool = False
    gated: bool = False
    commits: dict[str, Commit] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)

    @property
    def namespace(self) -> str:
        """The user or organisation that owns it."""
        return self.id.split("/")[0]

    def resolve(self, revision: str) -> Commit:
        """The commit that a branch, a tag, a full ref or a commit id names. Raises Refused when there is none."""
        for name in (f"refs/heads/{revision}", f"refs/tags/{revision}", revision):
            if name in self.refs:
                return self.commits[self.refs[name]]
        if revision in self.commits:
            return self.commits[revision]
        raise Refused(404, f"Invalid rev id: {revision}", "RevisionNotFound")

    def history(self, commit: Commit) -> Iterator[Commit]:
        """A commit and those before it, newest first."""
        oid: str | None = commit.oid
        while oid:
            yield self.commits[oid]
            oid = self.commits[oid].parent

    def last_change(self, commit: Commit, path: str) -> Commit:
        """The commit that last changed a file or folder."""

        def at(commit: Commit) -> tuple[File | None, str | None]:
            return commit.tree.get(path), commit.folders.get(path)

        last = commit
        for older in self.history(commit):
            if at(older) != at(commit):
                break
            last = older
        return last


class Store:
    """Everything that a Hub keeps. Safe to use from the test's thread while the server's answers requests.

    `clock` is the date that the next commit gets; it stands still until a test sets it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = datetime(2024, 1, 15, 10, 30, tzinfo=UTC)
        self.repos: dict[tuple[str, str], Repo] = {}
        self.moved: dict[tuple[str, str], str] = {}
        self.lock = threading.RLock()

    # ---- blobs -------------------------------------------------------------------------------------------------------

    def blob(self, file: File) -> Path:
        """Where a file's bytes are."""
        return self.lfs_object(file.sha256) if file.sha256 else self._place("git", file.oid)

    def lfs_object(self, sha256: str) -> Path:
        """Where LFS keeps, or would keep, the bytes with this hash. Raises Refused for what is no hash."""
        if not re.fullmatch("[0-9a-f]{64}", sha256):
            raise Refused(422, f"Invalid LFS oid: {sha256}")
        return self._place("lfs", sha256)

    def put(self, data: bytes, lfs: bool = False) -> File:
        """Keep some bytes."""
        sha256 = hashlib.sha256(data).hexdigest() if lfs else None
        oid = git.blob_oid(git.lfs_pointer(sha256, len(data)) if sha256 else data)
        file = File(oid, len(data), sha256)
        write_whole(self.blob(file), data)
        return file

    def lfs_file(self, sha256: str) -> File | None:
        """The file with this hash, if it was uploaded."""
        path = self.lfs_object(sha256)
        if not path.exists():
            return None
        size = path.stat().st_size
        return File(git.blob_oid(git.lfs_pointer(sha256, size)), size, sha256)

    def _place(self, kind: str, oid: str) -> Path:
        return self.folder / kind / oid[:2] / oid[2:]

    # ---- repositories ------------------------------------------------------------------------------------------------

    def repo(self, kind: str, id: str) -> Repo:
        """A repository. Raises Refused when there is none."""
        try:
            return self.repos[kind, id]
        except KeyError:
            raise Refused(404, "Repository not found", "RepoNotFound") from None

    def create_repo(self, kind: str, id: str, author: str, private: bool = False) -> Repo:
        """A new repository, with the commit that the Hub makes in it. Raises Refused when the name is taken."""
        with self.lock:
            if (kind, id) in self.repos:
                raise Refused(409, f"You already created this {kind} repo: {id}")
            repo = self.repos[kind, id] = Repo(kind, id, self.clock, private)
            attributes = self.put(b"*.parquet filter=lfs diff=lfs merge=lfs -text\n")
            self.add_commit(repo, "refs/heads/main", {".gitattributes": attributes}, "initial commit", "", author)
            return repo

    def add_commit(
        self,
        repo: Repo,
        ref: str,
        tree: Mapping[str, File],
        title: str,
        description: str,
        author: str,
        oid: str | None = None,
    ) -> Commit:
        """Put a tree on top of a branch (a new one starts there). `oid` forces the commit's id. Raises Refused."""
        with self.lock:
            parent = repo.refs.get(ref)
            try:
                folders = git.folder_oids({path: file.oid for path, file in tree.items()})
            except ValueError as error:
                raise Refused(400, str(error)) from None
            message = "\n\n".join(filter(None, (title, description)))
            oid = oid or git.commit_oid(folders[""], parent, author, self.clock, message)
            commit = Commit(oid, parent, dict(sorted(tree.items())), folders, title, description, author, self.clock)
            repo.commits[oid] = commit
            repo.refs[ref] = oid
            return commit


def kept_by_lfs(path: str, size: int) -> bool:
    """Whether the Hub asks for a file through LFS."""
    return bool(LFS_NAMES.search(path)) or size >= LFS_SIZE


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that nobody sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{threading.get_ident()}")
    part.write_bytes(data)
    part.replace(path)
