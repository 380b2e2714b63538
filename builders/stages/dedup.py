"""Duplicates: rows that say the same. One of each is kept.

Three kinds, each named in the ledger with the row that is kept. *Exact*: the same text but for case, spaces and the
punctuation of sentences. *Near*: the word n-grams of the whole row resemble (Jaccard index), and those of the instruction
and of the answer too, so different questions about one long input are no duplicates; numbers and operators must be the
same, and a short answer makes duplicates only of equal questions. *Same prompt*: the same instruction and input with
another answer.

Rows are taken in a fixed order, the best first (see `preference`); a row is removed only if it resembles one that is kept,
so the result does not depend on the source's order and no chain of resemblances removes the unlike.
"""

from collections import defaultdict

import numpy as np
import polars as pl
from numpy.typing import NDArray

from builders.recipes.model import Dedup, Near
from builders.schema import FIELDS
from builders.stages.minhash import candidates, jaccard, shingles, sketch
from builders.stages.outcome import Outcome, without
from builders.stages.preference import in_order_of_worth, why_kept
from filters.text import normalized

MIN_ANSWER_WORDS = 10
BATCH = 50_000  # rows whose normalized text is held at once
NUMBERS = r"\S*[\d+*/=<>%^~@&|\\#$€]\S*"  # what must be the same, in the same order
QUOTED_NUMBER = r"`([-+]?\d(?:[\d.,/]*\d)?\s?%?)`"
MIN_WORDS = 10  # a near-duplicate needs words to resemble in; below, one changed word is another row
DUPLICATE = {"row": pl.UInt32, "rule": pl.String, "score": pl.Float64, "evidence": pl.String, "duplicate_of": pl.UInt32}


def without_duplicates(rows: pl.DataFrame, said: pl.DataFrame, settings: Dedup) -> Outcome:
    """The dedup stage (see `duplicates`)."""
    drops = duplicates(rows, said, settings)
    return Outcome(without(rows, drops), drops)


def duplicates(rows: pl.DataFrame, said: pl.DataFrame, settings: Dedup) -> pl.DataFrame:
    """The rows to remove.

    rows: `row`, `instruction`, `input`, `output`. said: what speaks against rows (see `preference.WORTH`). Returns `row`, `rule`
    (exact_duplicate, near_duplicate or same_prompt), `score` (Jaccard index; null for a prompt), `evidence` (which duplicate,
    and why the other is kept), `duplicate_of` (the kept row).
    """
    if not settings.enabled or rows.is_empty():
        return pl.DataFrame(schema=DUPLICATE)
    by_row = rows.sort("row").select("row", *FIELDS)
    keys = pl.concat([_keys(part) for part in by_row.iter_slices(BATCH)])
    keys = in_order_of_worth(keys.with_columns(by_row["row"], at=pl.int_range(pl.len())), said).with_row_index("place")
    ordered = by_row[keys["at"]]
    first = {
        name: keys.select(pl.col("place").first().over(f"{name}_1", f"{name}_2"))
        .to_series()
        .to_numpy()
        .astype(np.int64)
        for name in ("text", "prompt", "instruction")
    }
    everyone = np.arange(ordered.height)
    copy_of = first["text"] if settings.exact.enabled else everyone
    originals = np.flatnonzero(copy_of == everyone)
    pairs: dict[int, list[tuple[int, float]]] = {}
    if settings.near.enabled:
        spoken = keys["answer_words"].to_numpy() >= MIN_ANSWER_WORDS
        pairs = _near_pairs(ordered, originals, first["instruction"], spoken, settings.near)
    removed_by = _choose(originals, pairs, first["prompt"] if settings.same_prompt.enabled else None)

    row = ordered["row"].to_list()
    found: list[tuple[int, str, float | None, str, int]] = []
    for place, (rule, duplicate_of, score) in removed_by.items():
        evidence = {
            "near_duplicate": "resembles the kept row",
            "same_prompt": "another answer to the same instruction and input",
        }[rule]
        found.append((row[place], rule, score, evidence, row[duplicate_of]))
    for place in np.flatnonzero(copy_of != everyone).tolist():
        original = int(copy_of[place])
        rule, duplicate_of, score = removed_by.get(original, ("exact_duplicate", original, 1.0))
        evidence = "the same text but for case, spaces and punctuation"
        if rule != "exact_duplicate":
            evidence = {"near_duplicate": "a copy of a near-duplicate", "same_prompt": "a copy of another answer"}[rule]
        found.append((row[place], rule, score, evidence, row[duplicate_of]))
    return _with_reasons(pl.DataFrame(found, schema=DUPLICATE, orient="row"), keys).sort("row")


