"""Write a version: its Parquet files, statistics, pictures, card and manifest.

Nothing written depends on the clock, the machine, the user or the folder.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import polars as pl

from builders.manifest import (
    Contents,
    FileSize,
    Fingerprint,
    Manifest,
    Measure,
    RuleCounts,
    SourcePin,
    StageCounts,
    TemplateRecord,
    plain,
    read_manifest,
    to_json,
)
from builders.pipeline import Built
from builders.recipes.model import DemoSource, ParallelFile, ParallelHub, VersionSource
from builders.schema import (
    CARD,
    COLUMNS,
    CROISSANT,
    LEDGER,
    MANIFEST,
    RECIPE,
    SPLITS,
    STATISTICS,
    chart_file,
    data_file,
)
from builders.stages.quality import recipe_settings
from builders.stages.templates import template_named
from builders.versions.fingerprint import ROW_GROUP, content_sha256, file_fingerprint, software
from cards.dataset.card import dataset_card
from cards.dataset.croissant import croissant
from cards.shared.charts import charts, svg
from cards.shared.sections import fixed_sha256
from cards.shared.statistics import statistics
from cards.shared.terminal import safe_line
from filters import all_rules


@dataclass(frozen=True)
class Gold:
    """How good the decisions are on the gold rows (see `builders/gold.py`), and how many rows those are."""

    measures: Mapping[str, Measure]
    rows: int


@dataclass(frozen=True)
class Draft:
    """A version that is written but for what tells its number.

    statistics: what stands in statistics.json. files: size and hash of every file that is written, by path.
    """

    contents: Contents
    statistics: Mapping[str, Any]
    files: Mapping[str, Fingerprint]


def render(built: Built, gold: Gold, folder: Path) -> Draft:
    """Write everything but the card, its machine-read counterpart and the manifest.

    Nothing written depends on the clock, the machine, the user or the folder.
    """
    sizes: dict[str, dict[str, FileSize]] = {"default": {}, "ledger": {}}
    for split in SPLITS:
        part = built.rows.filter(pl.col("split") == split).select(COLUMNS)
        if part.height:
            sizes["default"][split] = _write_parquet(part, folder / data_file(split))
    sizes["ledger"]["train"] = _write_parquet(built.ledger, folder / LEDGER)
    rules = _rules(built)
    stages = tuple(StageCounts(one.stage, one.rows_in, one.rows_out) for one in built.stages)
    numbers = statistics(built.rows, built.ledger, built.findings, plain(rules), built.languages)
    _write(folder / STATISTICS, to_json(numbers))
    pictures = charts(numbers, plain(stages))
    for name, picture in pictures.items():
        _write(folder / chart_file(name), svg(picture))
    _write(folder / RECIPE, built.recipe.to_yaml())
    contents = Contents(
        name=built.recipe.name,
        source_rows=built.ledger.height,
        kept=built.rows.height,
        dropped=built.ledger.height - built.rows.height,
        splits={split: size.rows for split, size in sizes["default"].items()},
        content_sha256=content_sha256(built.rows),
        recipe_sha256=built.recipe.sha256(),
        recipe=built.recipe,
        source=SourcePin(built.recipe.source),
        stages=stages,
        rules=rules,
        charts={name: picture["description"] for name, picture in pictures.items()},
        gold=dict(gold.measures),
        gold_rows=gold.rows,
        template=TemplateRecord.of(template_named(built.recipe.template)),
        columns=COLUMNS,
        sizes=sizes,
        models={"fasttext": _model_sha256(), "langdetect": metadata.version("langdetect")},
        software=software(),
    )
    return Draft(contents, numbers, _fingerprints(folder))


def seal(draft: Draft, folder: Path, number: str) -> Manifest:
    """Write what tells the number, then the manifest last: a folder without one is no version."""
    texts = numbered_texts(draft, number)
    for path, text in texts.items():
        _write(folder / path, text)
    fields = {name: getattr(draft.contents, name) for name in Contents.__struct_fields__}
    card_sha256 = fixed_sha256(texts[CARD])
    manifest = Manifest(**fields, version=number, card_sha256=card_sha256, files=_fingerprints(folder))
    _write(folder / MANIFEST, to_json(manifest))
    return read_manifest(folder / MANIFEST)  # as whoever opens it will see it


def numbered_texts(draft: Draft, number: str) -> dict[str, str]:
    """The files that tell a version's number, and so are written when it is known: the card and its machine-read counterpart."""
    facts = _facts(draft, number)
    return {CARD: dataset_card(facts), CROISSANT: to_json(croissant(facts))}


