"""Between the network and the application: writes the log, and makes go wrong what is to go wrong."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from tests.hub_server.accounts import Accounts
from tests.hub_server.faults import Fault, Faults

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Any, Receive, Send], Awaitable[None]]
# What a client asks at a moment of its own, once per cache: no fault meets it and the log leaves it out.
UNASKED = {"/api/agent-harnesses"}


@dataclass
class Entry:
    """A request in the log, written when it arrives; `status` follows, and stays None when no answer was sent.

    `path` is as it came, percent-encoded; `user` is whose token it bore. The token itself is nowhere in it.
    """

    method: str
    path: str
    query: str
    user: str | None
    status: int | None = None


class Connections:
    """The open connections by the client's address, so that one can be cut."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], asyncio.Transport] = {}

    def protocol(self) -> type[asyncio.Protocol]:
        """uvicorn's own protocol, which also enters each connection here."""
        opened = self._open

        class Noted(H11Protocol):
            def connection_made(self, transport: Any) -> None:
                self._peer = transport.get_extra_info("peername")
                opened[self._peer] = transport
                super().connection_made(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                opened.pop(self._peer, None)
                super().connection_lost(exc)

        return Noted

    def close(self, client: tuple[str, int]) -> None:
        """Close a client's connection, once what was written to it is sent."""
        if transport := self._open.get(tuple(client)):  # type: ignore[arg-type]
            transport.close()


class Faulty:
    """The application that uvicorn runs: `app` behind the faults and the log."""

    def __init__(self, app: App, faults: Faults, accounts: Accounts, connections: Connections) -> None:
        self.app = app
        self.faults = faults
        self.accounts = accounts
        self.connections = connections
        self.log: list[Entry] = []
        self._lock = threading.Lock()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Serve one request."""
        method, path = scope["method"], scope["raw_path"].decode("ascii")
        if path in UNASKED:
            await self.app(scope, receive, send)
            return
        entry = self._enter(scope, method, path)

        async def noted(message: Any) -> None:
            if message["type"] == "http.response.start":
                entry.status = message["status"]
            await send(message)

        scope = {**scope, "path": path}  # routes match the path undecoded, as the client sent it
        fault = self.faults.due(method, path)
        if fault is None:
            await self.app(scope, receive, noted)
            return
        receive = await _whole_body(receive)
        await self._go_wrong(fault, scope, receive, noted)

    def _enter(self, scope: Any, method: str, path: str) -> Entry:
        headers = dict(scope["headers"])
        bearer = headers.get(b"authorization", b"").decode("latin-1").removeprefix("Bearer ")
        token = self.accounts.tokens.get(bearer)
        entry = Entry(method, path, scope["query_string"].decode("ascii"), token.user if token else None)
        with self._lock:
            self.log.append(entry)
        return entry

    async def _go_wrong(self, fault: Fault, scope: Any, receive: Receive, send: Send) -> None:
        client = scope["client"]
        if fault.kind == "drop":
            await self._cut(client, receive)
        elif fault.kind == "status":
            headers = [(name.lower().encode(), value.encode()) for name, value in fault.headers.items()]
            body = b'{"error": "a fault that was asked for"}'
            headers += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": fault.status, "headers": headers})
            await send({"type": "http.response.body", "body": body})
        elif fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            await self.app(scope, receive, send)
        elif fault.kind == "truncate":
            await self._truncated(scope, receive, send)
        else:
            if fault.kind == "hold-before" and fault.hold and not await fault.hold.stand():
                await self._cut(client, receive)
                return
            answer = await self._answer(scope, receive)
            if fault.kind == "lose" or (fault.kind == "hold-after" and fault.hold and not await fault.hold.stand()):
                await self._cut(client, receive)
                return
            for message in answer:
                await send(message)

    async def _answer(self, scope: Any, receive: Receive) -> list[Any]:
        """What the application answers, not yet sent."""
        answer: list[Any] = []

        async def keep(message: Any) -> None:
            answer.append(message)

        await self.app(scope, receive, keep)
        return answer

    async def _truncated(self, scope: Any, receive: Receive, send: Send) -> None:
        start, *parts = await self._answer(scope, receive)
        body = b"".join(part.get("body", b"") for part in parts)
        await send(start)
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        await self._cut(scope["client"], receive)

    async def _cut(self, client: tuple[str, int], receive: Receive) -> None:
        self.connections.close(client)
        while (await receive())["type"] != "http.disconnect":
            pass


async def _whole_body(receive: Receive) -> Receive:
    """Take in all of a request's body, and return a `receive` that gives it again.

    A client that was sending when its connection closed would get another error than one that waits for an answer.
    """
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    told = False

    async def again() -> Any:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
