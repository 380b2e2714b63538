"""Semantic version numbers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import total_ordering
from typing import Any

from builders.errors import Problem

NUMBER = re.compile(r"v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", re.ASCII)


@total_ordering
@dataclass(frozen=True)
class Number:
    """A semantic version number."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    def __lt__(self, other: "Number") -> bool:
        return (self.major, self.minor, self.patch) < (other.major, other.minor, other.patch)

    def bumped(self, part: str) -> "Number":
        """The next number after a change of this size."""
        if part == "major":
            return Number(self.major + 1, 0, 0)
        if part == "minor":
            return Number(self.major, self.minor + 1, 0)
        return Number(self.major, self.minor, self.patch + 1)


def parse_number(text: str) -> Number:
    """`1.2.0` or `v1.2.0`. Raises Problem for anything else."""
    found = NUMBER.fullmatch(text)
    if not found:
        raise Problem(f"{text!r} is not a version number; write X.Y.Z, such as 1.0.0")
    return Number(*map(int, found.groups()))


def bump(new: Mapping[str, Any], old: Mapping[str, Any]) -> tuple[str | None, str]:
    """How large a step `new` deserves after `old` (two manifests) and why: major, minor, or None where columns, template
    and rows are the same. Whether a patch is due then depends on the other files."""
    if new["columns"] != old["columns"]:
        return "major", "the columns changed"
    if new["template"]["sha256"] != old["template"]["sha256"]:
        return "major", f"the template changed ({old['template']['name']} → {new['template']['name']})"
    if new["content_sha256"] != old["content_sha256"]:
        return "minor", "the rows changed"
    return None, "nothing changed"
