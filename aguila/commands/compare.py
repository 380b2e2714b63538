"""`aguila compare`: which of some adapters says best what a version says."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

import aguila
from aguila.commands.command import command
from aguila.commands.options import (
    answering_options,
    dataset_option,
    html_option,
    json_option,
    measured_options,
    registry_option,
)
from aguila.commands.output import note, print_json
from cards.shared.terminal import say, table

if TYPE_CHECKING:
    from builders.schema import Split
    from train.engines import DeviceName, EngineName


@command(
    "compare",
    "aguila compare adapters/a adapters/b --dataset demo@1.0.0 --split validation\n"
    "aguila compare adapters/first adapters/aligned --dataset demo-preferences@1.0.0 --against-base --answers 50\n"
    "aguila compare adapters/a adapters/b adapters/c --dataset OWNER/NAME@v1.0.0 --answers 100 --html compared.html",
)
@click.argument("adapters", nargs=-1, required=True, type=click.Path(path_type=Path))
@dataset_option
@measured_options("test", 0)
@html_option
@answering_options
@registry_option
@json_option
def compare(
    adapters: tuple[Path, ...],
    ref: str,
    split: "Split",
    limit: int | None,
    answered: int,
    against_base: bool,
    html: Path | None,
    max_tokens: int,
    batch: int,
    base: str | None,
    engine: "EngineName",
    device: "DeviceName",
    registry: Path,
    as_json: bool,
) -> None:
    """Compare ADAPTERS (folders, or OWNER/NAME@vX.Y.Z) on the same rows of a version: losses with intervals, and answers.

    On a version of preferences: how often each prefers the better answer of a pair, too.
    """
    chosen = aguila.choose_engine(engine, device)  # before the rest, which imports transformers
    data = aguila.open_data(ref, registry, kind=None)
    sampling = aguila.Sampling(max_tokens=max_tokens, batch=batch)
    found = aguila.compare(adapters, data, chosen, split, limit, answered, sampling, against_base, base, report=note)
    from cards.comparison.table import compared_table

    header, rows = compared_table(found)
    if html:
        from cards.comparison.page import models_page
        from cards.shared.page import write_page

        write_page(html, models_page(found, header, rows))
        note(f"wrote {html}")
    if as_json:
        print_json(found)
        return
    table(header, rows)
    say(found.verdict)
    for warning in found.warnings:
        say(f"warning: {warning}")
