"""What a run will do, found out before the base's weights are fetched or loaded."""

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from builders.errors import Invalid
from train.base.checkpoint import Checkpoint, open_checkpoint
from train.base.tokenizer import load_tokenizer
from train.engines import Engine, attention_on, precision_on
from train.recipes.model import Attention, Precision, TrainRecipe
from train.run.data import TrainingData, open_data
from train.run.examples import Examples, padded_share
from train.run.memory import Memory, Sizes, estimate
from train.run.method import Method
from train.run.packing import Windows, alone, packed
from train.run.record import Filling


@dataclass(frozen=True)
class Plan:
    """Everything a run needs but the base's weights. `recipe` has its base pinned.

    validation: None where nothing is evaluated. epoch_steps, steps: optimizer steps of an epoch, and in all.
    """

    method: Method
    recipe: TrainRecipe
    data: TrainingData
    engine: Engine
    checkpoint: Checkpoint
    tokenizer: Any
    precision: Precision
    attention: Attention
    train: Windows
    validation: Examples | None
    filling: Filling
    epoch_steps: int
    steps: int

    @property
    def optimizer(self) -> str:
        """The recipe's optimizer, or its equal without a GPU: paged and 8-bit ones have no CPU kernels."""
        return self.recipe.train.optim if self.engine.device == "cuda" else "adamw_torch_fused"

    def memory(self) -> Memory:
        """Estimated bytes by part."""
        sizes = Sizes(int(self.train.lengths.max()), int(self.train.answers.max()), self.method.chunk)
        return estimate(self.checkpoint, self.recipe, self.precision, sizes)


def plan_run(
    method: Method,
    recipe: TrainRecipe,
    reference: str,
    registry: Path,
    engine: Engine,
    cache: Path | None = None,
    weights: bool = True,
    yanked: bool = False,
) -> Plan:
    """Open and pin data and base, encode the rows, count the steps. `weights=False` fetches no weights (a dry run).
    yanked: take a version that was withdrawn, too.

    Raises Problem for data or a base that is not what is asked for.
    """
    precision = precision_on(engine.device, recipe.train.precision)
    attention = attention_on(engine.device, precision, recipe.train.attention, recipe.train.packing)
    data = open_data(reference, registry, recipe.train.template, yanked)
    checkpoint = open_checkpoint(recipe.base, cache, weights)
    recipe = _pinned(recipe, checkpoint)
    tokenizer = load_tokenizer(checkpoint.folder, checkpoint.label)
    train, where = recipe.train, data.version.label
    examples = method.encode(data.split("train"), tokenizer, train.max_length, f"{where} train")
    validation = None
    if train.eval_steps != 0:
        validation = method.encode(data.split("validation"), tokenizer, train.max_length, f"{where} validation")
    windows = packed(examples, train.max_length, train.seed) if train.packing else alone(examples)
    batches = math.ceil(len(windows) / (train.per_device_train_batch_size * processes()))
    epoch_steps = math.ceil(batches / train.gradient_accumulation_steps)
    return Plan(
        method=method,
        recipe=recipe,
        data=data,
        engine=engine,
        checkpoint=checkpoint,
        tokenizer=tokenizer,
        precision=precision,
        attention=attention,
        train=windows,
        validation=validation,
        filling=_filling(examples, windows, recipe),
        epoch_steps=epoch_steps,
        steps=train.max_steps or math.ceil(epoch_steps * train.num_train_epochs),
    )


def processes() -> int:
    """How many processes train together.

    Raises Invalid in the one process that `accelerate launch --num_processes 2` starts where it finds no GPUs, or with
    `--cpu` (accelerate's simple_launcher): it leaves further ones to MPI, and says so nowhere.
    """
    alone = "MASTER_ADDR" in os.environ and "ACCELERATE_MIXED_PRECISION" in os.environ  # as it sets them for several
    if alone and "WORLD_SIZE" not in os.environ:
        raise Invalid(
            "accelerate started one process where several were asked for, as it does on a CPU",
            "give it --multi_gpu and leave out --cpu, or use torchrun",
        )
    return int(os.environ.get("WORLD_SIZE", "1"))


def _pinned(recipe: TrainRecipe, checkpoint: Checkpoint) -> TrainRecipe:
    """The recipe with the base's commit or content in it, as it is recorded."""
    pin = {"revision": checkpoint.pin.revision, "sha256": checkpoint.pin.sha256}
    return recipe.model_copy(update={"base": recipe.base.model_copy(update=pin)})


def _filling(examples: Examples, windows: Windows, recipe: TrainRecipe) -> Filling:
    """Shares of filling: padded in random order, and as it runs."""
    train = recipe.train
    batch, seed = train.per_device_train_batch_size, train.seed
    return Filling(
        padded=round(padded_share(examples.lengths, batch, seed), 6),
        grouped=round(padded_share(examples.lengths, batch, seed, True), 6) if train.group_by_length else None,
        packed=round(padded_share(windows.lengths, batch, seed, train.group_by_length), 6) if train.packing else None,
    )
