"""Supervised fine-tuning: a version and a recipe become an adapter.

    engine = choose("auto")
    plan = make_plan(load_recipe("aguila-7b"), "OWNER/NAME@v1.0.0", Path("versions"), engine)
    adapter = train(plan, Path("adapters/mine"), report=print)

While it runs, checkpoints and logs stand in `mine.run/` beside the adapter's folder, which appears whole at the end.
"""

import hashlib
import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from builders.errors import Problem
from cards.adapter.card import adapter_card
from train.adapters.adapter import FORMAT, Adapter, no_room, template_record, torn_file, write_adapter
from train.engines import Settings
from train.run.curve import picture, points, table
from train.run.examples import NAMED
from train.run.loss import answer_loss
from train.run.packing import Collator, require_isolation
from train.run.plan import Plan
from train.run.progress import OnStep

if TYPE_CHECKING:
    from train.run.trainer import AnswerTrainer

SOFTWARE = ("aguila-data", "torch", "transformers", "peft", "accelerate", "bitsandbytes", "tokenizers")
LOGGERS = {"tensorboard": "tensorboard", "wandb": "wandb", "mlflow": "mlflow", "trackio": "trackio"}


class Interrupted(KeyboardInterrupt):
    """A run that was stopped by Ctrl-C, with a checkpoint; its text says how to go on."""


def train(plan: Plan, out: Path, resume: bool = False, report: OnStep = lambda step: None) -> Adapter | None:
    """Train an adapter and write it to `out`. None in a process that is not the first of several.

    `resume` goes on from the last whole checkpoint, to the same losses as an unbroken run. Raises Problem when something
    is in the way, memory or space runs out, and Interrupted after Ctrl-C.
    """
    work = out.with_name(f"{out.name}.run")
    _require_clear(plan, out, work, resume)
    _require_logger(plan.recipe.report_to)
    checkpoint = _last_checkpoint(plan, work) if resume else None
    model = _model(plan, out)
    started = time.monotonic()
    with redirect_stdout(sys.stderr):
        trainer, interrupt = _trainer(plan, model, work, resume, report)
        with _in_words(plan, out), interrupt.listening():
            trainer.train(resume_from_checkpoint=checkpoint and str(checkpoint))
    if trainer.state.global_step < trainer.state.max_steps:
        raise Interrupted(
            f"interrupted after step {trainer.state.global_step} of {trainer.state.max_steps}; saved in {work}: go on with "
            "the same command and --resume"
        )
    if not trainer.is_world_process_zero():
        return None
    seconds = time.monotonic() - started
    after = int(checkpoint.name.split("-")[1]) if checkpoint else 0
    return _finish(plan, trainer, out, work, {"seconds": round(seconds, 3), "after_step": after})


def _require_clear(plan: Plan, out: Path, work: Path, resume: bool) -> None:
    if out.exists():
        raise Problem(f"{out}: there is something already; choose another --out")
    if not resume and any(_checkpoints(work)) and os.environ.get("RANK", "0") == "0":
        raise Problem(f"{work}: holds an interrupted run; go on with --resume, or remove it")
    if plan.data.template.chat and not plan.tokenizer.chat_template:
        raise Problem(f"{plan.checkpoint.told}: its tokenizer has no chat template")


def _require_logger(name: str) -> None:
    if name != "none" and find_spec(LOGGERS[name]) is None:
        raise Problem(f"report_to: {name} is not installed; `pip install {LOGGERS[name]}`, or --set report_to=none")


def _model(plan: Plan, out: Path) -> Any:
    """The base with a new adapter, as the plan says."""
    train = plan.recipe.train
    settings = Settings(
        device=plan.engine.device,
        precision=plan.precision,
        quantization=plan.recipe.quantization,
        length=train.length,
        gradient_checkpointing=train.gradient_checkpointing,
        seed=train.seed,
    )
    with _in_words(plan, out):
        base = plan.engine.load_base(plan.checkpoint, settings)
        base.loss_function = answer_loss
        model = plan.engine.attach_lora(base, plan.recipe.lora, settings)
        if train.packing:
            require_isolation(model, plan.tokenizer.pad_token_id)
    return model


