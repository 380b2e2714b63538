"""A file of lines that a model makes, a part at a time: what an interruption leaves is taken up again, to the same bytes."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from builders.errors import Conflict, Exhausted, Invalid

Check = Callable[[bytes], object]
Make = Callable[[int], Iterator[Sequence[bytes]]]


def write_in_parts(path: Path, head: bytes, count: int, size: int, check: Check, make: Make, headed: bool) -> None:
    """Write a file of `count` lines, which appears whole; until then, what is made of it is beside it.

    head: a line that says how the others are made: what was begun otherwise is begun again. headed: whether it stays in the
    file. size: lines of a part, which is written at once. check: raises Invalid for the bytes of lines that are none. make: the
    lines from a number on, part by part; not called where all are there. Raises Conflict where another run writes the file, and
    Exhausted where the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{path.name}.lock"), timeout=0):
            made = path.with_name(f"{path.name}.part")
            done = _taken_up(made, head, count, size, check if headed else lambda data: check(data[len(head) :]))
            if done < count:
                for lines in make(done):
                    _append(made, lines)
            if headed:
                made.replace(path)
                return
            whole = path.with_name(f"{path.name}.whole")
            whole.write_bytes(b"")
            _append(whole, [made.read_bytes()[len(head) :]])
            whole.replace(path)
            made.unlink()
    except Timeout:
        raise Conflict(f"{path}: another run is writing it", "wait for it, or choose another --out") from None
    except OSError as error:
        raise Exhausted(
            f"{path}: cannot be written ({error.strerror})", "free space or choose another --out"
        ) from error


def _taken_up(made: Path, head: bytes, count: int, size: int, check: Check) -> int:
    """How many lines an interrupted run has left, in whole parts; what it left of another part, or of another run, goes."""
    lines = made.read_bytes().splitlines(keepends=True) if made.is_file() else []
    whole = lines[1:] if lines and lines[0] == head else []
    if whole and not whole[-1].endswith(b"\n"):
        whole.pop()
    done = count if len(whole) >= count else len(whole) // size * size
    kept = head + b"".join(whole[:done])
    try:
        if done:
            check(kept)
    except Invalid:  # a disk that lost its power: nothing of it is trusted
        done, kept = 0, head
    made.write_bytes(kept)
    return done


def _append(made: Path, lines: Sequence[bytes]) -> None:
    with made.open("ab") as file:
        file.write(b"".join(lines))
        file.flush()
        os.fsync(file.fileno())
