"""Engines: how a base is loaded and an adapter attached. What is trained, on what and in which order, is the same with each.

engine = choose("auto", "auto")          # before anything imports transformers
model = engine.load_base(checkpoint, settings)
model = engine.attach_lora(model, recipe.lora, settings)      # a new adapter, or
model = engine.load_adapter(model, folder, trainable=False)   # a stored one
"""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, Protocol

from builders.errors import Invalid, NotFound
from train.base.checkpoint import Checkpoint
from train.recipes.model import Attention, Lora, Precision, Quantization

EngineName = Literal["auto", "unsloth", "plain"]
DeviceName = Literal["auto", "cpu", "cuda"]
Device = Literal["cpu", "cuda"]
INSTALL = {
    "plain": "run `make train`, or pip install 'aguila-data[train]'",
    "unsloth": "run `make unsloth`, or pip install --no-deps -r train/unsloth.txt",
}
PLAIN_NEEDS = ("torch", "transformers", "peft", "accelerate", "bitsandbytes")


@dataclass(frozen=True)
class Settings:
    """How a base is held in memory. precision: of what is not quantized. attention: how it is computed."""

    device: Device
    precision: Precision
    quantization: Quantization
    max_length: int
    gradient_checkpointing: bool = False
    seed: int = 0
    attention: Attention = "sdpa"


class Engine(Protocol):
    """What a trainer needs of an engine. Models are peft models over transformers models, whatever the engine."""

    @property
    def name(self) -> str:
        """Its name, as --engine takes it."""

    @property
    def device(self) -> Device:
        """Where it runs."""

    def load_base(self, checkpoint: Checkpoint, settings: Settings) -> Any:
        """The base, frozen, on its device. Raises Invalid when it is not held as asked."""

    def attach_lora(self, model: Any, lora: Lora, settings: Settings) -> Any:
        """The base with a new adapter, in training mode. The same seed gives the same adapter with every engine."""

    def load_adapter(self, model: Any, folder: Path, trainable: bool, settings: Settings) -> Any:
        """The base with a stored adapter. Raises Invalid when the adapter does not fit the base."""


def choose(engine: EngineName = "auto", device: DeviceName = "auto") -> Engine:
    """The engine that is asked for; `auto` is unsloth where a GPU and unsloth are, plain elsewhere.

    It is imported here, because unsloth must come before transformers and peft. Raises NotFound for an engine that is not
    installed, saying how to get it, and for a GPU that is not there.
    """
    require_trainer()
    where = _device(device)
    if engine == "auto":
        engine = "unsloth" if where == "cuda" and find_spec("unsloth") else "plain"
    if engine == "unsloth":
        if find_spec("unsloth") is None:
            raise NotFound("the unsloth engine is not installed", f"{INSTALL['unsloth']}, or use --engine plain")
        from train.engines.unsloth import UnslothEngine

        return UnslothEngine(where)
    from train.engines.plain import PlainEngine

    return PlainEngine(where)


def require_trainer() -> None:
    """Raise NotFound, saying how to install it, when what a model needs to be trained or asked is not there."""
    if missing := [name for name in PLAIN_NEEDS if find_spec(name) is None]:
        raise NotFound(f"loading a model needs {', '.join(missing)}", INSTALL["plain"])


def _device(asked: DeviceName) -> Device:
    import torch

    there = torch.cuda.is_available()
    if asked == "cuda" and not there:
        raise NotFound("--device cuda: no CUDA GPU can be used here", "check the driver, or use --device cpu")
    return "cuda" if there and asked != "cpu" else "cpu"


def precision_on(device: Device, asked: Literal["auto", "bf16", "fp16", "fp32"]) -> Precision:
    """bf16, fp16 or fp32: as asked, or bf16 on a GPU that computes in it, fp16 on one that only emulates it, fp32 elsewhere.

    Raises Invalid for fp16 without a GPU: its losses are scaled on one alone.
    """
    if asked == "fp16" and device != "cuda":
        raise Invalid("train.precision: fp16 needs a GPU", "use --set train.precision=auto, which is fp32 here")
    if asked != "auto":
        return asked
    import torch

    if device != "cuda":
        return "fp32"
    return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"


def attention_on(
    device: Device, precision: Precision, asked: Literal["auto", "sdpa", "flash"], packing: bool
) -> Attention:
    """sdpa or flash: as asked, or flash for packed rows where it is installed and the GPU can (Ampere or newer).

    Raises Invalid for flash where it cannot run, and NotFound where it is not installed.
    """
    import torch

    can = device == "cuda" and torch.cuda.get_device_capability()[0] >= 8 and precision != "fp32"
    if asked == "auto":
        return "flash" if packing and can and find_spec("flash_attn") else "sdpa"
    if asked == "flash":
        advice = "use --set train.attention=sdpa"
        if not can:
            raise Invalid("train.attention: flash needs a GPU of Ampere or newer, and 16 bit", advice)
        if find_spec("flash_attn") is None:
            raise NotFound("train.attention: flash_attn is not installed", f"`pip install flash-attn`, or {advice}")
    return asked
