"""`aguila merge`: an adapter and its base become one model."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

import aguila
from aguila.commands.command import command
from aguila.commands.options import adapter_argument, base_option, device_option, json_option
from aguila.commands.output import made, print_json
from cards.shared.terminal import say

if TYPE_CHECKING:
    from train.engines import DeviceName


@command("merge", "aguila merge adapters/tiny models/tiny\naguila merge adapters/tiny models/tiny --precision fp32")
@adapter_argument
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--precision",
    type=click.Choice(["bf16", "fp32"]),
    default="bf16",
    show_default=True,
    help="How the base is held and the model written.",
)
@base_option
@device_option
@json_option
def merge(
    adapter: Path,
    out: Path,
    precision: Literal["bf16", "fp32"],
    base: str | None,
    device: "DeviceName",
    as_json: bool,
) -> None:
    """Merge ADAPTER (a folder, or OWNER/NAME@vX.Y.Z) into its base, held in 16 bit, and write a whole model to the folder OUT."""
    merged = aguila.merge(adapter, out, base, device, precision)
    record, check = merged.record, merged.record.check
    with made(f"the merged model is in {merged.path}"):
        if as_json:
            from builders.records import plain

            print_json({"path": str(merged.path), **plain(record)})
            return
        say(
            f"merged {record.adapter.name} in {record.precision}: logits differ by at most {check.max_difference:.3g} of "
            f"{check.largest_logit:.3g}; {check.same_next_token} of {check.tokens} next tokens are the same"
        )
        say(f"  {merged.path}")
