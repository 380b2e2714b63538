"""Decontamination: no kept row may hold a passage of an evaluation set, or a score on that set says nothing.

    decontaminate:
      ngram: 13                         # words; the default
      sets:
        - name: xquad-es                # stands in the ledger before the matching words
          path: evaluation/xquad.jsonl  # any file that can be a source; recorded as its name and sha256
          columns: [question, context]  # default: every column that holds text
        - name: truthfulqa-es
          repo: owner/truthfulqa-multi  # a file of a Hub dataset at a commit
          revision: 0123456789abcdef0123456789abcdef01234567
          file: es/validation.parquet

A row leaves when `ngram` words in a row of its instruction, input and output, taken as one text, stand in that order in a
text of a set. Words are compared as `filters.text.normalized` gives them: case and punctuation do not matter, accents and
numbers do. It is the measure of GPT-3 (Brown et al. 2020, appendix C): 13 words, and never fewer than 8, because of
spurious collisions. So a text of 8 to 12 words is looked for as a whole, and a shorter one is not looked for at all. Nor
is an n-gram of which more than half are numbers: everyone counts "1 2 3 4 5 6 7 8 9" alike (eight of the eleven rows of
other origin that 11,708 answers hit without this limit). One limit of GPT-3 is left out: n-grams that match many training
rows count too, because what becomes of a row does not depend on the others here. A set whose texts share a wording (a
prompt around each question) should therefore be read by the columns that hold its content.

A dropped row has the rule `contaminated`. Its evidence is `NAME: the matching words` of one text, that to which most of the
row's n-grams belong; its score is the share of that text's n-grams that the row holds. Hashes only propose: what is
reported is equal as text. A matching text may be long, the evidence is cut like any other.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from builders.errors import Invalid
from builders.recipes.model import Decontaminate, EvaluationSet
from builders.schema import FIELDS
from builders.stages.word_hashes import Words, pieces, powers_of_base, words_in
from filters.rule import EVIDENCE_LENGTH
from filters.text import normalized

RULE = "contaminated"
MIN_WORDS = 8  # GPT-3's lower limit for the length of an n-gram
WITH_LETTER = r"\p{L}\S*"  # counts words that hold a letter
SLICE = 1 << 11  # rows that a thread takes at once: with THREADS bounds the arrays that are held
THREADS = min(4, os.cpu_count() or 1)
SIZE_SALT = 0xD1B54A32D192ED03  # odd: n-grams of different sizes have different hashes
CONTAMINATED = {"row": pl.UInt32, "rule": pl.String, "score": pl.Float64, "evidence": pl.String}


@dataclass(frozen=True)
class Texts:
    """What an evaluation set holds, and the pin that says exactly which file it is."""

    pin: EvaluationSet
    texts: pl.Series


def pin_sets(asked: Decontaminate | None, sets: Sequence[Texts]) -> Decontaminate | None:
    """What a recipe asks, with the sets as they were read."""
    if asked is None:
        return None
    pairs = zip(asked.sets, sets, strict=True)  # every set was read, or nothing may be called decontaminated
    return asked.model_copy(update={"sets": tuple(one.pin for _, one in pairs)})


# ---- what is looked for ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Passages:
    """The n-grams of evaluation texts, as flat arrays.

    texts: `name` (of the set), `words` (normalized text), `size` (words of its n-grams: `ngram`, or all that a shorter text
    has), in an order that does not depend on that of the files. hashes: of the distinct n-grams, sorted. grams: their text.
    pairs: n-gram * number of texts + text, sorted: which n-gram stands in which text. firsts: place of each n-gram's first
    pair. counts: distinct n-grams of each text. prefixes: sorted hashes of the first `shortest` words of each n-gram, and
    marks: a table of their upper bits, which says no to nearly every other hash at once.
    """

    texts: pl.DataFrame
    hashes: NDArray[np.uint64]
    grams: pl.Series
    pairs: NDArray[np.int64]
    firsts: NDArray[np.int64]
    counts: NDArray[np.int64]
    prefixes: NDArray[np.uint64]
    marks: NDArray[np.bool_]
    shortest: int


def passages(sets: Sequence[Texts], ngram: int) -> Passages:
    """What is looked for. Raises Problem for a set of which nothing can be looked for."""
    shortest = min(MIN_WORDS, ngram)
    texts = _texts_of(sets, shortest, ngram)
    grams, hashes, owners, prefixes, done = [], [], [], [], 0
    for piece in pieces(texts["words"]):
        words = words_in(piece)
        sums = _sums(words)
        sizes = texts["size"].to_numpy()[done : done + len(piece)]
        places, owner = _places(words.counts, sizes)
        cut = _cut(piece, words, owner, places, places + sizes[owner])
        wordy = (cut.cast(pl.String).str.count_matches(WITH_LETTER) * 2 >= pl.Series(sizes[owner])).to_numpy()
        places, owner = places[wordy], owner[wordy]
        grams.append(cut.filter(pl.Series(wordy)))
        hashes.append(_hashes(sums, places, sizes[owner]))
        prefixes.append(_hashes(sums, places, np.full(len(places), shortest)))
        owners.append(owner + done)
        done += len(piece)
    known, first, number = np.unique(np.concatenate(hashes), return_index=True, return_inverse=True)
    if not len(known):
        raise Invalid(
            "evaluation sets: their texts are mostly numbers, so nothing can be looked for", "name other columns"
        )
    pairs = np.unique(number * texts.height + np.concatenate(owners))
    starts = np.unique(np.concatenate(prefixes))
    bits = min(26, max(12, len(starts).bit_length() + 4))
    marks = np.zeros(1 << bits, dtype=bool)
    marks[starts >> np.uint64(64 - bits)] = True
    return Passages(
        texts=texts,
        hashes=known,
        grams=pl.concat(grams).gather(first),
        pairs=pairs,
        firsts=np.flatnonzero(np.diff(pairs // texts.height, prepend=-1)),
        counts=np.bincount(pairs % texts.height, minlength=texts.height),
        prefixes=starts,
        marks=marks,
        shortest=shortest,
    )


def _texts_of(sets: Sequence[Texts], shortest: int, ngram: int) -> pl.DataFrame:
    """The distinct texts of all sets that can be looked for: `name`, `words`, `size`."""
    tables = []
    for order, one in enumerate(sets):
        composed = one.texts.str.normalize("NFC").alias("words").to_frame()  # as repaired rows are
        distinct = composed.select(normalized(pl.col("words"))).unique()
        count = pl.col("words").str.count_matches(r"\S+").cast(pl.Int64)
        table = distinct.select(pl.lit(order).alias("order"), pl.lit(one.pin.name).alias("name"), "words", size=count)
        wordy = pl.col("words").str.count_matches(WITH_LETTER) * 2 >= shortest
        table = table.filter((pl.col("size") >= shortest) & wordy)
        if table.is_empty():
            raise Invalid(
                f"evaluation set {one.pin.name}: no text of {shortest} words or more (numbers apart), so nothing can be "
                "looked for; name other columns, or leave the set out"
            )
        tables.append(table)
    # An n-gram of several texts counts for the first: of the first set, the shortest, in alphabetical order.
    texts = pl.concat(tables).sort("order", "size", "words").unique("words", keep="first", maintain_order=True)
    return texts.select("name", "words", pl.col("size").clip(upper_bound=ngram))


def _places(counts: NDArray[np.int64], sizes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The words at which an n-gram of each text begins, and the text of each."""
    grams = counts - sizes + 1
    owner = np.repeat(np.arange(len(counts)), grams)
    shift = (np.cumsum(counts) - counts) - (np.cumsum(grams) - grams)
    return np.arange(len(owner)) + shift[owner], owner


