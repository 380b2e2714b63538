"""Rows of a Hub dataset at a pinned commit: one of its files, or one split as `datasets` reads it."""

from pathlib import Path
from typing import Any

from builders.errors import Invalid, keyed
from builders.hub.client import Advice
from builders.hub.files import fetch_file, fetch_rows
from builders.recipes.model import HubSource, ParallelHub
from builders.sources.formats.table import FrameTable
from builders.sources.intake import Intake
from builders.sources.order import Ordered, ordered
from builders.sources.read import Read, require_pin, rows_sha256


def advice_for(key: str, offline: str) -> Advice:
    """What to do about a Hub source that cannot be had, in the words of the key that names it, such as `source`."""
    return Advice(
        name=f"check {key}.repo",
        revision=f"the repository has no such commit; check {key}.revision",
        split=f"check {key}.config and {key}.split",
        script=f"name one of its data files with {key}.file",
        offline=offline,
    )


SOURCE_ADVICE = advice_for("source", "connect, or use --from FILE")
PARALLEL_ADVICE = advice_for("source.parallel", "connect, then run again")


def fetched(source: ParallelHub, advice: Advice) -> Path | None:
    """The file that a Hub source names, fetched; None where it names a split."""
    return fetch_file(source.repo, source.file, source.revision, advice) if source.file else None


def read_split(source: HubSource) -> Read:
    """The rows of one split of a Hub dataset. The pin records the hash of the rows, as they are in the four columns."""
    with keyed("source"):
        found, pin, notes = ordered_split(source, SOURCE_ADVICE)
    return Read(found.rows, source.model_copy(update=pin), found.repeated, tuple(notes))


def ordered_split(source: ParallelHub, advice: Advice) -> tuple[Ordered, dict[str, Any], list[str]]:
    """A split's rows in natural order, what its pin records of them, and notes."""
    assert source.split, "the recipe names a split or a file"
    table = fetch_rows(source.repo, source.revision, source.config, source.split, advice)
    name = f"{source.repo} {source.split}"
    if table.is_empty():
        raise Invalid(f"{name}: holds no rows", "name another split with {key}", "split")
    rows = Intake(source)
    rows.add(FrameTable(table, name))
    frame = rows.frame(name)
    sha256 = rows_sha256(frame)
    require_pin(name, source.sha256, sha256)
    return ordered(frame, name, rows.duplicates), {**rows.pin(), "sha256": sha256}, rows.notes
