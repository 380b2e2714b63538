"""Commits over HTTP."""

import base64
import binascii
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.hub_server.context import Context, flag, json_of, part, url_of
from tests.hub_server.store import File, Refused, kept_by_lfs

REPO = "/api/{kind}/{owner}/{name}"


class Writing:
    """Handlers that make commits."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def routes(self) -> list[Route]:
        """Where they are served."""
        return [
            Route(f"{REPO}/preupload/{{rev}}", self.preupload, methods=["POST"]),
            Route(f"{REPO}/commit/{{rev}}", self.commit, methods=["POST"]),
        ]

    async def preupload(self, request: Request) -> Response:
        """How each file of a commit to come must be sent, and what is there under its name."""
        repo, _ = self.context.proposable(request)
        commit = self.context.commit_named(request, repo)
        told = []
        for file in (await json_of(request))["files"]:
            mode = "lfs" if kept_by_lfs(file["path"], file["size"]) else "regular"
            entry = {"path": file["path"], "uploadMode": mode, "shouldIgnore": False}
            if there := commit.tree.get(file["path"]):
                entry["oid"] = there.sha256 or there.oid
            told.append(entry)
        return JSONResponse({"files": told, "commitOid": commit.oid})

    async def commit(self, request: Request) -> Response:
        """Make a commit of NDJSON lines: a header, then files, LFS files and deletions. All or nothing."""
        lines = lines_of(await request.body())
        repo, user = self.context.proposable(request)
        with self.context.store.lock:
            ref = f"refs/heads/{part(request, 'rev')}"
            if ref not in repo.refs:
                raise Refused(404, f"Invalid rev id: {part(request, 'rev')}", "RevisionNotFound")
            header: dict[str, Any] = lines[0]["value"]
            if header.get("parentCommit") not in (None, repo.refs[ref]):
                raise Refused(412, "A commit has happened since. Please refresh and try again.")
            tree = dict(repo.commits[repo.refs[ref]].tree)
            for line in lines[1:]:
                self.apply(line["key"], line["value"], tree)
            proposed = ""
            if flag(request, "create_pr"):
                proposed = str(1 + sum(name.startswith("refs/pr/") for name in repo.refs))
                repo.refs[f"refs/pr/{proposed}"] = repo.refs[ref]
                ref = f"refs/pr/{proposed}"
            made = self.context.store.add_commit(
                repo, ref, tree, header["summary"], header.get("description", ""), user
            )
        url = f"{url_of(request, repo)}/commit/{made.oid}"
        told = {"success": True, "commitOid": made.oid, "commitUrl": url, "hookOutput": ""}
        if proposed:
            told["pullRequestUrl"] = f"{url_of(request, repo)}/discussions/{proposed}"
        return JSONResponse(told)

    def apply(self, key: str, value: dict[str, Any], tree: dict[str, File]) -> None:
        """Do one line of a commit to a tree. Raises Refused."""
        path = value["path"]
        if path.startswith("/") or any(part in ("", ".", "..", ".git") for part in path.rstrip("/").split("/")):
            raise Refused(400, f"Invalid path in repo: {path}")
        if key == "file":
            tree[path] = self.context.store.put(content_of(value))
        elif key == "lfsFile":
            file = self.context.store.lfs_file(value["oid"])
            if file is None:
                raise Refused(
                    400, f"Your push was rejected because an LFS pointer pointed to a file that does not exist: {path}"
                )
            tree[path] = file
        elif key == "deletedFile":
            if path not in tree:
                raise Refused(404, f"A file with this name doesn't exist: {path}", "EntryNotFound")
            del tree[path]
        elif key == "deletedFolder":
            for inside in [name for name in tree if name.startswith(path.rstrip("/") + "/")]:
                del tree[inside]
        else:
            raise Refused(400, f"Unknown operation: {key}")


def lines_of(body: bytes) -> list[dict[str, Any]]:
    """The lines of a commit, of which the first is its header. Raises Refused."""
    try:
        lines = [json.loads(line) for line in body.splitlines() if line.strip()]
    except ValueError:
        raise Refused(400, "the body is not NDJSON") from None
    if not lines or lines[0].get("key") != "header" or not lines[0]["value"].get("summary"):
        raise Refused(400, "the first line is not a header with a summary")
    return lines


def content_of(value: dict[str, Any]) -> bytes:
    """The bytes of a file within a commit. Raises Refused."""
    if value.get("encoding") != "base64":
        return str(value["content"]).encode()
    try:
        return base64.b64decode(value["content"], validate=True)
    except binascii.Error:
        raise Refused(400, f"Invalid base64: {value['path']}") from None
