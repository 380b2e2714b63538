"""Adapters, and the base if it is asked for, compared on one split: the same rows, the same tokens, one table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
from msgspec import Struct

from builders.errors import Invalid
from builders.schema import Split
from cards.comparison.paired import Difference, Losses, difference
from train.adapters.adapter import Adapter, open_adapter
from train.answers.evaluation import chosen_rows, own_answers, prompted
from train.answers.generation import Answerer, load_answerer
from train.answers.measures import OwnAnswers
from train.answers.sampling import GREEDY, Sampling
from train.base.checkpoint import open_checkpoint
from train.engines import Engine
from train.methods.sft import encode
from train.run.data import TrainingData
from train.run.examples import Examples
from train.run.loss import row_losses
from train.run.record import DataPin

BASE = "base"
Report = Callable[[str], None]


class ComparedModel(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A model on the rows: its mean loss per answer token, and what its own answers are like, if it was asked for any.

    data: the version that an adapter was trained on.
    """

    name: str
    loss: float
    perplexity: float
    data: str | None = None
    weights_sha256: str | None = None
    answers: OwnAnswers | None = None


class ComparedModels(Struct, frozen=True, kw_only=True):
    """What a comparison found. differences: of every two models, the first that was named before the others."""

    data: DataPin
    split: Split
    rows: int
    answer_tokens: int
    sampling: Sampling
    models: tuple[ComparedModel, ...]
    differences: tuple[Difference, ...]

    @property
    def verdict(self) -> str:
        """The result in a sentence."""
        best, *others = sorted(self.models, key=lambda one: one.loss)
        unsure = [one.name for one in others if not self._between(best.name, one.name).sure]
        second = self._between(best.name, others[0].name)
        if unsure:
            return f"on {self.rows:,} rows {best.name} cannot be told from {', '.join(unsure)}: the intervals hold zero"
        width = (second.high - second.low) / 2
        return f"{best.name} beats {others[0].name} by {abs(second.nats):.4f} ± {width:.4f} nats an answer token"

    def _between(self, one: str, other: str) -> Difference:
        return next(found for found in self.differences if {found.one, found.other} == {one, other})


@dataclass(frozen=True)
class Measurement:
    """What was measured of some models on the same rows. losses: by model, (rows,) summed. tokens: (rows,) of each answer."""

    models: tuple[ComparedModel, ...]
    losses: Mapping[str, Losses]
    tokens: Losses


def compare(
    references: Sequence[Path | str],
    data: TrainingData,
    engine: Engine,
    split: Split = "test",
    limit: int | None = None,
    answered: int = 0,
    sampling: Sampling = GREEDY,
    against_base: bool = False,
    base: str | None = None,
    cache: Path | None = None,
    report: Report = lambda step: None,
) -> ComparedModels:
    """Measure models on the same rows of a split, and how they differ, row by row.

    references: adapters, folders or OWNER/NAME@vX.Y.Z. limit: only so many rows, by hash of the id. answered: how many of
    these each model answers. against_base: the first adapter's base without it, too. base: the folder of a base that is not
    on the Hub. The result is the same each time on the same machine.

    Raises Invalid for fewer than two models, and for adapters whose losses cannot be compared (another tokenizer or template).
    """
    if len(references) + against_base < 2:
        raise Invalid("a comparison needs two models", "name another adapter, or add --against-base")
    found = measure(references, data, engine, split, limit, answered, sampling, against_base, base, cache, report)
    return compared(found, data, split, sampling)


def compared(found: Measurement, data: TrainingData, split: Split, sampling: Sampling) -> ComparedModels:
    """What a measurement says of every two models."""
    losses = found.losses
    return ComparedModels(
        data=data.pin,
        split=split,
        rows=len(found.tokens),
        answer_tokens=int(found.tokens.sum()),
        sampling=sampling,
        models=found.models,
        differences=tuple(
            difference(pair, losses[pair[0]], losses[pair[1]], found.tokens) for pair in combinations(losses, 2)
        ),
    )


def measure(
    references: Sequence[Path | str],
    data: TrainingData,
    engine: Engine,
    split: Split,
    limit: int | None,
    answered: int,
    sampling: Sampling,
    against_base: bool,
    base: str | None,
    cache: Path | None,
    report: Report,
) -> Measurement:
    """The losses of models by row, and what their answers are like; see `compare`."""
    adapters = [open_adapter(one) for one in references]
    _require_comparable(adapters)
    length = min(adapter.record.recipe.train.max_length for adapter in adapters)
    losses: dict[str, Losses] = {}
    models: list[ComparedModel] = []
    tokens = np.zeros(0)
    where = f"{data.version.label} {split}"
    for name, adapter in zip(_names(adapters), adapters, strict=True):
        answerer = load_answerer(adapter, open_checkpoint(adapter.base(base), cache), engine)
        rows = chosen_rows(prompted(answerer, data, split, rewrite=False), limit)
        examples = encode(rows, answerer.tokenizer, min(length, answerer.window), where)
        tokens = examples.answers.astype(np.float64)
        asked = rows.filter(pl.col("id").is_in(list(examples.ids))).head(answered)
        found = [_measured(name, answerer, examples, asked, sampling, where, report)]
        if against_base and adapter is adapters[0]:
            with answerer.model.disable_adapter():
                found.append(_measured(BASE, answerer, examples, asked, sampling, where, report))
        for model, by_row in found:
            models.append(model)
            losses[model.name] = by_row
        del answerer
    return Measurement(tuple(models), losses, tokens)


def _measured(
    name: str,
    answerer: Answerer,
    examples: Examples,
    asked: pl.DataFrame,
    sampling: Sampling,
    where: str,
    report: Report,
) -> tuple[ComparedModel, Losses]:
    """One model and its losses by row."""
    report(f"{name}: loss on {len(examples):,} rows")
    found = row_losses(answerer.model, examples, answerer.tokenizer.pad_token_id, sampling.batch)
    loss, record = float(found.sum() / examples.answers.sum()), answerer.adapter.record
    return (
        ComparedModel(
            name=name,
            loss=round(loss, 6),
            perplexity=round(float(np.exp(loss)), 4),
            data=None if name == BASE else record.data.reference,
            weights_sha256=None if name == BASE else record.weights_sha256,
            answers=own_answers(answerer, asked, sampling, where, report) if asked.height else None,
        ),
        found,
    )


def _names(adapters: Sequence[Adapter]) -> list[str]:
    """What each is called: its folder's name; with a number behind it where that is taken."""
    found: list[str] = []
    for adapter in adapters:
        name = adapter.path.name if not adapter.path.name.startswith((".", "snapshot")) else adapter.record.name
        found.append(name if name not in (*found, BASE) else f"{name}-{len(found) + 1}")
    return found


def _require_comparable(adapters: Sequence[Adapter]) -> None:
    """Raise Invalid where losses per token would be of other tokens or prompts."""
    first, *others = adapters
    for other in others:
        for what, of in (("tokenizer", _tokenizer), ("template", lambda adapter: adapter.record.template.sha256)):
            if of(first) != of(other):
                raise Invalid(
                    f"{other.path}: has another {what} than {first.path}, so their losses cannot be compared",
                    f"compare adapters of one {what}",
                )


def _tokenizer(adapter: Adapter) -> str | None:
    files = adapter.record.files
    return files["tokenizer.json"].sha256 if "tokenizer.json" in files else None
