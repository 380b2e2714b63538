"""`aguila evaluate`: what an adapter is worth."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

import aguila
from aguila.commands.command import command
from aguila.commands.options import (
    adapter_argument,
    answering_options,
    dataset_option,
    json_option,
    measured_options,
    registry_option,
)
from aguila.commands.output import note, print_json
from cards.shared.terminal import table

if TYPE_CHECKING:
    from builders.schema import Split
    from train.engines import DeviceName, EngineName


@command(
    "evaluate",
    "aguila evaluate adapters/tiny --dataset demo@1.0.0\n"
    "aguila evaluate adapters/tiny --dataset OWNER/NAME@v1.0.0 --split test --limit 500 --against-base --json",
)
@adapter_argument
@dataset_option
@measured_options("validation", 100)
@click.option("--rewrite-prompts", is_flag=True, help="Write prompts of another template in the adapter's.")
@answering_options
@registry_option
@json_option
def evaluate(
    adapter: Path,
    ref: str,
    split: "Split",
    limit: int | None,
    answered: int,
    against_base: bool,
    rewrite_prompts: bool,
    max_tokens: int,
    batch: int,
    base: str | None,
    engine: "EngineName",
    device: "DeviceName",
    registry: Path,
    as_json: bool,
) -> None:
    """Measure ADAPTER (a folder, or OWNER/NAME@vX.Y.Z) on a version: loss and perplexity, and what its own answers are like."""
    data = aguila.open_data(ref, registry, yanked=True)  # a wrong REF is refused before a large model is loaded
    answerer = aguila.open_answerer(adapter, base, engine, device)
    sampling = aguila.Sampling(max_tokens=max_tokens, batch=batch)
    found = aguila.evaluate(
        answerer, data, split, limit, answered, sampling, against_base, rewrite_prompts, report=note
    )
    if as_json:
        print_json(found)
        return
    from train.answers.evaluation import evaluation_table

    table(*evaluation_table(found))
