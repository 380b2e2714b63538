"""`aguila train dpo`: a preference version and an adapter become an aligned adapter."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

import aguila
from aguila.commands.command import command
from aguila.commands.options import dataset_option, training_options
from aguila.commands.train_sft import run_plan

if TYPE_CHECKING:
    from train.engines import DeviceName, EngineName


@command(
    "train dpo",
    "aguila train dpo tiny --dataset demo-preferences@1.0.0 --adapter adapters/first --out adapters/aligned\n"
    "aguila train dpo aguila-7b-dpo --dataset OWNER/NAME@v1.0.0 --adapter OWNER/ADAPTER@v1.0.0 --set dpo.beta=0.1 --dry-run",
)
@click.argument("recipe")
@dataset_option
@click.option(
    "--adapter",
    required=True,
    metavar="ADAPTER",
    help="The adapter to go on from: a folder, or OWNER/NAME@vX.Y.Z. It stays as it is.",
)
@click.option(
    "--out", metavar="DIR", help="Where the new adapter goes (default: adapters/NAME-dpo, by the recipe's name)."
)
@training_options
def train_dpo(
    recipe: str,
    ref: str,
    adapter: str,
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
    """Align an adapter by direct preference optimization on a version's pairs of answers, into a new adapter."""
    loaded = aguila.load_train_recipe(recipe, overrides)
    chosen = aguila.choose_engine(engine, device)  # before the rest, which imports transformers
    plan = aguila.make_dpo_plan(loaded, ref, adapter, registry, chosen, weights=not dry_run, yanked=yanked)
    run_plan(plan, Path(out or f"adapters/{loaded.name.removesuffix('-dpo')}-dpo"), dry_run, resume, as_json)
