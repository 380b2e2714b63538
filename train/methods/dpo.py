"""Direct preference optimization: the better of two answers becomes likelier than the worse one, from an adapter on.

    engine = choose("auto")
    plan = make_dpo_plan(load_recipe("aguila-7b-dpo"), "OWNER/NAME@v1.0.0", "adapters/sft", Path("versions"), engine)
    adapter = train(plan, Path("adapters/aligned"), report=print)

Here is what is particular to the method: what pairs become, and the loss (Rafailov et al. 2023, equation 7). The run is
`train/run/`, and so is what it is compared with (`train/run/reference.py`).
"""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from builders.errors import Invalid
from train.adapters.adapter import open_adapter
from train.engines import Engine
from train.recipes.model import Dpo, TrainRecipe
from train.run.data import open_data
from train.run.examples import Examples
from train.run.loss import CHUNK
from train.run.method import Method
from train.run.plan import Plan, plan_run
from train.run.prompts import encode_rows

MEASURES = ("margin", "accuracy", "chosen_reward", "rejected_reward", "drift")


def encode_pairs(rows: pl.DataFrame, tokenizer: Any, length: int, where: str) -> Examples:
    """Token ids of a split of pairs (columns id, prompt, chosen, rejected: all String, or lists of messages).

    Each pair becomes two rows side by side, the chosen answer first, encoded as in supervised fine-tuning. A pair is left
    out where the prompt alone fills the window, and where both answers are the same once the window has cut them. Raises
    Invalid when no pair is left, and as `encode_rows` does.
    """
    prompts, chosen = encode_rows(rows.select("id", "prompt", completion="chosen"), tokenizer, where)
    _, rejected = encode_rows(rows.select("id", "prompt", completion="rejected"), tokenizer, where)
    ids: list[str] = []
    pieces: list[tuple[list[int], list[int]]] = []
    truncated: list[str] = []
    left_out: list[str] = []
    for id, prompt, better, worse in zip(rows["id"].to_list(), prompts, chosen, rejected, strict=True):
        room = length - len(prompt)
        if room < 1 or better[:room] == worse[:room]:
            left_out.append(id)
            continue
        truncated += [id for answer in (better, worse) if len(answer) > room]
        ids += [id, id]
        pieces += [(prompt, better[:room]), (prompt, worse[:room])]
    if not ids:
        raise Invalid(
            f"{where}: no pair is left: in a window of {length} tokens each prompt fills it, or both answers are the same",
            "raise train.max_length, or train on other pairs",
        )
    sizes = np.array([len(prompt) + len(answer) for prompt, answer in pieces], np.int64)
    return Examples(
        ids=tuple(ids),
        tokens=np.fromiter((token for pair in pieces for part in pair for token in part), np.int32, int(sizes.sum())),
        starts=np.concatenate(([0], np.cumsum(sizes))),
        prompts=np.array([len(prompt) for prompt, _ in pieces], np.int64),
        truncated=tuple(truncated),
        left_out=tuple(left_out),
        together=2,
    )


def pair_loss(logits: Any, batch: dict[str, Any], count: Any = None, *, dpo: Dpo) -> Any:
    """The loss of pairs, summed and divided by how many pairs a whole step has; and its measures, put into the batch.

    batch: `reference`, (rows,) log-probabilities before the run; rows 2k and 2k + 1 are a pair, the chosen side first.
    """
    import torch

    sums, sizes = _by_row(logits, batch)
    ratios = sums - batch["reference"]
    scaled = ratios / sizes if dpo.by_token else ratios
    apart = scaled[0::2] - scaled[1::2]
    if dpo.loss == "ipo":  # Azar et al. 2023, equation 17
        losses = (apart - 1 / (2 * dpo.beta)) ** 2
    elif dpo.loss == "hinge":  # Zhao et al. 2023, equation 10, on log-ratios
        losses = torch.relu(1 - dpo.beta * apart)
    else:
        right, wrong = (-torch.nn.functional.logsigmoid(sign * dpo.beta * apart) for sign in (1, -1))
        losses = (1 - dpo.label_smoothing) * right + dpo.label_smoothing * wrong
    if dpo.sft_weight:
        losses = losses - dpo.sft_weight * sums[0::2] / sizes[0::2]
    with torch.no_grad():
        better, worse = dpo.beta * ratios[0::2], dpo.beta * ratios[1::2]
        batch["measured"] = torch.stack([better - worse, (better > worse).float(), better, worse, ratios[0::2]], dim=1)
    count = len(losses) if count is None else count
    return losses.sum() / (count.to(logits.device) if hasattr(count, "to") else count)


def _by_row(logits: Any, batch: dict[str, Any]) -> tuple[Any, Any]:
    """(rows,) the summed log-probability of each row's answer, and its tokens. A chunk of logits is in fp32 at a time."""
    import torch
    from torch.utils.checkpoint import checkpoint

    def of_tokens(chunk: Any, target: Any) -> Any:
        return -torch.nn.functional.cross_entropy(chunk.float(), target, reduction="none")

    parts = zip(logits.split(CHUNK), batch["shift_labels"].split(CHUNK), strict=True)
    tokens = torch.cat([checkpoint(of_tokens, *part, use_reentrant=False) for part in parts])
    # A table of rows and tokens, because adding by index has no order on a GPU.
    numbers = torch.arange(len(batch["reference"]), device=tokens.device)
    here = batch["rows"][None] == numbers[:, None]
    return torch.where(here, tokens[None], 0.0).sum(dim=1), here.sum(dim=1)


def dpo_method(dpo: Dpo) -> Method:
    """The method with a recipe's settings."""
    return Method(
        kind="dpo",
        encode=encode_pairs,
        loss=partial(pair_loss, dpo=dpo),
        chunk=CHUNK,
        measures=MEASURES,
        together=2,
        open=partial(open_data, kind="preferences"),
    )


def make_dpo_plan(
    recipe: TrainRecipe,
    reference: str,
    adapter: Path | str,
    registry: Path,
    engine: Engine,
    cache: Path | None = None,
    weights: bool = True,
    yanked: bool = False,
) -> Plan:
    """What aligning an adapter on a preference version will do (see `train.run.plan.plan_run`).

    The adapter gives its shape to the new one, and stays as it is. Raises Problem for an adapter of another base or template.
    """
    dpo = recipe.dpo or Dpo()
    recipe = recipe.model_copy(update={"dpo": dpo})
    start = open_adapter(adapter)
    return plan_run(dpo_method(dpo), recipe, reference, registry, engine, cache, weights, yanked, start)
