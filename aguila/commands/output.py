"""What commands print: results as JSON, tables, what was published."""

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click
import msgspec

from cards.shared.terminal import safe_line, table

if TYPE_CHECKING:
    from builders.hub.repository import Publication

# What could steer a terminal and is no control character below the space, which JSON escapes anyway.
STEERING = re.compile(r"[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def print_json(value: Any, indent: int | None = 2) -> None:
    """The result for machines, of records or plain values: the only thing on stdout. What could steer a terminal is escaped."""
    text = json.dumps(msgspec.to_builtins(value), ensure_ascii=False, indent=indent)
    click.echo(STEERING.sub(lambda one: f"\\u{ord(one[0]):04x}", text))


def note(line: str) -> None:
    """A line for people, on stderr."""
    click.echo(safe_line(line), err=True)


def splits(counts: Mapping[str, int]) -> str:
    """`train 380, validation 23`."""
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def show_publication(done: "Publication", as_json: bool) -> None:
    """What was published, or would be."""
    if as_json:
        print_json(
            {
                **{key: getattr(done, key) for key in ("repo", "outcome", "commit", "private", "reason", "bytes_sent")},
                "version": done.number,
                "files": [vars(one) for one in done.files],
            }
        )
        return
    if done.files:
        table(["file", "action", "bytes"], [[one.path, one.action, f"{one.bytes:,}"] for one in done.files])
    at = f" at commit {done.commit[:12]}" if done.commit else f", {done.bytes_sent:,} bytes to send"
    click.echo(f"{done.outcome}: {done.reference}{at} ({done.reason})")
