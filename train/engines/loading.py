"""What both engines do around a load: fixes that a Falcon needs before it, checks that hold after it."""

import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from builders.errors import Invalid, NotFound
from train.base.checkpoint import Checkpoint
from train.base.location import weight_names
from train.base.weights import without_bars
from train.engines import Device, Settings
from train.failures import in_a_line, is_unread
from train.recipes.model import Lora

# What torch and transformers call them.
DTYPES = {"bf16": "bfloat16", "fp16": "float16", "fp32": "float32"}
ATTENTION = {"sdpa": "sdpa", "flash": "flash_attention_2"}


def before_load() -> None:
    """Let Falcon's projections be quantized: transformers 5 only replaces modules whose type is exactly nn.Linear.

    FalconLinear(nn.Linear) computes the same product, with the bias added afterwards; Águila has none.
    """
    import torch
    import transformers.models.falcon.modeling_falcon as falcon

    falcon.FalconLinear = torch.nn.Linear
    without_bars()


@contextmanager
def reading(checkpoint: Checkpoint) -> Iterator[None]:
    """Turn weights that cannot be read any more into Invalid: they were whole when the checkpoint was made native."""
    from safetensors import SafetensorError

    try:
        yield
    except (SafetensorError, OSError, EOFError, pickle.UnpicklingError, RuntimeError) as error:
        if not is_unread(error):
            raise
        raise Invalid(
            f"base {checkpoint.label}: its weights cannot be read any more ({in_a_line(error)})",
            f"remove {_damaged(checkpoint.folder)} and fetch the checkpoint again",
        ) from None


def _damaged(folder: Path) -> str:
    """Where the weights of a native folder really lie."""
    return ", ".join(str((folder / name).resolve()) for name in weight_names(folder)) or str(folder)


def after_load(model: Any, checkpoint: Checkpoint, settings: Settings) -> Any:
    """Check that the base is held as asked, and freeze it. Raises Invalid when it is not."""
    held = model.get_input_embeddings().num_embeddings
    if held != checkpoint.vocabulary:
        raise Invalid(
            f"base {checkpoint.label}: the vocabulary changed from {checkpoint.vocabulary:,} to {held:,} tokens while loading",
            "name an existing token as base.pad_token",
        )
    if settings.quantization.kind == "nf4":
        _require_quantized(model, checkpoint)
        _keep_weights_unpacked(model)
    for parameter in model.parameters():
        parameter.requires_grad = False
    return model


def for_training(model: Any, settings: Settings) -> None:
    """No cache of keys and values, and activations computed again on the way back if that is asked for."""
    model.config.use_cache = False
    if settings.gradient_checkpointing:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})


def _require_quantized(model: Any, checkpoint: Checkpoint) -> None:
    """Every linear layer but the head must be 4-bit: a silent 16-bit load costs 12.8 GiB instead of 3.6 for 7B."""
    import torch
    from bitsandbytes.nn import Linear4bit

    head = model.get_output_embeddings()
    linear = [module for module in model.modules() if isinstance(module, torch.nn.Linear) and module is not head]
    quantized = sum(isinstance(module, Linear4bit) for module in linear)
    expected = 4 * checkpoint.layers if checkpoint.model_type == "falcon" else len(linear)
    if quantized != expected or quantized != len(linear) or not quantized:
        raise Invalid(
            f"base {checkpoint.label}: {quantized} of {expected} linear layers are 4-bit after loading",
            "train with --set quantization.kind=none, or use the versions of constraints.txt",
        )


def _keep_weights_unpacked(model: Any) -> None:
    """bitsandbytes 0.50 repacks 4-bit weights for AVX512-BF16 on a forward without gradients, and the backward pass then
    reads them wrongly: after one evaluation nothing is learnt any more, without an error."""
    from bitsandbytes.nn import Linear4bit

    for module in model.modules():
        if isinstance(module, Linear4bit):
            module.support_avx512bf16_for_cpu = False


def without_dropout(model: Any) -> Any:
    """A model with a stored adapter that leaves nothing out while it trains, and says so in its configuration.

    The configuration names the folder that the base was loaded from, or peft would look for the stored name on the Hub.
    """
    import torch

    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    for config in model.peft_config.values():
        config.lora_dropout = 0.0
        config.base_model_name_or_path = model.get_base_model().name_or_path
    return model


def lora_targets(model: Any, lora: Lora) -> list[str]:
    """Names of the layers that get an adapter: those asked for, or every linear layer but the head. Sorted.

    Raises Invalid for a name that the model does not have.
    """
    import torch

    head = model.get_output_embeddings()
    known = {
        name.rsplit(".", 1)[-1]
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) and module is not head
    }
    if lora.target_modules is None:
        return sorted(known)
    if unknown := sorted(set(lora.target_modules) - known):
        raise Invalid(
            f"lora.target_modules: the base has no linear layer {', '.join(unknown)}",
            f"it has {', '.join(sorted(known))}",
        )
    return sorted(set(lora.target_modules))


def local_device(device: Device) -> str:
    """The device of this process: one GPU each under `accelerate launch`."""
    return f"cuda:{os.environ.get('LOCAL_RANK', '0')}" if device == "cuda" else "cpu"


def require_adapter(folder: Path) -> None:
    """Raise NotFound when a folder holds no adapter weights in safetensors."""
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        if not (folder / name).is_file():
            raise NotFound(f"adapter {folder}: {name} is missing", "train or fetch the adapter again")
