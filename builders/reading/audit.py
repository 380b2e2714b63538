"""What is in a version, what left it and why: every number that `aguila audit` shows. Also of a raw file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from builders.manifest import plain
from builders.reading.audit_rows import rows_of_file, rows_to_read
from builders.reading.tokenizer import load_tokenizer
from builders.recipes.loading import load_recipe
from builders.recipes.model import Dedup, Language, Quality, Switch
from builders.schema import PARALLEL_FIELDS
from builders.sources.read import Read
from builders.sources.reading import read_source, with_source
from builders.stages.dedup import duplicates, same_words
from builders.stages.language import decided_languages, languages_of
from builders.stages.quality import judged, rule_settings
from builders.stages.templates import ORIGIN
from builders.versions.references import resolve
from builders.versions.version import Version
from cards.audit.diversity import distinct, repeated
from cards.audit.groups import duplicate_groups, leaks, prompt_groups
from cards.audit.tokens import token_counts
from cards.shared.instructions import kinds, openings
from cards.shared.statistics import THRESHOLD_STEPS, describe, language_mix, overlap, sensitivity, statistics
from filters import all_rules


@dataclass(frozen=True)
class Audited:
    """What an audit found: numbers for JSON and tables, and rows to read (empty unless they were asked for)."""

    numbers: dict[str, Any]
    rows: dict[str, Any]


def audited(
    ref: str | None, registry: Path, where: str | None = None, tokenizer: str | None = None, with_rows: bool = False
) -> Audited:
    """Audit the version that `ref` names (its source at `where`, if it has moved), or without one the raw file at `where`.

    Raises Problem for a reference, a file or a tokenizer that is not there or not what it should be.
    """
    if ref is not None:
        version = resolve(ref, registry)
        return Audited(audit(version, tokenizer), rows_to_read(version, registry, where) if with_rows else {})
    assert where is not None, "the command line asks for one of them"
    recipe = with_source(load_recipe("mix"), where, registry)
    read = read_source(recipe, registry)
    numbers = audit_source(read, Path(where).name, tokenizer)
    return Audited(numbers, rows_of_file(read.rows) if with_rows else {})


def audit(version: Version, tokenizer: str | None = None) -> dict[str, Any]:
    """Numbers of a version, ready for JSON.

    Those of its build are taken as they are recorded (`statistics`, see `cards/shared/statistics.py`, and what the manifest
    says of stages and rules); added are `openings`, `kinds`, `distinct`, `repeated_answers`, `prompts` (with several answers),
    `duplicates`, `near_duplicate_threshold`, `leaks` and, with a tokenizer, `tokens`. tokenizer: see `load_tokenizer`.
    Raises Problem for a version that is not whole.
    """
    loaded = load_tokenizer(tokenizer) if tokenizer else None
    rows, ledger = version.rows(), version.ledger_by_id()
    keys = _keys(rows)
    manifest = version.manifest
    numbers = {
        "version": version.label,
        "source_rows": manifest.source_rows,
        "kept": manifest.kept,
        "content_sha256": manifest.content_sha256,
        "recipe_sha256": manifest.recipe_sha256,
        "source": plain(manifest.source),
        "stages": plain(manifest.stages),
        "rules": plain(manifest.rules),
        "gold": plain(manifest.gold),
        "dropped": ledger.height - rows.height,
        "template": manifest.template.name,
        "statistics": {**statistics(rows.head(0), ledger.head(0)), **version.statistics()},
        **_texts(rows, keys),
        "duplicates": duplicate_groups(ledger),
        "near_duplicate_threshold": _near_threshold(ledger, version),
        "leaks": leaks(keys, _near_duplicates(rows, version)),
    }
    if loaded is not None:
        parts = {part: _text(rows, part) for part in ("prompt", "completion")}
        numbers["tokens"] = {"tokenizer": tokenizer, **token_counts(parts, loaded)}
    return numbers


def audit_source(read: Read, name: str, tokenizer: str | None = None) -> dict[str, Any]:
    """Numbers of rows as they lie in a file, before any recipe: nothing is repaired and nothing is dropped.

    The rules and the language decision speak as they are by default. Returns `file`, `source`, `rows`, `statistics` (as of a
    version, without splits, drops, flags and edits), `rules` (what each would do), and what `audit` adds, duplicates and
    leaks apart.
    """
    loaded = load_tokenizer(tokenizer) if tokenizer else None
    rows = read.rows.with_columns(ORIGIN)
    asked = Language()
    languages = languages_of(decided_languages(rows, asked), asked)
    settings = rule_settings(Quality(), set(PARALLEL_FIELDS) <= set(rows.columns))
    rules = {name: rule for name, rule in all_rules().items() if name in settings}
    findings = judged(rows, settings)
    acted = findings.group_by("rule", "action").len()
    counts = {(rule, action): count for rule, action, count in acted.iter_rows()}
    told = {
        name: {
            "version": rules[name].version,
            "verdict": setting.verdict,
            "threshold": setting.threshold,
            **{f"{action}s": counts.get((name, action), 0) for action in ("drop", "flag", "signal")},
        }
        for name, setting in settings.items()
    }
    numbers = {
        "file": name,
        "source": read.pin.model_dump(mode="json"),
        "rows": rows.height,
        "statistics": {
            "rows": rows.height,
            **describe(rows),
            "overlap": overlap(findings),
            "sensitivity": sensitivity(findings, told),
            "language": language_mix(languages, pl.repeat(True, rows.height, eager=True)),
        },
        "rules": told,
        **_texts(rows, _keys(rows)),
    }
    if loaded is not None:
        parts = {field: rows[field] for field in ("instruction", "input", "output")}
        numbers["tokens"] = {"tokenizer": tokenizer, **token_counts(parts, loaded)}
    return numbers


def _texts(rows: pl.DataFrame, keys: pl.DataFrame) -> dict[str, Any]:
    """What the texts of rows say of them."""
    return {
        "openings": openings(rows["instruction"]),
        "kinds": kinds(rows),
        "distinct": {field: distinct(rows[field]) for field in ("instruction", "output")},
        "repeated_answers": repeated(rows["output"]),
        "prompts": prompt_groups(keys),
    }


def _keys(rows: pl.DataFrame) -> pl.DataFrame:
    """`id`, `prompt`, `text` (64 bits each, equal where `same_words` are) and `split`, if the rows have one."""
    words = rows.select(
        "id",
        same_words(pl.concat_str("instruction", pl.lit("\n\0\n"), "input")).hash(1).alias("prompt"),
        same_words(pl.col("output")).hash(2).alias("answer"),
        *(["split"] if "split" in rows.columns else []),
    )
    return words.with_columns(pl.struct("prompt", "answer").hash(3).alias("text")).drop("answer")


def _near_duplicates(rows: pl.DataFrame, version: Version) -> pl.DataFrame:
    """Kept rows that resemble another kept row: `split`, `duplicate_split`. None, where near-duplicates were removed."""
    near = version.recipe.dedup.near.model_copy(update={"enabled": True})
    placed = rows.with_row_index("row")
    found = duplicates(
        placed, pl.DataFrame(schema={"row": pl.UInt32}), Dedup(near=near, same_prompt=Switch(enabled=False))
    )
    found = found.filter(pl.col("rule") == "near_duplicate")  # exact ones are counted as texts
    splits = placed["split"]
    return found.select(
        splits.gather(found["row"]).alias("split"), splits.gather(found["duplicate_of"]).alias("duplicate_split")
    )


def _near_threshold(ledger: pl.DataFrame, version: Version) -> dict[str, int]:
    """Near-duplicates that were removed, and how many would be at higher thresholds; below, nobody has looked."""
    near = version.recipe.dedup.near
    if not (version.recipe.dedup.enabled and near.enabled):
        return {}
    scores = ledger.filter(pl.col("rule") == "near_duplicate")["score"]
    moved = [round(near.threshold + step, 4) for step in THRESHOLD_STEPS if step >= 0]
    return {f"{at:.2f}": int((scores >= at).sum()) for at in moved if at <= 1}


def _text(rows: pl.DataFrame, part: str) -> pl.Series:
    """Prompts or completions as text; of a chat, what its messages say."""
    if rows.schema[part] == pl.String:
        return rows[part]
    return rows.select(pl.col(part).list.eval(pl.element().struct.field("content")).list.join("\n"))[part]
