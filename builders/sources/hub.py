"""Rows of a Hub dataset at a pinned commit: one of its files, or one split as `datasets` reads it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from builders.errors import Invalid, keyed
from builders.hub.client import Advice
from builders.hub.files import fetch_file, fetch_rows
from builders.recipes.model import HubSource, ParallelHub
from builders.sources.formats.table import FrameTable
from builders.sources.intake import Intake
from builders.sources.languages import in_language, is_for_each
from builders.sources.order import Ordered, ordered
from builders.sources.read import Read, require_pin, rows_sha256
from builders.sources.shards import Files


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


def fetched_for_each(source: HubSource, languages: Sequence[str]) -> Files | None:
    """The files that a Hub source names, one for each language where it says so, fetched; None where it names a split."""
    if source.file is None:
        return None
    each = {}
    for code in languages if is_for_each(source.file) else languages[:1]:
        file = in_language(source.file, code)
        path = fetch_file(source.repo, file, source.revision, SOURCE_ADVICE)
        each[code] = replace(
            Files.one(path), names=(file if is_for_each(source.file) and len(languages) > 1 else path.name,)
        )
    return Files.of_languages(source.file, each)


def in_one_language(source: HubSource, languages: Sequence[str]) -> HubSource:
    """The source that is meant where it is one for each language, and one language is asked for."""
    if len(languages) > 1:
        return source
    named = {key: in_language(value, languages[0]) for key in ("file", "config") if (value := getattr(source, key))}
    return source.model_copy(update=named)


def read_split(source: HubSource, languages: Sequence[str] = ()) -> Read:
    """The rows of one split of a Hub dataset, or of that of each language. The pin records the hash of the rows, as they are in
    the four columns."""
    with keyed("source"):
        found, pin, notes = ordered_split(source, SOURCE_ADVICE, languages)
    return Read(found.rows, source.model_copy(update=pin), found.repeated, tuple(notes))


def ordered_split(
    source: ParallelHub, advice: Advice, languages: Sequence[str] = ()
) -> tuple[Ordered, dict[str, Any], list[str]]:
    """A split's rows in natural order, what its pin records of them, and notes. languages: see `Intake`."""
    assert source.split, "the recipe names a split or a file"
    name = f"{source.repo} {source.split}"
    rows = Intake(source, languages=languages)
    for code in languages if is_for_each(source.config) else (None,):
        config = in_language(source.config, code) if source.config and code else source.config
        table = fetch_rows(source.repo, source.revision, config, source.split, advice)
        where = f"{source.repo} {config} {source.split}" if code else name
        if table.is_empty():
            raise Invalid(f"{where}: holds no rows", "name another split with {key}", "split")
        rows.add(FrameTable(table, where), code)
    frame = rows.frame(name)
    sha256 = rows_sha256(frame)
    require_pin(name, source.sha256, sha256)
    return ordered(frame, name, rows.duplicates, rows.tables), {**rows.pin(), "sha256": sha256}, rows.notes
