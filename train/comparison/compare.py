"""Adapters, and the base if it is asked for, compared on one split: the same rows, the same tokens, one table.

Of pairs of answers, the loss is the better one's, and a model prefers the answer whose tokens it finds likelier on average, so
that a long answer is not the worse for its length.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from pathlib import Path

import numpy as np
import polars as pl
from msgspec import Struct, structs

from builders.errors import Invalid
from builders.schema import Split
from cards.comparison.paired import Difference, Hits, Interval, Losses, difference, gap_of, share_of
from train.adapters.adapter import Adapter, open_adapter
from train.answers.evaluation import chosen_rows, own_answers, prompted
from train.answers.generation import Answerer, load_answerer
from train.answers.measures import OwnAnswers
from train.answers.sampling import GREEDY, Sampling
from train.base.checkpoint import open_checkpoint
from train.engines import Engine
from train.methods.dpo import encode_pairs
from train.methods.sft import encode
from train.run.data import TrainingData
from train.run.examples import Examples
from train.run.loss import row_losses
from train.run.record import DataPin

BASE = "base"
LONGER = 1.2  # times the words of another's answers: from here on a better model may only be a longer one
Report = Callable[[str], None]


class ComparedModel(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A model on the rows: its mean loss per answer token, and what its own answers are like, if it was asked for any.

    data: the version that an adapter was trained on. accuracy: of pairs, the share whose better answer it prefers.
    """

    name: str
    loss: float
    perplexity: float
    data: str | None = None
    weights_sha256: str | None = None
    answers: OwnAnswers | None = None
    accuracy: Interval | None = None


class ComparedModels(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a comparison found. differences: of every two models, the first that was named before the others.

    rows: how many; of pairs, pairs. warnings: models that prefer better answers and give longer ones.
    """

    data: DataPin
    split: Split
    rows: int
    answer_tokens: int
    sampling: Sampling
    models: tuple[ComparedModel, ...]
    differences: tuple[Difference, ...]
    warnings: tuple[str, ...] = ()

    @property
    def of_pairs(self) -> bool:
        """Were pairs of answers compared?"""
        return self.models[0].accuracy is not None

    @property
    def verdict(self) -> str:
        """The result in a sentence."""
        if self.of_pairs:
            return self._preferred()
        best, *others = sorted(self.models, key=lambda one: one.loss)
        unsure = [one.name for one in others if not self._between(best.name, one.name).sure]
        second = self._between(best.name, others[0].name)
        if unsure:
            return f"on {self.rows:,} rows {best.name} cannot be told from {', '.join(unsure)}: the intervals hold zero"
        width = (second.high - second.low) / 2
        return f"{best.name} beats {others[0].name} by {abs(second.nats):.4f} ± {width:.4f} nats an answer token"

    def _preferred(self) -> str:
        shares = {one.name: one.accuracy.value for one in self.models if one.accuracy}
        best, second, *_ = sorted(shares, key=lambda name: -shares[name])
        gap = self._between(best, second).accuracy
        assert gap is not None, "models that were compared on pairs differ in accuracy"
        low, high = sorted((abs(gap.low), abs(gap.high)))
        if gap.low <= 0 <= gap.high:
            return f"on {self.rows:,} pairs {best} cannot be told from {second}: the interval holds zero"
        said = f"{best} prefers the better answer in {shares[best]:.1%} of {self.rows:,} pairs, {second} in {shares[second]:.1%}"
        return f"{said}: {100 * abs(gap.value):.1f} points more ({100 * low:.1f} to {100 * high:.1f})"

    def _between(self, one: str, other: str) -> Difference:
        return next(found for found in self.differences if {found.one, found.other} == {one, other})


@dataclass(frozen=True)
class Measurement:
    """What was measured of some models on the same rows.

    losses: by model, (rows,) summed. tokens: (rows,) of each answer. preferred: by model, (pairs,) whether it prefers the better
    answer; empty for rows that are no pairs.
    """

    models: tuple[ComparedModel, ...]
    losses: Mapping[str, Losses]
    tokens: Losses
    preferred: Mapping[str, Hits]


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
    losses, preferred = found.losses, found.preferred
    apart = [difference(pair, losses[pair[0]], losses[pair[1]], found.tokens) for pair in combinations(losses, 2)]
    if preferred:
        apart = [structs.replace(one, accuracy=gap_of(preferred[one.one], preferred[one.other])) for one in apart]
    return ComparedModels(
        data=data.pin,
        split=split,
        rows=len(found.tokens),
        answer_tokens=int(found.tokens.sum()),
        sampling=sampling,
        models=found.models,
        differences=tuple(apart),
        warnings=tuple(longer(found.models)),
    )


def longer(models: Sequence[ComparedModel]) -> Iterator[str]:
    """Which models prefer better answers than another, and give answers that are longer by over 20 %."""
    for one, other in permutations(models, 2):
        if not (one.accuracy and other.accuracy and one.answers and other.answers):
            continue
        if one.accuracy.value > other.accuracy.value and one.answers.words > LONGER * other.answers.words:
            yield (
                f"{one.name} has a higher accuracy than {other.name}, and its answers are longer by over 20 % "
                f"({one.answers.words:.1f} words, {other.answers.words:.1f}): length may be what it learnt"
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
    pairs = data.kind == "preferences"
    losses: dict[str, Losses] = {}
    preferred: dict[str, Hits] = {}
    models: list[ComparedModel] = []
    tokens = np.zeros(0)
    where = f"{data.version.label} {split}"
    for name, adapter in zip(_names(adapters), adapters, strict=True):
        answerer = load_answerer(adapter, open_checkpoint(adapter.base(base), cache), engine)
        rows = chosen_rows(prompted(answerer, data, split, rewrite=False), limit)
        encoded = encode_pairs if pairs else encode
        examples = encoded(rows, answerer.tokenizer, min(length, answerer.window), where)
        tokens = examples.answers.astype(np.float64)[:: examples.together]
        asked = rows.filter(pl.col("id").is_in(list(examples.ids))).head(answered)
        found = [_measured(name, answerer, examples, asked, sampling, where, report)]
        if against_base and adapter is adapters[0]:
            with answerer.model.disable_adapter():
                found.append(_measured(BASE, answerer, examples, asked, sampling, where, report))
        for model, by_row in found:
            losses[model.name] = by_row[:: examples.together]
            if pairs:
                mean = by_row / examples.answers
                preferred[model.name] = mean[0::2] < mean[1::2]
                model = structs.replace(model, accuracy=share_of(preferred[model.name]))
            models.append(model)
        del answerer
    return Measurement(tuple(models), losses, tokens, preferred)


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
    every, what = examples.together, "pairs" if examples.together == 2 else "rows"
    report(f"{name}: loss on {len(examples) // every:,} {what}")
    found = row_losses(answerer.model, examples, answerer.tokenizer.pad_token_id, sampling.batch)
    loss, record = float(found[::every].sum() / examples.answers[::every].sum()), answerer.adapter.record
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
