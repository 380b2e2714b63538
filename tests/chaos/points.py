"""Processes that end themselves, as by SIGKILL, at a chosen point: just before the nth thing that they do with files of theirs.

By time alone most kills come before the slow part ends, and none at the rename: points are spread by what is done, not by how
long it takes.
"""

from pathlib import Path

# Python's own audit events; what native code writes lies between them. Each is a byte in a file, so that the points are counted.
WATCH = """
import os, sys

def watch(mark, nth, tally):
    record, done = os.open(tally, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 0
    renamed = 0
    def hook(event, words):
        nonlocal done, renamed
        if (event == "open" or event.startswith(("os.", "shutil."))) and any(mark in str(word) for word in words[:2]):
            done += 1
            if nth < 0 and (event == "os.rename" or renamed):
                renamed += 1
            if done >= nth > 0 or renamed >= -nth > 0:  # another thread may have counted on
                os.kill(os.getpid(), 9)
            os.write(record, b".")
    sys.addaudithook(hook)
"""


def ends_at(mark: str, nth: int, tally: Path) -> str:
    """Python that makes a process end itself before the nth operation on a path with `mark` in it (0: never); it is counted.

    Of those below zero, -1 is before the first rename, -2 before what comes after it, and so on.
    """
    return f"{WATCH}\nwatch({mark!r}, {nth}, {str(tally)!r})"


def points(tally: Path) -> int:
    """How many operations a process did, as it counted them."""
    return tally.stat().st_size


def spread(total: int, kills: int) -> list[int]:
    """Points for kills: two of three evenly over the whole, the others just before the rename and twice after it."""
    evenly = kills - kills // 3
    return [1 + number * total // evenly for number in range(evenly)] + [
        -1 - number % 3 for number in range(kills // 3)
    ]
