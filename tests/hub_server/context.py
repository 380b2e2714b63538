"""What every handler needs: the store, who asks, and about which repository and revision."""

import json
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request

from tests.hub_server.accounts import Accounts, Token
from tests.hub_server.store import Commit, Refused, Repo, Store

KINDS = {"datasets": "dataset", "models": "model"}
NO_WRITE = "Forbidden: pass `create_pr=1` as a query parameter to create a Pull Request"


class Context:
    """A store and its accounts, looked at from a request. `page_size` is how many entries one answer lists."""

    def __init__(self, store: Store, accounts: Accounts) -> None:
        self.store = store
        self.accounts = accounts
        self.page_size = 1000

    def bearer(self, request: Request) -> Token | None:
        """Who asks."""
        return self.accounts.bearer(request.headers.get("authorization"))

    def repo(self, request: Request) -> Repo:
        """The repository in the path, if it may be read by who asks."""
        token = self.bearer(request)
        plural = request.path_params.get("kind") or (
            "datasets" if request.url.path.startswith("/datasets/") else "models"
        )
        if plural not in KINDS:
            raise Refused(404, f"this Hub has no {plural}")
        id = f"{part(request, 'owner')}/{part(request, 'name')}"
        if now := self.store.moved.get((KINDS[plural], id)):
            path = request.url.path.replace(f"/{id}", f"/{now}", 1)
            query = f"?{request.url.query}" if request.url.query else ""
            raise Refused(307, "Temporary Redirect. The repository was renamed.", headers={"Location": path + query})
        return self.accounts.check_read(self.store.repos.get((KINDS[plural], id)), token)

    def writable(self, request: Request) -> tuple[Repo, str]:
        """The repository in the path and the user who asks, if they may write in it."""
        repo = self.repo(request)
        return repo, self.accounts.check_write(repo.namespace, self.bearer(request), NO_WRITE).user

    def proposable(self, request: Request) -> tuple[Repo, str]:
        """The same for a request that may end in a pull request, which whoever reads may open."""
        repo, token = self.repo(request), self.bearer(request)
        return (repo, token.user) if token and flag(request, "create_pr") else self.writable(request)

    async def named(self, request: Request, refusal: str) -> tuple[dict[str, Any], str, str, str]:
        """The body that names a repository, its kind, its id, and the user who asks, if they may write there."""
        token = self.bearer(request)
        body = await json_of(request)
        kind = body.get("type") or "model"
        if kind not in KINDS.values():
            raise Refused(400, f"this Hub has no repositories of type {kind}")
        namespace = body.get("organization") or (token.user if token else "")
        user = self.accounts.check_write(namespace, token, refusal.format(kind=kind, namespace=namespace)).user
        return body, kind, f"{namespace}/{body.get('name')}", user

    def commit_named(self, request: Request, repo: Repo) -> Commit:
        """The commit in the path, or the newest on main."""
        return repo.resolve(part(request, "rev") if "rev" in request.path_params else "main")


def part(request: Request, name: str) -> str:
    """A part of the raw path, decoded: a revision such as refs%2Fconvert%2Fparquet is one part."""
    return unquote(request.path_params[name])


def flag(request: Request, name: str) -> bool:
    """A yes or no in the query."""
    return request.query_params.get(name, "").lower() in ("true", "1")


def url_of(request: Request, repo: Repo) -> str:
    """Where people see a repository."""
    base = str(request.base_url).rstrip("/")
    return f"{base}/{repo.id}" if repo.kind == "model" else f"{base}/{repo.kind}s/{repo.id}"


async def json_of(request: Request) -> dict[str, Any]:
    """The body, a JSON object. Raises Refused."""
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise Refused(400, "the body is not JSON") from None
    if not isinstance(body, dict):
        raise Refused(400, "the body is not a JSON object")
    return body
