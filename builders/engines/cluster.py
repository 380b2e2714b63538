"""Daft, here or on a Ray cluster: found, told where to work, and what to say when it cannot."""

import importlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from builders.errors import Conflict, Exhausted, NotFound, Problem, Unreachable

PORT = 6379  # of a Ray cluster, unless its address says another
WAIT = 10.0  # seconds for an address to answer
# Nothing is reported to the makers of the engines, and their bars stay out of our output.
QUIET = {
    "DAFT_ANALYTICS_ENABLED": "0",
    "DAFT_PROGRESS_BAR": "0",
    "DO_NOT_TRACK": "1",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_TQDM": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
}


def connected(address: str | None) -> Any:
    """The library, told to work in this process or, given an address, on the Ray cluster there.

    A process works in one place for its whole life. Raises NotFound without the extra, Unreachable where no cluster answers,
    and Conflict in a process that works elsewhere already.
    """
    os.environ.update({name: value for name, value in QUIET.items() if name not in os.environ})
    daft = _library("daft")
    if _WORKS and address not in _WORKS:
        raise Conflict("this process runs Daft elsewhere already", "start a new one for another place")
    if not _WORKS:
        if address is None:
            daft.set_runner_native()
        else:
            _connect(_library("ray"), address)
            daft.set_runner_ray(noop_if_initialized=True)
        _WORKS.append(address)
    return daft


_WORKS: list[str | None] = []  # where this process works, once it does


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        missing = f"{name} is not installed" if error.name == name else f"{name} cannot be used ({error})"
        raise NotFound(f"--engine daft: {missing}", "pip install 'aguila-data[cluster]'") from error


def _connect(ray: Any, address: str) -> None:
    if ray.is_initialized():
        return
    require_answer(address)
    try:
        ray.init(address=address, log_to_driver=False, logging_level="ERROR")
    except Exception as error:  # Ray raises its own, the system's and Python's, by what is wrong there
        raise Unreachable(f"--ray {address}: not a Ray cluster of the same version ({_first_line(error)})") from error


def require_answer(address: str) -> None:
    """Ray itself would look for minutes for what is not there."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    host, port = (host, port) if host and port.isdigit() else (address, str(PORT))
    try:
        socket.create_connection((host, int(port)), timeout=WAIT).close()
    except (OSError, OverflowError) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise Unreachable(
            f"--ray {address}: nothing answers at {host}:{port} ({reason})",
            "start a cluster there (`ray start --head`), or leave --ray out",
        ) from error


@contextmanager
def lost_work() -> Iterator[None]:
    """One clear error where a cluster fails: a worker that dies with what it held, or memory that runs out."""
    try:
        yield
    except Problem:
        raise
    except Exception as error:
        lost = _of_cluster(error)
        if lost is None:
            raise
        raise Exhausted(
            f"the cluster lost work that others waited for ({_first_line(lost)})",
            "nothing was written; see to its machines, or ask for more partitions, and run again",
        ) from error


def _of_cluster(error: BaseException | None) -> BaseException | None:
    """The error of the cluster, not of what was done there, that an error is or came from; None where there is none."""
    while error is not None and type(error).__module__.partition(".")[0] != "ray":
        error = error.__cause__ or error.__context__
    return error


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
