"""One row's story: what it was, what was mended, what every rule thought, what became of it."""

from pathlib import Path
from typing import Any

import polars as pl

from builders.errors import Problem, nearest
from builders.sources.reading import read_source
from builders.stages.language import language_thresholds
from builders.stages.quality import recipe_settings
from builders.stages.repair import repair
from builders.versions.version import Version
from filters import all_rules
from filters.detectors.language import decide
from filters.rule import judge


def explain(version: Version, id: str, registry: Path, where: str | None = None) -> dict[str, Any]:
    """The ledger's entry for an id, and the story behind it.

    Returns id, status, stage, rule, score, evidence, duplicate_of, edits, flags, split, source_sha256, row_sha256; `source` (the
    fields as read), `repaired` (after repair), `rules` (score, action and evidence of every rule), `language` (both
    classes; None where the builder cannot tell the language), `duplicate_row` (the row that was kept in place of this one,
    also where a sample left it out), `row` (the kept row with prompt and completion, or None). `source` and what follows from
    it are None, and `note` says why, when the source is not at hand. Raises Problem for an unknown id.
    """
    ledger = version.ledger_by_id()
    entry = ledger.filter(pl.col("id") == id)
    if entry.is_empty():
        ids = ledger["id"]
        raise Problem(f"{id!r}: no such row in the source of {version.name}@{version.number}{nearest(id, ids)}")
    story: dict[str, Any] = entry.to_dicts()[0]
    rows = version.rows()
    story |= {"source": None, "repaired": None, "rules": None, "language": None, "note": None}
    story["row"] = _one(rows, id)
    story["duplicate_row"] = _one(rows, story["duplicate_of"]) if story["duplicate_of"] else None
    try:
        read = read_source(version.recipe, registry, where)
    except Problem as problem:
        story["note"] = f"the source text is not at hand: {problem}"
        return story
    row = read.rows.filter(pl.col("id") == id)
    story["source"] = row.select("id", "instruction", "input", "output").to_dicts()[0]
    repaired, _ = repair(row, version.recipe.edits)
    story["repaired"] = repaired.select("id", "instruction", "input", "output").to_dicts()[0]
    if story["duplicate_of"] and not story["duplicate_row"]:  # kept for this row, but not sampled
        duplicate_of, _ = repair(read.rows.filter(pl.col("id") == story["duplicate_of"]), version.recipe.edits)
        story["duplicate_row"] = duplicate_of.select("id", "instruction", "input", "output").to_dicts()[0]
    asked = version.recipe.language
    if asked.pack.detection:
        language = decide(repaired, language_thresholds(asked), asked.pack)
        story["language"] = language.drop("row").to_dicts()[0]
    settings = recipe_settings(version.recipe)
    rules = {name: rule for name, rule in all_rules().items() if name in settings}
    found = {one["rule"]: one for one in judge(repaired, rules, settings).to_dicts()}
    story["rules"] = [
        {
            "rule": name,
            "score": found[name]["score"] if name in found else 0.0,
            "threshold": setting.threshold,
            "action": found[name]["action"] if name in found else "none",
            "evidence": found[name]["evidence"] if name in found else None,
        }
        for name, setting in settings.items()
    ]
    return story


def _one(rows: pl.DataFrame, id: str) -> dict[str, Any] | None:
    found = rows.filter(pl.col("id") == id).to_dicts()
    return found[0] if found else None
