"""The command line in processes of its own, forked from one that has imported it already: a start takes no second.

That one, the *parent*, imports and waits, and does nothing else: it runs no query and calls no client, so that what is forked
from it is whole. Nor does it import the Hub's clients: they read the environment when they are imported. Another parent, for the trainer's
tests, has imported torch and transformers as well, which takes five seconds; its processes reach no Hub.
"""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).parents[1]
# What the commands import when they run, the slow parts of it.
IMPORTED = [
    *("aguila.commands.main", "builders.versions.registry", "builders.versions.verify", "builders.hub.publishing"),
    *(
        "cards.dataset.card",
        "jinja2",
        "pyarrow.compute",
        # What the Hub's client speaks through: httpx2 from its version 2.4 on.
        "httpx2" if find_spec("httpx2") else "httpx",
        "rich.console",
        "tqdm.auto",
        "fsspec",
    ),
]
TRAINING = ("torch", "peft", "transformers.models.falcon.modeling_falcon", "safetensors.torch", "train.run.trainer")
PATIENCE = 100.0  # seconds: longer than any process takes on a busy machine


class Process:
    """`aguila WORDS…`, running. Its input is open until `communicate`; `returncode` is minus the signal that ended it."""

    def __init__(self, parent: "Parent", request: dict[str, object]) -> None:
        theirs_in, ours_in = os.pipe()
        ours_out, theirs_out = os.pipe()
        ours_err, theirs_err = os.pipe()
        self.pid, self._status = parent.fork(request, [theirs_in, theirs_out, theirs_err])
        for end in (theirs_in, theirs_out, theirs_err):
            os.close(end)
        self.stdin = os.fdopen(ours_in, "w", encoding="utf-8")
        self.stdout = os.fdopen(ours_out, encoding="utf-8")
        self.stderr = os.fdopen(ours_err, encoding="utf-8")
        self.returncode: int | None = None

    def communicate(self) -> tuple[str, str]:
        """End its input, wait until it ends, and return what is left of its output."""
        if not self.stdin.closed:
            self.stdin.close()
        with ThreadPoolExecutor(1) as aside:
            errors = aside.submit(self.stderr.read)
            output = self.stdout.read()
        self.wait()
        return output, errors.result()

    def wait(self) -> int:
        """Its exit status, when it has ended."""
        if self.returncode is None:
            self.returncode = self._status.wait()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def close(self) -> None:
        """End it, whatever it does, and close its pipes."""
        self.kill()
        self.wait()
        for pipe in (self.stdin, self.stdout, self.stderr):
            pipe.close()


class Status:
    """The end of a process, as the parent reports it."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._said = line.makefile()

    def number(self) -> int:
        """The next number that the parent says of it: that of the process, then its exit status."""
        said = self._said.readline()
        if not said:
            raise RuntimeError("the parent of the tests' processes has ended; its error is above")
        return int(said)

    def wait(self) -> int:
        """The exit status, when there is one."""
        with self._line, self._said:
            return self.number()


class Parent:
    """The process that has imported everything. It ends when the one that started it does."""

    def __init__(self, also: tuple[str, ...]) -> None:
        self._channel, theirs = socket.socketpair()
        with theirs:
            number = theirs.fileno()
            self._process = subprocess.Popen(
                [sys.executable, "-c", f"from tests.processes import serve; serve({number}, {also})"],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"},
                stdin=subprocess.DEVNULL,
                pass_fds=[number],
                start_new_session=True,
            )

    def fork(self, request: dict[str, object], files: list[int]) -> tuple[int, Status]:
        """Have a process forked with these files as its stdin, stdout and stderr. Returns its number."""
        ours, theirs = socket.socketpair()
        ours.settimeout(PATIENCE)
        with theirs:
            text = json.dumps(request).encode() + b"\n"
            sent = socket.send_fds(self._channel, [text], [*files, theirs.fileno()])
            self._channel.sendall(text[sent:])
        status = Status(ours)
        return status.number(), status

    def end(self) -> None:
        """End it; what it forked goes on."""
        self._channel.close()
        self._process.wait()


_parents: dict[tuple[str, ...], Parent] = {}


def parent(also: tuple[str, ...] = ()) -> Parent:
    """The one parent that has imported this as well, started when it is needed first."""
    if also not in _parents:
        _parents[also] = Parent(also)
    return _parents[also]


def end() -> None:
    """End the parents that there are."""
    while _parents:
        _parents.popitem()[1].end()


@contextmanager
def processes(folder: Path, also: tuple[str, ...] = (), **environment: str) -> Iterator[object]:
    """Starts `aguila WORDS…` in a folder, any number of times; whatever still runs at the end is killed.

    also: what its parent has imported beside the rest. more: variables of this process. first: Python that runs before the
    command, in its process. limit: bytes that it may write into one file.
    """
    started: list[Process] = []

    def start(*words: object, first: str = "", limit: int | None = None, **more: str) -> Process:
        request = _request(words, folder, {**environment, **more}, first=first, limit=limit)
        started.append(Process(parent(also), request))
        return started[-1]

    yield start
    for process in started:
        process.close()


def in_a_process(*words: object, cwd: Path | str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `aguila WORDS…` in a process of its own, in a folder, to its end."""
    process = Process(parent(), _request(words, cwd, {"COLUMNS": "100", **environment}))
    output, errors = process.communicate()
    process.close()
    return subprocess.CompletedProcess(list(words), process.wait(), output, errors)


