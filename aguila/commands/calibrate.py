"""`aguila calibrate`: where thresholds belong, by labels."""

from pathlib import Path

import click

import aguila
from aguila.commands.command import command
from aguila.commands.options import from_option, json_option, registry_option
from aguila.commands.output import note, print_json
from cards.shared.terminal import say, table


@command(
    "calibrate",
    "aguila calibrate mix@1.0.0 --labels labels.jsonl\naguila calibrate mix@1.0.0 --labels labels.jsonl --write mine.yaml",
)
@click.argument("ref")
@click.option(
    "--labels", type=Path, required=True, metavar="FILE", help="What people judged of rows: a file or a folder."
)
@click.option(
    "--precision",
    type=click.FloatRange(0, 1),
    default=0.97,
    show_default=True,
    help="The share of catches that must be right.",
)
@click.option("--write", type=Path, metavar="RECIPE", help="Write a recipe with the thresholds, too.")
@click.option("--extends", default="mix", show_default=True, metavar="RECIPE", help="What the written recipe extends.")
@from_option
@registry_option
@json_option
def calibrate(
    ref: str,
    labels: Path,
    precision: float,
    write: Path | None,
    extends: str,
    where: str | None,
    registry: Path,
    as_json: bool,
) -> None:
    """Show for each graded rule the threshold that keeps the asked precision at the best recall, on judged rows.

    No threshold is moved on fewer than 30 labels.
    """
    found = aguila.calibrate(aguila.resolve(ref, registry), aguila.read_labels(labels), precision, registry, where)
    if write:
        from builders.labels.calibrate import write_thresholds

        note(f"wrote {write_thresholds(found, extends, write)} thresholds into {write}")
    if as_json:
        print_json({"rules": [vars(one) for one in found]})
        return
    table(
        ["rule", "now", "threshold", "precision", "recall", "labels", "why not"],
        [
            [
                one.rule,
                one.now,
                *(str("–" if value is None else value) for value in (one.threshold, one.precision, one.recall)),
                one.labels,
                one.why,
            ]
            for one in found
        ],
    )
    lines = [one.line for one in found if one.threshold is not None and one.threshold != one.now]
    for line in ["quality:", "  rules:", *(f"    {line}" for line in lines)] if lines else []:
        say(line)
