"""`aguila build`: a recipe becomes a dataset version."""

from pathlib import Path
from typing import Literal

import click
import msgspec

import aguila
from aguila.commands.command import command
from aguila.commands.options import json_option, set_option
from aguila.commands.output import made, print_json, splits
from aguila.commands.progress import progress
from cards.shared.terminal import say


@command("build", "aguila build demo\naguila build mix --from rows.jsonl.gz --set dedup.near.threshold=0.7")
@click.argument("recipe")
@click.option(
    "--from",
    "source",
    metavar="FILE_OR_REF",
    help="Rows to use in place of the recipe's source: a file, folder or pattern, a version, OWNER/DATASET[@REVISION].",
)
@click.option(
    "--out",
    "registry",
    type=Path,
    default="versions",
    show_default=True,
    metavar="DIR",
    help="Write the version under DIR/NAME/vX.Y.Z/.",
)
@click.option(
    "--version", "number", metavar="X.Y.Z", help="The version's number (default: the next one, by what changed)."
)
@click.option("--published", metavar="OWNER/NAME", help="Number it after the latest version there, too.")
@click.option(
    "--labels", metavar="FILE", help="What people judged of rows, which goes before the rules: a file or a folder."
)
@click.option(
    "--engine",
    type=click.Choice(["local", "daft"]),
    default="local",
    show_default=True,
    help="Where rows are worked on: in this process, or in partitions by Daft (extra cluster). The bytes are the same.",
)
@click.option("--ray", metavar="HOST:PORT", help="With --engine daft: the Ray cluster that works.")
@click.option(
    "--partitions", type=int, metavar="N", help="With --engine daft: how many parts the rows are worked on in."
)
@set_option
@json_option
def build(
    recipe: str,
    source: str | None,
    registry: Path,
    number: str | None,
    published: str | None,
    labels: str | None,
    engine: Literal["local", "daft"],
    ray: str | None,
    partitions: int | None,
    overrides: tuple[str, ...],
    as_json: bool,
) -> None:
    """Build RECIPE (a YAML file, or the name of a shipped one) into a dataset version."""
    loaded = aguila.load_recipe(recipe, overrides)
    if source:
        loaded = aguila.with_source(loaded, source, registry)
    if labels:
        loaded = aguila.with_labels(loaded, labels)
    latest = aguila.latest_published(published) if published else None
    works = aguila.engine_named(engine, ray, partitions)
    with progress(f"build {loaded.name}") as report:
        result = aguila.build(loaded, registry, number, report, latest, works)
    version, manifest = result.version, result.version.manifest
    with made(f"{version.label} is there, in {version.path}"):
        if as_json:
            print_json(
                {
                    "name": version.name,
                    "version": str(version.number),
                    "path": str(version.path),
                    "created": result.created,
                    "reason": result.reason,
                    "content_sha256": version.content_sha256,
                    "source_rows": manifest.source_rows,
                    "kept": manifest.kept,
                    "dropped": manifest.dropped,
                    "splits": manifest.splits,
                    "stages": [vars(stage) for stage in result.built.stages],
                }
            )
            return
        say(f"{'built' if result.created else 'already there:'} {version.label} ({result.reason})")
        say(f"  {manifest.kept:,} of {manifest.source_rows:,} rows kept: {splits(manifest.splits)}")
        use = manifest.labels
        if not isinstance(use, msgspec.UnsetType):
            say(
                f"  {use.used:,} of {use.labels:,} labels used ({use.changed:,} of changed rows, {use.absent:,} of rows that are "
                "not in the source or left before)"
            )
        say(f"  {version.path}")
