"""The application: every route of this Hub, and how it says no."""

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.hub_server.accounts import INVALID
from tests.hub_server.context import Context
from tests.hub_server.lfs import Lfs
from tests.hub_server.reading import Reading
from tests.hub_server.refs import Refs
from tests.hub_server.repositories import Repositories
from tests.hub_server.store import Refused
from tests.hub_server.writing import Writing


def application(context: Context) -> Starlette:
    """The Hub over a store. Its routes match the path undecoded: refs%2Fconvert%2Fparquet is one part of it."""
    rooms = (Repositories(context), Reading(context), Writing(context), Refs(context), Lfs(context))
    routes = [route for room in rooms for route in room.routes()]
    return Starlette(routes=routes, exception_handlers={Refused: refusal, 404: unknown_route})


async def refusal(request: Request, refused: Any) -> Response:
    """How the Hub says no: in the body, and in headers that clients read."""
    headers = {"X-Error-Message": refused.message.replace("\n", " "), **refused.headers}
    code = refused.code
    if refused.status == 401 and refused.message != INVALID and "owner" in request.path_params:
        # Clients conclude this by themselves from a 401 about a repository, but only when its address starts with https.
        code = "RepoNotFound"
    if code:
        headers["X-Error-Code"] = code
    return JSONResponse({"error": refused.message}, refused.status, headers)


async def unknown_route(request: Request, error: Exception) -> Response:
    """What this Hub does not serve is told apart from what it does not hold."""
    return JSONResponse({"error": f"this Hub does not serve {request.method} {request.url.path}"}, 404)
