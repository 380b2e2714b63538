"""`aguila explain`: what became of one row, and why."""

from pathlib import Path

import click

import aguila
from aguila.commands.command import command
from aguila.commands.options import from_option, json_option, registry_option
from aguila.commands.output import print_json


@command("explain", "aguila explain demo@1.0.0 demo-12")
@click.argument("ref")
@click.argument("id")
@from_option
@registry_option
@json_option
def explain(ref: str, id: str, where: str | None, registry: Path, as_json: bool) -> None:
    """Tell one row's story: source text, edits, every rule's score, the decision, the duplicate, the final prompt."""
    story = aguila.explain(aguila.resolve(ref, registry), id, registry, where)
    if as_json:
        print_json(story)
        return
    from cards.rows.story import show_story

    show_story(story)
