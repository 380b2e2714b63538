"""The plain engine: transformers, peft and bitsandbytes, on a CPU or a GPU."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from builders.errors import Invalid
from train.base.checkpoint import Checkpoint
from train.engines import Device, Settings
from train.engines.loading import (
    ATTENTION,
    DTYPES,
    after_load,
    before_load,
    for_training,
    local_device,
    lora_targets,
    reading,
    require_adapter,
)
from train.failures import in_a_line
from train.recipes.model import Lora


@dataclass(frozen=True)
class PlainEngine:
    """transformers + peft + bitsandbytes."""

    device: Device
    name: str = "plain"

    def load_base(self, checkpoint: Checkpoint, settings: Settings) -> Any:
        """The base, frozen, on its device. Raises Invalid when it is not held as asked."""
        import torch
        from transformers import AutoModelForCausalLM, BitsAndBytesConfig

        before_load()
        dtype = getattr(torch, DTYPES[settings.precision])
        quantized = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=settings.quantization.bnb_4bit_use_double_quant,
            bnb_4bit_compute_dtype=dtype,
        )
        with reading(checkpoint):
            model = AutoModelForCausalLM.from_pretrained(
                str(checkpoint.folder),
                dtype=dtype,
                device_map={"": local_device(self.device)},
                attn_implementation=ATTENTION[settings.attention],
                quantization_config=quantized if settings.quantization.kind == "nf4" else None,
                local_files_only=True,
            )
        return after_load(model, checkpoint, settings)

    def attach_lora(self, model: Any, lora: Lora, settings: Settings) -> Any:
        """The base with a new adapter, in training mode, its weights in fp32."""
        import torch
        from peft import LoraConfig, get_peft_model

        for_training(model, settings)
        torch.manual_seed(settings.seed)
        config = LoraConfig(
            r=lora.r,
            lora_alpha=lora.lora_alpha,
            lora_dropout=lora.lora_dropout,
            use_rslora=lora.use_rslora,
            use_dora=lora.use_dora,
            init_lora_weights=True if lora.init_lora_weights == "default" else lora.init_lora_weights,
            target_modules=lora_targets(model, lora),
            bias="none",
            task_type="CAUSAL_LM",
        )
        return get_peft_model(model, config).train()

    def load_adapter(self, model: Any, folder: Path, trainable: bool, settings: Settings) -> Any:
        """The base with a stored adapter. Raises Invalid when the adapter does not fit the base."""
        return load_peft_adapter(model, folder, trainable, settings)


def load_peft_adapter(model: Any, folder: Path, trainable: bool, settings: Settings) -> Any:
    """Put a stored adapter (safetensors only) on a loaded base, by peft."""
    from peft import PeftModel

    require_adapter(folder)
    if trainable:
        for_training(model, settings)
    try:
        adapted = PeftModel.from_pretrained(
            model, str(folder), is_trainable=trainable, use_safetensors=True, local_files_only=True
        )
    except Exception as error:  # sizes (RuntimeError), targets (ValueError), a torn file (SafetensorError)
        raise Invalid(
            f"adapter {folder}: does not fit this base ({in_a_line(error)})", "use the base that it was trained on"
        ) from None
    return adapted.train(trainable)
