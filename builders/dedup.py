"""Twins: rows that say the same. One of each is kept.

Three kinds, each named in the ledger with the kept twin. *Exact*: the same text but for case, spaces and the punctuation of
sentences. *Near*: the word n-grams of the whole row resemble (Jaccard index), and those of the instruction and of the answer
too, so different questions about one long input are no twins; numbers and operators must be the same, and a short answer
makes twins only of equal questions. *Same prompt*: the same instruction and input with another answer.

Rows are taken in a fixed order (fewest flags, then smallest id in natural order); a row is removed only if it resembles
one that is kept, so the result does not depend on the source's order and no chain of resemblances removes the unlike.
"""

from collections import defaultdict

import numpy as np
import polars as pl
from numpy.typing import NDArray

from builders.minhash import candidates, jaccard, shingles
from builders.recipe import Dedup
from filters.text import normalized

MIN_ANSWER_WORDS = 10
NUMBERS = r"\S*[\d+*/=<>%^~@&|\\#$€]\S*"  # what must be the same, in the same order
MIN_WORDS = 10  # a near twin needs words to resemble in; below, one changed word is another row
TWIN = {"row": pl.UInt32, "rule": pl.String, "score": pl.Float64, "evidence": pl.String, "twin": pl.UInt32}


def twins(rows: pl.DataFrame, flags: pl.DataFrame, settings: Dedup) -> pl.DataFrame:
    """The rows to remove.

    rows: `row`, `instruction`, `input`, `output`. flags: `row`, one entry per flag. Returns `row`, `rule` (exact_twin,
    near_twin or same_prompt), `score` (Jaccard index; null for a prompt), `evidence`, `twin` (the kept row).
    """
    if not settings.enabled or rows.is_empty():
        return pl.DataFrame(schema=TWIN)
    counts = flags.group_by("row").agg(pl.len().alias("flags"))
    ordered = (
        rows.join(counts, on="row", how="left", maintain_order="left")
        .sort(pl.col("flags").fill_null(0), "row")
        .select("row", *(same_words(pl.col(field)).alias(field) for field in ("instruction", "input", "output")))
        .with_row_index("place")
    )
    text = pl.concat_str("instruction", "input", "output", separator="\n")
    prompt = pl.concat_str("instruction", "input", separator="\n")
    keys = ordered.select(
        "row",
        (pl.col("place").first().over(text) if settings.exact.enabled else pl.col("place")).alias("copy_of"),
        pl.col("place").first().over(prompt).alias("prompt"),
    )
    copy_of = keys["copy_of"].to_numpy()
    first = np.flatnonzero(copy_of == np.arange(len(copy_of)))
    pairs = _near_pairs(ordered, first, settings) if settings.near.enabled else {}
    fates = _choose(first, pairs, keys["prompt"].to_numpy() if settings.same_prompt.enabled else None)

    row = ordered["row"].to_list()
    found: list[tuple[int, str, float | None, str, int]] = []
    for place, (rule, twin, score) in fates.items():
        evidence = {
            "near_twin": "resembles the twin",
            "same_prompt": "another answer to the same instruction and input",
        }[rule]
        found.append((row[place], rule, score, evidence, row[twin]))
    for place in np.flatnonzero(copy_of != np.arange(len(copy_of))).tolist():
        original = int(copy_of[place])
        rule, twin, score = fates.get(original, ("exact_twin", original, 1.0))
        evidence = "the same text but for case, spaces and punctuation"
        if rule != "exact_twin":
            evidence = f"a copy of {rule.replace('_', ' ')}"
        found.append((row[place], rule, score, evidence, row[twin]))
    return pl.DataFrame(found, schema=TWIN, orient="row").sort("row")


def same_words(field: pl.Expr) -> pl.Expr:
    """A field without case, punctuation of sentences and extra spaces.

    Operators, brackets and decimal points stay: "3 + 4" is not "3 - 4", and a command is not the one with another option.
    """
    text = field.str.to_lowercase().str.replace_all(r"[¿?¡!\"'«»“”‘’…]+|[.,;:]+(?:\s|$)|\s+", " ")
    return text.str.replace_all(r" {2,}", " ").str.strip_chars(" ")


def _near_pairs(ordered: pl.DataFrame, first: NDArray[np.int64], settings: Dedup) -> dict[int, list[tuple[int, float]]]:
    """For each place, the earlier places that it resembles, with the Jaccard index of the whole rows."""
    near = settings.near
    texts = ordered[first]
    words = texts.select(normalized(pl.col(field)).alias(field) for field in ("instruction", "input", "output"))
    whole = shingles(words.select(pl.concat_str(pl.all(), separator=" ").str.strip_chars()).to_series(), near.ngram)
    asked = texts.with_row_index("at").select(pl.col("at").first().over("instruction")).to_series().to_numpy()
    spoken = words["output"].str.count_matches(" ").to_numpy() + 1 >= MIN_ANSWER_WORDS

    def admitted(left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.bool_]:
        # A short answer cannot tell that two questions are the same; then they must be equal.
        return np.asarray((asked[left] == asked[right]) | (spoken[left] & spoken[right]), dtype=np.bool_)

    left, right = candidates(whole, whole.words >= MIN_WORDS, near.threshold, admitted)
    score = jaccard(whole, left, right)
    alike = score >= near.threshold
    left, right, score = left[alike], right[alike], score[alike]
    # Question and answer must resemble by themselves as well, and the numbers be the same.
    some, places = np.unique(np.concatenate([left, right]), return_inverse=True)
    a, b = places[: len(left)], places[len(left) :]
    rows = texts[some]
    signs = rows.select(
        pl.concat_str("instruction", "input", "output", separator=" ")
        .str.extract_all(NUMBERS)
        .list.join(" ")
        .alias("signs")
    )
    number = signs.with_row_index("at").select(pl.col("at").first().over("signs")).to_series().to_numpy()
    keep = number[a] == number[b]
    for field in ("instruction", "output"):
        keep &= jaccard(shingles(words[some][field], near.ngram), a, b) >= near.part_threshold
    pairs: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for one, other, value in zip(
        first[left[keep]].tolist(), first[right[keep]].tolist(), score[keep].tolist(), strict=True
    ):
        pairs[max(one, other)].append((min(one, other), round(value, 4)))
    return pairs


def _choose(
    first: NDArray[np.int64], pairs: dict[int, list[tuple[int, float]]], prompts: NDArray[np.int64] | None
) -> dict[int, tuple[str, int, float | None]]:
    """Go through the rows in the fixed order; remove each that resembles a kept one.

    The loop is over rows, because every decision depends on the ones before it; it does a few dictionary look-ups each.
    """
    removed: dict[int, tuple[str, int, float | None]] = {}
    kept_prompt: dict[int, int] = {}
    for place in first.tolist():
        resembled = [(value, -other) for other, value in pairs.get(place, ()) if other not in removed]
        if resembled:
            value, other = max(resembled)
            removed[place] = ("near_twin", -other, value)
        elif prompts is not None:
            key = int(prompts[place])
            if key in kept_prompt:
                removed[place] = ("same_prompt", kept_prompt[key], None)
            else:
                kept_prompt[key] = place
    return removed
