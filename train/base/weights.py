"""The base's weights, looked at without reading their numbers."""

import sys
from pathlib import Path

from builders.errors import Invalid
from train.base.location import AGAIN
from train.failures import in_a_line


def check_weights(folder: Path, where: str) -> None:
    """Read every tensor's name and shape, not its numbers: what is missing would silently be made up at random.

    Raises Invalid for weights that cannot be read, that lack some, or that have some too many.
    """
    import torch
    from transformers import AutoModelForCausalLM

    without_bars()
    try:
        _, loaded = AutoModelForCausalLM.from_pretrained(
            str(folder), device_map="meta", dtype=torch.float32, output_loading_info=True, local_files_only=True
        )
    except Exception as error:  # torch, safetensors, pickle and transformers each raise their own
        raise Invalid(f"base {where}: its weights cannot be read ({in_a_line(error)})", AGAIN) from None
    if lacking := sorted(loaded["missing_keys"]):
        raise Invalid(f"base {where}: {len(lacking)} weights are missing ({', '.join(lacking[:3])}…)", AGAIN)
    # Tables that old files hold and that are computed today.
    if surplus := sorted(key for key in loaded["unexpected_keys"] if not key.endswith((".inv_freq", ".masked_bias"))):
        raise Invalid(
            f"base {where}: {len(surplus)} weights that its configuration has no place for ({', '.join(surplus[:3])}…)",
            "config.json and weights do not belong together",
        )


def without_bars() -> None:
    """Bars of transformers are for people who look."""
    from transformers.utils import logging

    if not sys.stderr.isatty():
        logging.disable_progress_bar()
