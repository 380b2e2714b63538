"""Rows that are not in the recipe's language are dropped."""

import polars as pl

from builders.recipes.model import Language, Recipe
from builders.stages.outcome import Outcome, side_by_side, without
from builders.stages.quality import recipe_settings
from filters.detectors.language import Thresholds, decide


def by_language(rows: pl.DataFrame, asked: Language) -> Outcome:
    """Drop the rows whose question or answer is in another language."""
    if not asked.decides:
        return Outcome(rows)
    decided = decided_languages(rows, asked)
    drops = language_drops(decided, asked)
    return Outcome(without(rows, drops), drops, languages=languages_of(decided, asked))


def language_thresholds(asked: Language) -> Thresholds:
    """A recipe's thresholds for the language decision."""
    return Thresholds(
        foreign_below=asked.foreign_below,
        doubtful_below=asked.doubtful_below,
        langdetect_below=asked.langdetect_below,
        neighbour_from=asked.galician_from,
        answer_below=asked.answer_below,
    )


def decided_languages(rows: pl.DataFrame, asked: Language) -> pl.DataFrame:
    """What `filters.detectors.language.decide` says of the rows, by a recipe's thresholds."""
    return side_by_side(lambda part: decide(part, language_thresholds(asked), asked.pack), rows)


def languages_of(decided: pl.DataFrame, asked: Language) -> pl.DataFrame:
    """`row`, `question`, `answer` (a language, or "undetermined"), `question_score`, `answer_score`.

    A foreign part is in the language that the detectors say, fastText first; its evidence tells.
    """

    def named(side: str) -> pl.Expr:
        evidence = pl.col(f"{side}_evidence")
        said = [evidence.str.extract(rf"\b{detector} (\S+)") for detector in ("fastText", "langdetect")]
        foreign = pl.coalesce(pl.when(one != asked.of).then(one) for one in said).fill_null("other")
        return pl.when(pl.col(side) == "other").then(foreign).otherwise(side).alias(side)

    return decided.select("row", named("question"), named("answer"), "question_score", "answer_score")


def language_drops(decided: pl.DataFrame, asked: Language) -> pl.DataFrame:
    """Rows that are not in the recipe's language, by its choice of parts: `row`, `rule`, `score`, `evidence`."""
    question = (pl.col("question") == "other") & asked.question
    answer = (pl.col("answer") == "other") & asked.answer
    return decided.filter(question | answer).select(
        "row",
        pl.when(question).then(pl.lit("question_language")).otherwise(pl.lit("answer_language")).alias("rule"),
        pl.when(question).then("question_score").otherwise("answer_score").alias("score"),
        pl.when(question).then("question_evidence").otherwise("answer_evidence").alias("evidence"),
    )


def unknown_language(recipe: Recipe) -> str | None:
    """One line on what a build leaves out, and does all the same, where the builder knows nothing of the rows' language."""
    pack = recipe.language.pack
    if pack.detection is not None:
        return None
    rules = ", ".join(recipe_settings(recipe)) or "none"
    kept = "; invisible signs stay, for its writing needs them" if pack.invisible_letters else ""
    return (
        f"language.of {pack.code}: {pack.name} has no room in filters/languages yet, so the language of its rows is not checked "
        f"and no rule that reads words runs; repair, dedup, sampling and templates run, and of the rules {rules}{kept}"
    )
