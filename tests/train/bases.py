"""Bases opened, looked into and changed."""

import json

from train.base.checkpoint import open_checkpoint
from train.recipes.model import Base


def opened(folder, cache, **changes):
    return open_checkpoint(Base(path=str(folder), **changes), cache)


def settings(checkpoint, name):
    return json.loads((checkpoint.folder / name).read_text("utf-8"))


def change(folder, name, **values):
    old = json.loads((folder / name).read_text("utf-8"))
    (folder / name).write_text(json.dumps(old | values), "utf-8")


def loaded(folder):
    import torch
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
