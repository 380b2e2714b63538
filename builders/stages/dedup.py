"""Duplicates: rows that say the same. One of each is kept.

Three kinds, each named in the ledger with the row that is kept. *Exact*: the same text but for case, spaces and the
punctuation of sentences. *Near*: the word n-grams of the whole row resemble (Jaccard index), and those of the instruction
and of the answer too, so different questions about one long input are no duplicates; numbers and operators must be the
same, and a short answer makes duplicates only of equal questions. *Same prompt*: the same instruction and input with
another answer.

Rows are taken in a fixed order, the best first (see `preference`); a row is removed only if it resembles one that is kept,
so the result does not depend on the source's order and no chain of resemblances removes the unlike. Rows of several languages
are compared within their language alone: what tells equal texts, and what puts two rows into one bucket, holds the language.
"""

from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from builders.recipes.model import Dedup, Near
from builders.schema import FIELDS, LANGUAGE, SPOKEN, several_languages
from builders.stages.near import PAIR, bare_numbers, near_pairs
from builders.stages.outcome import Outcome, side_by_side, without
from builders.stages.preference import in_order_of_worth, why_kept
from builders.stages.text_keys import keys_128

MIN_ANSWER_WORDS = 10
DUPLICATE = {"row": pl.UInt32, "rule": pl.String, "score": pl.Float64, "evidence": pl.String, "duplicate_of": pl.UInt32}
KEYS = ("text", "prompt", "instruction")  # what rows may have in common
RESEMBLES = {
    "near_duplicate": "resembles the kept row",
    "same_prompt": "another answer to the same instruction and input",
}
COPY = {
    "exact_duplicate": "the same text but for case, spaces and punctuation",
    "near_duplicate": "a copy of a near-duplicate",
    "same_prompt": "a copy of another answer",
}


class Texts(Protocol):
    """Where the texts of rows are looked at: here, or on other machines."""

    def keys(self, rows: pl.DataFrame) -> pl.DataFrame:
        """What `keyed` says of these rows, in any order."""

    def near_pairs(self, rows: pl.DataFrame, order: pl.DataFrame, near: Near) -> pl.DataFrame:
        """`left`, `right` (places in the order, the smaller first), `score` of near-duplicates.

        order: `row`, `asked`, `spoken` (see `buckets.fitting`) of the rows to look at, in the fixed order.
        """


class Here:
    """The texts of rows looked at in this process."""

    def keys(self, rows: pl.DataFrame) -> pl.DataFrame:
        """See `Texts`."""
        return side_by_side(keyed, rows.select("row", *FIELDS, SPOKEN))

    def near_pairs(self, rows: pl.DataFrame, order: pl.DataFrame, near: Near) -> pl.DataFrame:
        """See `Texts`."""
        texts = order.select("row").join(
            rows.select("row", *FIELDS, SPOKEN), on="row", how="left", maintain_order="left"
        )
        return near_pairs(texts, order["asked"].to_numpy(), order["spoken"].to_numpy(), near)


def without_duplicates(rows: pl.DataFrame, said: pl.DataFrame, settings: Dedup, texts: Texts | None = None) -> Outcome:
    """The dedup stage (see `duplicates`)."""
    drops = duplicates(rows, said, settings, texts)
    return Outcome(without(rows, drops), drops)


