"""What can change an adapter besides recipe, data and base: software and hardware."""

import os
import platform
from importlib import metadata

SOFTWARE = ("aguila-data", "torch", "transformers", "peft", "accelerate", "bitsandbytes", "tokenizers")


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
