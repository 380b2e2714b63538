"""`aguila experiment`: which version of the data makes the better model."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

import aguila
from aguila.commands.command import command
from aguila.commands.options import device_option, engine_option, json_option, registry_option, set_option
from aguila.commands.output import note, print_json
from cards.shared.terminal import say, table

if TYPE_CHECKING:
    from train.engines import DeviceName, EngineName


@command(
    "experiment",
    "aguila experiment filtered-or-not.yaml\naguila experiment filtered-or-not.yaml --out experiments/one --json",
)
@click.argument("file")
@click.option("--out", metavar="DIR", help="Where adapters and results go (default: experiments/NAME).")
@set_option
@engine_option
@device_option
@registry_option
@json_option
def experiment(
    file: str,
    out: str | None,
    overrides: tuple[str, ...],
    engine: "EngineName",
    device: "DeviceName",
    registry: Path,
    as_json: bool,
) -> None:
    """Train each version that FILE names with each seed on as many tokens, compare all on one test split, and say which is best.

    Run again after an interruption: what is done stays done.
    """
    loaded = aguila.load_experiment(file, overrides)
    chosen = aguila.choose_engine(engine, device)  # before the rest, which imports transformers
    where = Path(out or f"experiments/{loaded.name}")
    found = aguila.run_experiment(loaded, where, registry, chosen, report=note)
    if as_json:
        print_json(found)
        return
    from cards.comparison.table import compared_table

    table(*compared_table(found.comparison))
    for sentence in found.sentences:
        say(sentence)
