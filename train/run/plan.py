"""What a run will do, found out before the base's weights are fetched or loaded."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from train.base.checkpoint import Checkpoint, load_tokenizer, open_checkpoint
from train.engines import Engine, precision_on
from train.recipes.model import TrainRecipe
from train.run.data import TrainingData, open_data
from train.run.examples import NAMED, Examples, encode, padded_share, shown
from train.run.memory import estimate
from train.run.packing import Windows, alone, packed

GIB = 2**30


@dataclass(frozen=True)
class Plan:
    """Everything a run needs but the base's weights. `recipe` has its base pinned.

    steps: optimizer steps in all. share: of the first epoch's tokens, how many only fill up (padded, and as it will run).
    """

    recipe: TrainRecipe
    data: TrainingData
    engine: Engine
    checkpoint: Checkpoint
    tokenizer: Any
    precision: str
    train: Windows
    validation: Examples | None
    epoch_steps: int
    steps: int
    filling: Mapping[str, float]

    @property
    def optimizer(self) -> str:
        """The recipe's optimizer, or its equal without a GPU: paged and 8-bit ones have no CPU kernels."""
        return self.recipe.train.optimizer if self.engine.device == "cuda" else "adamw_torch_fused"

    def tokens(self) -> dict[str, Any]:
        """Counts of tokens by split, and shares of filling."""
        told: dict[str, Any] = {"train": self.train.examples.statistics(), "windows": len(self.train)}
        if self.validation:
            told["validation"] = self.validation.statistics()
        return told | {"filling": {name: round(share, 6) for name, share in self.filling.items()}}

    def memory(self) -> dict[str, int]:
        """Estimated bytes by part."""
        return estimate(self.checkpoint, self.recipe, self.precision, int(self.train.lengths.max()))

    def example(self) -> tuple[str, str]:
        """The first row as the model sees it: masked part, learnt part."""
        return shown(self.train.examples, 0, self.tokenizer)


def make_plan(
    recipe: TrainRecipe, reference: str, registry: Path, engine: Engine, cache: Path | None = None, weights: bool = True
) -> Plan:
    """Open and pin data and base, encode the rows, count the steps. `weights=False` fetches no weights (a dry run).

    Raises Problem for data or a base that is not what is asked for.
    """
    data = open_data(reference, registry, recipe.train.template)
    checkpoint = open_checkpoint(recipe.base, cache, weights)
    recipe = _pinned(recipe, checkpoint)
    tokenizer = load_tokenizer(checkpoint.folder, checkpoint.told)
    train = recipe.train
    where = data.version.label
    examples = encode(data.split("train"), tokenizer, train.length, f"{where} train")
    validation = None
    if train.evaluate != 0:
        validation = encode(data.split("validation"), tokenizer, train.length, f"{where} validation")
    padded = alone(examples)
    windows = packed(examples, train.length, train.seed) if train.packing else padded
    filling = {"padded": padded_share(padded.lengths, train.batch, train.seed)}
    if train.packing:
        filling["packed"] = padded_share(windows.lengths, train.batch, train.seed)
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    batches = math.ceil(len(windows) / (train.batch * processes))
    epoch_steps = math.ceil(batches / train.accumulation)
    return Plan(
        recipe=recipe,
        data=data,
        engine=engine,
        checkpoint=checkpoint,
        tokenizer=tokenizer,
        precision=precision_on(engine.device, train.precision),
        train=windows,
        validation=validation,
        epoch_steps=epoch_steps,
        steps=train.steps or math.ceil(epoch_steps * train.epochs),
        filling=filling,
    )


def _pinned(recipe: TrainRecipe, checkpoint: Checkpoint) -> TrainRecipe:
    """The recipe with the base's commit or content in it, as it is recorded."""
    pin = {key: checkpoint.pin[key] for key in ("revision", "sha256")}
    return recipe.model_copy(update={"base": recipe.base.model_copy(update=pin)})


def told(plan: Plan) -> dict[str, Any]:
    """A plan as plain values, for `--dry-run --json`."""
    masked, learnt = plan.example()
    return {
        "recipe": plan.recipe.model_dump(mode="json"),
        "recipe_sha256": plan.recipe.sha256(),
        "engine": plan.engine.name,
        "device": plan.engine.device,
        "precision": plan.precision,
        "optimizer": plan.optimizer,
        "base": dict(plan.checkpoint.pin),
        "data": plan.data.pin,
        "template": {"name": plan.data.template.name, "sha256": plan.data.template.sha256},
        "tokens": plan.tokens(),
        "epoch_steps": plan.epoch_steps,
        "steps": plan.steps,
        "memory": plan.memory(),
        "example": {"masked": masked, "learnt": learnt},
    }


def lines(plan: Plan) -> list[str]:
    """A plan in words, for `--dry-run`."""
    values = told(plan)
    data, tokens, memory = values["data"], values["tokens"]["train"], values["memory"]
    commit = f" at commit {data['commit']}" if data["commit"] else ""
    filled = ", ".join(f"{share:.1%} {name}" for name, share in values["tokens"]["filling"].items())
    size = {name: f"{memory[name] / GIB:.2f}" for name in ("total", "base", "adapter", "activations", "logits")}
    return [
        f"data      {data['reference']}{commit}, content sha256 {data['content_sha256']}",
        f"template  {values['template']['name']}, sha256 {values['template']['sha256'][:12]}…",
        f"base      {plan.checkpoint.told}",
        f"engine    {plan.engine.name} on {plan.engine.device}, {plan.precision}, {plan.optimizer}",
        f"tokens    {tokens['rows']:,} rows, {tokens['tokens']:,} tokens, {tokens['answer_tokens']:,} of them learnt; "
        f"median {tokens['median']}, longest {tokens['longest']}",
        f"filling   {filled}",
        *warnings(plan),
        f"steps     {plan.steps:,} ({plan.epoch_steps:,} an epoch)",
        f"memory    about {size['total']} GiB: base {size['base']}, adapter {size['adapter']} "
        f"({memory['adapter_parameters']:,} parameters), activations {size['activations']}, logits {size['logits']}",
        "",
        "masked (read, not learnt):",
        *values["example"]["masked"].split("\n"),
        "learnt:",
        *values["example"]["learnt"].split("\n"),
    ]


def summary(record: Mapping[str, Any]) -> str:
    """What a run came to, from its adapter's manifest."""
    loss, run = record["metrics"]["eval_loss"], record["run"]
    resumed = f" after step {run['after_step']:,}" if run["after_step"] else ""
    measured = "" if loss is None else f", validation loss {loss:.4f}"
    return (
        f"trained {record['name']} on {record['data']['reference']}{measured}\n"
        f"  {record['steps'] - run['after_step']:,} steps{resumed} in {run['seconds']:,.0f} s, "
        f"{run['tokens_per_second']:,.0f} tokens/s"
    )


def warnings(plan: Plan) -> list[str]:
    """Rows that the window cuts, and those that it leaves no room for."""
    said = []
    for split, examples in (("train", plan.train.examples), ("validation", plan.validation)):
        if examples and examples.truncated:
            said.append(
                f"cut       {len(examples.truncated):,} {split} answers are longer than {plan.recipe.train.length} tokens"
            )
        if examples and examples.left_out:
            named = ", ".join(examples.left_out[:NAMED]) + (", …" if len(examples.left_out) > NAMED else "")
            said.append(
                f"left out  {len(examples.left_out):,} {split} rows whose prompt alone fills the window: {named}"
            )
    return said
