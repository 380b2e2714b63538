"""Write a version: its Parquet files, statistics, pictures, card and manifest.

Nothing written depends on the clock, the machine, the user or the folder.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path

import polars as pl
from msgspec import UNSET

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
from builders.versions.fingerprint import content_sha256, file_fingerprint, software
from builders.versions.parquet import write_parquet
from builders.versions.shards import shards
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
    parts = {split: built.rows.filter(pl.col("split") == split).select(columns) for split in SPLITS}
    parts = {split: part for split, part in parts.items() if part.height}
    limit = built.recipe.split.shard_bytes
    # Side by side, for each lets go of Python's lock nearly all the time.
    with ThreadPoolExecutor() as threads:
        counting = threads.submit(lambda: count(Statistics, _counted(built, rules, settings)))
        hashing = threads.submit(content_sha256, built.rows)
        writing = threads.submit(_write_shards, built.ledger, limit, folder, ledger_file)
        data = {split: _write_shards(part, limit, folder, partial(data_file, split)) for split, part in parts.items()}
    sizes = {"default": data, "ledger": {"train": writing.result()}}
    statistics = counting.result()
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
        kept=built.rows.height,
        dropped=built.ledger.height - built.rows.height,
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


def _counted(built: Built, rules: Mapping[str, RuleCounts], settings: Mapping[str, Setting]) -> Counted:
    """What the statistics are counted from."""
    return Counted(
        measured(Statistics, built.rows),
        built.ledger,
        built.findings,
        rules,
        built.languages,
        built.rejected,
        built.origins,
        {name: setting.flag_from for name, setting in settings.items()},
        lambda say: say(built.rows),
    )


def _write_shards(frame: pl.DataFrame, limit: int, folder: Path, name: Callable[[int, int], str]) -> FileSize:
    """Write rows into as many files as they need, named by place and number. Returns the sizes of all together."""
    pieces = shards(frame, limit)
    sizes = [write_parquet(piece, folder / name(place, len(pieces))) for place, piece in enumerate(pieces)]
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
    flagged = built.ledger.filter(pl.col("flags").list.len() > 0)
    rows = built.rows.join(flagged, on="id", how="anti", maintain_order="left")
    rows = (built.rows if rows.is_empty() else rows).select(
        "id", *FIELDS, *(PAIR_FIELDS[:1] if built.recipe.kind == "preferences" else ())
    )
    return tuple(
        rows.with_columns(places(rows["id"], 0, "card")).sort("place", "id").head(SHOWN).drop("place").to_dicts()
    )


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
