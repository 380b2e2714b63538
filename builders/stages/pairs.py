"""Pairs of a better and a worse answer to one prompt: what of them is repaired, judged, compared, split and written.

A pair is a row whose `output` is the better answer, so that every stage judges that side as it does any row; here is what
only a pair has. A worse answer may break rules, for that is what makes it worse: what it breaks is counted. It may not be
empty, in another language, or nearly the better one.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from builders.recipes.model import Recipe, Repair, Split
from builders.recipes.preferences import Preferences
from builders.schema import PAIR_COLUMNS
from builders.stages.dedup import same_words
from builders.stages.language import decided_languages
from builders.stages.minhash import jaccard, shingles
from builders.stages.outcome import Outcome, without
from builders.stages.quality import judged, recipe_settings
from builders.stages.repair import repair
from builders.stages.sampling import require_train, splits_by
from builders.stages.templates import Template, origin

DROPS = {"row": pl.UInt32, "rule": pl.String, "score": pl.Float64, "evidence": pl.String, "duplicate_of": pl.UInt32}
REJECTED = {"id": pl.String, "rule": pl.String}


def repaired_pairs(rows: pl.DataFrame, settings: Repair) -> Outcome:
    """The repair stage: both answers get the same edits, so that no leftover of a machine tells one from the other."""
    mended, edits = repair(rows, settings)
    worse, more = repair(_worse(rows), settings)
    found = more.filter(pl.col("edit").str.starts_with("output:"))
    edits = pl.concat([edits, found.with_columns(edit="rejected_" + pl.col("edit"))]).sort("row", maintain_order=True)
    return Outcome(mended.with_columns(worse["output"].alias("rejected_output")), edits=edits)


def by_comparison(rows: pl.DataFrame, recipe: Recipe) -> Outcome:
    """The pairs stage: drop the pairs that teach nothing. Findings: what rules found in the worse answer alone."""
    asked = recipe.preferences
    drops = [_empty(rows), _alike(rows, asked), _unclear(rows, asked), _contradicted(rows)]
    if recipe.language.decides:
        drops.append(_foreign(rows, recipe))
    found = pl.concat([pl.DataFrame(schema=DROPS), *(one.select(_filled(one)) for one in drops)])
    found = found.unique("row", keep="first", maintain_order=True).sort("row")
    kept = without(rows, found)
    return Outcome(kept, found, findings=_broken(kept, recipe))


def without_repeated(rows: pl.DataFrame) -> Outcome:
    """The dedup stage: of pairs with the same prompt and the same two answers, the first by id is kept."""
    keys = rows.select("row", _key(), _spaced("output").alias("a"), _spaced("rejected_output").alias("b"))
    first = keys.with_columns(pl.col("row").first().over("key", "a", "b").alias("duplicate_of"))
    drops = first.filter(pl.col("row") != pl.col("duplicate_of")).select(
        "row",
        pl.lit("exact_duplicate").alias("rule"),
        pl.lit(1.0).alias("score"),
        pl.lit("the same prompt and the same two answers").alias("evidence"),
        "duplicate_of",
    )
    return Outcome(without(rows, drops), drops)


def with_pair_splits(rows: pl.DataFrame, settings: Split, held_out: Mapping[str, str]) -> Outcome:
    """The split stage: by hash of the prompt, so that all pairs of a prompt are in one split.

    held_out: the split of prompts (see `prompt_keys`) that an SFT version holds out: it goes before the hash.
    """
    keys = prompt_keys(rows)
    known = keys.replace_strict(dict(held_out), default=None, return_dtype=pl.String)
    placed = rows.with_columns(pl.coalesce(known, splits_by(keys, settings)).alias("split"))
    require_train(placed)
    return Outcome(placed)


def templated_pairs(rows: pl.DataFrame, template: Template, origins: Sequence[str]) -> Outcome:
    """The template stage: a version's columns."""
    prompt, chosen = template.columns()
    answers = [chosen.alias("chosen"), template.answer(pl.col("rejected_output")).alias("rejected")]
    columns = [column.name for column in PAIR_COLUMNS]
    return Outcome(rows.with_columns(origin(rows, origins), prompt, *answers).select(*columns, "split"))


def prompt_keys(rows: pl.DataFrame) -> pl.Series:
    """What tells one prompt from another: its words, whatever their case and punctuation."""
    return rows.select(_key()).to_series()


