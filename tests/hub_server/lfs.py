"""Git LFS: which objects must be sent and where to, and their arrival."""

import hashlib
import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.hub_server.accounts import ANONYMOUS
from tests.hub_server.context import Context
from tests.hub_server.store import Refused


class Lfs:
    """Uploads of objects. An upload's address is a secret that serves once, and needs no token."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.uploads: dict[str, tuple[str, int]] = {}

    def routes(self) -> list[Route]:
        """Where it is served."""
        return [
            Route("/datasets/{owner}/{name}.git/info/lfs/objects/batch", self.batch, methods=["POST"]),
            Route("/{owner}/{name}.git/info/lfs/objects/batch", self.batch, methods=["POST"]),
            Route("/lfs/{upload}", self.put, methods=["PUT"]),
        ]

    async def batch(self, request: Request) -> Response:
        """Where to send each object; none for those that are there."""
        self.context.repo(request)
        if self.context.bearer(request) is None:  # who may only read may send what a pull request will hold
            raise Refused(401, ANONYMOUS)
        base = str(request.base_url).rstrip("/")
        objects: list[dict[str, Any]] = []
        for asked in (await request.json())["objects"]:
            told = {"oid": asked["oid"], "size": asked["size"], "authenticated": True}
            if not self.context.store.lfs_object(asked["oid"]).exists():
                upload = secrets.token_urlsafe(16)
                self.uploads[upload] = asked["oid"], asked["size"]
                told["actions"] = {"upload": {"href": f"{base}/lfs/{upload}", "header": {}}}
            objects.append(told)
        answer = {"transfer": "basic", "objects": objects, "hash_algo": "sha256"}
        return JSONResponse(answer, media_type="application/vnd.git-lfs+json")

    async def put(self, request: Request) -> Response:
        """Take an object in, if it is the one that was announced."""
        upload = request.path_params["upload"]
        if upload not in self.uploads:
            raise Refused(403, "this upload was not announced")
        sha256, size = self.uploads[upload]
        path = self.context.store.lfs_object(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{upload}")
        digest = hashlib.sha256()
        try:
            with part.open("wb") as file:
                async for piece in request.stream():
                    digest.update(piece)
                    file.write(piece)
            if digest.hexdigest() != sha256 or part.stat().st_size != size:
                raise Refused(400, "the content is not what was announced by its hash and size")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        self.uploads.pop(upload, None)
        return Response(headers={"ETag": f'"{sha256}"'})
