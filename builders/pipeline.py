"""The stages, in order, and nothing else."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import polars as pl

from builders.errors import Problem, nearest
from builders.ledger import Ledger, row_hashes
from builders.recipes.model import Language, Quality, Recipe
from builders.schema import PARALLEL_FIELDS
from builders.sources.read import Read
from builders.stages.decontamination import Texts, contaminated, passages, pin_sets
from builders.stages.dedup import duplicates
from builders.stages.repair import repair
from builders.stages.sampling import sample, split
from builders.stages.templates import template_named
from filters import Setting, all_rules
from filters.detectors.fasttext_model import SPANISH
from filters.detectors.language import Thresholds, decide
from filters.rule import judge

BATCH = 100_000  # rows that the detectors and the rules hold at once
# What an id begins with: `alpaca-12` and `dolly_7` tell where a row comes from.
ORIGIN = pl.col("id").str.extract(r"^([A-Za-z][A-Za-z_]*?)[-_]?\d").fill_null("").alias("origin")


@dataclass(frozen=True)
class StageCount:
    """What one stage did, and how long it took (seconds; never part of an artefact)."""

    stage: str
    rows_in: int
    rows_out: int
    seconds: float


OnStage = Callable[[StageCount], None]


@dataclass(frozen=True)
class Built:
    """What a recipe made of a source, before it is written.

    rows: `id`, `instruction`, `input`, `output`, `origin`, `prompt`, `completion`, `split`, in natural id order.
    ledger: see `builders/ledger.py`. findings: every rule's findings (`row`, `order`, `rule`, `score`, `evidence`, `action`).
    languages: see `languages_of`; None where the recipe does not ask for the languages. A `row` is a place in the ledger.
    """

    recipe: Recipe
    rows: pl.DataFrame
    ledger: pl.DataFrame
    findings: pl.DataFrame
    languages: pl.DataFrame | None
    stages: tuple[StageCount, ...]


@dataclass
class _Clock:
    """Counts rows and seconds of each stage and reports them as they end."""

    report: OnStage
    stages: list[StageCount] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str, rows_in: int) -> Iterator[list[int]]:
        start, rows_out = time.perf_counter(), [rows_in]
        yield rows_out
        count = StageCount(name, rows_in, rows_out[0], round(time.perf_counter() - start, 3))
        self.stages.append(count)
        self.report(count)


def run(
    recipe: Recipe,
    read: Callable[[], Read],
    report: OnStage = lambda count: None,
    read_sets: Callable[[], Sequence[Texts]] = list,
) -> Built:
    """Take rows through every stage.

    read: gives the source's rows; its pin goes into the recipe that the result carries. read_sets: gives the evaluation
    sets that the recipe names, in its order; their pins too. Raises Problem for an unknown template or rule, for a source
    that breaks the data contract, and when no row is left.
    """
    template = template_named(recipe.template)
    settings = rule_settings(recipe.quality, recipe.parallel is not None)
    clock = _Clock(report)

    with clock.stage("read", 0) as out:
        source = read()
        pin, rows = source.pin, source.rows
        del source  # so that what repair replaces is not held twice
        sets = read_sets()
        decontaminate = pin_sets(recipe.decontaminate, sets)
        looked_for = passages(sets, decontaminate.ngram) if decontaminate else None
        hashes = row_hashes(rows)
        ledger = Ledger(rows.select("row", "id").with_columns(hashes.alias("source_sha256")))
        out[0] = rows.height

    with clock.stage("repair", rows.height):
        rows, edits = repair(rows, recipe.repair)
        ledger.edits.append(edits)
        ledger.row_sha256 = _rehash(rows, edits, hashes)

    with clock.stage("language", rows.height) as out:
        languages = None
        if recipe.language.enabled:
            decided = decided_languages(rows, recipe.language)
            languages = languages_of(decided)
            rows = _drop(rows, ledger, "language", language_drops(decided, recipe.language))
        out[0] = rows.height

    with clock.stage("quality", rows.height) as out:
        rules = {name: rule for name, rule in all_rules().items() if name in settings}
        findings = pl.concat([judge(part, rules, settings) for part in batches(rows)])
        rows = rows.drop(PARALLEL_FIELDS, strict=False)
        rows, flags = _by_quality(rows, ledger, findings)
        if looked_for:
            rows = _drop(rows, ledger, "quality", contaminated(rows, looked_for))
        out[0] = rows.height

    with clock.stage("dedup", rows.height) as out:
        rows = _drop(rows, ledger, "dedup", duplicates(rows, flags, recipe.dedup))
        out[0] = rows.height

    with clock.stage("sample", rows.height) as out:
        sampled = sample(rows, recipe.sample)
        left_out = rows.join(sampled.select("row"), on="row", how="anti", maintain_order="left")
        rows = _drop(rows, ledger, "sample", left_out.select("row", pl.lit("not_sampled").alias("rule")))
        out[0] = rows.height
    _require_rows(rows, clock.stages)

    with clock.stage("split", rows.height):
        rows = rows.with_columns(split(rows, recipe.split))
        _require_train(rows)

    with clock.stage("template", rows.height):
        table = ledger.close(rows)
        rows = rows.select("id", "instruction", "input", "output", ORIGIN, *template.columns(), "split")

    pinned = recipe.model_copy(update={"source": pin, "decontaminate": decontaminate})
    return Built(pinned, rows, table, findings, languages, tuple(clock.stages))


def batches(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Parts of the rows, at least one. Decisions depend on a row alone, so the parts change nothing but the memory."""
    return rows.iter_slices(BATCH) if rows.height else iter([rows])


