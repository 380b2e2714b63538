"""`aguila review`: a queue of rows to judge."""

from pathlib import Path

import click

import aguila
from aguila.commands.command import command
from aguila.commands.options import from_option, json_option, registry_option
from aguila.commands.output import note, print_json
from cards.shared.terminal import table


@command(
    "review",
    "aguila review demo@1.0.0 --out labels.jsonl\naguila review demo@1.0.0 --out labels.jsonl --random 300 --texts",
)
@click.argument("ref")
@click.option(
    "--out",
    required=True,
    type=Path,
    metavar="FILE",
    help="Write the queue here: one line a row, to be given a verdict.",
)
@click.option(
    "--per-rule", type=click.IntRange(min=0), default=30, show_default=True, help="Rows of each part that a rule makes."
)
@click.option(
    "--random", type=click.IntRange(min=0), default=100, show_default=True, help="Kept rows that nothing points at."
)
@click.option("--seed", default=0, show_default=True, help="Seed of the draw.")
@click.option("--texts", is_flag=True, help="Write each row's text into its line, to judge it there.")
@from_option
@registry_option
@json_option
def review(
    ref: str,
    out: Path,
    per_rule: int,
    random: int,
    seed: int,
    texts: bool,
    where: str | None,
    registry: Path,
    as_json: bool,
) -> None:
    """Draw rows to judge: of each rule its drops, flags and near misses, and kept rows at random.

    What the rules miss, and the share of bad rows among those that are kept, can be told from the kept rows alone.
    """
    from builders.labels.file import write_labels

    found = aguila.queue(aguila.resolve(ref, registry), registry, where, per_rule, random, seed, texts)
    write_labels(out, found.labels)
    parts: dict[str, list[int]] = {}
    for label in found.labels:
        parts.setdefault(label.stratum, [0, label.of])[0] += 1
    if as_json:
        print_json(
            {"rows": len(found.labels), "strata": {name: parts[name] for name in sorted(parts)}, "note": found.note}
        )
        return
    table(["part", "to judge", "rows it has"], [[name, *parts[name]] for name in sorted(parts)])
    if found.note:
        note(f"note: {found.note}")
    note(f"{len(found.labels):,} rows to judge in {out}: write keep, drop or fix as each line's verdict")
