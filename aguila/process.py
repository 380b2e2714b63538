"""What a process needs before anything else runs: streams that are open and can show any text, and enough open files.

This module is imported before any other of the project, so it needs the standard library alone.
"""

import io
import os
import signal
import sys
from typing import NoReturn

FEWEST_FILES = 24  # a build opens about 20 at once
ENOUGH_FILES = 1024
M_ARENA_MAX = -8  # malloc.h of glibc


def open_streams() -> None:
    """Open what was closed (`>&-`) on the null device, and let streams show what they cannot encode as escapes.

    A closed descriptor is not only a stream that is missing: the next file that anything opens would take its number, and be
    written to by whoever writes to standard output.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free, which is this one
    sys.stdin = sys.stdin or io.TextIOWrapper(io.FileIO(0, "r", closefd=False))
    sys.stdout = sys.stdout or io.TextIOWrapper(io.FileIO(1, "w", closefd=False))
    sys.stderr = sys.stderr or io.TextIOWrapper(io.FileIO(2, "w", closefd=False))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # not where a test or a notebook has put its own
            stream.reconfigure(errors="backslashreplace")


def require_open_files() -> None:
    """Allow as many open files as this user may have. Raises OSError where those are too few for anything to work."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < ENOUGH_FILES:
        most = ENOUGH_FILES if hard == resource.RLIM_INFINITY else min(hard, ENOUGH_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    if soft != resource.RLIM_INFINITY and soft < FEWEST_FILES:
        raise OSError(
            f"only {soft} files may be open at once here; allow {FEWEST_FILES} or more, as with `ulimit -n 256`"
        )


def share_heaps() -> None:
    """Let threads share as many heaps as there are cores, where the C library is glibc.

    glibc gives eight a core, and what was freed in one no thread of another uses: at its peak a build of 67,017 rows took 100 MiB
    more. `MALLOC_ARENA_MAX` in the environment goes before (mallopt(3)).
    """
    if sys.platform != "linux" or "MALLOC_ARENA_MAX" in os.environ:
        return
    import ctypes

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
    if mallopt is not None:
        mallopt(M_ARENA_MAX, max(2, os.cpu_count() or 1))


def forget_stdout() -> None:
    """Send what is still to be written nowhere: a reader has left, or a disk is full, and that was said or needs no word."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def end_as_others_do() -> NoReturn:
    """End because the reader has left, as `head` does: killed by the signal that other tools die of, without a word."""
    forget_stdout()
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGPIPE)
    os._exit(1)
