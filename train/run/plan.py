"""What a run will do, found out before the base's weights are fetched or loaded."""

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from builders.errors import Invalid
from train.adapters.adapter import Adapter
from train.base.checkpoint import Checkpoint, open_checkpoint
from train.base.tokenizer import load_tokenizer
from train.engines import Engine, attention_on, precision_on
from train.recipes.model import Attention, Precision, TrainRecipe
from train.run.data import TrainingData
from train.run.examples import Examples, padded_share
from train.run.memory import Memory, Sizes, estimate
from train.run.method import Method
from train.run.packing import Windows, alone, packed
from train.run.record import Filling


@dataclass(frozen=True)
class Plan:
    """Everything a run needs but the base's weights. `recipe` has its base pinned.

    start: the adapter that the run goes on from, if not from a new one. validation: None where nothing is evaluated.
    epoch_steps, steps: optimizer steps of an epoch, and in all.
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
    start: Adapter | None = None

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
    start: Adapter | None = None,
) -> Plan:
    """Open and pin data and base, encode the rows, count the steps. `weights=False` fetches no weights (a dry run).
    yanked: take a version that was withdrawn, too. start: the adapter to go on from.

    Raises Problem for data or a base that is not what is asked for.
    """
    precision = precision_on(engine.device, recipe.train.precision)
    attention = attention_on(engine.device, precision, recipe.train.attention, recipe.train.packing)
    data = method.open(reference, registry, recipe.train.template, yanked)
    if start:
        recipe = _continued(recipe, start, data)
    checkpoint = open_checkpoint(recipe.base, cache, weights)
    if start:
        _require_base(checkpoint, start)
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
        start=start,
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


def _continued(recipe: TrainRecipe, start: Adapter, data: TrainingData) -> TrainRecipe:
    """The recipe with the adapter's shape, without dropout: what is compared with the start must not be noise.

    Raises Invalid for data that is written in another template than the adapter's.
    """
    wanted, found = start.record.template, data.template
    if found.sha256 != wanted.sha256:
        raise Invalid(
            f"{data.version.label} is written in template {found.name} ({found.sha256[:12]}…), adapter {start.path} was "
            f"trained on template {wanted.name} ({wanted.sha256[:12]}…)",
            "build a version with the adapter's template, or train the adapter on this one",
        )
    pinned = start.record.base
    base = recipe.base
    if base.repo and base.repo == pinned.repo and base.revision is None:
        base = base.model_copy(update={"revision": pinned.revision})
    if base.pad_token is None:
        base = base.model_copy(update={"pad_token": start.record.recipe.base.pad_token})
    lora = start.record.recipe.lora.model_copy(update={"lora_dropout": 0.0})
    return recipe.model_copy(update={"base": base, "lora": lora})


def _require_base(checkpoint: Checkpoint, start: Adapter) -> None:
    """Raise Invalid for an adapter of another base."""
    here, there = checkpoint.pin, start.record.base
    same = (here.repo, here.revision) == (there.repo, there.revision) and (there.repo or here.sha256 == there.sha256)
    if not same:
        raise Invalid(
            f"adapter {start.path} was trained on base {there.label}, the recipe's is {checkpoint.label}"
            + (" with other contents" if there.label == here.label else ""),
            "use the base that the adapter was trained on",
        )


def _pinned(recipe: TrainRecipe, checkpoint: Checkpoint) -> TrainRecipe:
    """The recipe with the base's commit or content in it, as it is recorded."""
    pin = {"revision": checkpoint.pin.revision, "sha256": checkpoint.pin.sha256}
    return recipe.model_copy(update={"base": recipe.base.model_copy(update=pin)})


def _filling(examples: Examples, windows: Windows, recipe: TrainRecipe) -> Filling:
    """Shares of filling: padded in random order, and as it runs."""
    train = recipe.train
    batch, seed = train.per_device_train_batch_size, train.seed
    lengths = examples.lengths.reshape(-1, examples.together)
    return Filling(
        padded=round(padded_share(lengths, batch, seed), 6),
        grouped=round(padded_share(lengths, batch, seed, True), 6) if train.group_by_length else None,
        packed=round(padded_share(windows.lengths, batch, seed, train.group_by_length), 6) if train.packing else None,
    )
