"""Two versions side by side: what differs, and which number the change deserves."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from builders.errors import Problem
from builders.ledger import SCHEMA
from builders.versions.version_number import bump, parse_number
from builders.sources.reading import natural_keys
from builders.versions.version import Version
from cards.diff.comparison import Side, compare
from cards.shared.sections import sections, with_sections

# What is compared of a manifest, and the type that it must have.
NEEDED: dict[str, type] = {
    "columns": list,
    "files": dict,
    "kept": int,
    "recipe": dict,
    "rules": dict,
    "sizes": dict,
    "software": dict,
    "source": dict,
    "source_rows": int,
    "stages": list,
    "template": dict,
}


def diff(old: Version, new: Version, examples: int = 5) -> dict[str, Any]:
    """What `cards.comparison.compare` says of two versions, and what the change is worth.

    Adds `old`, `new` (their labels), `same_name`, `bump` (major, minor, patch, or None where nothing differs), `reason`,
    `deserves` (the number after OLD's; None for two datasets of different names) and `number_fits` (whether NEW's number
    is at least that; None where NEW's is not above OLD's). Raises Problem for a version that is not whole.
    """
    sides = _side(old), _side(new)
    part, reason = _worth(old, new)
    same_name = old.name == new.name
    before, after = parse_number(old.number), parse_number(new.number)
    deserved = before.bumped(part) if part else before
    return {
        "old": old.label,
        "new": new.label,
        "same_name": same_name,
        "bump": part,
        "reason": reason,
        "deserves": str(deserved) if same_name else None,
        "number_fits": after >= deserved if same_name and after > before else None,
        **compare(*sides, examples),
    }


def _side(version: Version) -> Side:
    """A version's parts, checked as far as comparing needs them."""
    lacking = [key for key, kind in NEEDED.items() if not isinstance(version.manifest.get(key), kind)]
    if lacking or "sha256" not in version.manifest["template"]:
        raise Problem(
            f"{version.path / 'manifest.json'}: {', '.join(lacking or ['template.sha256'])} missing or of another type; "
            "fetch or build the version again"
        )
    statistics = _statistics(version.path / "statistics.json")
    return Side(_by_id(version.rows(), version, "data"), ledger_of(version), version.manifest, statistics)


def ledger_of(version: Version) -> pl.DataFrame:
    """A version's ledger in natural id order. Raises Problem for one with other columns or an id that stands twice."""
    ledger = version.ledger()
    if dict(ledger.schema) != SCHEMA:
        raise Problem(f"{version.path / 'ledger'}: other columns than a ledger has; fetch or build the version again")
    return _by_id(ledger, version, "ledger")


def _by_id(table: pl.DataFrame, version: Version, part: str) -> pl.DataFrame:
    ordered = table.sort(natural_keys(table["id"]))
    twice = ordered.filter(pl.col("id") == pl.col("id").shift(1))
    if not twice.is_empty():
        raise Problem(
            f"{version.path / part}: the id {twice['id'][0]!r} stands twice; fetch or build the version again"
        )
    return ordered


def _statistics(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Problem(f"{path}: cannot be read ({error}); fetch or build the version again") from None
    if not isinstance(found, dict):
        raise Problem(f"{path}: not the statistics of a version; fetch or build the version again")
    return found


def _worth(old: Version, new: Version) -> tuple[str | None, str]:
    """What the step from one version to another deserves (major, minor, patch or None), and why."""
    part, reason = bump(new.manifest, old.manifest)
    if part is None:
        listed = old.manifest["files"], new.manifest["files"]
        paths = sorted(listed[0].keys() | listed[1].keys())
        other = [path for path in paths if listed[0].get(path) != listed[1].get(path) and not _same(path, old, new)]
        if other:
            return "patch", f"the rows are the same; other files differ: {', '.join(other)}"
    return part, reason


def _same(path: str, old: Version, new: Version) -> bool:
    """Whether a text file says the same of both versions but for their numbers and for what people wrote on the Hub."""
    texts = [_text(version.path / path, version.number) for version in (old, new)]
    return texts[0] is not None and texts[0] == texts[1]


def _text(path: Path, number: str) -> str | None:
    if path.suffix not in (".md", ".json") or not path.is_file():
        return None
    text = path.read_bytes().decode("utf-8", "replace")
    text = with_sections(text, dict.fromkeys(sections(text), ""))
    return re.sub(rf"(?<![\d.]){re.escape(number)}(?![\d.]*\d)", "X.Y.Z", text)
