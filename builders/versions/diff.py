"""Two versions side by side: what differs, and which number the change deserves."""

import re
from pathlib import Path

from builders.identifiers import Step
from builders.records import plain
from builders.versions.version import Version
from builders.versions.version_number import bump
from cards.diff.comparison import compare
from cards.diff.records import Comparison, Side, Worth
from cards.shared.sections import sections, with_sections


def diff(old: Version, new: Version, examples: int = 5) -> Comparison:
    """What differs between two versions, and what the change is worth.

    examples: of each kind of row, how many are shown with their text. Raises Problem for a version that is not whole.
    """
    return compare(_side(old), _side(new), _worth(old, new), examples)


def _side(version: Version) -> Side:
    """A version's parts, read and checked as far as comparing needs them."""
    manifest = version.manifest
    return Side(
        label=version.label,
        rows=version.rows_by_id(),
        ledger=version.ledger_by_id(),
        statistics=version.statistics(),
        kept=manifest.kept,
        source_rows=manifest.source_rows,
        columns=manifest.columns,
        rules=manifest.rules,
        recipe={key: value for key, value in plain(manifest.recipe).items() if key != "source"},
        source=plain(manifest.source),
        template=plain(manifest.template),
        software=manifest.software,
        models=manifest.models,
    )


def _worth(old: Version, new: Version) -> Worth:
    """Which number the change deserves, and whether NEW's is at least that."""
    step, reason = _step(old, new)
    same_name = old.name == new.name
    before, after = old.number, new.number
    deserved = before.bumped(step) if step else before
    return Worth(
        same_name=same_name,
        bump=step,
        reason=reason,
        deserves=str(deserved) if same_name else None,
        number_fits=after >= deserved if same_name and after > before else None,
    )


def _step(old: Version, new: Version) -> tuple[Step | None, str]:
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
