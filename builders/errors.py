"""What a user is meant to read when something is wrong, as a small tree of errors.

    Problem                    one line: what, where, what to do
    ├── NotFound               a file, version, rule, template … that does not exist
    │   └── NoSuchRevision     the repository is there, the tag or commit is not
    ├── Invalid                it is there and cannot be used: broken, of another shape, contradictory
    │   └── OtherFormat        a version or adapter in a format that this software does not read
    ├── Changed                it is not what was pinned or recorded: another hash, a moved tag
    ├── Conflict               something is in the way: a number that is taken, a folder that exists, another writer
    ├── Denied                 the Hub or the file system says no to this user
    ├── Unreachable            the Hub does not answer, or not now
    └── Exhausted              memory or space ran out

Code that must tell problems apart catches classes; nothing reads a message.
"""

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class Problem(Exception):
    """What went wrong, where, and what to do about it, in one line.

    message: what and where. hint: what to do, "" where the message says it already. key: the recipe key or option that
    is meant, "" where there is none; `{key}` in the message or hint stands for it, so that it can be completed by whoever
    knows where the key stands (see `keyed`).

    The command line prints it as `error: …` and exits with status 1; library users catch it. Anything else that escapes
    is a defect of this software and keeps its traceback.
    """

    def __init__(self, message: str, hint: str = "", key: str = "") -> None:
        super().__init__(message, hint, key)
        self.message, self.hint, self.key = message, hint, key

    def __str__(self) -> str:
        text = f"{self.message}; {self.hint}" if self.hint else self.message
        return text.replace("{key}", self.key) if self.key else text


class NotFound(Problem):
    """Something that was named does not exist."""


class NoSuchRevision(NotFound):
    """The repository exists; the tag, branch or commit does not."""


class Invalid(Problem):
    """Something is there and cannot be used as it is."""


class OtherFormat(Invalid):
    """Written in a format that this software does not read."""


class Changed(Problem):
    """Something is not what was pinned or recorded."""


class Conflict(Problem):
    """Something is in the way of what was asked for."""


class Denied(Problem):
    """Not allowed: a token, an access right, a licence."""


class Unreachable(Problem):
    """The Hub does not answer, or asks to come back later."""


class Exhausted(Problem):
    """Memory or space ran out."""


@contextmanager
def keyed(prefix: str) -> Iterator[None]:
    """Complete the key of a Problem that is raised inside: `columns` under `source.parallel` is `source.parallel.columns`."""
    try:
        yield
    except Problem as problem:
        if problem.key:
            problem.key = f"{prefix}.{problem.key}"
        raise


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean …?` with the closest known word, or nothing."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else ""


def clipped(text: str, most: int = 80) -> str:
    """A text that a message quotes, cut in its middle where it is longer than a reader needs."""
    if len(text) <= most:
        return text
    return f"{text[: most * 2 // 3]} … {text[len(text) - most // 4 :]}"
