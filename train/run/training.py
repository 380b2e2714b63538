"""A run, whatever its method: from a plan to an adapter.

While it runs, checkpoints and logs are in `NAME.run/` beside the adapter's folder, which appears whole at the end.
"""

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from builders.errors import Conflict, Exhausted
from cards.adapter.card import adapter_card
from cards.adapter.curve import Point, picture, points, table
from train.adapters.adapter import Adapter, write_adapter
from train.engines import Settings
from train.engines.loading import without_dropout
from train.failures import is_out_of_memory, is_unwritten, no_room
from train.run.arguments import require_logger, training_arguments
from train.run.batches import Collator
from train.run.checkpoints import checkpoints, evaluation_is_due, identity, last_checkpoint
from train.run.isolation import require_isolation
from train.run.outcome import Outcome, training_record
from train.run.pair_points import pair_points, pairs_table
from train.run.plan import Plan
from train.run.probe import require_learning
from train.run.progress import GIB, OnStep
from train.run.reference import forget, with_reference

if TYPE_CHECKING:
    from train.run.trainer import Interruptible, RunTrainer


class Interrupted(KeyboardInterrupt):
    """A run that was stopped by Ctrl-C, with a checkpoint; its text says how to go on."""


def train(plan: Plan, out: Path, resume: bool = False, report: OnStep = lambda step: None) -> Adapter | None:
    """Train an adapter and write it to `out`. None in a process that is not the first of several.

    `resume` goes on from the last whole checkpoint, to the same losses as an unbroken run. Raises Conflict when something is in
    the way, Exhausted when memory or space runs out, Invalid when the run diverges, and Interrupted after Ctrl-C.
    """
    work = out.with_name(f"{out.name}.run")
    _require_clear(out, work, resume)
    require_logger(plan.recipe.report_to)
    checkpoint, after_step, evaluate = None, 0, plan.recipe.train.eval_steps != 0
    if resume:
        checkpoint, mark = last_checkpoint(plan, work)
        after_step = mark.step
        evaluate = evaluation_is_due(plan, checkpoint, after_step)
    model, plan = _model(plan, out, work)
    started = time.monotonic()
    with redirect_stdout(sys.stderr):
        trainer, interrupt = _trainer(plan, model, work, evaluate, report)
        with _in_words(plan, out), interrupt.listening():
            trainer.train(resume_from_checkpoint=checkpoint and str(checkpoint))
    state = trainer.state
    if interrupt.ended:
        raise Interrupted(
            f"interrupted after step {state.global_step} of {state.max_steps}; saved in {work}: go on with the same command "
            "and --resume"
        )
    if not trainer.is_world_process_zero():
        return None
    return _finish(plan, trainer, out, work, _outcome(trainer, after_step, time.monotonic() - started))


def _require_clear(out: Path, work: Path, resume: bool) -> None:
    if out.exists():
        raise Conflict(f"{out}: there is something already", "choose another --out")
    if not resume and checkpoints(work) and os.environ.get("RANK", "0") == "0":
        raise Conflict(f"{work}: holds an interrupted run", "go on with --resume, or remove it")


def _model(plan: Plan, out: Path, work: Path) -> tuple[Any, Plan]:
    """The base with the adapter that is trained, as the plan says; and the plan, with what the run is compared with."""
    train = plan.recipe.train
    settings = Settings(
        device=plan.engine.device,
        precision=plan.precision,
        quantization=plan.recipe.quantization,
        max_length=train.max_length,
        gradient_checkpointing=train.gradient_checkpointing,
        seed=train.seed,
        attention=plan.attention,
    )
    with _in_words(plan, out):
        base = plan.engine.load_base(plan.checkpoint, settings)
        if plan.start:
            model = without_dropout(plan.engine.load_adapter(base, plan.start.path, True, settings))
        else:
            model = plan.engine.attach_lora(base, plan.recipe.lora, settings)
        if plan.precision == "fp16":  # what is learnt must be exact: gradients are scaled, weights are not
            for parameter in model.parameters():
                parameter.data = parameter.data.float() if parameter.requires_grad else parameter.data
        if train.packing:
            require_isolation(model, collator(plan))
        if plan.start:
            plan = with_reference(plan, model, work)
        require_learning(model, plan, settings, collator(plan))
    return model, plan


