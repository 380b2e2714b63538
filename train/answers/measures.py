"""What an adapter is worth, as records; and what answers are like, counted.

No answer is judged for being right: what is counted is what can be counted, by the same decisions that the builder makes
about rows (language, refusals, repetition).
"""

from collections.abc import Sequence

import polars as pl
from msgspec import Struct

from builders.schema import Split
from cards.audit.diversity import distinct
from filters import all_rules
from filters.detectors.language import Thresholds, decide
from train.answers.sampling import Sampling
from train.run.record import BaseRecord, DataPin


class Languages(Struct, frozen=True, kw_only=True):
    """Answers by the language that our decision sees in them, empty ones apart."""

    es: int
    other: int
    undetermined: int


class AnswerMeasures(Struct, frozen=True, kw_only=True):
    """What answers are like.

    spanish: share of the answers that are in Spanish; those too short or too mixed to tell are not. refusals, looping: by the
    rules `refusal` and `repetition` at their own thresholds. distinct: see `cards/audit/diversity.py`. words: mean number.
    """

    rows: int
    spanish: float
    language: Languages
    refusals: int
    empty: int
    looping: int
    distinct: dict[str, float]
    words: float


class OwnAnswers(AnswerMeasures, frozen=True, kw_only=True):
    """What a model's own answers are like. cut: those that ended at the most tokens. tokens: mean number."""

    cut: int
    tokens: float


class Measured(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A model on some rows: its loss on their answers, and what its own are like, where it was asked for any."""

    loss: float
    perplexity: float
    answers: OwnAnswers | None = None


class EvaluatedAdapter(Struct, frozen=True, kw_only=True):
    """Which adapter was evaluated."""

    name: str
    base: BaseRecord
    weights_sha256: str


class PromptTemplates(Struct, frozen=True, kw_only=True):
    """The templates of adapter and version by name, and whether prompts were written anew in the adapter's."""

    adapter: str
    version: str
    rewritten: bool


class Evaluated(Measured, frozen=True, kw_only=True, omit_defaults=True):
    """What an evaluation found: of which adapter, on which rows, how asked; the base alone beside it, if that was asked for."""

    adapter: EvaluatedAdapter
    data: DataPin
    split: Split
    template: PromptTemplates
    rows: int
    answer_tokens: int
    truncated: int
    left_out: int
    sampling: Sampling
    answers_of_the_version: AnswerMeasures | None = None
    base: Measured | None = None


def answer_measures(rows: pl.DataFrame, answers: Sequence[str]) -> AnswerMeasures:
    """What answers to some rows (`instruction` and `input` of each) are like."""
    asked = rows.select("instruction", "input", pl.Series("output", answers, pl.String)).with_row_index("row")
    full = asked.filter(pl.col("output").str.strip_chars() != "")
    classes = dict(decide(full, Thresholds())["answer"].value_counts().iter_rows()) if full.height else {}
    language = Languages(**{name: classes.get(name, 0) for name in Languages.__struct_fields__})
    return AnswerMeasures(
        rows=asked.height,
        spanish=round(language.es / asked.height, 4),
        language=language,
        refusals=_found("refusal", full),
        empty=asked.height - full.height,
        looping=_found("repetition", full),
        distinct=distinct(asked["output"]),
        words=round(float(asked["output"].str.count_matches(r"[\p{L}\p{N}]+").sum()) / asked.height, 4),
    )


def _found(name: str, rows: pl.DataFrame) -> int:
    """How many rows a rule finds at its own threshold."""
    rule = all_rules()[name]
    return int((rule.find(rows)["score"] >= rule.threshold).sum())
