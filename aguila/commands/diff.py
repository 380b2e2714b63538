"""`aguila diff`: two versions side by side."""

from pathlib import Path

import click

import aguila
from aguila.commands.command import command
from aguila.commands.options import html_option, json_option, registry_option
from aguila.commands.output import note, print_json

SHOWN, ON_PAGE = 5, 100  # rows of each kind


@command("diff", "aguila diff demo@1.0.0 demo@1.1.0\naguila diff mix@1.0.0 owner/mix@v1.2.0 --html changes.html")
@click.argument("old")
@click.argument("new")
@html_option
@click.option(
    "--examples",
    type=click.IntRange(min=0),
    metavar="N",
    help=f"How many rows of each kind to show (default: {SHOWN}; HTML: {ON_PAGE}).",
)
@click.option(
    "--full", is_flag=True, help="Show every statistic that moved, in groups; without it, those that moved most."
)
@registry_option
@json_option
def diff(
    old: str, new: str, html: Path | None, examples: int | None, full: bool, registry: Path, as_json: bool
) -> None:
    """Compare two versions: recipe, source, rows, decisions, splits, statistics, and the number that the change deserves."""
    shown, on_page = (SHOWN, ON_PAGE) if examples is None else (examples, examples)
    sides = aguila.resolve(old, registry), aguila.resolve(new, registry)
    found = aguila.diff(*sides, on_page if html else shown)
    if html:
        from cards.diff.page import comparison_page
        from cards.shared.page import write_page

        write_page(html, comparison_page(found, on_page))
        note(f"wrote {html}")
    if as_json:
        print_json(found)
    else:
        from cards.diff.text import show_comparison

        show_comparison(found, shown, full)