def rule_settings(quality: Quality, parallel: bool) -> dict[str, Setting]:
    """How each rule that is switched on is applied. Raises Problem for a rule that does not exist.

    parallel: the recipe names a parallel source; without one, the rules that need it are not applied.
    """
    rules = all_rules()
    for name in quality.rules:
        if name not in rules:
            raise Problem(f"recipe: unknown rule quality.rules.{name}{nearest(name, rules)}; `aguila rules` lists them")
    settings = {}
    for name, rule in rules.items():
        asked = quality.rules.get(name)
        if not quality.enabled or (asked and not asked.enabled) or (rule.needs and not parallel):
            continue
        threshold = rule.threshold if asked is None or asked.threshold is None else asked.threshold
        verdict = rule.verdict if asked is None or asked.verdict is None else asked.verdict
        settings[name] = Setting(verdict, threshold, min(rule.flag_from, threshold))
    return settings


def language_thresholds(asked: Language) -> Thresholds:
    """A recipe's thresholds for the language decision."""
    return Thresholds(**asked.model_dump(exclude={"enabled", "question", "answer"}))


def decided_languages(rows: pl.DataFrame, asked: Language) -> pl.DataFrame:
    """What `filters.language.decide` says of the rows, by a recipe's thresholds."""
    return pl.concat([decide(part, language_thresholds(asked)) for part in batches(rows)])


def languages_of(decided: pl.DataFrame) -> pl.DataFrame:
    """`row`, `question`, `answer` (a language, or "undetermined"), `question_score`, `answer_score`.

    A foreign part is in the language that the detectors say, fastText first; its evidence tells.
    """

    def named(side: str) -> pl.Expr:
        evidence = pl.col(f"{side}_evidence")
        said = [evidence.str.extract(rf"\b{detector} (\S+)") for detector in ("fastText", "langdetect")]
        foreign = pl.coalesce(pl.when(one != SPANISH).then(one) for one in said).fill_null("other")
        return pl.when(pl.col(side) == "other").then(foreign).otherwise(side).alias(side)

    return decided.select("row", named("question"), named("answer"), "question_score", "answer_score")


def language_drops(decided: pl.DataFrame, asked: Language) -> pl.DataFrame:
    """Rows that are not Spanish, by the recipe's choice of parts: `row`, `rule`, `score`, `evidence`."""
    question = (pl.col("question") == "other") & asked.question
    answer = (pl.col("answer") == "other") & asked.answer
    return decided.filter(question | answer).select(
        "row",
        pl.when(question).then(pl.lit("question_language")).otherwise(pl.lit("answer_language")).alias("rule"),
        pl.when(question).then("question_score").otherwise("answer_score").alias("score"),
        pl.when(question).then("question_evidence").otherwise("answer_evidence").alias("evidence"),
    )


def _drop(rows: pl.DataFrame, ledger: Ledger, stage: str, drops: pl.DataFrame) -> pl.DataFrame:
    ledger.drop(stage, drops)
    return rows.join(drops.select("row"), on="row", how="anti", maintain_order="left")


def _by_quality(rows: pl.DataFrame, ledger: Ledger, findings: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Drop by the first rule that says so; everything else that a rule noted is a flag."""
    drops = findings.filter(pl.col("action") == "drop").unique("row", keep="first", maintain_order=True)
    rows = _drop(rows, ledger, "quality", drops)
    noted = findings.filter(pl.col("action").is_in(["drop", "flag"]))
    noted = noted.join(drops.select("row", "rule"), on=["row", "rule"], how="anti", maintain_order="left")
    flags = noted.select("row", pl.col("rule").alias("flag"), "evidence")
    ledger.flag(flags)
    return rows, flags


def _rehash(rows: pl.DataFrame, edits: pl.DataFrame, before: pl.Series) -> pl.Series:
    """Hashes after repair: only edited rows have new ones. `rows` is all of the source, so `row` is a position."""
    edited = rows.join(edits.select("row").unique(), on="row", how="semi", maintain_order="left")
    return before.scatter(edited["row"].to_list(), row_hashes(edited)) if edited.height else before


def _require_rows(rows: pl.DataFrame, stages: list[StageCount]) -> None:
    if rows.is_empty():
        lost = ", ".join(f"{s.stage} {s.rows_in - s.rows_out:,}" for s in stages if s.rows_in > s.rows_out)
        raise Problem(
            f"no row is left of {stages[0].rows_out:,} (dropped by {lost}); loosen the recipe or check the source"
        )


def _require_train(rows: pl.DataFrame) -> None:
    if not (rows["split"] == "train").any():
        raise Problem(f"all {rows.height} kept rows fall into validation or test; lower split.validation or split.test")