def on_a_terminal(*words: object, cwd: Path | str, columns: int = 100) -> tuple[str, int]:
    """What a terminal receives from `aguila WORDS…`, and the exit status."""
    ours, theirs = os.openpty()
    _, status = parent().fork(
        _request(words, cwd, {"COLUMNS": str(columns), "TERM": "xterm-256color"}), [theirs, theirs, theirs]
    )
    os.close(theirs)
    received = b""
    try:
        while piece := os.read(ours, 65_536):
            received += piece
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(ours)
    return received.decode().replace("\r\n", "\n"), status.wait()


def _request(
    words: tuple[object, ...],
    folder: Path | str,
    environment: dict[str, str],
    first: str = "",
    limit: int | None = None,
) -> dict[str, object]:
    return {
        "words": [str(word) for word in words],
        "folder": str(folder),
        "environment": {**os.environ, **environment},
        "first": first,
        "limit": limit,
    }


# ---- in the parent ---------------------------------------------------------------------------------------------------


def serve(number: int, also: tuple[str, ...]) -> None:
    """Import, then fork a process for each request, until there are no more."""
    from filters import all_rules

    for name in (*IMPORTED, *also):
        import_module(name)
    all_rules()
    import_module("cards.dataset.card")._template()  # a quarter of a second, too
    channel = socket.socket(fileno=number)
    while True:
        text, files, _, _ = socket.recv_fds(channel, 65_536, 4)
        _reap()
        if not text:
            return
        while not text.endswith(b"\n"):
            text += channel.recv(65_536)
        if os.fork() == 0:
            channel.close()
            _attend(json.loads(text), files[:3], socket.socket(fileno=files[3]))
        for file in files:
            os.close(file)


def _reap() -> None:
    """Take note of those who attended and ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _attend(request: dict[str, object], files: list[int], line: socket.socket) -> NoReturn:
    """Fork what is asked for, and report its number and its end."""
    child = os.fork()
    if child == 0:
        line.close()
        _become(request, files)
    for file in files:
        os.close(file)
    with suppress(BrokenPipeError):  # whoever asked may be gone
        line.sendall(f"{child}\n".encode())
        _, status = os.waitpid(child, 0)
        line.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become(request: dict[str, object], files: list[int]) -> NoReturn:
    """Be `aguila WORDS…`."""
    for place, file in enumerate(files):
        os.dup2(file, place)
        os.close(file)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have started the tests with it ignored
    os.chdir(str(request["folder"]))
    environment = request["environment"]
    assert isinstance(environment, dict)
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin = os.fdopen(0, encoding="utf-8")
    sys.stdout = os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace")
    if limit := request["limit"]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    words = request["words"]
    assert isinstance(words, list)
    sys.argv = ["aguila", *words]
    os._exit(_run(str(request["first"])))


def _run(first: str) -> int:
    """Run the command in this process: its exit status."""
    from aguila.__main__ import main

    try:
        exec(first, {})
        main()
    except SystemExit as ended:
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
            return 1
        return ended.code or 0
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    return 0
