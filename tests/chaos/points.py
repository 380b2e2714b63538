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
    def hook(event, words):
        nonlocal done
        if (event == "open" or event.startswith(("os.", "shutil."))) and any(mark in str(word) for word in words[:2]):
            done += 1
            os.write(record, b".")
            if done == nth:
                os.kill(os.getpid(), 9)
    sys.addaudithook(hook)
"""


def ends_at(mark: str, nth: int, tally: Path) -> str:
    """Python that makes a process end itself before the nth operation on a path with `mark` in it (0: never); it is counted."""
    return f"{WATCH}\nwatch({mark!r}, {nth}, {str(tally)!r})"


def points(tally: Path) -> int:
    """How many operations a process did, as it counted them."""
    return tally.stat().st_size


def spread(total: int, kills: int) -> list[int]:
    """Points for kills: every other one among the last tenth, in which the result appears; the others evenly over the whole."""
    whole, last = (kills + 1) // 2, kills // 2
    evenly = [1 + number * total // whole for number in range(whole)]
    return evenly + [total - number * max(1, total // 10) // max(1, last) for number in range(last)]
