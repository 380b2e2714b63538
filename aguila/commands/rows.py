"""`aguila rows`: rows of a version, to be read."""

from pathlib import Path

import click

import aguila
from aguila.commands.command import command
from aguila.commands.options import from_option, json_option, registry_option
from aguila.commands.output import note, print_json


@command("rows", "aguila rows demo@1.0.0 --dropped-by refusal --limit 3\naguila rows demo@1.0.0 --kept --random --json")
@click.argument("ref")
@click.option("--kept", is_flag=True, help="Only rows that were kept.")
@click.option("--dropped", is_flag=True, help="Only rows that were dropped.")
@click.option("--dropped-by", metavar="RULE", help="Only rows that this rule (or STAGE/RULE) dropped.")
@click.option(
    "--flagged", is_flag=False, flag_value="", metavar="[FLAG]", help="Only rows with this flag, or with any."
)
@click.option("--edited", metavar="EDIT", help="Only rows with this edit, such as output:entities.")
@click.option("--split", metavar="SPLIT", help="Only rows of this split.")
@click.option("--origin", metavar="ORIGIN", help="Only rows that come from there, such as alpaca.")
@click.option("--grep", metavar="TEXT", help="Only rows whose text contains this, in upper or lower case.")
@click.option("--random", is_flag=True, help="In random order, the same for the same seed; without it, by id.")
@click.option("--longest", is_flag=True, help="Those with most words first.")
@click.option("--seed", default=0, show_default=True, help="Seed of --random.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many rows.")
@click.option("--whole", is_flag=True, help="Show long texts whole.")
@from_option
@registry_option
@json_option
def rows(
    ref: str,
    kept: bool,
    dropped: bool,
    dropped_by: str | None,
    flagged: str | None,
    edited: str | None,
    split: str | None,
    origin: str | None,
    grep: str | None,
    random: bool,
    longest: bool,
    seed: int,
    limit: int,
    whole: bool,
    where: str | None,
    registry: Path,
    as_json: bool,
) -> None:
    """Read rows: kept and dropped, with what became of them and why."""
    if kept and (dropped or dropped_by is not None):
        raise click.UsageError("--kept and --dropped exclude each other.")
    if random and longest:
        raise click.UsageError("--random and --longest exclude each other.")
    wanted = aguila.Wanted(
        status="kept" if kept else "dropped" if dropped else None,
        dropped_by=dropped_by,
        flagged=flagged is not None,
        flag=flagged or None,
        edit=edited,
        split=split,
        origin=origin,
        grep=grep,
    )
    found = aguila.select(aguila.resolve(ref, registry), wanted, registry, where, limit, random, seed, longest)
    if as_json:
        print_json(vars(found))
        return
    from cards.rows.listing import show_rows

    show_rows(found.rows, whole)
    if found.note:
        note(f"note: {found.note}")
    note(f"{len(found.rows):,} of {found.total:,} rows")
