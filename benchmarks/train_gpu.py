"""The trainer on a GPU, on a random Falcon in Águila's exact shape: both engines, padded and packed.

THIS SCRIPT HAS NOT BEEN RUN YET: no GPU was at hand when it was written. What it prints is a measurement only once it has.

    python benchmarks/train_gpu.py --work gpu-work              # everything, about 20 minutes on one large GPU
    python benchmarks/train_gpu.py --work gpu-work --only plain-packed

It needs the trainer (`make train`), unsloth for its half (`make unsloth`), 30 GiB of disk and nothing from the network.
Speed and memory are real, quality is not: the weights are random. Each case runs in a process of its own, on the same rows:

- the base, 14 GiB in bf16, is made on the card and stored once, as a native Falcon;
- first checks: unsloth imports, Linear4bit = 4 × 32, vocabulary still 50257 (the engines refuse to go on otherwise);
- recipe aguila-7b, 12 steps: tokens that are no filling a second after the second step, peak memory, first loss.

It needs polars, pyarrow, ftfy and fasttext beside the trainer, to build the rows; what is missing is said before anything runs.
It ends with 1 when a case fails.

Goals: grouped >= 1.8 × padded, packed >= 1.1 × grouped, unsloth >= 1.3 × plain, peak under 12 GiB at 4 × 2048, first losses
equal within 1 %.
"""

import argparse
import json
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

# As many rows a step as padded: one window of 2048 tokens holds about eight of these rows.
ONE_WINDOW = ("train.per_device_train_batch_size=1", "train.gradient_accumulation_steps=1")
CASES = {
    f"{engine}-{how}": (engine, overrides)
    for engine in ("plain", "unsloth")
    for how, overrides in (
        ("padded", ["train.group_by_length=false"]),  # as it was: about half of it filling
        ("grouped", ["train.group_by_length=true"]),
        ("packed", ["train.packing=true", *ONE_WINDOW]),
        ("full", ["train.packing=true"]),  # 4 × 2048 tokens, none of them filling: the memory that counts
    )
}
VOCABULARY, HIDDEN, LAYERS, HEADS = 50257, 4544, 32, 71
STEPS = 12
TEXT = "la casa de mi madre está en el centro del pueblo y tiene un patio con naranjos donde leemos por la tarde"
WORDS = TEXT.split()


def make_base(folder: Path) -> None:
    """A random Falcon of 7 billion weights in bf16, made on the card, with a byte-level tokenizer of Águila's size."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import FalconConfig, FalconForCausalLM, PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    known = {letter: index for index, letter in enumerate(letters)}
    known |= {f"Ġ{word}": len(known) + at for at, word in enumerate(dict.fromkeys(WORDS))}
    known |= {f"relleno{at}": at for at in range(len(known), VOCABULARY - 1)}
    known["<|endoftext|>"] = VOCABULARY - 1
    made = Tokenizer(models.BPE(vocab=known, merges=[]))
    made.pre_tokenizer, made.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    end = "<|endoftext|>"
    PreTrainedTokenizerFast(
        tokenizer_object=made, bos_token=end, eos_token=end, unk_token=end, pad_token=end
    ).save_pretrained(folder)
    torch.manual_seed(0)
    sizes = {"hidden_size": HIDDEN, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "vocab_size": VOCABULARY}
    ends = {"bos_token_id": VOCABULARY - 1, "eos_token_id": VOCABULARY - 1}
    flags = {
        "multi_query": True,
        "parallel_attn": True,
        "bias": False,
        "alibi": False,
        "new_decoder_architecture": False,
    }
    torch.set_default_dtype(torch.bfloat16)
    with torch.device("cuda"):
        model = FalconForCausalLM(FalconConfig(**sizes, **ends, **flags))
    model.save_pretrained(folder, max_shard_size="5GB")


def make_rows(registry: Path) -> None:
    """2,000 rows as long as Bactrian-X's, about 235 tokens, built into a version. Every row is another one."""
    import random

    from builders.recipes.model import Dedup, FileSource, Language, Quality, Recipe, Repair, Split
    from builders.versions.registry import build

    drawn = random.Random(0)

    def text(length: float) -> str:
        return " ".join(drawn.choice(WORDS) for _ in range(max(3, int(drawn.lognormvariate(length, 0.7)))))

    path = registry.parent / "rows.jsonl"
    rows = [
        {"id": f"fila-{n}", "instruction": text(2.5), "input": "", "output": f"{text(3.3)} {n}."} for n in range(2000)
    ]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n", "utf-8")
    off = {"enabled": False}
    build(
        Recipe(
            name="filas",
            source=FileSource(path=str(path)),
            repair=Repair(**off),
            language=Language(**off),
            quality=Quality(**off),
            dedup=Dedup(**off),
            split=Split(validation=0.02),
        ),
        registry,
    )


