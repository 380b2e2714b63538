"""Rows that are not in the recipe's language are dropped."""

import polars as pl

from builders.recipes.model import Language, Recipe
from builders.schema import LANGUAGE, several_languages
from builders.stages.outcome import Outcome, side_by_side, without
from builders.stages.quality import recipe_settings
from cards.shared.words import MOST_NAMED, in_words
from filters import rules_of
from filters.detectors.language import Thresholds, decide

DROPS = {"row": pl.UInt32, "rule": pl.String, "score": pl.Float64, "evidence": pl.String}
TOLD = {
    "row": pl.UInt32,
    "question": pl.String,
    "answer": pl.String,
    "question_score": pl.Float64,
    "answer_score": pl.Float64,
}


def by_language(rows: pl.DataFrame, asked: Language) -> Outcome:
    """Drop the rows whose question or answer is in another language than the row is meant to be in."""
    if not asked.decides:
        return Outcome(rows)
    decided = [(decided_languages(part, one), one) for part, one in _judged_alone(rows, asked)]
    drops = pl.concat([pl.DataFrame(schema=DROPS), *(language_drops(*one).cast(DROPS) for one in decided)])  # type: ignore[arg-type]
    told = pl.concat([pl.DataFrame(schema=TOLD), *(languages_of(*one).cast(TOLD) for one in decided)])  # type: ignore[arg-type]
    return Outcome(without(rows, drops), drops, languages=told)


def told_languages(rows: pl.DataFrame, asked: Language) -> pl.DataFrame:
    """What `languages_of` says of all rows whose language can be told."""
    told = [languages_of(decided_languages(part, one), one) for part, one in _judged_alone(rows, asked)]
    return pl.concat([pl.DataFrame(schema=TOLD), *(one.cast(TOLD) for one in told)])  # type: ignore[arg-type]


def _judged_alone(rows: pl.DataFrame, asked: Language) -> list[tuple[pl.DataFrame, Language]]:
    """The rows of each language that can be told, with what is asked of it alone; all of them where there is one language."""
    if not several_languages(rows):
        return [(rows, asked)]
    able = [one for one in asked.each() if one.pack.detection]
    return [(rows.filter(pl.col(LANGUAGE.name) == one.of), one) for one in able]


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
    unknown = [pack for pack in recipe.language.packs if pack.detection is None]
    if not unknown:
        return None
    one, many = len(unknown) == 1, len(unknown) > MOST_NAMED
    codes, names = ", ".join(pack.code for pack in unknown), in_words([pack.name for pack in unknown])
    if many:
        known = ", ".join(pack.code for pack in recipe.language.packs if pack.detection) or "none"
        codes, names = f"all but {known}", f"these {names}"
    has, its = ("has", "its") if one else ("have", "their")
    spared = [pack.name for pack in unknown if pack.invisible_letters]
    which = "its writing needs" if one else f"the writing of {in_words(spared)} needs"
    kept = f"; invisible signs stay, for {which} them" if spared else ""
    applied = recipe_settings(recipe).keys() & rules_of(*(pack.code for pack in unknown)).keys()
    rules = ", ".join(name for name in recipe_settings(recipe) if name in applied) or "none"
    return (
        f"language.of {codes}: {names} {has} no room in filters/languages yet, so the language of {its} rows is not checked "
        f"and no rule that reads words runs; repair, dedup, sampling and templates run, and of the rules {rules}{kept}"
    )