def _with_reasons(found: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """The duplicates, their evidence telling why the other row is kept. keys: see `in_order_of_worth`."""
    known = keys.select("row", "severity", "flags", "sane_words")
    pairs = found.join(known, on="row", how="left", maintain_order="left")
    pairs = pairs.join(known, left_on="duplicate_of", right_on="row", how="left", suffix="_kept", maintain_order="left")
    return (
        pairs.with_columns(pl.format("{}; {}", "evidence", why_kept(pairs))).select(*DUPLICATE)
        if found.height
        else found
    )


def same_words(field: pl.Expr) -> pl.Expr:
    """A field without case, punctuation of sentences and extra spaces.

    Operators, brackets and decimal points stay: "3 + 4" is not "3 - 4", and a command is not the one with another option.
    Backticks around a number say nothing.
    """
    text = bare_numbers(field).str.to_lowercase().str.replace_all(r"(?:[\s¿?¡!\"'«»“”‘’…]|[.,;:]+(?:\s|$))+", " ")
    return text.str.strip_chars(" ")


def bare_numbers(field: pl.Expr) -> pl.Expr:
    """A field with its numbers out of backticks: "`118`/`115`" and "`118/115`" are "118/115"."""
    return field.str.replace_all(QUOTED_NUMBER, "$1")


def _keys(rows: pl.DataFrame) -> pl.DataFrame:
    """What tells equal texts, in 128 bits each: `text_1`, `text_2`, `prompt_…`, `instruction_…`; and `answer_words`.

    polars' hash is promised for one process only. That is enough: only equality of hashes is used, not their values.
    """
    texts = rows.select(same_words(pl.col(field)).alias(field) for field in FIELDS)
    joined = {
        "text": pl.concat_str(FIELDS, separator="\n"),
        "prompt": pl.concat_str("instruction", "input", separator="\n"),
        "instruction": pl.col("instruction"),
    }
    hashes = [text.hash(seed).alias(f"{name}_{seed}") for name, text in joined.items() for seed in (1, 2)]
    return texts.select(*hashes, (pl.col("output").str.count_matches(" ", literal=True) + 1).alias("answer_words"))


def _near_pairs(
    ordered: pl.DataFrame, originals: NDArray[np.int64], asked: NDArray[np.int64], spoken: NDArray[np.bool_], near: Near
) -> dict[int, list[tuple[int, float]]]:
    """For each place, the earlier places that it resembles, with the Jaccard index of the whole rows.

    asked: for each place, the first with the same instruction. spoken: its answer has MIN_ANSWER_WORDS.
    """
    texts = ordered[originals]
    sketched = sketch(texts.height, lambda start, end: _whole(texts[start:end]), near.ngram)
    asked, spoken = asked[originals], spoken[originals]

    def admitted(left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.bool_]:
        # A short answer cannot tell that two questions are the same; then they must be equal.
        return np.asarray((asked[left] == asked[right]) | (spoken[left] & spoken[right]), dtype=np.bool_)

    # The cheapest question that turns most away comes first: each leaves fewer texts and pairs to the next.
    instructions = shingles(texts.select(normalized(pl.col("instruction"))).to_series(), near.ngram)
    parts = [(np.empty(0, np.int64), np.empty(0, np.int64))]

    def kinds(places: NDArray[np.int64]) -> NDArray[np.uint32]:
        # Equality of hashes is all that is used, so polars' hash, promised for one process, is enough.
        return np.asarray(_signs(texts[places]).hash(1).to_numpy() >> np.uint64(32), dtype=np.uint32)

    for left, right in candidates(sketched, sketched.words >= MIN_WORDS, near.threshold, admitted, kinds):
        alive = jaccard(instructions, left, right) >= near.part_threshold
        parts.append((left[alive], right[alive]))
    left, right = (np.concatenate(side) for side in zip(*parts, strict=True))
    alive = _same_signs(texts, left, right)
    left, right = left[alive], right[alive]
    alive = _alike_answers(texts, left, right, near)
    left, right = left[alive], right[alive]
    some, (a, b) = _used(left, right)
    score = jaccard(shingles(_whole(texts[some]), near.ngram), a, b)
    near_enough = score >= near.threshold
    left, right, score = left[near_enough], right[near_enough], score[near_enough]
    pairs: dict[int, list[tuple[int, float]]] = defaultdict(list)
    left, right = originals[left], originals[right]
    for one, other, value in zip(left.tolist(), right.tolist(), score.tolist(), strict=True):
        pairs[max(one, other)].append((min(one, other), round(value, 4)))
    return pairs


def _used(left: NDArray[np.int64], right: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places that pairs speak of, and the pairs as places among those, shape (2, pairs)."""
    some, places = np.unique(np.concatenate([left, right]), return_inverse=True)
    return some, places.reshape(2, -1)


def _alike_answers(
    texts: pl.DataFrame, left: NDArray[np.int64], right: NDArray[np.int64], near: Near
) -> NDArray[np.bool_]:
    """Which pairs resemble in the answer."""
    some, (a, b) = _used(left, right)
    answers = shingles(texts[some].select(normalized(pl.col("output"))).to_series(), near.ngram)
    return jaccard(answers, a, b) >= near.part_threshold


def _same_signs(texts: pl.DataFrame, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which pairs have the same numbers and operators in the same order."""
    some, (a, b) = _used(left, right)
    signs = _signs(texts[some]).to_frame()
    sign = signs.with_row_index("at").select(pl.col("at").first().over("signs")).to_series().to_numpy()
    return np.asarray(sign[a] == sign[b], dtype=np.bool_)


def _signs(rows: pl.DataFrame) -> pl.Series:
    """The numbers and operators of whole rows, in order."""
    text = bare_numbers(pl.concat_str(FIELDS, separator=" "))
    return rows.select(text.str.extract_all(NUMBERS).list.join(" ").alias("signs")).to_series()


def _whole(rows: pl.DataFrame) -> pl.Series:
    """The words of whole rows."""
    return rows.select(normalized(pl.concat_str(FIELDS, separator=" "))).to_series()


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
            removed[place] = ("near_duplicate", -other, value)
        elif prompts is not None:
            key = int(prompts[place])
            if key in kept_prompt:
                removed[place] = ("same_prompt", kept_prompt[key], None)
            else:
                kept_prompt[key] = place
    return removed
