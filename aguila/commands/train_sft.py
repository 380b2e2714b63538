"""`aguila train sft`: a version and a base become an adapter."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

import aguila
from aguila.commands.command import command
from aguila.commands.options import dataset_option, training_options
from aguila.commands.output import made, note, print_json
from cards.shared.terminal import put, say

if TYPE_CHECKING:
    from train.engines import DeviceName, EngineName
    from train.run.plan import Plan


@command(
    "train sft",
    "aguila train sft aguila-7b --dataset OWNER/NAME@v1.0.0 --dry-run\n"
    "aguila train sft tiny --dataset demo@1.0.0 --set train.max_steps=20 --out adapters/first\n"
    "aguila train sft aguila-7b --dataset OWNER/NAME@v1.0.0 --resume",
)
@click.argument("recipe")
@dataset_option
@click.option("--out", metavar="DIR", help="Where the adapter goes (default: adapters/NAME, by the recipe's name).")
@training_options
def train_sft(
    recipe: str,
    ref: str,
    out: str | None,
    overrides: tuple[str, ...],
    engine: "EngineName",
    device: "DeviceName",
    dry_run: bool,
    resume: bool,
    yanked: bool,
    registry: Path,
    as_json: bool,
) -> None:
    """Fine-tune the base of RECIPE (a YAML file, or the name of a shipped one) on a version, into an adapter."""
    loaded = aguila.load_train_recipe(recipe, overrides)
    chosen = aguila.choose_engine(engine, device)  # before the rest, which imports transformers
    plan = aguila.make_plan(loaded, ref, registry, chosen, weights=not dry_run, yanked=yanked)
    run_plan(plan, Path(out or f"adapters/{loaded.name}"), dry_run, resume, as_json)


def run_plan(plan: "Plan", out: Path, dry_run: bool, resume: bool, as_json: bool) -> None:
    """Train what was planned, or show it, whatever the method."""
    from builders.records import plain
    from train.run.description import describe, lines, summary, warnings
    from train.run.progress import watched

    if dry_run and as_json:
        print_json(plain(describe(plan)))
        return
    for line in lines(plan) if dry_run else warnings(plan):
        say(line) if dry_run else note(line)
    if dry_run:
        return
    with watched(f"train {plan.recipe.name}") as report:
        adapter = aguila.train(plan, out, resume, report)
    if adapter is None:
        return
    with made(f"the adapter is in {adapter.path}"):
        if as_json:
            print_json({"path": str(adapter.path), **plain(adapter.record)})
            return
        put(summary(adapter.record))
        say(f"  {adapter.path}")