def _facts(draft: Draft, number: str) -> dict[str, Any]:
    """What the card and the Croissant metadata are told of a version."""
    contents = draft.contents
    source, parallel = contents.recipe.source, contents.recipe.parallel
    language = contents.recipe.language.pack
    return {
        **plain(contents),
        "version": number,
        "card": contents.recipe.card.model_dump(mode="json"),
        "language": {"code": language.code, "name": language.name, "known": language.detection is not None},
        "source": _describe(source),
        "parallel": _describe(parallel) if parallel else None,
        "statistics": draft.statistics,
        "hashes": {path: one.sha256 for path, one in draft.files.items()},
    }


def _describe(source: DemoSource | VersionSource | ParallelFile | ParallelHub) -> str:
    """One line about a pinned source, for the card."""
    if isinstance(source, DemoSource):
        return f"the embedded demo rows, sha256 {_code(source.sha256)}"
    if isinstance(source, VersionSource):
        on_hub = f" of {_code(source.repo)} at commit {_code(source.commit)}" if source.commit else ""
        name = _code(f"{source.name}@{source.version}")
        return f"version {name}{on_hub}, content sha256 {_code(source.content_sha256)}"
    if isinstance(source, ParallelFile):
        return f"file {_code(source.name)}, sha256 {_code(source.sha256)}"
    part = f"file {_code(source.file)}"
    if source.split:
        part = f"split {_code(source.split)}" + (f" of config {_code(source.config)}" if source.config else "")
    return f"{_code(source.repo)} at commit {_code(source.revision)}, {part}, sha256 {_code(source.sha256)}"


def _code(text: str | None) -> str:
    """A name as Markdown shows it literally, whatever is in it: a code span with more backticks around it than within."""
    line = safe_line(str(text))
    if "`" not in line:
        return f"`{line}`"
    fence = "`" * (1 + max(map(len, re.findall("`+", line))))
    return f"{fence} {line} {fence}"


def _rules(built: Built) -> dict[str, RuleCounts]:
    """What each rule that ran is and did."""
    rules = all_rules()
    actions = built.findings.group_by("rule", "action").len()
    counts = {(rule, action): count for rule, action, count in actions.iter_rows()}
    return {
        name: RuleCounts(
            version=rules[name].version,
            verdict=setting.verdict,
            threshold=setting.threshold,
            drops=counts.get((name, "drop"), 0),
            flags=counts.get((name, "flag"), 0),
            signals=counts.get((name, "signal"), 0),
        )
        for name, setting in recipe_settings(built.recipe).items()
    }


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


def _write_parquet(frame: pl.DataFrame, path: Path) -> FileSize:
    """Write as the Hub likes it: content-defined chunks (so that Xet stores only what changed), page index, bounded row
    groups. Plain 32-bit strings, because that is what `datasets` calls a string."""
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    schema = _arrow_schema(frame)
    num_bytes = 0
    options = {
        "compression": "zstd",
        "use_content_defined_chunking": True,
        "write_page_index": True,
        # Without dictionaries: nearly every text stands once, and what follows a dictionary moves with it. Two versions of
        # Spanish rows share up to 14 points more of their bytes, in files 2.7 % smaller (benchmarks/chunks.py).
        "use_dictionary": False,
    }
    # An open file, because pyarrow fails on a path that is no UTF-8.
    with path.open("wb") as file, pq.ParquetWriter(file, schema, **options) as writer:
        for piece in frame.iter_slices(ROW_GROUP):
            table = piece.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(schema)
            num_bytes += table.nbytes
            writer.write_table(table, row_group_size=ROW_GROUP)
    return FileSize(frame.height, num_bytes, path.stat().st_size)


def _arrow_schema(frame: pl.DataFrame) -> Any:
    import pyarrow as pa

    def plain(dtype: pl.DataType) -> Any:
        if isinstance(dtype, pl.List):
            return pa.list_(plain(dtype.inner))  # type: ignore[arg-type]
        if isinstance(dtype, pl.Struct):
            return pa.struct([pa.field(field.name, plain(field.dtype)) for field in dtype.fields])  # type: ignore[arg-type]
        return {pl.String(): pa.string(), pl.Float64(): pa.float64()}[dtype]

    return pa.schema([pa.field(name, plain(dtype)) for name, dtype in frame.schema.items()])
