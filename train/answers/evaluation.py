"""What an adapter is worth: its loss on answers that it has not seen, and what its own answers are like."""

import math
from collections.abc import Callable

import polars as pl
from msgspec import structs

from builders.errors import Invalid
from builders.schema import Split
from builders.stages.sampling import places
from cards.audit.diversity import SIZES
from train.answers.generation import Answer, Answerer
from train.answers.measures import (
    AnswerMeasures,
    Evaluated,
    EvaluatedAdapter,
    Measured,
    OwnAnswers,
    PromptTemplates,
    answer_measures,
)
from train.answers.sampling import GREEDY, Sampling
from train.methods.sft import encode
from train.run.data import TrainingData
from train.run.examples import Examples
from train.run.loss import mean_loss

Report = Callable[[str], None]
# Measures that the table shows: field, label, format.
SHOWN = (
    ("loss", "loss", ".4f"),
    ("perplexity", "perplexity", ".2f"),
    ("spanish", "answers in Spanish", ".1%"),
    ("refusals", "refusals", ",d"),
    ("empty", "empty answers", ",d"),
    ("looping", "looping answers", ",d"),
    ("cut", "answers cut", ",d"),
    ("words", "words, mean", ".1f"),
    ("tokens", "tokens, mean", ".1f"),
    *((f"distinct_{size}", f"distinct-{size}", ".3f") for size in SIZES),
)


def evaluate(
    answerer: Answerer,
    data: TrainingData,
    split: Split = "validation",
    limit: int | None = None,
    answered: int = 100,
    sampling: Sampling = GREEDY,
    against_base: bool = False,
    rewrite: bool = False,
    report: Report = lambda step: None,
) -> Evaluated:
    """Loss and perplexity on the answers of a split, and measures of the answers that the adapter itself gives.

    limit: only so many rows, those with the smallest places by hash of the id. answered: how many of these it answers.
    against_base: measure the base without the adapter, too. rewrite: write the prompts in the adapter's template where the
    version has another one, instead of refusing it. The result is the same each time on the same machine.

    Raises NotFound for an empty split, and Invalid for a version in another template than the adapter's.
    """
    rows = chosen_rows(prompted(answerer, data, split, rewrite), limit)
    where, record = f"{data.version.label} {split}", answerer.adapter.record
    length = min(record.recipe.train.max_length, answerer.window)
    examples = encode(rows, answerer.tokenizer, length, where)
    asked = rows.filter(pl.col("id").is_in(list(examples.ids))).head(answered)
    counts = examples.counts()
    measured = _measured(answerer, examples, asked, sampling, where, report)
    base = None
    if against_base:
        report("the base without the adapter")
        with answerer.model.disable_adapter():
            base = _measured(answerer, examples, asked, sampling, where, report)
    return Evaluated(
        adapter=EvaluatedAdapter(name=record.name, base=record.base, weights_sha256=record.weights_sha256),
        data=data.pin,
        split=split,
        template=PromptTemplates(
            adapter=answerer.template.name,
            version=data.template.name,
            rewritten=answerer.template.sha256 != data.template.sha256,
        ),
        rows=len(examples),
        answer_tokens=counts.answer_tokens,
        truncated=counts.truncated,
        left_out=len(examples.left_out),
        sampling=sampling,
        loss=measured.loss,
        perplexity=measured.perplexity,
        answers=measured.answers,
        answers_of_the_version=answer_measures(asked, asked["output"].to_list()) if asked.height else None,
        base=base,
    )


def prompted(answerer: Answerer, data: TrainingData, split: Split, rewrite: bool) -> pl.DataFrame:
    """The split's rows, their prompts in the adapter's template."""
    rows, own = data.split(split), answerer.template
    if own.sha256 == data.template.sha256:
        return rows
    if not rewrite:
        raise Invalid(
            f"{data.version.label} is written in template {data.template.name}, and the adapter was trained on {own.name}",
            "use a version with that template (aguila evaluate can write the prompts anew, with --rewrite-prompts)",
        )
    return rows.drop("prompt", "completion").with_columns(own.columns())


def chosen_rows(rows: pl.DataFrame, limit: int | None) -> pl.DataFrame:
    """The rows in the order of their places, up to `limit`: a smaller choice is inside a larger one."""
    ordered = rows.with_columns(places(rows["id"], 0, "evaluation")).sort("place", "id").drop("place")
    return ordered if limit is None else ordered.head(limit)


def _measured(
    answerer: Answerer, examples: Examples, asked: pl.DataFrame, sampling: Sampling, where: str, report: Report
) -> Measured:
    """Loss and perplexity on the examples, and measures of the answers to the rows that are asked."""
    report(f"loss on {len(examples):,} rows")
    loss, _ = mean_loss(answerer.model, examples, answerer.tokenizer.pad_token_id, sampling.batch)
    if not asked.height:
        return Measured(loss=loss, perplexity=math.exp(loss))
    own = own_answers(answerer, asked, sampling, where, report)
    return Measured(loss=loss, perplexity=math.exp(loss), answers=own)


def own_answers(answerer: Answerer, asked: pl.DataFrame, sampling: Sampling, where: str, report: Report) -> OwnAnswers:
    """Measures of the answers that a model itself gives to some rows."""
    names = [f"{where} row {id!r}" for id in asked["id"]]
    answers: list[Answer] = []
    for answer in answerer.complete(asked["prompt"].to_list(), names, sampling):
        answers.append(answer)
        if len(answers) % sampling.batch == 0 or len(answers) == len(names):
            report(f"{len(answers):,} of {len(names):,} answers")
    cut = sum(answer.stopped == "length" for answer in answers)
    tokens = sum(answer.tokens for answer in answers) / len(answers)
    measures = answer_measures(asked, [answer.text for answer in answers])
    return OwnAnswers(**structs.asdict(measures), cut=cut, tokens=round(tokens, 4))


def evaluation_table(found: Evaluated) -> tuple[list[str], list[list[str]]]:
    """Header and rows that show what `evaluate` found: measure, adapter, the base beside it, the version's own answers."""
    columns = {"adapter": _shown(found, found.answers)}
    if found.base:
        columns["base"] = _shown(found.base, found.base.answers)
    if found.answers_of_the_version:
        columns["version's answers"] = _shown(None, found.answers_of_the_version)
    rows = [[measure, *(column.get(measure, "–") for column in columns.values())] for measure in columns["adapter"]]
    return ["measure", *columns], rows


def _shown(measured: Measured | None, answers: AnswerMeasures | None) -> dict[str, str]:
    """What is known of a model and its answers, by label."""
    values = structs.asdict(measured) if measured else {}
    if answers:
        values |= structs.asdict(answers) | answers.distinct
    return {label: format(values[field], form) for field, label, form in SHOWN if field in values}