def _trainer(plan: Plan, model: Any, work: Path, resume: bool, report: OnStep) -> tuple["AnswerTrainer", Any]:
    from transformers import PrinterCallback, TrainingArguments

    from train.run.trainer import AnswerTrainer, Interruptible, Marking, Telling

    train = plan.recipe.train
    cuda = plan.engine.device == "cuda"
    when = {None: "epoch", 0: "no"}
    if plan.recipe.report_to == "tensorboard":
        os.environ.setdefault("TENSORBOARD_LOGGING_DIR", str(work / "logs"))
    arguments = TrainingArguments(
        output_dir=str(work),
        run_name=plan.recipe.name,
        per_device_train_batch_size=train.batch,
        per_device_eval_batch_size=train.batch,
        gradient_accumulation_steps=train.accumulation,
        num_train_epochs=train.epochs,
        max_steps=plan.steps,
        learning_rate=train.learning_rate,
        lr_scheduler_type=train.schedule,
        warmup_steps=train.warmup,
        weight_decay=train.weight_decay,
        max_grad_norm=train.max_grad_norm,
        optim=plan.optimizer,
        bf16=plan.precision == "bf16",
        use_cpu=not cuda,
        seed=train.seed,
        data_seed=train.seed,
        logging_strategy="steps",
        logging_steps=1,
        logging_nan_inf_filter=False,  # it would show a loss that is no number as 0
        eval_strategy=when.get(train.evaluate, "steps"),
        eval_steps=train.evaluate or None,
        eval_on_start=train.evaluate != 0 and not resume,
        save_strategy=when.get(train.save, "steps"),
        save_steps=train.save or 500,
        save_total_limit=train.checkpoints,
        report_to=plan.recipe.report_to,
        remove_unused_columns=False,
        label_names=["labels"],
        disable_tqdm=True,
        dataloader_pin_memory=cuda,
        ddp_find_unused_parameters=False,
        ddp_backend="gloo" if not cuda and int(os.environ.get("WORLD_SIZE", "1")) > 1 else None,
    )
    telling, interrupt = Telling(report), Interruptible()
    trainer = AnswerTrainer(
        model=model,
        args=arguments,
        train_dataset=plan.train,
        eval_dataset=[],
        validation=plan.validation,
        pad=plan.tokenizer.pad_token_id,
        data_collator=Collator(plan.tokenizer.pad_token_id, train.packing, multiple=8 if cuda else 1),
        callbacks=[telling, interrupt, Marking(identity(plan))],
    )
    trainer.remove_callback(PrinterCallback)  # it prints every step on stdout
    telling.trainer = trainer
    return trainer, interrupt


@contextmanager
def _in_words(plan: Plan, out: Path) -> Iterator[None]:
    """Turn what a run can die of into a Problem that says what to lower or to free."""
    known: tuple[type[Exception], ...] = (MemoryError, RuntimeError, OSError, *torn_file())
    try:
        yield
    except known as error:
        said = str(error)
        if isinstance(error, MemoryError) or "out of memory" in said or "can't allocate memory" in said:
            raise out_of_memory(plan) from None
        if not isinstance(error, RuntimeError) or "PytorchStreamWriter" in said or "unexpected pos" in said:
            raise no_room(out, error) from None
        raise


def out_of_memory(plan: Plan) -> Problem:
    """What to lower, with the values that it has now."""
    train, kind = plan.recipe.train, plan.recipe.quantization.kind
    advice = [f"train.batch (now {train.batch}; raise train.accumulation as much)"] if train.batch > 1 else []
    advice.append(f"train.length (now {train.length})")
    if not train.gradient_checkpointing:
        advice.append("or set train.gradient_checkpointing=true")
    if kind == "none":
        advice.append("or set quantization.kind=nf4")
    advice.append(f"lora.r (now {plan.recipe.lora.r})")
    about = plan.memory()["total"] / 2**30
    return Problem(f"out of memory on {plan.engine.device} (estimate: {about:.1f} GiB); lower {', '.join(advice)}")


# ---- checkpoints -----------------------------------------------------------------------------------------------------


