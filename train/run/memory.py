"""What a run will hold in memory, by arithmetic: an estimate before anything is loaded."""

from typing import Any, NamedTuple

from msgspec import Struct

from train.base.checkpoint import Checkpoint
from train.recipes.model import Precision, TrainRecipe

# Bytes of one NF4 weight with double quantization: 4 bits, 8 bits of scale per 64 weights, 32 bits per 256 scales
# (Dettmers et al. 2023, section 3); without: 32 bits of scale per 64 weights.
NF4 = {True: 0.5 + 1 / 64 + 4 / (64 * 256), False: 0.5 + 4 / 64}
# Bytes of one adapter parameter, its gradient and Adam's two moments.
ADAPTER = {"paged_adamw_32bit": 16, "adamw_torch_fused": 16, "paged_adamw_8bit": 10, "adamw_8bit": 10}
# 16-bit values a layer keeps for its backward pass, per token and hidden unit, attention scores apart (Korthikanti et al.
# 2022, section 4.1: 34 bytes).
LAYER = 17


class Memory(Struct, frozen=True, kw_only=True):
    """Estimated bytes by part and in all, and how many parameters the adapter has."""

    base: int
    adapter: int
    activations: int
    logits: int
    total: int
    adapter_parameters: int


class Sizes(NamedTuple):
    """What decides how large a step is: tokens of the longest window, answer tokens of the one with most of them, and tokens
    whose logits the loss holds in fp32 at a time."""

    length: int
    answers: int
    chunk: int


def estimate(checkpoint: Checkpoint, recipe: TrainRecipe, precision: Precision, sizes: Sizes) -> Memory:
    """What a run holds at most. Logits are those of answers, and their gradient; nothing copies all of them to fp32."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    config = AutoConfig.from_pretrained(str(checkpoint.folder), local_files_only=True)
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    size = 4 if precision == "fp32" else 2
    base, adapter = _base(model, recipe, size), _adapter(model, recipe)
    train = recipe.train
    cells = train.per_device_train_batch_size * sizes.length
    layer = cells * config.hidden_size * size
    # With checkpointing one value per layer is kept, and one layer at a time is computed again.
    kept = checkpoint.layers + LAYER if train.gradient_checkpointing else checkpoint.layers * LAYER
    learnt = train.per_device_train_batch_size * sizes.answers
    logits = (2 * learnt * size + 3 * min(sizes.chunk, learnt) * 4) * checkpoint.vocabulary
    held, activations = adapter * ADAPTER[train.optim], kept * layer
    return Memory(
        base=base,
        adapter=held,
        activations=activations,
        logits=logits,
        total=base + held + activations + logits,
        adapter_parameters=adapter,
    )


def _base(model: Any, recipe: TrainRecipe, size: int) -> int:
    every = sum(parameter.numel() for parameter in model.parameters())
    if recipe.quantization.kind == "none":
        return int(every * size)
    linear = sum(module.weight.numel() for module in _linear(model).values())
    return int(linear * NF4[recipe.quantization.bnb_4bit_use_double_quant] + (every - linear) * size)


def _adapter(model: Any, recipe: TrainRecipe) -> int:
    wanted = recipe.lora.target_modules
    return sum(
        recipe.lora.r * (module.in_features + module.out_features)
        for name, module in _linear(model).items()
        if wanted is None or name.rsplit(".", 1)[-1] in wanted
    )


def _linear(model: Any) -> dict[str, Any]:
    import torch

    head = model.get_output_embeddings()
    return {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) and module is not head
    }
