"""Tags and branches."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.hub_server.context import Context, flag, json_of, part
from tests.hub_server.store import Refused, Repo

REPO = "/api/{kind}/{owner}/{name}"


class Refs:
    """Handlers about the names of commits."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def routes(self) -> list[Route]:
        """Where they are served."""
        return [
            Route(f"{REPO}/refs", self.refs),
            Route(f"{REPO}/tag/{{rev}}", self.create_tag, methods=["POST"]),
            Route(f"{REPO}/tag/{{rev}}", self.delete_tag, methods=["DELETE"]),
            Route(f"{REPO}/branch/{{rev}}", self.create_branch, methods=["POST"]),
            Route(f"{REPO}/branch/{{rev}}", self.delete_branch, methods=["DELETE"]),
        ]

    async def refs(self, request: Request) -> Response:
        """Branches, tags and converted branches, each with its commit."""
        repo = self.context.repo(request)
        told: dict[str, Any] = {}
        kinds = [("branches", "refs/heads/"), ("tags", "refs/tags/"), ("converts", "refs/convert/")]
        if flag(request, "include_prs"):
            kinds.append(("pullRequests", "refs/pr/"))
        for key, prefix in kinds:
            told[key] = [
                {"name": ref.removeprefix(prefix), "ref": ref, "targetCommit": oid}
                for ref, oid in sorted(repo.refs.items())
                if ref.startswith(prefix)
            ]
        return JSONResponse(told)

    async def create_tag(self, request: Request) -> Response:
        """Name a commit for good; 409 if the name is taken."""
        repo, _ = self.context.writable(request)
        name = (await json_of(request))["tag"]
        return self.create_ref(repo, "refs/tags/", name, part(request, "rev"))

    async def create_branch(self, request: Request) -> Response:
        """A new branch; 409 if the name is taken."""
        repo, _ = self.context.writable(request)
        body = json.loads(await request.body() or b"{}")
        return self.create_ref(repo, "refs/heads/", part(request, "rev"), body.get("startingPoint") or "main")

    def create_ref(self, repo: Repo, prefix: str, name: str, revision: str) -> Response:
        """Give a commit a name. Raises Refused."""
        with self.context.store.lock:
            commit = repo.resolve(revision)
            if prefix + name in repo.refs:
                raise Refused(409, f"Reference {name} already exists")
            repo.refs[prefix + name] = commit.oid
        return JSONResponse({"success": True})

    async def delete_tag(self, request: Request) -> Response:
        """Remove a tag."""
        return self.delete_ref(request, "refs/tags/")

    async def delete_branch(self, request: Request) -> Response:
        """Remove a branch."""
        return self.delete_ref(request, "refs/heads/")

    def delete_ref(self, request: Request, prefix: str) -> Response:
        """Remove a name. Raises Refused."""
        repo, _ = self.context.writable(request)
        if repo.refs.pop(prefix + part(request, "rev"), None) is None:
            raise Refused(404, f"Reference {part(request, 'rev')} does not exist", "RevisionNotFound")
        return Response(status_code=204)