def identity(plan: Plan) -> str:
    """Hash of what must be the same for a run to be continued."""
    parts = {
        "recipe": plan.recipe.sha256(),
        "data": plan.data.pin,
        "base": dict(plan.checkpoint.pin),
        "engine": [plan.engine.name, plan.engine.device, plan.precision],
        "processes": int(os.environ.get("WORLD_SIZE", "1")),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _checkpoints(work: Path) -> list[Path]:
    """Whole checkpoints of a run, oldest first."""
    from train.run.trainer import run_of

    found = [folder for folder in work.glob("checkpoint-*") if run_of(folder)]
    return sorted(found, key=lambda folder: int(folder.name.split("-")[1]))


def _last_checkpoint(plan: Plan, work: Path) -> Path:
    from train.run.trainer import run_of

    found = _checkpoints(work)
    if not found:
        raise Problem(f"{work}: no checkpoint to go on from; run without --resume")
    if run_of(found[-1]) != identity(plan):
        raise Problem(
            f"{found[-1]}: belongs to another run (recipe, data, base, engine or number of processes); use the same, or run "
            "without --resume into another --out"
        )
    return found[-1]


# ---- the adapter -----------------------------------------------------------------------------------------------------


def _finish(plan: Plan, trainer: "AnswerTrainer", out: Path, work: Path, spent: Mapping[str, float]) -> Adapter:
    """Write the adapter; then the run's folder goes, unless something else than checkpoints is in it."""
    curve = points(trainer.state.log_history)
    record = _record(plan, trainer, spent)

    def more(folder: Path) -> None:
        (folder / "losses.csv").write_text(table(curve), "utf-8")
        (folder / "loss.svg").write_text(picture(curve), "utf-8")
        (folder / "README.md").write_text(adapter_card(record), "utf-8")

    adapter = write_adapter(
        trainer.accelerator.unwrap_model(trainer.model), plan.checkpoint, plan.data.template, record, out, more
    )
    for folder in work.glob("checkpoint-*"):
        shutil.rmtree(folder)
    if not any(work.iterdir()):
        work.rmdir()
    return adapter


def _record(plan: Plan, trainer: "AnswerTrainer", spent: Mapping[str, float]) -> dict[str, Any]:
    """training.json without the hashes of the files. All that depends on clock or machine stands under `run`.

    spent: seconds, and the step after which they began to count (0, or where the run was resumed).
    """
    from train.run.trainer import peak_memory

    losses = [(step, loss) for step, split, loss in points(trainer.state.log_history) if split == "train"]
    evaluations = [(step, loss) for step, split, loss in points(trainer.state.log_history) if split == "validation"]
    tokens = plan.tokens()
    left_out = tokens["train"]["left_out"]
    tokens["train"]["left_out"] = {"count": len(left_out), "first": left_out[:NAMED]}
    if "validation" in tokens:
        tokens["validation"]["left_out"] = len(tokens["validation"]["left_out"])
    return {
        "format": FORMAT,
        "kind": "sft",
        "name": plan.recipe.name,
        "recipe": plan.recipe.model_dump(mode="json"),
        "recipe_sha256": plan.recipe.sha256(),
        "base": {
            **plan.checkpoint.pin,
            "model_type": plan.checkpoint.model_type,
            "layers": plan.checkpoint.layers,
            "vocabulary": plan.checkpoint.vocabulary,
        },
        "data": plan.data.pin | plan.data.terms,
        "template": template_record(plan.data.template),
        "tokens": tokens,
        "steps": trainer.state.global_step,
        "metrics": {
            "train_loss": sum(loss for _, loss in losses) / len(losses),
            "first_train_loss": losses[0][1],
            "last_train_loss": losses[-1][1],
            "first_eval_loss": evaluations[0][1] if evaluations else None,
            "eval_loss": evaluations[-1][1] if evaluations else None,
            "evaluations": [{"step": step, "loss": loss} for step, loss in evaluations],
        },
        "engine": plan.engine.name,
        "precision": plan.precision,
        "optimizer": plan.optimizer,
        "software": software(plan.engine.name),
        "run": {
            **spent,
            "tokens_per_second": round(trainer.tokens_seen * trainer.args.world_size / spent["seconds"], 1),
            "peak_memory_bytes": peak_memory(),
            "device": plan.engine.device,
            "hardware": hardware(plan.engine.device),
            "processes": trainer.args.world_size,
        },
    }


def software(engine: str) -> dict[str, str]:
    """Versions of what can change an adapter."""
    names = (*SOFTWARE, "unsloth", "unsloth_zoo") if engine == "unsloth" else SOFTWARE
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in names}}


def hardware(device: str) -> str:
    """The processor, by its maker's name: no host name."""
    import torch

    if device == "cuda":
        return str(torch.cuda.get_device_name())
    return f"{platform.machine()}, {os.cpu_count()} cores"
