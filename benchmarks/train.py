"""The trainer against a bare loop over transformers and peft on the same tiny model, and padded against packed, on the CPU.

    python benchmarks/train.py [--runs 3] [--steps 20]

Prints seconds a step of each, the medians and their ratio. The model is a random Falcon of four layers; the rows are the
embedded demo's; one thread, because models this small gain nothing from more. Loading, checkpoints, evaluation and the
writing of the adapter are not counted, on either side.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from builders import build, load_recipe
from tests.train.models import falcon, write_aguila
from train.engines import Settings, choose
from train.methods.sft import make_plan, train
from train.recipes.loading import load_recipe as training_recipe
from train.run.plan import Plan
from train.run.progress import Step

LENGTH = 384


def planned(folder: Path, *overrides: str) -> Plan:
    """A plan for the demo's rows and a random Falcon, both made in `folder` when they are not there."""
    base = folder / "base"
    if not base.exists():
        write_aguila(base, falcon(layers=4, hidden_size=128, num_attention_heads=4))
        build(load_recipe("demo"), folder / "versions")
    where, never = ["base.repo=null", f"base.path={base}"], ["train.eval_steps=0", "train.save_steps=0"]
    recipe = training_recipe("tiny", [*where, *never, f"train.max_length={LENGTH}", *overrides])
    return make_plan(recipe, "demo@1.0.0", folder / "versions", choose("plain", "cpu"), folder / "cache")


def ours(folder: Path, steps: int, *overrides: str) -> tuple[float, float]:
    """Seconds a step, the first two apart, and answer-bearing tokens a second, of this trainer."""
    ends: list[tuple[float, Step]] = []

    def note(done: Any) -> None:
        ends.append((time.perf_counter(), done))

    with tempfile.TemporaryDirectory() as out:
        adapter = train(planned(folder, f"train.max_steps={steps}", *overrides), Path(out) / "adapter", report=note)
    assert adapter
    seconds = (ends[-1][0] - ends[1][0]) / (steps - 2)
    return seconds, ends[-1][1].tokens_per_second


def bare(folder: Path, steps: int) -> float:
    """Seconds a step, the first two apart, of the shortest loop that does the same: same rows, batches and optimizer."""
    import torch
    from transformers import AutoModelForCausalLM, get_cosine_schedule_with_warmup

    from train.run.batches import Collator, read
    from train.run.examples import order

    plan = planned(folder)
    settings = plan.recipe.train
    model = AutoModelForCausalLM.from_pretrained(plan.checkpoint.folder, dtype=torch.float32)
    how = Settings("cpu", "fp32", plan.recipe.quantization, LENGTH, seed=settings.seed)
    model = plan.engine.attach_lora(model.requires_grad_(False), plan.recipe.lora, how)
    wanted = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(wanted, lr=settings.learning_rate, weight_decay=settings.weight_decay, fused=True)
    schedule = get_cosine_schedule_with_warmup(optimizer, settings.warmup_steps, steps)
    collate, rows, ends = Collator(plan.tokenizer.pad_token_id), order(len(plan.train), settings.seed, 0).tolist(), []
    rows_at_once = settings.per_device_train_batch_size
    size = rows_at_once * settings.gradient_accumulation_steps
    for step in range(steps):
        drawn = [rows[index % len(rows)] for index in range(step * size, (step + 1) * size)]
        batches = [
            collate([plan.train[row] for row in drawn[at : at + rows_at_once]]) for at in range(0, size, rows_at_once)
        ]
        answers = sum(int((batch["labels"][:, 1:] != -100).sum()) for batch in batches)
        for batch in batches:
            given = read(batch) | {"labels": batch["labels"]}
            model(**given, num_items_in_batch=answers, use_cache=False).loss.backward()
        torch.nn.utils.clip_grad_norm_(wanted, settings.max_grad_norm)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        ends.append(time.perf_counter())
    return (ends[-1] - ends[1]) / (steps - 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--steps", type=int, default=20)
    asked = parser.parse_args()
    import torch

    torch.set_num_threads(1)
    times: dict[str, list[float]] = {"ours": [], "bare": []}
    speeds: dict[str, list[float]] = {"padded": [], "grouped": [], "packed": []}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for _ in range(asked.runs):
            times["bare"].append(bare(folder, asked.steps))
            seconds, padded = ours(folder, asked.steps)
            times["ours"].append(seconds)
            speeds["padded"].append(padded)
            speeds["grouped"].append(ours(folder, asked.steps, "train.group_by_length=true")[1])
            # As many rows a step, in packs: eight rows of the demo are about four windows.
            speeds["packed"].append(
                ours(folder, asked.steps, "train.packing=true", "train.gradient_accumulation_steps=2")[1]
            )
            print(
                f"bare {times['bare'][-1]:.4f} s a step, ours {seconds:.4f}; "
                f"padded {padded:,.0f} tokens/s, grouped {speeds['grouped'][-1]:,.0f}, packed {speeds['packed'][-1]:,.0f}",
                flush=True,
            )
        filling = planned(folder, "train.packing=true").filling
        grouped = planned(folder, "train.group_by_length=true").filling.grouped
    ratio = statistics.median(a / b for a, b in zip(times["ours"], times["bare"], strict=True))
    faster = statistics.median(a / b for a, b in zip(speeds["grouped"], speeds["padded"], strict=True))
    gain = statistics.median(a / b for a, b in zip(speeds["packed"], speeds["padded"], strict=True))
    print(f"median ours / bare {ratio:.3f}; grouped / padded tokens a second {faster:.2f}, packed / padded {gain:.2f}")
    print(
        f"share of tokens that only fill up: padded {filling.padded:.1%}, grouped {grouped:.1%}, packed {filling.packed:.1%}"
    )


if __name__ == "__main__":
    main()
