"""Faults: what goes wrong with which request."""

import asyncio
import re
import threading
from dataclasses import dataclass, field
from typing import Any, Literal

ANY = 10**9  # times: always


class Hold:
    """A request that stands still until the test lets it go, so that the test can act at exactly that moment."""

    def __init__(self) -> None:
        self._reached = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._decided: asyncio.Future[bool] | None = None
        self._go_on: bool | None = None
        self._lock = threading.Lock()

    def wait(self, seconds: float = 30) -> None:
        """Return once a request stands here. Raises TimeoutError when none came."""
        if not self._reached.wait(seconds):
            raise TimeoutError("no request came to the held step")

    def release(self) -> None:
        """Let it go on: it is processed (when held before) and answered."""
        self._decide(True)

    def abandon(self) -> None:
        """Cut it off: it is not processed (when held before), not answered, and its connection is closed."""
        self._decide(False)

    def _decide(self, go_on: bool) -> None:
        with self._lock:
            if self._go_on is not None:
                return
            self._go_on = go_on
            if self._loop and self._decided:
                self._loop.call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        if self._decided and not self._decided.done():
            self._decided.set_result(bool(self._go_on))

    async def stand(self) -> bool:
        """Stand here, in the server. True: go on. False: drop the connection."""
        with self._lock:
            if self._go_on is not None:
                return self._go_on
            self._loop = asyncio.get_running_loop()
            self._decided = self._loop.create_future()
        self._reached.set()
        return await self._decided


@dataclass
class Fault:
    """One thing that goes wrong, with the requests of this method and path, `times` times, after the first `after`."""

    kind: Literal["drop", "lose", "status", "slow", "truncate", "hold-before", "hold-after"]
    method: str
    path: re.Pattern[str]
    times: int = 1
    after: int = 0
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    hold: Hold | None = None


class Faults:
    """What is to go wrong. `path` is a regular expression, searched in the raw path; `method` a name, or `*`."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def drop(self, method: str, path: str, times: int = 1, after: int = 0) -> None:
        """Close the connection without processing the request."""
        self._add(Fault("drop", method, re.compile(path), times, after))

    def lose_response(self, method: str, path: str, times: int = 1, after: int = 0) -> None:
        """Process the request, then close the connection in place of an answer."""
        self._add(Fault("lose", method, re.compile(path), times, after))

    def status(
        self,
        status: int,
        method: str,
        path: str,
        times: int = 1,
        after: int = 0,
        retry_after: int | str | None = None,
        message: str = "",
        rate_limit: str = "",
    ) -> None:
        """Answer with this status without processing the request.

        retry_after: seconds or a date, in the header Retry-After. message: what the Hub says itself, in X-Error-Message.
        rate_limit: the header RateLimit, such as `"api";r=0;t=120`.
        """
        told = {"Retry-After": retry_after, "X-Error-Message": message or None, "RateLimit": rate_limit or None}
        headers = {name: str(value) for name, value in told.items() if value is not None}
        self._add(Fault("status", method, re.compile(path), times, after, status, headers))

    def slow(self, seconds: float, method: str, path: str, times: int = 1, after: int = 0) -> None:
        """Process the request after a delay."""
        self._add(Fault("slow", method, re.compile(path), times, after, seconds=seconds))

    def truncate(self, method: str, path: str, times: int = 1, after: int = 0) -> None:
        """Send the first half of the answer's body, then close the connection."""
        self._add(Fault("truncate", method, re.compile(path), times, after))

    def hold(
        self, method: str, path: str, when: Literal["before", "after"] = "before", times: int = 1, after: int = 0
    ) -> Hold:
        """Stop the request before it is processed (its body has arrived), or after and before it is answered."""
        hold = Hold()
        kind: Any = f"hold-{when}"
        self._add(Fault(kind, method, re.compile(path), times, after, hold=hold))
        return hold

    def clear(self) -> None:
        """No more faults. Whatever is held is cut off."""
        with self._lock:
            faults, self._faults = self._faults, []
        for fault in faults:
            if fault.hold:
                fault.hold.abandon()

    def due(self, method: str, path: str) -> Fault | None:
        """What goes wrong with this request. Counts it."""
        with self._lock:
            for fault in self._faults:
                if fault.method in ("*", method) and fault.path.search(path):
                    if fault.after:
                        fault.after -= 1
                    elif fault.times:
                        fault.times -= 1
                        return fault
        return None

    def _add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)