def _key() -> pl.Expr:
    return same_words(pl.concat_str("instruction", pl.lit("\n\0\n"), "input")).alias("key")


def _spaced(field: str) -> pl.Expr:
    """An answer with single spaces. Case and punctuation count: a pair may teach just these."""
    return pl.col(field).str.replace_all(r"\s+", " ").str.strip_chars()


def _worse(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with their worse answer in the place of the better one."""
    return rows.with_columns(pl.col("rejected_output").alias("output"))


def _filled(drops: pl.DataFrame) -> list[pl.Expr]:
    return [
        (pl.col(name) if name in drops.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in DROPS.items()
    ]


def _dropped(rule: str, score: pl.Expr | None, evidence: pl.Expr) -> list[pl.Expr]:
    number = pl.lit(1.0) if score is None else score
    return [pl.col("row"), pl.lit(rule).alias("rule"), number.alias("score"), evidence.alias("evidence")]


def _empty(rows: pl.DataFrame) -> pl.DataFrame:
    """An empty better answer is the rule `empty_answer`'s."""
    empty = rows.filter(~pl.col("rejected_output").str.contains(r"\S"))
    return empty.select(_dropped("empty_rejected", None, pl.lit("the worse answer is empty")))


def _alike(rows: pl.DataFrame, asked: Preferences) -> pl.DataFrame:
    """Both sides the same text, or nearly."""
    better, worse = _spaced("output"), _spaced("rejected_output")
    equal = rows.select((better == worse).alias("equal"))["equal"]
    both = pl.concat([rows.select(better).to_series(), rows.select(worse.alias("output")).to_series()])
    places = np.arange(rows.height)
    index = jaccard(shingles(both, asked.ngram), places, places + rows.height)
    scored = rows.select("row").with_columns(equal.alias("equal"), pl.Series("index", index, dtype=pl.Float64))
    same = scored.filter("equal").select(
        _dropped("same_sides", None, pl.lit("both answers are the same but for spaces"))
    )
    near = scored.filter(~pl.col("equal") & (pl.col("index") >= asked.near)).select(
        _dropped("near_sides", pl.col("index"), pl.lit("both answers are nearly the same text"))
    )
    return pl.concat([same, near])


def _unclear(rows: pl.DataFrame, asked: Preferences) -> pl.DataFrame:
    """Scores that do not say which side is better, by enough."""
    margin = pl.col("margin")
    equal = rows.filter(margin == 0).select(_dropped("equal_scores", None, pl.lit("both answers have the same score")))
    against = rows.filter(margin < 0).select(
        _dropped("scores_against", None, pl.format("the rejected answer's score is higher by {}", -margin))
    )
    small = rows.filter((margin > 0) & (margin < asked.min_margin)).select(
        _dropped("small_margin", None, pl.format(f"the scores differ by {{}}, under {asked.min_margin:g}", margin))
    )
    return pl.concat([equal, against, small])


def _contradicted(rows: pl.DataFrame) -> pl.DataFrame:
    """Pairs of one prompt of which another says the contrary: none of them is believed."""
    keys = rows.select("row", _key(), _spaced("output").alias("a"), _spaced("rejected_output").alias("b"))
    keys = keys.filter(pl.col("a") != pl.col("b"))
    contrary = keys.join(
        keys.select("key", pl.col("b").alias("a"), pl.col("a").alias("b")).unique(), on=["key", "a", "b"], how="semi"
    )
    return contrary.select(
        _dropped("contradicted", None, pl.lit("another pair prefers the other of these two answers"))
    )


def _foreign(rows: pl.DataFrame, recipe: Recipe) -> pl.DataFrame:
    decided = decided_languages(_worse(rows), recipe.language)
    return decided.filter(pl.col("answer") == "other").select(
        _dropped("rejected_language", pl.col("answer_score"), pl.col("answer_evidence"))
    )


def _broken(rows: pl.DataFrame, recipe: Recipe) -> pl.DataFrame:
    """`id`, `rule`: what rules find in the worse answer and not in the better one."""
    settings = recipe_settings(recipe)
    acted = pl.col("action").is_in(["drop", "flag"])
    better = judged(rows, settings).filter(acted).select("row", "rule")
    worse = judged(_worse(rows), settings).filter(acted).select("row", "rule").unique(maintain_order=True)
    alone = worse.join(better, on=["row", "rule"], how="anti", maintain_order="left")
    return alone.join(rows.select("row", "id"), on="row", maintain_order="left").select(*REJECTED)
