"""`aguila answers`: a model's own answers to a version's rows, for pairs."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

import aguila
from aguila.commands.command import command
from aguila.commands.options import (
    answering_options,
    json_option,
    limit_option,
    registry_option,
    seed_option,
    temperature_option,
    top_p_option,
)
from aguila.commands.output import made, note, print_json
from cards.shared.terminal import say

if TYPE_CHECKING:
    from builders.schema import Split
    from train.engines import DeviceName, EngineName


@command(
    "answers",
    "aguila answers demo@1.0.0 --adapter adapters/first --out answers.jsonl\n"
    "aguila answers OWNER/NAME@v1.0.0 --adapter OWNER/ADAPTER@v1.0.0 --temperature 0.8 --seed 1 --out answers.jsonl",
)
@click.argument("ref")
@click.option("--adapter", required=True, metavar="ADAPTER", help="Who answers: a folder, or OWNER/NAME@vX.Y.Z.")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE", help="The file of answers.")
@click.option(
    "--split", type=click.Choice(["train", "validation", "test"]), help="Only the rows of this split (default: all)."
)
@limit_option
@temperature_option
@top_p_option
@seed_option
@answering_options
@registry_option
@json_option
def answers(
    ref: str,
    adapter: str,
    out: Path,
    split: "Split | None",
    limit: int | None,
    temperature: float,
    top_p: float,
    seed: int,
    max_tokens: int,
    batch: int,
    base: str | None,
    engine: "EngineName",
    device: "DeviceName",
    registry: Path,
    as_json: bool,
) -> None:
    """Have an adapter answer the rows of REF, into a file that a recipe of preferences sets against the rows' own answers.

    An interrupted run goes on where it was, to the same bytes. Answers that do not stop are cut, and make no pair.
    """
    sampling = aguila.Sampling(max_tokens, temperature, top_p, seed, batch)
    found = aguila.sample_answers(
        ref, adapter, out, registry, sampling, split, limit, base, engine, device, report=note
    )
    with made(f"the answers are in {found.path}"):
        if as_json:
            print_json(found)
            return
        said = f"{found.rows:,} rows of {ref} are answered by {found.adapter.split()[0]}"
        say(f"{said}: {found.cut:,} cut at {max_tokens:,} tokens, which make no pair")
        if found.left_out:
            say(f"  {len(found.left_out):,} rows are left out, for their prompt fills the window")
        say("a recipe with kind: preferences takes them so:")
        say("source:")
        for key in ("kind", "path", "sha256"):
            say(f"  {key}: {found.source[key]}")
        say(f"  rows: {{kind: version, ref: {ref}}}")
