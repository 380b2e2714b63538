"""Files, folders and histories."""

import json
from urllib.parse import parse_qs, unquote

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from tests.hub_server.context import Context, flag, part
from tests.hub_server.listing import card_data, commit_entry, page_of, paths_under, repo_entry, tree_entry
from tests.hub_server.store import Refused

REPO = "/api/{kind}/{owner}/{name}"


class Reading:
    """Handlers that change nothing."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def routes(self) -> list[Route]:
        """Where they are served."""
        return [
            Route(REPO, self.info),
            Route(f"{REPO}/revision/{{rev}}", self.info),
            Route(f"{REPO}/commits/{{rev}}", self.commits),
            Route(f"{REPO}/tree/{{rev}}", self.tree),
            Route(f"{REPO}/tree/{{rev}}/{{path:path}}", self.tree),
            Route(f"{REPO}/paths-info/{{rev}}", self.paths_info, methods=["POST"]),
            Route("/datasets/{owner}/{name}/resolve/{rev}/{path:path}", self.download),
            Route("/{owner}/{name}/resolve/{rev}/{path:path}", self.download),
        ]

    async def info(self, request: Request) -> Response:
        """A repository at a revision, with its files and the header of its card."""
        repo = self.context.repo(request)
        commit = self.context.commit_named(request, repo)
        card = commit.tree.get("README.md")
        header = card_data(self.context.store.blob(card).read_bytes()) if card else {}
        return JSONResponse(repo_entry(repo, commit, header, "blobs" in request.query_params))

    async def commits(self, request: Request) -> Response:
        """The history of a revision, newest first."""
        repo = self.context.repo(request)
        history = list(repo.history(self.context.commit_named(request, repo)))
        size = min(self.context.page_size, int(request.query_params.get("limit", self.context.page_size)))
        start = int(request.query_params.get("p", 0)) * size
        headers = {"X-Total-Count": str(len(history))}
        if len(history) > start + size:
            following = request.url.include_query_params(p=start // size + 1)
            headers["Link"] = f'<{following}>; rel="next"'
        return JSONResponse([commit_entry(commit) for commit in history[start : start + size]], headers=headers)

    async def tree(self, request: Request) -> Response:
        """What a folder holds, paged."""
        repo = self.context.repo(request)
        commit = self.context.commit_named(request, repo)
        folder = unquote(request.path_params.get("path", "")).strip("/")
        if folder and folder not in commit.folders:
            raise Refused(404, f'{folder} does not exist on "{part(request, "rev")}"', "EntryNotFound")
        recursive, expand = flag(request, "recursive"), flag(request, "expand")
        page, headers = page_of(request, paths_under(commit, folder, recursive), self.context.page_size, str)
        return JSONResponse([tree_entry(repo, commit, path, expand) for path in page], headers=headers)

    async def paths_info(self, request: Request) -> Response:
        """What some paths are; those that do not exist are left out."""
        repo = self.context.repo(request)
        commit = self.context.commit_named(request, repo)
        body = (await request.body()).decode()
        if "json" in request.headers.get("content-type", ""):
            form = json.loads(body)
            paths, expand = form.get("paths", []), bool(form.get("expand"))
        else:
            form = parse_qs(body)
            paths, expand = form.get("paths", []), form.get("expand", [""])[0].lower() in ("true", "1")
        there = [path for path in (path.strip("/") for path in paths) if path in commit.tree or path in commit.folders]
        return JSONResponse([tree_entry(repo, commit, path, expand) for path in there])

    async def download(self, request: Request) -> Response:
        """A file's bytes, or with HEAD what it is."""
        repo = self.context.repo(request)
        if repo.gated and self.context.accounts.role_in(repo.namespace, self.context.bearer(request)) is None:
            raise Refused(403, f"Access to {repo.kind} {repo.id} is restricted", "GatedRepo")
        commit = self.context.commit_named(request, repo)
        file = commit.tree.get(part(request, "path"))
        if file is None:
            raise Refused(404, "Entry not found", "EntryNotFound", {"X-Repo-Commit": commit.oid})
        headers = {"X-Repo-Commit": commit.oid, "ETag": f'"{file.sha256 or file.oid}"', "Cache-Control": "no-cache"}
        if file.sha256:
            headers |= {"X-Linked-Size": str(file.size), "X-Linked-ETag": f'"{file.sha256}"'}
        return FileResponse(self.context.store.blob(file), headers=headers, media_type="application/octet-stream")
