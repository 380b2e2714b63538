"""The stages, in order, and nothing else."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import polars as pl

from builders.engines.content import Content
from builders.engines.engine import Engine, Local
from builders.errors import Invalid, NotFound
from builders.labels.records import Labels, LabelUse
from builders.ledger import Ledger
from builders.recipes.model import Recipe
from builders.recipes.provenance import with_terms
from builders.scores.file import Scores
from builders.sources.read import Read
from builders.stages.by_row import RowWork
from builders.stages.decontamination import Texts, passages, pin_sets
from builders.stages.dedup import without_duplicates
from builders.stages.outcome import Outcome
from builders.stages.pairs import by_comparison, templated_pairs, with_pair_splits, without_repeated
from builders.stages.preference import worth
from builders.stages.quality import recipe_settings
from builders.stages.sampling import sampled, with_splits
from builders.stages.templates import common_origins, origin, template_named, templated


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

    content: rows of `id`, `instruction`, `input`, `output`, `origin`, `prompt`, `completion`, `split`, in natural id order.
    ledger: see `builders/ledger.py`. findings: every rule's findings (`row`, `order`, `rule`, `score`, `evidence`, `action`).
    languages: see `stages.language.languages_of`; None where the recipe does not ask for the languages. A `row` is a place in
    the ledger. labels, label_use: what people judged, and what became of that; None where the recipe names no labels.
    rejected: of pairs of answers, what rules found in the worse one alone (`id`, `rule`); their rows have the
    columns of `builders.schema.PAIR_COLUMNS`, and `split`.
    scores: those that it names. origins: where each entry's row comes from.
    """

    recipe: Recipe
    content: Content
    ledger: pl.DataFrame
    findings: pl.DataFrame
    languages: pl.DataFrame | None
    stages: tuple[StageCount, ...]
    labels: Labels | None = None
    label_use: LabelUse | None = None
    rejected: pl.DataFrame | None = None
    scores: Scores | None = None
    origins: pl.Series | None = None

    @property
    def rows(self) -> pl.DataFrame:
        """All rows of the content, in this process."""
        return self.content.each(lambda rows: rows)


class _Line:
    """Rows on their way through the stages, with the ledger that each stage's outcome is recorded in."""

    def __init__(self, rows: pl.DataFrame, ledger: Ledger, report: OnStage) -> None:
        self.rows, self.ledger, self.report = rows, ledger, report
        self.stages: list[StageCount] = []

    def count(self, name: str, rows_in: int, start: float) -> None:
        """Note what a stage did, and tell it."""
        one = StageCount(name, rows_in, self.rows.height, round(time.perf_counter() - start, 3))
        self.stages.append(one)
        self.report(one)

    def through(self, name: str, stage: Callable[[pl.DataFrame], Outcome]) -> Outcome:
        """Take the rows through one stage."""
        start = time.perf_counter()
        return self.took(name, stage(self.rows), start)

    def took(self, name: str, outcome: Outcome, start: float) -> Outcome:
        """Record what a stage that began at a time made of the rows."""
        rows_in = 0 if name == "read" and outcome.drops is None else self.rows.height
        self.ledger.record(name, outcome)
        self.rows = outcome.rows
        self.count(name, rows_in, start)
        return outcome


def run(
    recipe: Recipe,
    read: Callable[[], Read],
    report: OnStage = lambda count: None,
    read_sets: Callable[[], Sequence[Texts]] = list,
    labels: Labels | None = None,
    scores: Scores | None = None,
    engine: Engine | None = None,
) -> Built:
    """Take rows through every stage.

    read: gives the source's rows; its pin goes into the recipe that the result carries. read_sets: gives the evaluation
    sets that the recipe names, in its order; their pins too. labels, scores: those that the recipe names. engine: where
    the work on rows is done; in this process by default. Raises Problem for an unknown template or rule, for a source that
    breaks the data contract, and when no row is left.
    """
    try:
        template = template_named(recipe.template)
    except NotFound as problem:
        problem.message = f"recipe {recipe.name}: {problem.message}"
        raise
    settings = recipe_settings(recipe)

    engine = engine or Local()
    start = time.perf_counter()
    source = read()
    sets = read_sets()
    decontaminate = pin_sets(recipe.decontaminate, sets)
    looked_for = passages(sets, decontaminate.ngram) if decontaminate else None
    card = with_terms(recipe.card, source.card, getattr(source.pin, "repo", None)) if source.card else recipe.card
    pin, repeated = source.pin, source.repeated
    held_out, versions = source.held_out, source.versions
    rows = engine.take(source.rows)
    del source  # so that what repair replaces is not held twice
    line = _Line(rows, Ledger(rows.select("row", "id")), report)
    prefixes = common_origins(rows)
    origins = rows.select("origin" if "origin" in rows.columns else origin(rows, prefixes))["origin"]
    del rows
    reading = time.perf_counter() - start

    pairs = recipe.kind == "preferences"
    said: dict[str, Outcome] = {}
    work = RowWork(recipe, settings, looked_for, labels, scores, repeated)
    for name, outcome, seconds in engine.by_row(line.rows, work):
        line.took(name, outcome, time.perf_counter() - seconds - (reading if name == "read" else 0))
        said[name] = replace(outcome, rows=outcome.rows.clear(), hashes=None)  # what was said is kept, not the rows
    findings, languages, use = said["quality"].findings, said["language"].languages, said["quality"].label_use
    assert findings is not None, "the quality stage notes findings"
    rejected = None
    if pairs:
        line.rows, engine = engine.whole(line.rows), Local()  # they are compared here, by their texts
        rejected = line.through("pairs", lambda rows: by_comparison(rows, recipe)).findings
        line.through("dedup", without_repeated)
    else:
        against = worth(findings, languages)
        line.through("dedup", lambda rows: without_duplicates(rows, against, recipe.dedup, engine))
    line.through("sample", lambda rows: sampled(rows, recipe.sample))
    _require_rows(line)
    if pairs:
        line.through("split", lambda rows: with_pair_splits(rows, recipe.split, held_out))
    else:
        line.through("split", lambda rows: with_splits(rows, recipe.split))
    splits = line.rows.select("row", "split")
    start = time.perf_counter()
    finish = partial(templated_pairs if pairs else templated, template=template, origins=prefixes)
    content = engine.finished(line.rows, finish)
    line.count("template", line.rows.height, start)

    pins: dict[str, Any] = {"source": pin, "decontaminate": decontaminate, "card": card}
    if recipe.labels and labels:
        pins["labels"] = recipe.labels.model_copy(update={"sha256": labels.sha256()})
    if recipe.scores and scores:
        pins["scores"] = recipe.scores.model_copy(update={"sha256": scores.sha256()})
    if pairs and versions:
        pins["preferences"] = recipe.preferences.model_copy(update={"held_out": versions})
    pinned = recipe.model_copy(update=pins)
    ledger = line.ledger.close(splits)
    done = tuple(line.stages)
    return Built(pinned, content, ledger, findings, languages, done, labels, use, rejected, scores, origins)


def _require_rows(line: _Line) -> None:
    if line.rows.is_empty():
        stages, source_rows = line.stages, line.ledger.ids.height
        lost = ", ".join(f"{s.stage} {s.rows_in - s.rows_out:,}" for s in stages if s.rows_in > s.rows_out)
        raise Invalid(f"no row is left of {source_rows:,} (dropped by {lost})", "loosen the recipe or check the source")
