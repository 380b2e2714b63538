"""Supervised fine-tuning: the answer is learnt token by token, the prompt is only read.

    engine = choose("auto")
    plan = make_plan(load_recipe("aguila-7b"), "OWNER/NAME@v1.0.0", Path("versions"), engine)
    adapter = train(plan, Path("adapters/mine"), report=print)

Here is what is particular to the method: what rows become, and the loss. The run is `train/run/`.
"""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from builders.errors import Invalid
from train.engines import Engine
from train.recipes.model import TrainRecipe
from train.run.examples import Examples
from train.run.loss import CHUNK
from train.run.method import Method
from train.run.plan import Plan, plan_run
from train.run.prompts import encode_rows
from train.run.training import Interrupted as Interrupted
from train.run.training import train as train


def encode(rows: pl.DataFrame, tokenizer: Any, length: int, where: str) -> Examples:
    """Token ids of a split (columns id, prompt, completion: both String, or lists of messages).

    Prompt and completion are encoded apart, so that their boundary is a boundary of tokens, and no text of a row can
    become a special token. The end-of-text token comes once, at the end, unless the window cuts the answer. Raises
    Invalid when no row has room for an answer, and for chats that the tokenizer cannot write.
    """
    prompts, answers = encode_rows(rows, tokenizer, where)
    kept: list[tuple[str, int]] = []
    pieces: list[list[int]] = []
    truncated: list[str] = []
    left_out: list[str] = []
    for id, prompt, answer in zip(rows["id"].to_list(), prompts, answers, strict=True):
        room = length - len(prompt)
        if room < 1:
            left_out.append(id)
            continue
        if len(answer) > room:
            truncated.append(id)
        kept.append((id, len(prompt)))
        pieces += [prompt, answer[:room]]
    if not kept:
        raise Invalid(
            f"{where}: every row's prompt alone fills the window of {length} tokens",
            "raise train.max_length, or train on other rows",
        )
    sizes = [len(prompt) + len(answer) for prompt, answer in zip(pieces[::2], pieces[1::2], strict=True)]
    return Examples(
        ids=tuple(id for id, _ in kept),
        tokens=np.fromiter((token for piece in pieces for token in piece), np.int32, sum(sizes)),
        starts=np.concatenate(([0], np.cumsum(sizes, dtype=np.int64))),
        prompts=np.array([size for _, size in kept], np.int64),
        truncated=tuple(truncated),
        left_out=tuple(left_out),
    )


def answer_loss(logits: Any, batch: dict[str, Any], count: Any = None) -> Any:
    """Cross-entropy of the next token, summed over answer tokens and divided by how many of them a whole step has.

    It is what transformers' own loss gives, with less memory: that one turns every logit into fp32 and keeps three copies
    (4.5 GiB for 4 × 2048 × 50257); this one takes a chunk at a time, and computes it again for the gradient.
    """
    import torch
    from torch.utils.checkpoint import checkpoint

    wanted = batch["shift_labels"]

    def summed(chunk: Any, target: Any) -> Any:
        return torch.nn.functional.cross_entropy(chunk.float(), target, reduction="sum")

    total = logits.sum() * 0.0 if not len(wanted) else 0.0
    for chunk, target in zip(logits.split(CHUNK), wanted.split(CHUNK), strict=True):
        total = total + checkpoint(summed, chunk, target, use_reentrant=False)
    count = max(len(wanted), 1) if count is None else count
    return total / (count.to(logits.device) if hasattr(count, "to") else count)


SFT = Method(kind="sft", encode=encode, loss=answer_loss, chunk=CHUNK)


def make_plan(
    recipe: TrainRecipe,
    reference: str,
    registry: Path,
    engine: Engine,
    cache: Path | None = None,
    weights: bool = True,
    yanked: bool = False,
) -> Plan:
    """What fine-tuning a recipe's base on a version will do (see `train.run.plan.plan_run`)."""
    return plan_run(SFT, recipe, reference, registry, engine, cache, weights, yanked)
