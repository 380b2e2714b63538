"""The unsloth engine: FastModel on a GPU, its CPU backend elsewhere. An optional dependency that the user installs."""

import os
import sys
import tempfile
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from builders.errors import Conflict, Invalid, NotFound
from train.base.checkpoint import Checkpoint
from train.engines import Device, Settings
from train.engines.loading import ATTENTION, DTYPES, after_load, before_load, lora_targets, reading
from train.engines.plain import load_peft_adapter
from train.failures import in_a_line
from train.recipes.model import Lora


@dataclass(frozen=True)
class UnslothEngine:
    """Unsloth. Creating the engine imports it, which changes transformers and peft for the rest of the process."""

    device: Device
    name: str = "unsloth"

    def __post_init__(self) -> None:
        if self.device == "cpu":
            os.environ["UNSLOTH_FORCE_CPU"] = "1"
        os.environ.setdefault("UNSLOTH_DISABLE_STATISTICS", "1")  # it would fetch a file from the Hub to be counted
        # It writes generated code where it is run, unless it is told another place.
        os.environ.setdefault("UNSLOTH_COMPILE_LOCATION", str(Path(tempfile.gettempdir()) / "unsloth_compiled_cache"))
        try:
            with redirect_stdout(sys.stderr):
                import unsloth
        except Exception as error:  # it checks versions, drivers and kernels by itself, and raises many types
            raise NotFound(f"unsloth cannot be used here ({in_a_line(error)})", "use --engine plain") from None
        if self.device == "cpu" and unsloth.DEVICE_TYPE != "cpu":
            raise Conflict("unsloth was imported for a GPU already", "use --device cuda, or start a new process")

    def load_base(self, checkpoint: Checkpoint, settings: Settings) -> Any:
        """The base, frozen, on its device. Raises Invalid when it is not held as asked."""
        import torch
        from unsloth import FastModel

        before_load()
        with redirect_stdout(sys.stderr), reading(checkpoint):
            model, _ = FastModel.from_pretrained(
                str(checkpoint.folder),
                max_seq_length=settings.max_length,
                dtype=getattr(torch, DTYPES[settings.precision]),
                load_in_4bit=settings.quantization.kind == "nf4",
                attn_implementation=ATTENTION[settings.attention],
                use_gradient_checkpointing="unsloth" if settings.gradient_checkpointing else False,
                random_state=settings.seed,
                local_files_only=True,
            )
        return after_load(model, checkpoint, settings)

    def attach_lora(self, model: Any, lora: Lora, settings: Settings) -> Any:
        """The base with a new adapter, in training mode."""
        from unsloth import FastModel

        if lora.use_dora or lora.init_lora_weights != "default":
            raise Invalid(
                "the unsloth engine has neither lora.use_dora nor another lora.init_lora_weights", "use --engine plain"
            )
        with redirect_stdout(sys.stderr):
            return FastModel.get_peft_model(
                model,
                r=lora.r,
                lora_alpha=lora.lora_alpha,
                lora_dropout=lora.lora_dropout,
                use_rslora=lora.use_rslora,
                target_modules=lora_targets(model, lora),
                bias="none",
                use_gradient_checkpointing="unsloth" if settings.gradient_checkpointing else False,
                random_state=settings.seed,
            ).train()

    def load_adapter(self, model: Any, folder: Path, trainable: bool, settings: Settings) -> Any:
        """The base with a stored adapter. Raises Invalid when the adapter does not fit the base."""
        from unsloth import FastModel

        adapted = load_peft_adapter(model, folder, trainable, settings)
        with redirect_stdout(sys.stderr):
            return adapted if trainable else FastModel.for_inference(adapted)
