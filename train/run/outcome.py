"""What a run came to, and the record that is made of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import UNSET, structs

from cards.adapter.curve import Point
from train.base.checkpoint import Checkpoint
from train.run.description import NAMED
from train.run.pair_points import PairPoint
from train.run.plan import Plan
from train.run.record import (
    BaseRecord,
    EvaluationPoint,
    LeftOut,
    Metrics,
    PairMeasures,
    PairMetrics,
    Run,
    TemplateSummary,
    Tokens,
    Training,
    TrainTokens,
    ValidationTokens,
)
from train.run.software import hardware, software


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    after_step: where it was resumed, else 0; seconds count from there, and tokens, which are those of one process that are
    no filling. training_seconds: those that were spent on steps, evaluation apart. best: the
    evaluation whose weights were kept, if not the last. pairs: measures of pairs of answers, where those were learnt.
    """

    curve: list[Point]
    steps: int
    after_step: int
    seconds: float
    training_seconds: float
    tokens: int
    peak_memory: int
    processes: int
    best: Point | None = None
    pairs: Sequence[PairPoint] = ()


def training_record(plan: Plan, outcome: Outcome) -> Training:
    """training.json without the hashes of the files. All that depends on clock or machine is under `run`."""
    return Training(
        kind=plan.method.kind,
        name=plan.recipe.name,
        recipe=plan.recipe,
        recipe_sha256=plan.recipe.sha256(),
        base=_base(plan.checkpoint),
        data=plan.data.record,
        template=TemplateSummary.of(plan.data.template),
        tokens=_tokens(plan),
        steps=outcome.steps,
        metrics=_metrics(outcome, plan),
        engine=plan.engine.name,
        precision=plan.precision,
        attention=plan.attention,
        optimizer=plan.optimizer,
        software=software(plan.engine.name),
        run=Run(
            seconds=round(outcome.seconds, 3),
            after_step=outcome.after_step,
            tokens_per_second=round(outcome.tokens * outcome.processes / outcome.training_seconds, 1),
            peak_memory_bytes=outcome.peak_memory,
            device=plan.engine.device,
            hardware=hardware(plan.engine.device),
            processes=outcome.processes,
        ),
        adapter=plan.start.pin if plan.start else UNSET,
    )


def _base(checkpoint: Checkpoint) -> BaseRecord:
    return BaseRecord(
        **structs.asdict(checkpoint.pin),
        model_type=checkpoint.model_type,
        layers=checkpoint.layers,
        vocabulary=checkpoint.vocabulary,
    )


def _tokens(plan: Plan) -> Tokens:
    train, validation = plan.train.examples, plan.validation
    left_out = LeftOut(len(train.left_out), train.left_out[:NAMED])
    return Tokens(
        train=TrainTokens(**structs.asdict(train.counts()), left_out=left_out),
        validation=ValidationTokens(**structs.asdict(validation.counts()), left_out=len(validation.left_out))
        if validation
        else None,
        windows=len(plan.train),
        filling=plan.filling,
    )


def _metrics(outcome: Outcome, plan: Plan) -> Metrics:
    curve, best = outcome.curve, outcome.best
    losses = [point.loss for point in curve if point.split == "train"]
    evaluations = tuple(EvaluationPoint(point.step, point.loss) for point in curve if point.split == "validation")
    return Metrics(
        train_loss=sum(losses) / len(losses),
        first_train_loss=losses[0],
        last_train_loss=losses[-1],
        first_eval_loss=evaluations[0].loss if evaluations else None,
        eval_loss=best.loss if best else evaluations[-1].loss if evaluations else None,
        kept_step=best.step if best else None,
        evaluations=evaluations,
        pairs=_pairs(outcome.pairs, plan.epoch_steps) if outcome.pairs else None,
    )


def _pairs(found: Sequence[PairPoint], epoch_steps: int) -> PairMetrics:
    """The last epoch's mean on train pairs, and each evaluation."""
    last = [one for split, one in found if split == "train"][-epoch_steps:]
    names = [name for name in PairMeasures.__struct_fields__ if name != "step"]
    means = {name: sum(getattr(one, name) for one in last) / len(last) for name in names}
    return PairMetrics(
        train=PairMeasures(step=last[-1].step, **means),
        validation=tuple(one for split, one in found if split == "validation"),
    )
