"""Rows of a Hub dataset at a pinned commit: one of its files, or one split as `datasets` reads it."""

from pathlib import Path

import polars as pl

from builders.errors import Invalid, keyed
from builders.hub.client import Advice
from builders.hub.files import fetch_file, fetch_rows
from builders.recipes.source_model import HubSource, ParallelHub
from builders.sources.file import read_file
from builders.sources.formats.mapping import picked, used_columns
from builders.sources.order import in_natural_order
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


def read(source: HubSource, registry: Path, where: str | None) -> Read:
    """The rows of a Hub dataset (see `builders.sources.reading.Reader`): of a file, or of a split."""
    path = Path(where) if where else fetched(source, SOURCE_ADVICE)
    return read_file(path, source) if path else read_split(source)


def read_split(source: HubSource) -> Read:
    """The rows of one split of a Hub dataset. The pin records the hash of the rows, as they stand in the four columns."""
    with keyed("source"):
        rows, pin = ordered_split(source, SOURCE_ADVICE)
    return Read(rows, source.model_copy(update=pin))


def ordered_split(source: ParallelHub, advice: Advice) -> tuple[pl.DataFrame, dict[str, str]]:
    """A split's rows in natural order, and what its pin records of it."""
    assert source.split, "the recipe names a split or a file"
    table = fetch_rows(source.repo, source.revision, source.config, source.split, advice)
    name = f"{source.repo} {source.split}"
    table = table.select(used_columns(table.columns, name, source.columns))
    frame = picked(table, name, source.columns)
    if frame.is_empty():
        raise Invalid(f"{name}: holds no rows", "name another split with {key}", "split")
    sha256 = rows_sha256(frame)
    require_pin(name, source.sha256, sha256)
    return in_natural_order(frame, name), {"sha256": sha256}
