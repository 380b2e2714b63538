"""`aguila export`: rows of a version in a form that other tools read."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

import aguila
from aguila.commands.command import command
from aguila.commands.options import from_option, json_option, registry_option
from aguila.commands.output import print_json
from cards.shared.terminal import say

if TYPE_CHECKING:
    from builders.reading.export import Format
    from builders.schema import Split


@command(
    "export",
    "aguila export demo@1.0.0 --format alpaca --out demo.json\n"
    "aguila export OWNER/NAME@v1.0.0 --format messages --split train --out train.jsonl",
)
@click.argument("ref")
@click.option(
    "--format",
    "form",
    type=click.Choice(["alpaca", "sharegpt", "messages", "csv", "jsonl", "parquet"]),
    required=True,
    help="Which form: what alpaca's, ShareGPT's or chat tools read, or a plain table.",
)
@click.option(
    "--out",
    "path",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="Write it there; a file that exists is left alone.",
)
@click.option("--split", type=click.Choice(["train", "validation", "test"]), help="Only rows of this split.")
@click.option("--kept", is_flag=True, help="Rows that were kept (the default).")
@click.option("--dropped", is_flag=True, help="Rows that were dropped, with their text from the source.")
@from_option
@registry_option
@json_option
def export(
    ref: str,
    form: "Format",
    path: Path,
    split: "Split | None",
    kept: bool,
    dropped: bool,
    where: str | None,
    registry: Path,
    as_json: bool,
) -> None:
    """Write rows of a version into a file that other tools read."""
    if dropped and (kept or split):
        raise click.UsageError("--dropped goes with neither --kept nor --split.")
    version = aguila.resolve(ref, registry)
    done = aguila.export(version, path, form, registry, "dropped" if dropped else "kept", split, where)
    if as_json:
        print_json(done)
    else:
        say(f"wrote {done.rows:,} rows to {done.path}")
