"""Two versions side by side: what differs, and which number the change deserves."""

import re
from pathlib import Path
from typing import Any

from builders.identifiers import Step
from builders.manifest import plain
from builders.versions.version import Version
from builders.versions.version_number import bump
from cards.diff.comparison import Side, compare
from cards.shared.sections import sections, with_sections


def diff(old: Version, new: Version, examples: int = 5) -> dict[str, Any]:
    """What `cards.comparison.compare` says of two versions, and what the change is worth.

    Adds `old`, `new` (their labels), `same_name`, `bump` (major, minor, patch, or None where nothing differs), `reason`,
    `deserves` (the number after OLD's; None for two datasets of different names) and `number_fits` (whether NEW's number
    is at least that; None where NEW's is not above OLD's). Raises Problem for a version that is not whole.
    """
    sides = _side(old), _side(new)
    step, reason = _worth(old, new)
    same_name = old.name == new.name
    before, after = old.number, new.number
    deserved = before.bumped(step) if step else before
    return {
        "old": old.label,
        "new": new.label,
        "same_name": same_name,
        "bump": step,
        "reason": reason,
        "deserves": str(deserved) if same_name else None,
        "number_fits": after >= deserved if same_name and after > before else None,
        **compare(*sides, examples),
    }


def _side(version: Version) -> Side:
    """A version's parts, read and checked as far as comparing needs them."""
    return Side(version.rows_by_id(), version.ledger_by_id(), plain(version.manifest), version.statistics())


def _worth(old: Version, new: Version) -> tuple[Step | None, str]:
    """What the step from one version to another deserves (major, minor, patch or None), and why."""
    step, reason = bump(new.manifest, old.manifest)
    if step is None:
        listed = old.manifest.files, new.manifest.files
        paths = sorted(listed[0].keys() | listed[1].keys())
        other = [path for path in paths if listed[0].get(path) != listed[1].get(path) and not _same(path, old, new)]
        if other:
            return "patch", f"the rows are the same; other files differ: {', '.join(other)}"
    return step, reason


def _same(path: str, old: Version, new: Version) -> bool:
    """Whether a text file says the same of both versions but for their numbers and for what people wrote on the Hub."""
    texts = [_text(version.path / path, str(version.number)) for version in (old, new)]
    return texts[0] is not None and texts[0] == texts[1]


def _text(path: Path, number: str) -> str | None:
    if path.suffix not in (".md", ".json") or not path.is_file():
        return None
    text = path.read_bytes().decode("utf-8", "replace")
    text = with_sections(text, dict.fromkeys(sections(text), ""))
    return re.sub(rf"(?<![\d.]){re.escape(number)}(?![\d.]*\d)", "X.Y.Z", text)
