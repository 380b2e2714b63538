"""What is in a version, what left it and why: every number that `aguila audit` shows. Also of a raw file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import polars as pl
from msgspec import UNSET, UnsetType

from builders.errors import Changed, NotFound
from builders.hub.yanking import tell_if_withdrawn
from builders.labels.calibrate import at_cuts, scored_by_rule
from builders.labels.file import read_labels
from builders.labels.measure import evidence
from builders.labels.records import Labels
from builders.reading.audit_rows import rows_of_file, rows_to_read
from builders.reading.looks import before, looks_of
from builders.reading.patterns import require_bounded
from builders.reading.rules import explained_rules
from builders.reading.tokenizer import load_tokenizer
from builders.recipes.loading import load_recipe
from builders.recipes.model import Dedup, Language, Quality, Switch
from builders.records import plain
from builders.schema import FIELDS, PARALLEL_FIELDS, SPOKEN, template_columns_of
from builders.scores.file import Scores, read_scores, scores_to_show
from builders.sources.read import Read
from builders.sources.reading import read_source, with_source
from builders.stages.dedup import duplicates, same_words
from builders.stages.language import told_languages
from builders.stages.preference import WORTH
from builders.stages.quality import counted_rules, judged, rule_settings
from builders.stages.templates import common_origins, origin
from builders.versions.fingerprint import content_sha256
from builders.versions.references import resolve
from builders.versions.version import Version
from cards.audit.diversity import distinct, repeated
from cards.audit.explained import Explained
from cards.audit.groups import duplicate_groups, leaks, prompt_groups
from cards.audit.kinds import kinds, openings
from cards.audit.numbers import AnyAudit, Audit, FileAudit
from cards.audit.rows import RowsToRead, no_rows
from cards.audit.scores import score_spread
from cards.audit.tokens import Tokens, token_counts
from cards.statistics.listed import RowStatistics, count, measured
from cards.statistics.rules import THRESHOLD_STEPS
from cards.statistics.statistic import Counted

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SPANISH = Language()


@dataclass(frozen=True)
class Audited:
    """What an audit found: numbers for JSON and tables, and rows to read with what the rules mean (none unless they were asked
    for). cuts: of rules, what labels say of each cut of their scores (see `at_cuts`)."""

    numbers: AnyAudit
    rows: RowsToRead
    explained: Mapping[str, Explained] = field(default_factory=dict)
    cuts: Mapping[str, list[str]] = field(default_factory=dict)


def audited(
    ref: str | None,
    registry: Path,
    where: str | None = None,
    tokenizer: str | None = None,
    with_rows: bool = False,
    overrides: Sequence[str] = (),
    labels: Path | None = None,
    scores: Path | None = None,
) -> Audited:
    """Audit the version that `ref` names (its source at `where`, if it has moved), or without one the raw rows at `where`.

    overrides: how raw rows are read, as a recipe's keys, such as `source.turns=all`.
    labels: what people judged of a version's rows, to measure its decisions on.
    scores: a file of scores of its rows, if it is not beside the version or in it. Raises Problem for a reference, a file or
    a tokenizer that is not there or not what it should be.
    """
    if ref is not None:
        version = resolve(ref, registry)
        tell_if_withdrawn(version)
        numbers = audit(version, tokenizer)
        judged_rows = read_labels(labels) if labels else None
        if judged_rows:
            numbers = msgspec.structs.replace(numbers, evidence=evidence(version, judged_rows))
        found = read_scores(scores) if scores else scores_to_show(version, registry)
        if found and (spread := score_spread(found.by.base.label, _scores_of_kept(found, version))):
            numbers = msgspec.structs.replace(numbers, scores=spread)
        found_looks = looks_of(numbers, before(version, registry))
        numbers = msgspec.structs.replace(numbers, looks=found_looks)
        pointed = {look.name: look.ids for look in found_looks if look.ids}
        if not with_rows:
            return Audited(numbers, no_rows())
        cuts = _cuts(version, judged_rows, registry, where) if judged_rows else {}
        return Audited(numbers, rows_to_read(version, registry, where, pointed), explained_rules(), cuts)
    assert where is not None, "the command line asks for one of them"
    recipe = with_source(load_recipe("mix", overrides), where, registry)
    read = read_source(recipe, registry)
    of_file = audit_source(read, Path(where).name, tokenizer, recipe.language)
    return Audited(of_file, rows_of_file(read.rows) if with_rows else no_rows())


def _cuts(version: Version, labels: Labels, registry: Path, where: str | None) -> dict[str, list[str]]:
    """What labels say of each rule's cuts; nothing where the source is not at hand, which the page says of the rows."""
    try:
        return {name: at_cuts(one) for name, one in scored_by_rule(version, labels, registry, where).items()}
    except NotFound:
        return {}


