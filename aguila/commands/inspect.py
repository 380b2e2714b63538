"""`aguila inspect`: what a file or a dataset of the Hub is, and the recipe to start from."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

import aguila
from aguila.commands.command import command
from aguila.commands.options import json_option, registry_option, set_option
from aguila.commands.output import note, print_json
from cards.shared.terminal import say

if TYPE_CHECKING:
    from builders.sources.inspect import Inspected

SHOWN = 200  # characters of a text


@command(
    "inspect",
    "aguila inspect rows.csv\naguila inspect rows.csv --write my.yaml\naguila inspect OWNER/DATASET --set source.turns=all",
)
@click.argument("place", metavar="FILE_OR_HUB_DATASET")
@click.option(
    "--write",
    "recipe",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the recipe to start from; a file that exists is left alone.",
)
@set_option
@registry_option
@json_option
def inspect(place: str, recipe: Path | None, overrides: tuple[str, ...], registry: Path, as_json: bool) -> None:
    """Show what a file, a folder of files or a dataset of the Hub is: columns, shape, first rows, and a recipe for it."""
    found = aguila.inspect(place, registry, overrides)
    if recipe:
        aguila.write_recipe(found, recipe)
        note(f"wrote {recipe}")
    if as_json:
        print_json(found)
        return
    for line in lines(found):
        say(line)


def lines(found: "Inspected") -> Iterator[str]:
    """What was found, line by line."""
    several = f", {found.files:,} files" if found.files > 1 else ""
    rows = "" if found.rows is None else f", {found.rows:,} {'row' if found.rows == 1 else 'rows'}"
    yield f"{found.place}: {found.form}, {found.encoding}{several}{rows}"
    part = "" if found.rows == found.looked_at else f" (types in the first {found.looked_at:,} rows)"
    yield from ("", f"columns{part}")
    for column in found.columns:
        types = ", ".join(f"{kind} {count:,}" for kind, count in column.types.items())
        yield f"  {column.name} ({types}): {column.example}"
    yield from ("", f"not read as it is: {found.problem}" if found.problem else found.mapping or "")
    yield from (f"note: {note}" for note in found.notes)
    for row in found.first:
        yield from ("", row["id"])
        yield from (f"  {field}: {row[field]}"[:SHOWN] for field in ("instruction", "input", "output"))
    yield from ("", "a recipe to start from (--write FILE writes it)", "")
    yield from (f"  {line}" for line in found.recipe.splitlines())
