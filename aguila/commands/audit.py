"""`aguila audit`: what is in a version, or in a raw file."""

from pathlib import Path

import click

import aguila
from aguila.commands.command import command
from aguila.commands.options import from_option, html_option, json_option, labels_option, registry_option, set_option
from aguila.commands.output import note, print_json
from cards.shared.terminal import show, tables


@command(
    "audit",
    "aguila audit demo@1.0.0\naguila audit demo@1.0.0 --html audit.html\naguila audit --from rows.jsonl.gz --json",
)
@click.argument("ref", required=False)
@from_option
@click.option(
    "--tokenizer", metavar="PATH_OR_REPO", help="Count real tokens: a tokenizer.json, its folder, or OWNER/NAME."
)
@labels_option
@click.option(
    "--scores", type=Path, metavar="FILE", help="Scores of its rows, if they are not beside the version or in it."
)
@click.option("--full", is_flag=True, help="Show every table; without it, those of a first look.")
@set_option
@html_option
@registry_option
@json_option
def audit(
    ref: str | None,
    where: str | None,
    tokenizer: str | None,
    labels: Path | None,
    scores: Path | None,
    full: bool,
    overrides: tuple[str, ...],
    html: Path | None,
    registry: Path,
    as_json: bool,
) -> None:
    """Show what is in a version, what was dropped and why; with --from and no REF, what is in a file before any recipe."""
    if ref is None and where is None:
        raise click.UsageError("Give REF, or a raw file with --from.")
    if ref is not None and overrides:
        raise click.UsageError("--set says how a raw file is read; it goes with --from and no REF.")
    if ref is None and (labels or scores):
        raise click.UsageError(f"{'--labels' if labels else '--scores'} are of a version's rows; they go with REF.")
    found = aguila.audited(ref, registry, where, tokenizer, html is not None, overrides, labels, scores)
    if html:
        from cards.audit.page import audit_page
        from cards.shared.page import write_page

        write_page(html, audit_page(found.numbers, found.rows, found.explained, found.cuts))
        note(f"wrote {html}")
    if as_json:
        print_json(found.numbers)
    elif not html:
        from cards.audit.tables import FIRST_LOOK, audit_tables, heading
        from cards.looks.text import look_lines

        every = audit_tables(found.numbers)
        shown = every if full else audit_tables(found.numbers, FIRST_LOOK)
        show([("title", heading(found.numbers))], [("same", "")])
        if looks := getattr(found.numbers, "looks", None):
            show(*look_lines(looks), [("same", "")])
        tables(shown)
        if more := len(every) - len(shown):
            note(f"{more} more tables with --full, rows to read with --html FILE")
