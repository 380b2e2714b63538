"""A recipe as transformers' TrainingArguments: keys of one name are handed over, the rest is said here."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any, get_args

from builders.errors import NotFound
from train.recipes.model import Report
from train.run.plan import Plan, processes

LOGGERS = tuple(name for name in get_args(Report) if name != "none")
# Recipe keys that TrainingArguments has by the same name and for the same thing.
SAME = (
    "per_device_train_batch_size",
    "gradient_accumulation_steps",
    "num_train_epochs",
    "learning_rate",
    "lr_scheduler_type",
    "warmup_steps",
    "weight_decay",
    "max_grad_norm",
    "save_total_limit",
    "load_best_model_at_end",
    "neftune_noise_alpha",
    "seed",
)


def require_logger(name: Report) -> None:
    """Raise NotFound, saying how to get it, when what `report_to` names is not installed."""
    if name in LOGGERS and find_spec(name) is None:
        raise NotFound(f"report_to: {name} is not installed", f"`pip install {name}`, or --set report_to=none")


def training_arguments(plan: Plan, work: Path, evaluate: bool) -> Any:
    """The arguments of a run whose checkpoints go to `work`. evaluate: whether it begins with an evaluation."""
    from transformers import TrainingArguments

    train, cuda = plan.recipe.train, plan.engine.device == "cuda"
    when = {None: "epoch", 0: "no"}
    if plan.recipe.report_to == "tensorboard":
        os.environ.setdefault("TENSORBOARD_LOGGING_DIR", str(work / "logs"))
    return TrainingArguments(
        **{key: getattr(train, key) for key in SAME},
        output_dir=str(work),
        run_name=plan.recipe.name,
        per_device_eval_batch_size=train.eval_batch,
        max_steps=plan.steps,
        optim=plan.optimizer,
        bf16=plan.precision == "bf16",
        fp16=plan.precision == "fp16",
        use_cpu=not cuda,
        data_seed=train.seed,
        logging_strategy="steps",
        logging_steps=1,
        logging_nan_inf_filter=False,  # it would show a loss that is no number as 0
        eval_strategy=when.get(train.eval_steps, "steps"),
        eval_steps=train.eval_steps or None,
        eval_on_start=evaluate,
        save_strategy=when.get(train.save_steps, "steps"),
        save_steps=train.save_steps or 500,
        metric_for_best_model="eval_loss" if train.load_best_model_at_end else None,
        greater_is_better=False if train.load_best_model_at_end else None,
        report_to=plan.recipe.report_to,
        remove_unused_columns=False,
        label_names=["labels"],
        disable_tqdm=True,
        dataloader_pin_memory=cuda,
        ddp_find_unused_parameters=False,
        ddp_backend="gloo" if not cuda and processes() > 1 else None,
    )
