"""As much of an Argilla 2 server on 127.0.0.1 as its client asks for: workspaces, datasets, records, answers.

Its answers have the fields that those of argilla-server 2.8.0 have. The real one needs a search engine and Redis, and is not run
by the tests.
"""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from tests.hub_server.port import Port
from tests.hub_server.server import Server

Json = dict[str, Any]
NOW = {"inserted_at": "2026-11-01T10:00:00", "updated_at": "2026-11-01T10:00:00"}
PARTS = ("fields", "questions", "metadata-properties")


def made(**values: Any) -> Json:
    """A thing of the server's, with an id."""
    return {"id": str(uuid4()), **NOW, **values}


class ArgillaServer:
    """A server with one workspace and three people, whose keys are their names.

    requests: method, path and body of each request. fault: what it answers instead, for a method and a pattern of paths.
    """

    def __init__(self) -> None:
        self.port = Port()
        self.url = self.port.url
        self.people = {
            name: made(username=name, role="owner", first_name=name, last_name=None) for name in ("ana", "luis", "eva")
        }
        self.workspace = made(name="argilla")
        self.datasets: dict[str, Json] = {}
        self.parts: dict[str, dict[str, list[Json]]] = {}
        self.records: dict[str, list[Json]] = {}
        self.requests: list[tuple[str, str, Any]] = []
        self.fault: tuple[str, str, Response] | None = None
        routes = [Route("/{path:path}", self._answer, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])]
        self._server = Server(Starlette(routes=routes), H11Protocol, self.port)
        self._server.start()

    def stop(self) -> None:
        """Close it, and give back the port."""
        self._server.stop()
        self.port.close()

    def answer(self, who: str, row: str, status: str = "submitted", **values: Any) -> None:
        """A person answers about a row, of whatever dataset it is in."""
        record = next(one for records in self.records.values() for one in records if one["external_id"] == row)
        said = {name: {"value": value} for name, value in values.items()}
        record["responses"].append(made(values=said, status=status, user_id=self.people[who]["id"]))

    async def _answer(self, request: Request) -> Response:
        body = await request.json() if await request.body() else None
        path = "/" + request.path_params["path"]
        self.requests.append((request.method, path, body))
        if self.fault and self.fault[0] == request.method and re.fullmatch(self.fault[1], path):
            return self.fault[2]
        person = self.people.get(request.headers.get("x-argilla-api-key", ""))
        if person is None:
            return JSONResponse({"detail": "Could not validate credentials"}, 401)
        for method, pattern, handle in ROUTES:
            found = re.fullmatch(pattern, path)
            if found and method == request.method:
                return JSONResponse(handle(self, *found.groups(), body=body, query=request.query_params, person=person))
        return JSONResponse({"detail": "Not Found"}, 404)


Handler = Callable[..., Any]


def _new_dataset(server: ArgillaServer, *, body: Json, **_: Any) -> Json:
    dataset = made(**{"guidelines": None, "status": "draft", "last_activity_at": NOW["updated_at"], **body})
    server.datasets[dataset["id"]] = dataset
    server.parts[dataset["id"]], server.records[dataset["id"]] = {name: [] for name in PARTS}, []
    return dataset


def _changed_dataset(server: ArgillaServer, dataset: str, *, body: Json, **_: Any) -> Json:
    server.datasets[dataset] |= {key: body[key] for key in ("guidelines", "distribution") if body.get(key)}
    return server.datasets[dataset]


def _published(server: ArgillaServer, dataset: str, **_: Any) -> Json:
    server.datasets[dataset]["status"] = "ready"
    return server.datasets[dataset]


def _new_part(server: ArgillaServer, dataset: str, kind: str, *, body: Json, **_: Any) -> Json:
    part = {**body, **made(dataset_id=dataset)}
    server.parts[dataset][kind].append(part)
    return part


def _new_records(server: ArgillaServer, dataset: str, *, body: Json, **_: Any) -> Json:
    records = [{**one, **made(dataset_id=dataset, status="pending", responses=[])} for one in body["items"]]
    server.records[dataset] += records
    return {"items": records, "updated_item_ids": []}


def _records(server: ArgillaServer, dataset: str, *, query: Any, **_: Any) -> Json:
    begin, most = int(query["offset"]), int(query["limit"])
    found = [{**one, "vectors": {}, "suggestions": []} for one in server.records[dataset][begin : begin + most]]
    return {"items": found}


ID = "([0-9a-f-]{36})"
ROUTES: list[tuple[str, str, Handler]] = [
    ("GET", "/api/v1/me", lambda server, *, person, **_: person),
    ("GET", "/api/v1/me/workspaces", lambda server, **_: {"items": [server.workspace]}),
    ("GET", f"/api/v1/workspaces/{ID}", lambda server, id, **_: server.workspace),
    ("GET", "/api/v1/me/datasets", lambda server, **_: {"items": list(server.datasets.values())}),
    ("POST", "/api/v1/datasets", _new_dataset),
    ("GET", f"/api/v1/datasets/{ID}", lambda server, id, **_: server.datasets[id]),
    ("PATCH", f"/api/v1/datasets/{ID}", _changed_dataset),
    ("DELETE", f"/api/v1/datasets/{ID}", lambda server, id, **_: server.datasets.pop(id)),
    ("PUT", f"/api/v1/datasets/{ID}/publish", _published),
    ("POST", f"/api/v1/datasets/{ID}/({'|'.join(PARTS)})", _new_part),
    (
        "GET",
        f"/api/v1/(?:me/)?datasets/{ID}/({'|'.join(PARTS)})",
        lambda server, id, kind, **_: {"items": server.parts[id][kind]},
    ),
    ("GET", f"/api/v1/datasets/{ID}/vectors-settings", lambda server, id, **_: {"items": []}),
    ("PUT", f"/api/v1/datasets/{ID}/records/bulk", _new_records),
    ("GET", f"/api/v1/datasets/{ID}/records", _records),
]
