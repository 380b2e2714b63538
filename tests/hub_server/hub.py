"""A Hub for tests: the server, and all that a test may do to it behind the clients' backs."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from tests.hub_server.accounts import INVALID, Accounts, Role, Token
from tests.hub_server.app import application
from tests.hub_server.context import Context
from tests.hub_server.fault_plan import Connections, Entry, Faulty
from tests.hub_server.faults import Faults
from tests.hub_server.port import Port
from tests.hub_server.server import Server
from tests.hub_server.store import Repo, Store, kept_by_lfs, write_whole


class Hub:
    """A Hub at `url`, empty, with nobody in it. `kind` is "dataset" or "model" wherever it is asked for."""

    def __init__(self, folder: Path, port: Port) -> None:
        self.url = port.url
        self.store = Store(folder)
        self.accounts = Accounts()
        self.faults = Faults()
        self._port = port
        self._context = Context(self.store, self.accounts)
        self._connections = Connections()
        self._faulty = Faulty(application(self._context), self.faults, self.accounts, self._connections)
        self._server: Server | None = None

    # ---- the server --------------------------------------------------------------------------------------------------

    def plug(self) -> None:
        """Serve. What was there stays there."""
        self._server = Server(self._faulty, self._connections.protocol(), self._port)
        self._server.start()

    def unplug(self) -> None:
        """Stop serving: connections are refused, as without a network. Held requests are cut off."""
        self.faults.clear()
        if self._server:
            self._server.stop()
            self._server = None

    @property
    def log(self) -> list[Entry]:
        """The requests so far, in the order in which they came. Never holds a token."""
        return list(self._faulty.log)

    def asked(self, method: str = "", path: str = "") -> list[str]:
        """The requests so far as `METHOD path`, those with this method and with `path` in their path."""
        return [f"{one.method} {one.path}" for one in self.log if method in ("", one.method) and path in one.path]

    @property
    def page_size(self) -> int:
        """How many entries one answer lists."""
        return self._context.page_size

    @page_size.setter
    def page_size(self, size: int) -> None:
        self._context.page_size = size

    @property
    def clock(self) -> datetime:
        """The date of the commits to come; it stands still."""
        return self.store.clock

    @clock.setter
    def clock(self, moment: datetime) -> None:
        self.store.clock = moment

    # ---- people ------------------------------------------------------------------------------------------------------

    def add_user(self, name: str, role: Role = "write") -> str:
        """A user with a token of this role. Returns the token; a user can have several."""
        text = f"hf_{secrets.token_hex(17)}"  # never the same: clients remember who a token belongs to
        self.accounts.tokens[text] = Token(name, role)
        return text

    def add_organisation(self, name: str, members: Mapping[str, Role]) -> None:
        """An organisation, and what each member may do in it."""
        self.accounts.members[name] = dict(members)

    def expire(self, token: str, refusal: str = INVALID) -> None:
        """From now on the token is refused with 401 and this message."""
        known = self.accounts.tokens[token]
        self.accounts.tokens[token] = Token(known.user, known.role, refusal)

    # ---- repositories ------------------------------------------------------------------------------------------------

    def repo(self, id: str, kind: str = "dataset") -> Repo:
        """A repository as it is kept. Raises Refused when there is none."""
        return self.store.repo(kind, id)

    def commit(
        self,
        id: str,
        files: Mapping[str, bytes | str | None],
        *,
        kind: str = "dataset",
        message: str = "changed by the test",
        ref: str = "refs/heads/main",
        author: str = "ana",
        oid: str | None = None,
    ) -> str:
        """Commit files, None for those to remove, straight into a repository, made if need be. Returns the commit's id.

        Any name goes, also such as no Hub takes. `oid` forces the id.
        """
        with self.store.lock:
            if (kind, id) not in self.store.repos:
                self.store.create_repo(kind, id, author)
            repo = self.repo(id, kind)
            tree = dict(repo.commits[repo.refs[ref]].tree) if ref in repo.refs else {}
            for path, content in files.items():
                if content is None:
                    del tree[path]
                    continue
                data = content.encode() if isinstance(content, str) else content
                tree[path] = self.store.put(data, lfs=kept_by_lfs(path, len(data)))
            return self.store.add_commit(repo, ref, tree, message, "", author, oid).oid

    def files(self, id: str, revision: str = "main", kind: str = "dataset") -> dict[str, bytes]:
        """The bytes of every file of a revision, by path."""
        tree = self.repo(id, kind).resolve(revision).tree
        return {path: self.store.blob(file).read_bytes() for path, file in tree.items()}

    def paths(self, id: str, revision: str = "main", kind: str = "dataset") -> list[str]:
        """The paths of a revision, sorted."""
        return sorted(self.repo(id, kind).resolve(revision).tree)

    def history(self, id: str, revision: str = "main", kind: str = "dataset") -> list[tuple[str, str]]:
        """Id and title of each commit, newest first."""
        repo = self.repo(id, kind)
        return [(commit.oid, commit.title) for commit in repo.history(repo.resolve(revision))]

    def tags(self, id: str, kind: str = "dataset") -> dict[str, str]:
        """The commit behind each tag."""
        start = "refs/tags/"
        return {ref.removeprefix(start): oid for ref, oid in self.repo(id, kind).refs.items() if ref.startswith(start)}

    def head(self, id: str, kind: str = "dataset") -> str:
        """The newest commit of main."""
        return self.repo(id, kind).resolve("main").oid

    def merge(self, id: str, number: int, kind: str = "dataset") -> str:
        """Merge a pull request as the Hub does: one commit on main, with the number in its title. Returns its id."""
        repo = self.repo(id, kind)
        proposed = repo.commits[repo.refs[f"refs/pr/{number}"]]
        title = f"{proposed.title} (#{number})"
        return self.store.add_commit(repo, "refs/heads/main", proposed.tree, title, "", proposed.author).oid

    def set_ref(self, id: str, ref: str, revision: str, kind: str = "dataset") -> None:
        """Point a full name (refs/convert/parquet, refs/heads/…) at what a revision names."""
        repo = self.repo(id, kind)
        repo.refs[ref] = repo.resolve(revision).oid

    def tag(self, id: str, name: str, revision: str = "main", kind: str = "dataset") -> None:
        """Tag a commit, or move a tag that is there."""
        self.set_ref(id, f"refs/tags/{name}", revision, kind)

    def delete_tag(self, id: str, name: str, kind: str = "dataset") -> None:
        """Remove a tag."""
        del self.repo(id, kind).refs[f"refs/tags/{name}"]

    def move(self, id: str, now: str, kind: str = "dataset") -> None:
        """Rename a repository. Who asks for it by the old name is sent on."""
        with self.store.lock:
            repo = self.store.repos.pop((kind, id))
            repo.id = now
            self.store.repos[kind, now] = repo
            self.store.moved[kind, id] = now

    def make_private(self, id: str, kind: str = "dataset") -> None:
        """Only its owner sees it from now on."""
        self.repo(id, kind).private = True

    def gate(self, id: str, kind: str = "dataset") -> None:
        """Everyone sees it from now on, and only its owner reads its files."""
        self.repo(id, kind).gated = True

    def tamper(self, id: str, path: str, data: bytes, revision: str = "main", kind: str = "dataset") -> None:
        """Put other bytes in a file's place, under the id and the size that stay recorded.

        Bytes are kept by id: every file and revision with that id has the other bytes. Give as many bytes as there were,
        or clients notice by the size already.
        """
        file = self.repo(id, kind).resolve(revision).tree[path]
        write_whole(self.store.blob(file), data)
