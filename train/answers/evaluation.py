"""What an adapter is worth: its loss on answers that it has not seen, and what its own answers are like.

No answer is judged for being right: what is counted is what can be counted, by the same decisions that the builder makes
about rows (language, refusals, repetition).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from builders.errors import Problem
from builders.stages.sampling import places
from cards.audit.diversity import SIZES, distinct
from filters import all_rules
from filters.detectors.language import Thresholds, decide
from train.answers.generation import Answer, Answerer
from train.answers.sampling import GREEDY, Sampling
from train.run.data import TrainingData
from train.run.examples import Examples, encode
from train.run.loss import answer_loss, mean_loss

Report = Callable[[str], None]
SHOWN = {
    "loss": ("loss", ".4f"),
    "perplexity": ("perplexity", ".2f"),
    "spanish": ("answers in Spanish", ".1%"),
    "refusals": ("refusals", ",d"),
    "empty": ("empty answers", ",d"),
    "looping": ("looping answers", ",d"),
    "cut": ("answers cut", ",d"),
    "words": ("words, mean", ".1f"),
    "tokens": ("tokens, mean", ".1f"),
    **{f"distinct_{size}": (f"distinct-{size}", ".3f") for size in SIZES},
}


def evaluate(
    answerer: Answerer,
    data: TrainingData,
    split: str = "validation",
    limit: int | None = None,
    answered: int = 100,
    sampling: Sampling = GREEDY,
    against_base: bool = False,
    rewrite: bool = False,
    report: Report = lambda step: None,
) -> dict[str, Any]:
    """Loss and perplexity on the answers of a split, and measures of the answers that the adapter itself gives.

    limit: only so many rows, those with the smallest places by hash of the id. answered: how many of these it answers.
    against_base: measure the base without the adapter, too. rewrite: write the prompts in the adapter's template where the
    version has another one, instead of refusing it. Returns plain values, the same each time on the same machine.

    Raises Problem for an empty split, and for a version in another template than the adapter's.
    """
    rows = _chosen(_prompted(answerer, data, split, rewrite), limit)
    where = f"{data.version.label} {split}"
    length = min(answerer.adapter.record["recipe"]["train"]["length"], answerer.window)
    examples = encode(rows, answerer.tokenizer, length, where)
    asked = rows.filter(pl.col("id").is_in(list(examples.ids))).head(answered)
    counts = examples.statistics()
    told: dict[str, Any] = {
        "adapter": {
            "name": answerer.adapter.record["name"],
            "base": answerer.adapter.record["base"],
            "weights_sha256": answerer.adapter.record["files"]["adapter_model.safetensors"]["sha256"],
        },
        "data": data.pin,
        "split": split,
        "template": {
            "adapter": answerer.template.name,
            "version": data.template.name,
            "rewritten": answerer.template.sha256 != data.template.sha256,
        },
        "rows": len(examples),
        "answer_tokens": counts["answer_tokens"],
        "truncated": counts["truncated"],
        "left_out": len(counts["left_out"]),
        "sampling": vars(sampling),
    }
    told |= _measured(answerer, examples, asked, sampling, where, report)
    if asked.height:
        told["answers_of_the_version"] = answer_measures(asked, asked["output"].to_list())
    if against_base:
        report("the base without the adapter")
        with answerer.model.disable_adapter():
            told["base"] = _measured(answerer, examples, asked, sampling, where, report)
    return told


def _prompted(answerer: Answerer, data: TrainingData, split: str, rewrite: bool) -> pl.DataFrame:
    """The split's rows, their prompts in the adapter's template."""
    rows, own = data.split(split), answerer.template
    if own.sha256 == data.template.sha256:
        return rows
    if not rewrite:
        raise Problem(
            f"{data.version.label} is written in template {data.template.name}, and the adapter was trained on "
            f"{own.name}; evaluate on a version with that template, or write the prompts anew with --rewrite-prompts"
        )
    return rows.drop("prompt", "completion").with_columns(own.columns())


def _chosen(rows: pl.DataFrame, limit: int | None) -> pl.DataFrame:
    """The rows in the order of their places, up to `limit`: a smaller choice is inside a larger one."""
    ordered = rows.with_columns(places(rows["id"], 0, "evaluation")).sort("place", "id").drop("place")
    return ordered if limit is None else ordered.head(limit)


def _measured(
    answerer: Answerer, examples: Examples, asked: pl.DataFrame, sampling: Sampling, where: str, report: Report
) -> dict[str, Any]:
    """Loss and perplexity on the examples, and measures of the answers to the rows that are asked."""
    report(f"loss on {len(examples):,} rows")
    answerer.model.get_base_model().loss_function = answer_loss
    loss, _ = mean_loss(answerer.model, examples, answerer.tokenizer.pad_token_id, sampling.batch)
    told: dict[str, Any] = {"loss": loss, "perplexity": math.exp(loss)}
    if not asked.height:
        return told
    names = [f"{where} row {id!r}" for id in asked["id"]]
    answers: list[Answer] = []
    for answer in answerer.complete(asked["prompt"].to_list(), names, sampling):
        answers.append(answer)
        if len(answers) % sampling.batch == 0 or len(answers) == len(names):
            report(f"{len(answers):,} of {len(names):,} answers")
    cut = sum(answer.stopped == "length" for answer in answers)
    tokens = sum(answer.tokens for answer in answers) / len(answers)
    measures = answer_measures(asked, [answer.text for answer in answers])
    return told | {"answers": measures | {"cut": cut, "tokens": round(tokens, 4)}}


def answer_measures(rows: pl.DataFrame, answers: Sequence[str]) -> dict[str, Any]:
    """What answers are like. rows: `instruction` and `input` of each.

    language: answers by our decision, empty ones apart. spanish: share of the answers that are in Spanish; those too short
    or too mixed to tell are not. refusals, looping: by the rules `refusal` and `repetition` at their own thresholds. distinct:
    see `cards.diversity`. words: mean number of words.
    """
    asked = rows.select("instruction", "input", pl.Series("output", answers, pl.String)).with_row_index("row")
    full = asked.filter(pl.col("output").str.strip_chars() != "")
    classes = dict(decide(full, Thresholds())["answer"].value_counts().iter_rows()) if full.height else {}
    language = {name: classes.get(name, 0) for name in ("es", "other", "undetermined")}
    return {
        "rows": asked.height,
        "spanish": round(language["es"] / asked.height, 4),
        "language": language,
        "refusals": _found("refusal", full),
        "empty": asked.height - full.height,
        "looping": _found("repetition", full),
        "distinct": distinct(asked["output"]),
        "words": round(float(asked["output"].str.count_matches(r"[\p{L}\p{N}]+").sum()) / asked.height, 4),
    }


def _found(name: str, rows: pl.DataFrame) -> int:
    """How many rows a rule finds at its own threshold."""
    rule = all_rules()[name]
    return int((rule.find(rows)["score"] >= rule.threshold).sum())


def evaluation_table(found: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Header and rows that show what `evaluate` found: measure, adapter, the base beside it, the version's own answers."""
    columns = {"adapter": _shown(found)}
    if "base" in found:
        columns["base"] = _shown(found["base"])
    if "answers_of_the_version" in found:
        columns["version's answers"] = _shown({"answers": found["answers_of_the_version"]})
    rows = [[measure, *(column.get(measure, "–") for column in columns.values())] for measure in columns["adapter"]]
    return ["measure", *columns], rows


def _shown(measured: Mapping[str, Any]) -> dict[str, str]:
    answers = measured.get("answers", {})
    values = {**measured, **answers, **answers.get("distinct", {})}
    return {label: format(values[key], form) for key, (label, form) in SHOWN.items() if key in values}