def _sums(words: Words) -> NDArray[np.uint64]:
    """Prefix sums of the word hashes, each times a power of the base: what a polynomial hash of any run is made of."""
    powers, _ = powers_of_base(1 << len(words.hashes).bit_length())
    return np.concatenate([np.zeros(1, np.uint64), np.cumsum(words.hashes * powers[: len(words.hashes)])])


def _hashes(sums: NDArray[np.uint64], places: NDArray[np.int64], size: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Hash of the `size` words from each place on."""
    _, inverses = powers_of_base(1 << (len(sums) - 1).bit_length())
    hashes: NDArray[np.uint64] = (sums[places + size] - sums[places]) * inverses[places]
    return hashes + size.astype(np.uint64) * np.uint64(SIZE_SALT)


def _prefixes(sums: NDArray[np.uint64], size: int) -> NDArray[np.uint64]:
    """`_hashes` of `size` words from every place on, whatever text they are of."""
    _, inverses = powers_of_base(1 << (len(sums) - 1).bit_length())
    begins = len(sums) - size
    hashes: NDArray[np.uint64] = (sums[size:] - sums[:begins]) * inverses[:begins]
    return hashes + np.uint64(size * SIZE_SALT % (1 << 64))


def _cut(
    texts: pl.Series,
    words: Words,
    owner: NDArray[np.int64],
    begin: NDArray[np.int64],
    end: NDArray[np.int64],
) -> pl.Series:
    """The text from word `begin` to before word `end`, each in its text, without copying it."""
    lengths = texts.str.len_bytes().to_numpy().astype(np.int64)
    starts = np.cumsum(lengths + 1) - lengths - 1
    first = words.begins[begin]
    table = pl.DataFrame({"from": first - starts[owner], "bytes": words.ends[end - 1] - first})
    table = table.with_columns(texts.gather(owner).cast(pl.Binary).alias("text"))
    return table.select(pl.col("text").bin.slice("from", "bytes")).to_series()


# ---- looking ---------------------------------------------------------------------------------------------------------


def contaminated(rows: pl.DataFrame, looked_for: Passages) -> pl.DataFrame:
    """The rows that hold a passage: `row`, `rule`, `score`, `evidence`. rows: `row`, `instruction`, `input`, `output`."""
    slices = rows.select("row", *FIELDS).iter_slices(SLICE)
    with ThreadPoolExecutor(THREADS) as threads:
        found = list(threads.map(lambda some: _contaminated(some, looked_for), slices))
    return pl.concat([pl.DataFrame(schema=CONTAMINATED), *found]).sort("row")


def _contaminated(rows: pl.DataFrame, looked_for: Passages) -> pl.DataFrame:
    text = normalized(pl.concat_str(FIELDS, separator=" "))
    texts = rows.select(text.alias("text")).to_series()
    found, done = [pl.DataFrame(schema=CONTAMINATED)], 0
    for piece in pieces(texts):
        words = words_in(piece)
        hits = _hits(piece, words, looked_for)
        if not hits.is_empty():
            found.append(_told(piece, words, hits, rows["row"][done : done + len(piece)], looked_for))
        done += len(piece)
    return pl.concat(found)


def _hits(texts: pl.Series, words: Words, looked_for: Passages) -> pl.DataFrame:
    """Where an n-gram stands: `owner` (place of the text), `at`, `end` (its first word, and the one after it), `gram`."""
    empty = pl.DataFrame(schema=dict.fromkeys(("owner", "at", "end", "gram"), pl.Int64))
    shortest = looked_for.shortest
    if len(words.hashes) < shortest:
        return empty
    sums = _sums(words)
    prefixes = _prefixes(sums, shortest)
    upper = prefixes >> np.uint64(64 - (len(looked_for.marks).bit_length() - 1))
    places = np.flatnonzero(looked_for.marks[upper])
    places = places[_find(looked_for.prefixes, prefixes[places])[0]]
    text_ends = np.cumsum(words.counts)
    owners = np.searchsorted(text_ends, places, side="right")
    found = [empty]
    for size in looked_for.texts["size"].unique().sort().to_list():
        within = places + size <= text_ends[owners]
        at, owner = places[within], owners[within]
        known, gram = _find(looked_for.hashes, _hashes(sums, at, np.full(len(at), size)))
        at, owner, gram = at[known], owner[known], gram[known]
        # Hashes only propose: what counts is the text.
        same = (_cut(texts, words, owner, at, at + size) == looked_for.grams.gather(gram)).to_numpy()
        columns = {"owner": owner, "at": at, "end": at + size, "gram": gram}
        found.append(pl.DataFrame({name: values[same] for name, values in columns.items()}, empty.schema))
    return pl.concat(found)


def _find(known: NDArray[Any], wanted: NDArray[Any]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which values are among the known ones (sorted), and where those would stand."""
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return known[place] == wanted, place


def _told(texts: pl.Series, words: Words, hits: pl.DataFrame, rows: pl.Series, looked_for: Passages) -> pl.DataFrame:
    """Of each text with hits the passage that it holds most of, how much of it, and the longest run of matching words."""
    total = looked_for.texts.height
    first = looked_for.pairs[looked_for.firsts[hits["gram"].to_numpy()]] % total
    votes = hits.with_columns(pl.Series("text", first)).group_by("owner", "text").agg(pl.col("gram").n_unique())
    chosen = votes.sort("owner", -pl.col("gram").cast(pl.Int64), "text").unique("owner", keep="first")
    hits = hits.join(chosen.select("owner", "text"), on="owner").sort("owner", "at")
    pair = hits["gram"].to_numpy() * total + hits["text"].to_numpy()
    hits = hits.filter(pl.Series(_find(looked_for.pairs, pair)[0]))
    held = hits.group_by("owner", "text").agg(pl.col("gram").n_unique().alias("held"))

    run = (pl.col("at") - pl.int_range(pl.len()).over("owner")).alias("run")
    runs = hits.group_by("owner", run).agg(pl.col("at").min(), pl.col("end").max(), pl.col("end").min().alias("one"))
    longest = runs.sort("owner", pl.col("at") - pl.col("end"), "at").unique("owner", keep="first")
    told = longest.join(held, on="owner").sort("owner")
    owner, begin = told["owner"].to_numpy(), told["at"].to_numpy()
    passage = looked_for.texts[told["text"].to_numpy()]
    told = told.with_columns(
        passage["name"],
        pl.concat_str(pl.lit(" "), passage["words"], pl.lit(" ")).alias("passage"),
        _cut(texts, words, owner, begin, told["end"].to_numpy()).cast(pl.String).alias("words"),
        _cut(texts, words, owner, begin, told["one"].to_numpy()).cast(pl.String).alias("gram"),
        pl.Series("of", looked_for.counts[told["text"].to_numpy()]),
        rows.gather(owner).alias("row"),
    )
    # n-grams that follow each other here may stand apart there; then one of them is shown.
    whole = pl.col("passage").str.contains(pl.concat_str(pl.lit(" "), "words", pl.lit(" ")), literal=True)
    matching = pl.when(whole).then("words").otherwise("gram")
    return told.select(
        "row",
        pl.lit(RULE).alias("rule"),
        (pl.col("held") / pl.col("of")).round(4).alias("score"),
        pl.concat_str("name", pl.lit(": "), matching).str.head(EVIDENCE_LENGTH).alias("evidence"),
    )
