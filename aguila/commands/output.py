"""What commands print: results as JSON, lines, what was published. Every text goes through `cards/shared/terminal.py`."""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import msgspec

from aguila.process import forget_stdout
from cards.shared.terminal import put, say, table, write

if TYPE_CHECKING:
    from builders.hub.repository import Publication

# What could steer a terminal and is no control character below the space, which JSON escapes anyway.
STEERING = re.compile(r"[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def print_json(value: Any, indent: int | None = 2) -> None:
    """The result for machines, of records or plain values: the only thing on stdout.

    What could steer a terminal, or cannot be encoded, is escaped.
    """
    plain = msgspec.to_builtins(value)
    text = json.dumps(plain, ensure_ascii=False, indent=indent)
    text = STEERING.sub(lambda one: f"\\u{ord(one[0]):04x}", text)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(plain, indent=indent)
    write(text)


def note(line: str) -> None:
    """A line for people, on stderr. Where nobody can be told, the work goes on."""
    with suppress(OSError):
        say(line, sys.stderr)


def error(text: str) -> None:
    """What is wrong with how a command was called, on stderr."""
    with suppress(OSError):
        put(text, sys.stderr)


@contextmanager
def made(what: str) -> Iterator[None]:
    """Around printing about what a command has made. It is made even where that cannot be printed: then a note says what."""
    try:
        yield
    except OSError as problem:
        forget_stdout()
        note(f"note: {what}; its summary cannot be printed ({problem.strerror or problem})")


def splits(counts: Mapping[str, int]) -> str:
    """`train 380, validation 23`."""
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def show_publication(done: "Publication", as_json: bool) -> None:
    """What was published, or would be."""
    with made(f"{done.outcome}: {done.reference}"):
        _show_publication(done, as_json)


def _show_publication(done: "Publication", as_json: bool) -> None:
    if as_json:
        print_json(
            {
                **{key: getattr(done, key) for key in ("repo", "outcome", "commit", "private", "reason", "bytes_sent")},
                "version": done.number,
                **({"pull_request": done.pull_request} if done.pull_request else {}),
                "files": [vars(one) for one in done.files],
            }
        )
        return
    if done.files:
        table(["file", "action", "bytes"], [[one.path, one.action, f"{one.bytes:,}"] for one in done.files])
    at = f" at commit {done.commit[:12]}" if done.commit else f", {done.bytes_sent:,} bytes to send"
    say(f"{done.outcome}: {done.reference}{at} ({done.reason})")
    if done.pull_request:
        say(f"  {done.pull_request}; once it is merged, run `aguila publish` again with --finish")