def collator(plan: Plan) -> Collator:
    """What makes batches of a plan's rows."""
    packing, flat = plan.recipe.train.packing, plan.recipe.train.packing and plan.attention == "flash"
    return Collator(plan.tokenizer.pad_token_id, packing, 8 if plan.engine.device == "cuda" else 1, flat)


def _trainer(
    plan: Plan, model: Any, work: Path, evaluate: bool, report: OnStep
) -> tuple["RunTrainer", "Interruptible"]:
    from transformers import EarlyStoppingCallback, PrinterCallback

    from train.run.trainer import Interruptible, Marking, Reporting, RunTrainer

    reporting, interrupt = Reporting(report), Interruptible()
    trainer = RunTrainer(
        model=model,
        args=training_arguments(plan, work, evaluate),
        train_dataset=plan.train,
        eval_dataset=[],
        validation=plan.validation,
        pad=plan.tokenizer.pad_token_id,
        method=plan.method,
        train=plan.recipe.train,
        data_collator=collator(plan),
        callbacks=[reporting, interrupt, Marking(identity(plan))],
    )
    if patience := plan.recipe.train.early_stopping_patience:
        trainer.add_callback(EarlyStoppingCallback(patience))
    trainer.remove_callback(PrinterCallback)  # it prints every step on stdout
    reporting.trainer = trainer
    return trainer, interrupt


@contextmanager
def _in_words(plan: Plan, out: Path) -> Iterator[None]:
    """Turn what a run can die of into Exhausted, which says what to lower or to free."""
    from safetensors import SafetensorError

    try:
        yield
    except (MemoryError, RuntimeError, OSError, SafetensorError) as error:
        if is_out_of_memory(error):
            raise out_of_memory(plan) from None
        if is_unwritten(error):
            raise no_room(out, error, "free space there, then run again with --resume") from None
        raise


def out_of_memory(plan: Plan) -> Exhausted:
    """What to lower, with the values that it has now."""
    train, advice = plan.recipe.train, []
    if train.per_device_train_batch_size > 1:
        advice.append(
            f"train.per_device_train_batch_size (now {train.per_device_train_batch_size}; raise "
            "train.gradient_accumulation_steps as much)"
        )
    advice.append(f"train.max_length (now {train.max_length})")
    if not train.gradient_checkpointing:
        advice.append("or set train.gradient_checkpointing=true")
    if plan.recipe.quantization.kind == "none":
        advice.append("or set quantization.kind=nf4")
    advice.append(f"lora.r (now {plan.recipe.lora.r})")
    about = plan.memory().total / GIB
    return Exhausted(f"out of memory on {plan.engine.device} (estimate: {about:.1f} GiB)", f"lower {', '.join(advice)}")


def _outcome(trainer: "RunTrainer", after_step: int, seconds: float) -> Outcome:
    from train.run.trainer import peak_memory

    return Outcome(
        curve=points(trainer.state.log_history),
        pairs=pair_points(trainer.state.log_history),
        steps=trainer.state.global_step,
        after_step=after_step,
        seconds=seconds,
        training_seconds=seconds - trainer.evaluating,
        tokens=trainer.tokens_seen,
        peak_memory=peak_memory(),
        processes=trainer.args.world_size,
        best=_best(trainer),
    )


def _best(trainer: "RunTrainer") -> Point | None:
    """The evaluation whose weights were kept, where the best are."""
    state = trainer.state
    if not trainer.args.load_best_model_at_end or state.best_metric is None:
        return None
    return Point(state.best_global_step, "validation", state.best_metric)


def _finish(plan: Plan, trainer: "RunTrainer", out: Path, work: Path, outcome: Outcome) -> Adapter:
    """Write the adapter; then the run's folder goes, unless something else than checkpoints is in it."""
    record = training_record(plan, outcome)

    def more(folder: Path) -> None:
        (folder / "losses.csv").write_text(table(outcome.curve), "utf-8")
        if outcome.pairs:
            (folder / "pairs.csv").write_text(pairs_table(outcome.pairs), "utf-8")
        (folder / "loss.svg").write_text(
            picture(outcome.curve, "pair of answers" if outcome.pairs else "answer token"), "utf-8"
        )
        (folder / "README.md").write_text(adapter_card(record), "utf-8")

    model = trainer.accelerator.unwrap_model(trainer.model)
    adapter = write_adapter(model, plan.checkpoint, plan.data.template, record, out, more)
    for folder in work.glob("checkpoint-*"):
        shutil.rmtree(folder)
    forget(work)
    if not any(work.iterdir()):
        work.rmdir()
    return adapter
