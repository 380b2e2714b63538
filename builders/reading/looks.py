"""What to look at in a version: its numbers beside those of the version before."""

from pathlib import Path

from msgspec import UNSET

from builders.errors import Problem
from builders.versions.references import versions_in
from builders.versions.version import Version, open_version
from cards.audit.numbers import Audit
from cards.looks.look import Look, Seen
from cards.looks.rules import looks


def before(version: Version, registry: Path) -> Version | None:
    """The version before, of the same name under the registry; None where none lies there or it cannot be read."""
    if version.repo:
        return None
    known = versions_in(registry, version.name)
    earlier = [folder for number, folder in known.items() if number < version.number]
    try:
        return open_version(earlier[-1]) if earlier else None
    except Problem:
        return None


def looks_of(numbers: Audit, earlier: Version | None = None) -> list[Look]:
    """What to look at in a version, by its numbers and those of the version before."""
    try:
        then = (earlier.label, earlier.statistics()) if earlier else None
    except Problem:
        then = None
    tokens = numbers.tokens
    over = {} if tokens is UNSET else {int(limit): round(part * numbers.kept) for limit, part in tokens.over.items()}
    return looks(
        Seen(
            reference=numbers.version,
            source_rows=numbers.source_rows,
            kept=numbers.kept,
            statistics=numbers.statistics,
            before=then,
            over=over,
            tokenizer="" if tokens is UNSET else tokens.tokenizer,
        )
    )
