"""A port that is ours for the whole session."""

import socket


class Port:
    """A port on 127.0.0.1, kept from others by a socket that does not listen: until a server does, connections are refused."""

    def __init__(self) -> None:
        self._kept = self._socket(0)
        self.number: int = self._kept.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.number}"

    def another(self) -> socket.socket:
        """Another socket on the port, for a server to listen on."""
        return self._socket(self.number)

    def close(self) -> None:
        """Let others have it."""
        self._kept.close()

    def _socket(self, number: int) -> socket.socket:
        # Told that it is TCP, asyncio sends small packets at once; otherwise each answer waits 40 ms for the client.
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind(("127.0.0.1", number))
        return made