def audit(version: Version, tokenizer: str | None = None) -> Audit:
    """Numbers of a version. Those of its build are taken as they are recorded.

    tokenizer: see `load_tokenizer`. Raises Problem for a version that is not whole.
    """
    loaded = load_tokenizer(tokenizer) if tokenizer else None
    rows, ledger = version.rows(), version.ledger_by_id()
    if (found := content_sha256(rows)) != version.content_sha256:
        raise Changed(
            f"{version.label}: its rows have content sha256 {found[:12]}…, its manifest says {version.content_sha256[:12]}…",
            "its numbers would mislead; `aguila verify` says what differs",
        )
    keys = _keys(rows)
    manifest = version.manifest
    return Audit(
        version=version.label,
        source_rows=manifest.source_rows,
        kept=manifest.kept,
        content_sha256=manifest.content_sha256,
        recipe_sha256=manifest.recipe_sha256,
        source=plain(manifest.source),
        stages=manifest.stages,
        rules=manifest.rules,
        gold=manifest.gold,
        dropped=ledger.height - rows.height,
        template=manifest.template.name,
        license=manifest.recipe.card.license,
        statistics=version.statistics(),
        openings=openings(rows["instruction"]),
        kinds=kinds(rows),
        distinct=_distinct(rows),
        repeated_answers=repeated(rows["output"]),
        prompts=prompt_groups(keys),
        duplicates=duplicate_groups(ledger),
        near_duplicate_threshold=_near_threshold(ledger, version),
        leaks=leaks(keys, _near_duplicates(rows, version)),
        tokens=_tokens({part: _text(rows, part) for part in template_columns_of(rows.columns)}, loaded, tokenizer),
    )


def audit_source(read: Read, name: str, tokenizer: str | None = None, asked: Language = SPANISH) -> FileAudit:
    """Numbers of rows as they are in a file, before any recipe: nothing is repaired and nothing is dropped.

    asked: the languages that they are in. The rules and the language decision speak as they do by default.
    """
    loaded = load_tokenizer(tokenizer) if tokenizer else None
    rows = read.rows
    if "origin" not in rows.columns:
        rows = rows.with_columns(origin(rows, common_origins(rows)))
    settings = rule_settings(Quality(), set(PARALLEL_FIELDS) <= set(rows.columns), *asked.codes)
    languages = told_languages(rows, asked) if asked.decides else None
    findings = judged(rows, settings)
    counted = counted_rules(findings, settings)
    flag_from = {name: setting.flag_from for name, setting in settings.items()}
    return FileAudit(
        file=name,
        source=read.pin.model_dump(mode="json"),
        rows=rows.height,
        statistics=count(
            RowStatistics,
            Counted(
                measured(RowStatistics, rows),
                findings=findings,
                rules=counted,
                languages=languages,
                flag_from=flag_from,
                each=lambda say: say(rows),
            ),
        ),
        rules=counted,
        openings=openings(rows["instruction"]),
        kinds=kinds(rows),
        distinct=_distinct(rows),
        repeated_answers=repeated(rows["output"]),
        prompts=prompt_groups(_keys(rows)),
        tokens=_tokens({field: rows[field] for field in FIELDS}, loaded, tokenizer),
    )


def _scores_of_kept(scores: Scores, version: Version) -> pl.DataFrame:
    """The scores of a version's kept rows."""
    kept = version.ledger().filter(pl.col("status") == "kept").select("id", "row_sha256")
    return scores.rows.join(kept, on=["id", "row_sha256"], how="semi")


def _distinct(rows: pl.DataFrame) -> dict[str, dict[str, float]]:
    return {field: distinct(rows[field]) for field in ("instruction", "output")}


def _tokens(texts: Mapping[str, pl.Series], loaded: "Tokenizer | None", name: str | None) -> Tokens | UnsetType:
    if loaded is None:
        return UNSET
    for column in texts.values():
        require_bounded(loaded, column.to_list(), f"--tokenizer {name}")
    return token_counts(texts, loaded, name or "")


def _keys(rows: pl.DataFrame) -> pl.DataFrame:
    """`id`, `prompt`, `text` (64 bits each, equal where `same_words` are) and `split`, if the rows have one."""
    words = rows.select(
        "id",
        same_words(pl.concat_str("instruction", pl.lit("\n\0\n"), "input", SPOKEN)).hash(1).alias("prompt"),
        same_words(pl.col("output")).hash(2).alias("answer"),
        *(["split"] if "split" in rows.columns else []),
    )
    return words.with_columns(pl.struct("prompt", "answer").hash(3).alias("text")).drop("answer")


def _near_duplicates(rows: pl.DataFrame, version: Version) -> pl.DataFrame:
    """Kept rows that resemble another kept row: `split`, `duplicate_split`. None, where near-duplicates were removed."""
    near = version.recipe.dedup.near.model_copy(update={"enabled": True})
    placed = rows.with_row_index("row")
    found = duplicates(placed, pl.DataFrame(schema=WORTH), Dedup(near=near, same_prompt=Switch(enabled=False)))
    found = found.filter(pl.col("rule") == "near_duplicate")  # exact ones are counted as texts
    splits = placed["split"]
    return found.select(
        splits.gather(found["row"]).alias("split"), splits.gather(found["duplicate_of"]).alias("duplicate_split")
    )


def _near_threshold(ledger: pl.DataFrame, version: Version) -> dict[str, int]:
    """Near-duplicates that were removed, and how many would be at higher thresholds; lower ones were never looked for."""
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
