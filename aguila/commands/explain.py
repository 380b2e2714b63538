"""`aguila explain`: what became of one row, and why; and what a model was made of."""

import sys
from pathlib import Path

import click

import aguila
from aguila.commands.command import command
from aguila.commands.options import from_option, json_option, registry_option
from aguila.commands.output import print_json
from cards.shared.terminal import say, table


@command(
    "explain",
    "aguila explain demo@1.0.0 demo-12\naguila explain adapters/aligned\naguila explain models/aligned --json",
)
@click.argument("ref")
@click.argument("id", required=False)
@from_option
@click.option(
    "--among",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Of a model: where other adapters and models are looked for, too (default: adapters, models, and beside it).",
)
@registry_option
@json_option
def explain(
    ref: str, id: str | None, where: str | None, among: tuple[Path, ...], registry: Path, as_json: bool
) -> None:
    """Tell one row's story: source text, edits, every rule's score, the decision, the duplicate, the final prompt.

    Without ID, REF is an adapter or a merged model: the chain that it was made by, from the source's commit on, each part with
    its hash, verified where it is at hand. Exit status 1 where a part is not what a record names.
    """
    if id is None:
        if "@" in ref and "/" not in ref:  # a version here; adapters are folders, or OWNER/NAME@vX.Y.Z
            raise click.UsageError(
                f"Give the ID of a row of {ref}, too; without one, REF is an adapter or a merged model."
            )
        _lineage(ref, (*among, Path(ref).parent, Path("adapters"), Path("models")), registry, as_json)
        return
    story = aguila.explain(aguila.resolve(ref, registry), id, registry, where)
    if as_json:
        print_json(story)
        return
    from cards.rows.story import show_story

    show_story(story)


def _lineage(ref: str, among: tuple[Path, ...], registry: Path, as_json: bool) -> None:
    found = aguila.lineage(ref, registry, among)
    if as_json:
        print_json({"ok": found.ok, "links": found.links})
    else:
        shown = [[one.what, one.name, one.hash, one.state] for one in found.links]
        table(["part", "name", "hash", "state"], shown)
        for one in found.links:
            if one.state != "verified":
                say(f"{one.what} {one.name}: {one.state} ({one.at})")
    sys.exit(0 if found.ok else 1)