def measure(work: Path, case: str) -> dict[str, Any]:
    """One case, in this process."""
    import shutil

    from builders.records import plain
    from train.engines import choose
    from train.recipes.loading import load_recipe

    engine, overrides = CASES[case]
    chosen = choose(engine, "cuda")  # type: ignore[arg-type]
    import torch

    from train.methods.sft import make_plan, train
    from train.run.progress import Step

    settings = [
        "base.repo=null",
        f"base.path={work / 'base'}",
        f"train.max_steps={STEPS}",
        "train.save_steps=0",
        "train.eval_steps=0",
    ]
    plan = make_plan(
        load_recipe("aguila-7b", [*settings, *overrides]), "filas@1.0.0", work / "versions", chosen, work / "cache"
    )
    ends: list[tuple[float, Step]] = []
    out = work / "adapters" / case
    for folder in (out, out.with_name(f"{case}.run")):
        shutil.rmtree(folder, ignore_errors=True)
    train(plan, out, report=lambda done: ends.append((time.perf_counter(), done)))  # type: ignore[arg-type]
    seconds = ends[-1][0] - ends[1][0]
    # tokens_per_second counts from the start: turn it back into tokens, and take those after the second step.
    tokens = plan.train.examples.lengths.mean() * len(plan.train.examples) / len(plan.train)
    shape = plan.recipe.train
    tokens *= shape.per_device_train_batch_size * shape.gradient_accumulation_steps * (STEPS - 2)
    return {
        "case": case,
        "tokens_per_second": round(float(tokens) / seconds),
        "peak_gib": round(torch.cuda.max_memory_allocated() / 2**30, 2),
        "estimate_gib": round(plan.memory().total / 2**30, 2),
        "first_loss": ends[0][1].loss,
        "filling": plain(plan.filling),
    }


def require_installed() -> None:
    """End with what is missing, before a base of 14 GiB is made."""
    needed = (
        "torch",
        "transformers",
        "peft",
        "accelerate",
        "bitsandbytes",
        "unsloth",
        "polars",
        "pyarrow",
        "ftfy",
        "psutil",
    )
    if missing := [name for name in needed if find_spec(name) is None]:
        sys.exit(f"not installed: {', '.join(missing)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="where base, rows and adapters go")
    parser.add_argument("--only", choices=CASES, help="one case, in this process")
    asked = parser.parse_args()
    if asked.only:
        print(json.dumps(measure(asked.work, asked.only)))
        return
    require_installed()
    asked.work.mkdir(parents=True, exist_ok=True)
    if not (asked.work / "versions").exists():
        make_rows(asked.work / "versions")
    if not (asked.work / "base" / "config.json").exists():
        make_base(asked.work / "base")
    found, failed = {}, []
    for case in CASES:
        words = [sys.executable, __file__, "--work", str(asked.work), "--only", case]
        done = subprocess.run(words, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            print(f"{case}: ended with {done.returncode}", flush=True)
            failed.append(case)
            continue
        found[case] = json.loads(done.stdout.splitlines()[-1])
        print(json.dumps(found[case]), flush=True)
    for above, below in (
        ("unsloth-padded", "plain-padded"),
        ("plain-grouped", "plain-padded"),
        ("plain-packed", "plain-grouped"),
        ("unsloth-grouped", "plain-grouped"),
        ("unsloth-packed", "unsloth-grouped"),
    ):
        if above in found and below in found:
            ratio = found[above]["tokens_per_second"] / found[below]["tokens_per_second"]
            print(f"{above} / {below}: {ratio:.2f} × the tokens a second")
    for how in ("padded", "grouped", "packed", "full"):
        losses = [
            found[f"{engine}-{how}"]["first_loss"] for engine in ("plain", "unsloth") if f"{engine}-{how}" in found
        ]
        if len(losses) == 2:
            print(
                f"{how}: first losses {losses[0]:.4f} and {losses[1]:.4f}, {abs(losses[0] / losses[1] - 1):.2%} apart"
            )
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