def duplicates(rows: pl.DataFrame, said: pl.DataFrame, settings: Dedup, texts: Texts | None = None) -> pl.DataFrame:
    """The rows to remove.

    rows: `row`, `instruction`, `input`, `output`. said: what speaks against rows (see `preference.WORTH`). texts: where the texts
    are looked at; in this process by default. Returns `row`, `rule` (exact_duplicate, near_duplicate or same_prompt), `score`
    (Jaccard index; null for a prompt), `evidence` (which duplicate, and why the other is kept), `duplicate_of` (the kept row).

    Of texts, only keys and the pairs that resemble come here: the choice among duplicates needs no more.
    """
    if not settings.enabled or rows.is_empty():
        return pl.DataFrame(schema=DUPLICATE)
    texts = texts or Here()
    keys = in_order_of_worth(texts.keys(rows), said).with_row_index("place")
    first = {
        name: keys.select(pl.col("place").first().over(f"{name}_1", f"{name}_2"))
        .to_series()
        .to_numpy()
        .astype(np.int64)
        for name in KEYS
    }
    everyone = np.arange(keys.height)
    copy_of = first["text"] if settings.exact.enabled else everyone
    originals = np.flatnonzero(copy_of == everyone)
    pairs = pl.DataFrame(schema=PAIR)
    if settings.near.enabled:
        order = keys.select(
            "row",
            pl.Series("asked", first["instruction"]),
            (pl.col("answer_words") >= MIN_ANSWER_WORDS).alias("spoken"),
        )[originals]
        pairs = texts.near_pairs(rows, order, settings.near)
    removed_by = _choose(originals, pairs, first["prompt"] if settings.same_prompt.enabled else None)

    row = keys["row"].to_list()
    found: list[tuple[int, str, float | None, str, int]] = []
    for place, (rule, duplicate_of, score) in removed_by.items():
        found.append((row[place], rule, score, RESEMBLES[rule], row[duplicate_of]))
    for place in np.flatnonzero(copy_of != everyone).tolist():
        original = int(copy_of[place])
        rule, duplicate_of, score = removed_by.get(original, ("exact_duplicate", original, 1.0))
        found.append((row[place], rule, score, COPY[rule], row[duplicate_of]))
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
    sign, end = r"[\s¿?¡!\"'«»“”‘’…]", r"[.,;:]+(?:\s|$)"
    # A space that stands alone is left, as in `filters.text.normalized`.
    several = rf"(?:{sign}|{end}){{2,}}|[^\S ]|[¿?¡!\"'«»“”‘’…]|{end}"
    return bare_numbers(field).str.to_lowercase().str.replace_all(several, " ").str.strip_chars(" ")


def keyed(rows: pl.DataFrame) -> pl.DataFrame:
    """`row`, `answer_words`, and what tells equal texts, in 128 bits each: `text_1`, `text_2`, `prompt_…`, `instruction_…`."""
    texts = rows.select(same_words(pl.col(field)).alias(field) for field in FIELDS)
    if several_languages(rows):
        texts = texts.with_columns(instruction=pl.concat_str(rows[LANGUAGE.name], "instruction", separator="\n"))
    joined = {
        "text": texts.select(pl.concat_str(FIELDS, separator="\n")),
        "prompt": texts.select(pl.concat_str("instruction", "input", separator="\n")),
        "instruction": texts.select("instruction"),
    }
    columns: dict[str, NDArray[np.uint64]] = {}
    for name, text in joined.items():
        keys = keys_128(text.to_series())
        columns |= {f"{name}_{number + 1}": keys[:, number] for number in (0, 1)}
    words = texts.select((pl.col("output").str.count_matches(" ", literal=True) + 1).alias("answer_words")).to_series()
    return rows.select("row").with_columns(*(pl.Series(name, values) for name, values in columns.items()), words)


def _choose(
    first: NDArray[np.int64], pairs: pl.DataFrame, prompts: NDArray[np.int64] | None
) -> dict[int, tuple[str, int, float | None]]:
    """Go through the rows in the fixed order; remove each that resembles a kept one, and name the one it resembles most.

    first: places, in order. pairs: `left`, `right` (places in first), `score`. prompts: the first place with the same prompt.
    The loop is over rows, because every decision depends on the ones before it; it does a few look-ups each.
    """
    removed: dict[int, tuple[str, int, float | None]] = {}
    kept_prompt: dict[int, int] = {}
    pairs = pairs.sort("right", -pl.col("score"), "left")  # of each row, the most alike first
    earlier, score = first[pairs["left"].to_numpy()], pairs["score"].to_numpy()
    ends = np.searchsorted(pairs["right"].to_numpy(), np.arange(len(first)), side="right").tolist()
    start = 0
    for place, end in zip(first.tolist(), ends, strict=True):
        alive = next((at for at in range(start, end) if int(earlier[at]) not in removed), None)
        start = end
        if alive is not None:
            removed[place] = ("near_duplicate", int(earlier[alive]), float(score[alive]))
        elif prompts is not None:
            key = int(prompts[place])
            if key in kept_prompt:
                removed[place] = ("same_prompt", kept_prompt[key], None)
            else:
                kept_prompt[key] = place
    return removed
