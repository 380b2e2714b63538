"""Several answers to one prompt among a source's rows: the best and the worst, by rules and the language decision, are a pair.

These are the groups that dedup calls `same_prompt`. What speaks against an answer is what decides there which one is kept
(`builders/stages/preference.py`): its severest defect, then how many it has. Equal answers make a pair with equal scores, which
the pairs stage drops by that name.
"""

import polars as pl

from builders.recipes.model import Recipe
from builders.recipes.preferences import SamePromptSource
from builders.sources.preferences import SCHEMA, in_order
from builders.sources.read import Read
from builders.stages.language import by_language
from builders.stages.pairs import prompt_keys
from builders.stages.preference import worth
from builders.stages.quality import judged, recipe_settings

FOREIGN = 1.0  # severity of an answer in another language: no flag outweighs it


def read_same_prompt(read: Read, source: SamePromptSource, recipe: Recipe) -> Read:
    """The pairs among the rows that were read. Raises Invalid where no prompt has two answers."""
    rows = read.rows.select("row", "id", "instruction", "input", "output").with_columns(prompt_keys(read.rows))
    rows = rows.filter(pl.len().over("key") > 1)
    said = worth(judged(rows, recipe_settings(recipe)), None)
    spoken = by_language(rows, recipe.language)
    foreign = rows.select("row").join(spoken.rows.select("row"), on="row", how="anti")
    scored = rows.join(said, on="row", how="left", maintain_order="left").with_columns(
        pl.when(pl.col("row").is_in(foreign["row"].implode()))
        .then(FOREIGN)
        .otherwise(pl.col("severity").fill_null(0.0))
        .alias("severity"),
        pl.col("flags").fill_null(0),
    )
    best_first = scored.sort("severity", "flags", "row")
    # The score of an answer: 1 without any defect; a tenth of a tenth for each more of the same severity.
    score = 1 - pl.col("severity") - pl.col("flags").cast(pl.Float64) / 100
    pairs = (
        best_first.with_columns(score.alias("score"))
        .group_by("key", maintain_order=True)
        .agg(
            pl.format("{}+{}", pl.col("id").first(), pl.col("id").last()).alias("id"),
            pl.col("instruction", "input", "output").first(),
            pl.col("output").last().alias("rejected_output"),
            pl.col("id").first().alias("parent"),
            pl.format("row {}", pl.col("id").first()).alias("chosen_origin"),
            pl.format("row {}", pl.col("id").last()).alias("rejected_origin"),
            (pl.col("score").first() - pl.col("score").last()).round(4).alias("margin"),
            pl.lit("").alias("reason"),
        )
    )
    pin = source.model_copy(update={"rows": read.pin})
    return Read(
        in_order(pairs.select(*SCHEMA).cast(SCHEMA), "the source's same-prompt groups"),  # type: ignore[arg-type]
        pin,
        notes=read.notes,
        card=read.card,
    )
