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
    "aguila review demo@1.0.0 --html review.html\n"
    "aguila review demo@1.0.0 --out labels.jsonl --random 300 --texts\n"
    "aguila review demo@1.0.0 --argilla http://localhost:6900 --workspace argilla --annotators 3",
)
@click.argument("ref")
@click.option(
    "--out",
    type=Path,
    metavar="FILE",
    help="Write the queue here: one line a row, to be given a verdict.",
)
@click.option(
    "--html",
    type=Path,
    metavar="FILE",
    help="Write the queue as a page in which rows are judged by keyboard, and saved as labels.",
)
@click.option(
    "--per-rule", type=click.IntRange(min=0), default=30, show_default=True, help="Rows of each part that a rule makes."
)
@click.option(
    "--random", type=click.IntRange(min=0), default=100, show_default=True, help="Kept rows that nothing points at."
)
@click.option("--seed", default=0, show_default=True, help="Seed of the draw.")
@click.option("--texts", is_flag=True, help="Write each row's text into its line, to judge it there.")
@click.option(
    "--argilla", "url", metavar="URL", help="Send the queue to an Argilla server, with the key in ARGILLA_API_KEY."
)
@click.option("--workspace", metavar="NAME", help="The workspace there.")
@click.option("--dataset", metavar="NAME", help="What the dataset is called there, if not by the version.")
@click.option(
    "--annotators",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="How many people judge each row there.",
)
@from_option
@registry_option
@json_option
def review(
    ref: str,
    out: Path | None,
    html: Path | None,
    per_rule: int,
    random: int,
    seed: int,
    texts: bool,
    url: str | None,
    workspace: str | None,
    dataset: str | None,
    annotators: int,
    where: str | None,
    registry: Path,
    as_json: bool,
) -> None:
    """Draw rows to judge: of each rule its drops, flags and near misses, and kept rows at random.

    What the rules miss, and the share of bad rows among those that are kept, can be told from the kept rows alone.
    """
    from builders.labels.file import write_labels
    from builders.labels.on_argilla import require_workspace
    from builders.labels.queue import rows_to_judge
    from builders.labels.records import bare
    from cards.review.page import review_page
    from cards.shared.page import write_page

    if not out and not html and not url:
        raise click.UsageError(
            "say where the queue goes: --html review.html to judge in a browser, --out labels.jsonl, or --argilla URL"
        )
    if bool(url) != bool(workspace) or (dataset and not url):
        raise click.UsageError("--argilla and --workspace go together, and --dataset with them.")
    version = aguila.resolve(ref, registry)
    if url and workspace:
        require_workspace(url, workspace)  # before the work
    found = aguila.queue(version, registry, where, per_rule, random, seed, texts or bool(html or url))
    if out:
        write_labels(out, found.labels if texts else [bare(label) for label in found.labels])
    if html:
        write_page(html, review_page(version.label, rows_to_judge(found.labels)))
    pushed = aguila.push_review(version, found, url, workspace, dataset, annotators) if url and workspace else None
    parts: dict[str, list[int]] = {}
    for label in found.labels:
        parts.setdefault(label.stratum, [0, label.of])[0] += 1
    if as_json:
        print_json(
            {
                "rows": len(found.labels),
                "strata": {name: parts[name] for name in sorted(parts)},
                "note": found.note,
                **({"argilla": vars(pushed)} if pushed else {}),
            }
        )
        return
    table(["part", "to judge", "rows it has"], [[name, *parts[name]] for name in sorted(parts)])
    if found.note:
        note(f"note: {found.note}")
    if out:
        note(f"{len(found.labels):,} rows to judge in {out}: write keep, drop or fix as each line's verdict")
    if html:
        note(
            f"{len(found.labels):,} rows to judge in {html}: open it, press k, d or f for each row, and s to save the labels"
        )
    if pushed:
        note(f"{pushed.rows:,} rows to judge in dataset {pushed.dataset} of workspace {pushed.workspace} on {url}")
