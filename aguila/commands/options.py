"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Decorator = Callable[[Any], Any]


def several(*options: Decorator) -> Decorator:
    """Several options as one decorator, in the order of help."""

    def added(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return added


registry_option = click.option(
    "--registry", type=Path, default="versions", show_default=True, metavar="DIR", help="Where versions are kept."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
from_option = click.option("--from", "where", metavar="FILE_OR_REF", help="Where the source is now.")
set_option = click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change a value of the recipe; may be repeated."
)
labels_option = click.option(
    "--labels",
    type=Path,
    metavar="FILE",
    help="What people judged of rows, to measure decisions on: a file or a folder.",
)
html_option = click.option(
    "--html", metavar="FILE", type=click.Path(path_type=Path), help="Write a page that opens offline."
)

# ---- publishing ------------------------------------------------------------------------------------------------------

repo_argument = click.argument("repo", metavar="OWNER/NAME")
private_option = click.option("--private", is_flag=True, help="Make the repository private, if it has to be made.")
dry_publish_option = click.option("--dry-run", is_flag=True, help="Show what would be sent; send nothing.")
replace_card_option = click.option(
    "--replace-card", is_flag=True, help="Replace a README.md that a person wrote before anything was published."
)

# ---- the trainer -----------------------------------------------------------------------------------------------------

limit_option = click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="Only N rows, by hash of the id (default: all)."
)
adapter_argument = click.argument("adapter", type=click.Path(path_type=Path))
dataset_option = click.option(
    "--dataset", "ref", required=True, metavar="REF", help="The version to use, by a reference that is pinned."
)
engine_option = click.option(
    "--engine",
    type=click.Choice(["auto", "unsloth", "plain"]),
    default="auto",
    show_default=True,
    help="auto: unsloth where it is installed and there is a GPU, plain elsewhere.",
)
device_option = click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True, help="Where it runs."
)
base_option = click.option("--base", metavar="FOLDER", help="Where the base is now, if it is not on the Hub.")
temperature_option = click.option(
    "--temperature",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    help="0: the likeliest token each time; above: one drawn at random.",
)
seed_option = click.option("--seed", default=0, show_default=True, help="Seed of what is drawn.")
top_p_option = click.option(
    "--top-p",
    type=click.FloatRange(0, 1, min_open=True),
    default=1.0,
    show_default=True,
    help="Draw from the likeliest tokens that have this probability together.",
)
max_tokens_option = click.option(
    "--max-tokens",
    type=click.IntRange(min=1),
    default=512,
    show_default=True,
    help="How many tokens an answer may have.",
)
batch_option = click.option(
    "--batch", type=click.IntRange(min=1), default=8, show_default=True, help="How many prompts are read side by side."
)


def measured_options(split: str, answered: int) -> Decorator:
    """Which rows models are measured on, and how many of them they answer."""
    return several(
        click.option(
            "--split",
            type=click.Choice(["train", "validation", "test"]),
            default=split,
            show_default=True,
            help="The split whose rows are used.",
        ),
        limit_option,
        click.option(
            "--answers",
            "answered",
            type=click.IntRange(min=0),
            default=answered,
            show_default=True,
            metavar="N",
            help="How many of these rows each model answers.",
        ),
        click.option("--against-base", is_flag=True, help="Measure the base without an adapter, too."),
    )


answering_options = several(max_tokens_option, batch_option, base_option, engine_option, device_option)
training_options = several(
    set_option,
    engine_option,
    device_option,
    click.option("--dry-run", is_flag=True, help="Show what would be done; fetch no weights, train nothing."),
    click.option("--resume", is_flag=True, help="Go on from the last checkpoint of an interrupted run."),
    click.option("--yanked", is_flag=True, help="Train on a version that was withdrawn, all the same."),
    registry_option,
    json_option,
)
