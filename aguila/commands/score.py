"""`aguila score`: how hard each answer is for a model."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

import aguila
from aguila.commands.command import command
from aguila.commands.options import batch_option, device_option, engine_option, json_option, registry_option
from aguila.commands.output import note, print_json
from cards.shared.terminal import say

if TYPE_CHECKING:
    from train.engines import DeviceName, EngineName


@command(
    "score",
    "aguila score demo@1.0.0 --base models/tiny\n"
    "aguila score OWNER/NAME@v1.0.0 --base projecte-aina/aguila-7b --batch 16 --out scores.jsonl",
)
@click.argument("ref")
@click.option("--base", required=True, metavar="MODEL", help="The model: a folder, OWNER/NAME or OWNER/NAME@COMMIT.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="The file of scores (default: beside the version)."
)
@batch_option
@click.option(
    "--max-length",
    type=click.IntRange(min=2),
    default=2048,
    show_default=True,
    help="Tokens that prompt and answer have room for together.",
)
@engine_option
@device_option
@registry_option
@json_option
def score(
    ref: str,
    base: str,
    out: Path | None,
    batch: int,
    max_length: int,
    engine: "EngineName",
    device: "DeviceName",
    registry: Path,
    as_json: bool,
) -> None:
    """Score every row of REF under a model: the loss of its answer with the instruction and without it, and their ratio.

    An interrupted run goes on where it was. A recipe's `scores` drops or flags rows by the file.
    """
    found = aguila.score(ref, base, registry, out, batch, max_length, engine, device, report=note)
    if as_json:
        print_json(
            {
                "path": str(found.path),
                "sha256": found.sha256,
                "rows": found.rows,
                "left_out": found.left_out,
                "by": found.by,
            }
        )
        return
    say(
        f"{'scored' if found.created else 'already there:'} {found.rows:,} rows of {found.by.version} by {found.by.base.label}"
    )
    say(f"  {found.path}")
    say(f"  sha256 {found.sha256}")
