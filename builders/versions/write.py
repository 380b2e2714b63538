"""Write a version: its Parquet files, statistics, pictures, card and manifest.

Nothing written depends on the clock, the machine, the user or the folder.
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
from msgspec import UNSET

from builders.engines.content import Content
from builders.labels.file import NAME as LABELS
from builders.labels.measure import evidence_in
from builders.manifest import Contents, Fingerprint, Manifest, SourcePin, TemplateRecord, read_manifest
from builders.pipeline import Built
from builders.records import to_json
from builders.schema import (
    CARD,
    CROISSANT,
    FIELDS,
    MANIFEST,
    PAIR_FIELDS,
    RECIPE,
    SPLITS,
    STATISTICS,
    chart_file,
    columns_of,
    data_file,
    ledger_file,
)
from builders.scores.file import NAME as SCORES
from builders.stages.quality import counted_rules, recipe_settings
from builders.stages.sampling import places
from builders.stages.templates import template_named
from builders.versions.facts import card_facts
from builders.versions.fingerprint import file_fingerprint, software
from builders.versions.parquet import write_parquet
from builders.versions.shards import cuts, shards, text_bytes
from cards.audit.evidence import Evidence
from cards.dataset.card import dataset_card
from cards.dataset.croissant import croissant
from cards.shared.records import FileSize, Measure, RuleCounts, StageCounts
from cards.shared.sections import fixed_sha256
from cards.shared.svg import svg
from cards.statistics.listed import Statistics, count, measured, pictures
from cards.statistics.statistic import Counted
from filters import Setting

SHOWN = 3  # rows on the card


@dataclass(frozen=True)
class Gold:
    """How good the decisions are on the gold rows (see `builders/gold.py`), and how many rows those are."""

    measures: Mapping[str, Measure]
    rows: int


@dataclass(frozen=True)
class Draft:
    """A version that is written but for the files that name its number.

    statistics: what statistics.json holds. files: size and hash of every file that is written, by path. samples: rows that the
    card shows. evidence: what the recipe's labels say of the decisions, if it names any.
    """

    contents: Contents
    statistics: Statistics
    files: Mapping[str, Fingerprint]
    samples: tuple[Mapping[str, str], ...] = ()
    evidence: Evidence | None = None


def render(built: Built, gold: Gold, folder: Path) -> Draft:
    """Write everything but the card, its machine-read counterpart and the manifest.

    Nothing written depends on the clock, the machine, the user or the folder.
    """
    settings = recipe_settings(built.recipe)
    rules = counted_rules(built.findings, settings)
    stages = tuple(StageCounts(one.stage, one.rows_in, one.rows_out) for one in built.stages)
    columns = tuple(column.name for column in columns_of(built.recipe.kind, built.recipe.language.several))
    limit = built.recipe.split.shard_bytes
    # Side by side, for each lets go of Python's lock nearly all the time.
    with ThreadPoolExecutor() as threads:
        counting = threads.submit(_statistics, built, rules, settings)
        hashing = threads.submit(built.content.sha256)
        writing = threads.submit(_write_ledger, built.ledger, limit, folder)
        data = _write_data(built.content, columns, limit, folder)
    sizes = {"default": data, "ledger": {"train": writing.result()}}
    statistics, kept = counting.result(), sum(size.rows for size in data.values())
    _write(folder / STATISTICS, to_json(statistics))
    drawn = pictures(statistics, stages)
    for picture in drawn:
        _write(folder / chart_file(picture.name), svg(picture.drawing))
    _write(folder / RECIPE, built.recipe.to_yaml())
    if built.labels:
        (folder / LABELS).write_bytes(built.labels.canonical())
    if built.scores:
        (folder / SCORES).write_bytes(built.scores.data)
    contents = Contents(
        name=built.recipe.name,
        source_rows=built.ledger.height,
        kept=kept,
        dropped=built.ledger.height - kept,
        splits={split: size.rows for split, size in sizes["default"].items()},
        content_sha256=hashing.result(),
        recipe_sha256=built.recipe.sha256(),
        recipe=built.recipe,
        source=SourcePin(built.recipe.source),
        stages=stages,
        rules=rules,
        charts={picture.name: picture.description for picture in drawn},
        gold=dict(gold.measures),
        gold_rows=gold.rows,
        template=TemplateRecord.of(template_named(built.recipe.template)),
        columns=columns,
        sizes=sizes,
        models={"fasttext": _model_sha256(), "langdetect": metadata.version("langdetect")},
        software=software(),
        labels=built.label_use or UNSET,
    )
    said = evidence_in(built.ledger, rules, built.labels) if built.labels else None
    return Draft(contents, statistics, _fingerprints(folder), _samples(built), said)


def _statistics(built: Built, rules: Mapping[str, RuleCounts], settings: Mapping[str, Setting]) -> Statistics:
    counted = Counted(
        built.content.each(partial(measured, Statistics)),
        built.ledger,
        built.findings,
        rules,
        built.languages,
        built.rejected,
        built.origins,
        {name: setting.flag_from for name, setting in settings.items()},
        built.content.each,
    )
    return count(Statistics, counted)


def _write_data(content: Content, columns: Sequence[str], limit: int, folder: Path) -> dict[str, FileSize]:
    """Write each split's rows into as many files as they need. Returns the sizes of each split's files together."""
    told = content.each(partial(_sized, columns=columns)).with_row_index("place")
    files = np.zeros(told.height, np.uint32)  # of each row, which of the paths is its file
    paths: list[Path] = []
    splits: list[str] = []
    for split in SPLITS:
        rows = told.filter(pl.col("split") == split)
        starts = cuts(rows["bytes"], limit) if rows.height else []
        for place, (start, stop) in enumerate(pairwise([*starts, rows.height])):
            files[rows["place"][start:stop].to_numpy()] = len(paths)
            paths.append(folder / data_file(split, place, len(starts)))
            splits.append(split)
    written = content.write(pl.Series(files), paths, columns)
    return {
        split: _together(size for size, of in zip(written, splits, strict=True) if of == split)
        for split in dict.fromkeys(splits)
    }


def _sized(rows: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    return rows.select("split", text_bytes(rows.select(columns)).alias("bytes"))


def _write_ledger(ledger: pl.DataFrame, limit: int, folder: Path) -> FileSize:
    """Write the ledger into as many files as it needs. Returns the sizes of all together."""
    pieces = shards(ledger, limit)
    return _together(
        write_parquet(piece, folder / ledger_file(place, len(pieces))) for place, piece in enumerate(pieces)
    )


def _together(written: Iterable[FileSize]) -> FileSize:
    sizes = list(written)
    return FileSize(*(sum(getattr(size, field) for size in sizes) for field in FileSize.__struct_fields__))


def seal(draft: Draft, folder: Path, number: str) -> Manifest:
    """Write the files that name the number, then the manifest last: a folder without one is no version."""
    texts = numbered_texts(draft, number)
    for path, text in texts.items():
        _write(folder / path, text)
    fields = {name: getattr(draft.contents, name) for name in Contents.__struct_fields__}
    card_sha256 = fixed_sha256(texts[CARD])
    manifest = Manifest(**fields, version=number, card_sha256=card_sha256, files=_fingerprints(folder))
    _write(folder / MANIFEST, to_json(manifest))
    return read_manifest(folder / MANIFEST)  # as whoever opens it will see it


def numbered_texts(draft: Draft, number: str) -> dict[str, str]:
    """The files that name a version's number, and so are written when it is known: the card and its machine-read counterpart."""
    facts = card_facts(draft.contents, draft.statistics, draft.files, number, draft.samples, draft.evidence)
    return {CARD: dataset_card(facts), CROISSANT: to_json(croissant(facts))}


def _samples(built: Built) -> tuple[Mapping[str, str], ...]:
    """The kept rows that the card shows: the first by hash of their ids, of those without a flag where there are any."""
    kept = built.ledger.filter(pl.col("status") == "kept")
    calm = kept.filter(pl.col("flags").list.len() == 0)
    ids = (kept if calm.is_empty() else calm)["id"]
    shown = ids.to_frame().with_columns(places(ids, 0, "card")).sort("place", "id").head(SHOWN).select("id")
    columns = ("id", *FIELDS, *(PAIR_FIELDS[:1] if built.recipe.kind == "preferences" else ()))
    texts = built.content.each(lambda rows: rows.filter(pl.col("id").is_in(shown["id"].implode())).select(columns))
    return tuple(shown.join(texts, on="id", how="left", maintain_order="left").to_dicts())


def _model_sha256() -> str:
    from filters.detectors.fasttext_model import model_path

    return file_fingerprint(model_path()).sha256


def _fingerprints(folder: Path) -> dict[str, Fingerprint]:
    """Size and hash of a version's files by their path within its folder, manifest apart."""
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {path: file_fingerprint(folder / path) for path in paths if path != MANIFEST}


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
