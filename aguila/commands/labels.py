"""`aguila labels`: labels of several files, or of an Argilla server, as one file."""

from pathlib import Path

import click

import aguila
from aguila.commands.command import command
from aguila.commands.options import json_option
from aguila.commands.output import print_json
from cards.shared.terminal import say
from cards.shared.words import number_of

SHOWN = 10  # ids of rows without a majority


@command(
    "labels",
    "aguila labels ana.jsonl luis.csv --out labels.jsonl\n"
    "aguila labels --from-argilla http://localhost:6900 --workspace argilla --dataset demo-v1-0-0 --out labels.jsonl",
)
@click.argument("files", nargs=-1, type=Path, metavar="FILE...")
@click.option("--out", type=Path, required=True, metavar="FILE", help="Write the labels here.")
@click.option("--from-argilla", "url", metavar="URL", help="Fetch what people answered on an Argilla server.")
@click.option("--workspace", metavar="NAME", help="The workspace there.")
@click.option("--dataset", metavar="NAME", help="The dataset there, as `aguila review --argilla` named it.")
@json_option
def labels(
    files: tuple[Path, ...], out: Path, url: str | None, workspace: str | None, dataset: str | None, as_json: bool
) -> None:
    """Make one file of labels: from files and folders, or from what people answered on an Argilla server.

    Files that contradict each other are refused, with the row and the files named. On a server, a row has the verdict of more
    than half of those who judged it; rows without one are named and left out. The server's key is that of ARGILLA_API_KEY.
    """
    from builders.labels.file import write_labels

    if url:
        if files or not workspace or not dataset:
            raise click.UsageError("--from-argilla goes with --workspace and --dataset, and without files.")
        found = aguila.fetch_review(url, workspace, dataset)
        write_labels(out, found.labels)
        shown: dict[str, object] = {
            "labels": len(found.labels),
            "ties": list(found.ties),
            "people": found.people,
            "votes": found.votes,
            "alpha": found.alpha,
        }
        lines = _of_people(found)
    else:
        if not files or workspace or dataset:
            raise click.UsageError("name files of labels, or an Argilla server with --from-argilla.")
        merged = aguila.merge_labels(files)
        write_labels(out, list(merged.labels))
        shown = {"labels": len(merged.labels), "waiting": merged.waiting}
        lines = [f"{number_of(merged.waiting, 'row')} without a verdict, left out"] if merged.waiting else []
    if as_json:
        print_json(shown)
        return
    say(f"{shown['labels']:,} labels in {out}")
    for line in lines:
        say(f"  {line}")


def _of_people(found: "aguila.Agreed") -> list[str]:
    """How many people answered, and how far they agree."""
    alike = "no row was judged by two" if found.alpha is None else f"Krippendorff's alpha {found.alpha:.2f}"
    lines = [f"{found.votes:,} answers of {found.people:,} people: {alike}"]
    if found.ties:
        more = f" and {len(found.ties) - SHOWN:,} more" if len(found.ties) > SHOWN else ""
        lines.append(f"no majority, left out: {', '.join(found.ties[:SHOWN])}{more}")
    return lines
