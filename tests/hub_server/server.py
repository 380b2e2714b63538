"""uvicorn in a thread."""

import asyncio
import socket
import threading
from typing import Any

import uvicorn

from tests.hub_server.port import Port


class Server(uvicorn.Server):
    """uvicorn, which tells when it listens and stops at once."""

    def __init__(self, app: Any, protocol: type[asyncio.Protocol], port: Port) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                timeout_keep_alive=600,
                timeout_graceful_shutdown=5,
            )
        )
        self._socket = port.another()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self.run, kwargs={"sockets": [self._socket]}, name="hub")

    def start(self) -> None:
        """Listen. Raises RuntimeError when it does not come up."""
        self._thread.start()
        if not self._ready.wait(30):
            raise RuntimeError("the Hub for tests did not start")

    def stop(self) -> None:
        """Close every connection, and end the thread."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._socket.close()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's own, which first sleeps for a tenth of a second: several hundred tests stop a server."""
        for server in self.servers:
            server.close()
        for one in sockets or []:
            one.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await asyncio.sleep(0)  # idle connections are closed in this turn
        await asyncio.wait_for(self._wait_tasks_to_complete(), self.config.timeout_graceful_shutdown)

    async def main_loop(self) -> None:
        """Serve until told to stop, without waking ten times a second as uvicorn's own does."""
        await self._stop.wait()
