"""The command line `aguila`: each command is a few lines around one library call."""

import json
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from builders.errors import Problem
from cards.shared.terminal import acted, safe_line, share, splits, table, tables

if TYPE_CHECKING:
    from builders.hub.repository import Publication
    from builders.pipeline import OnStage, StageCount

REGISTRY = "versions"
registry_option = click.option(
    "--registry", default=REGISTRY, show_default=True, metavar="DIR", help="Where versions are kept."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
from_option = click.option("--from", "where", metavar="FILE_OR_REF", help="Where the source is now.")
engine_option = click.option(
    "--engine",
    type=click.Choice(["auto", "unsloth", "plain"]),
    default="auto",
    show_default=True,
    help="auto: unsloth where a GPU and unsloth are, plain elsewhere.",
)
device_option = click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True, help="Where it runs."
)
base_option = click.option("--base", metavar="FOLDER", help="Where the base is now, if it is not on the Hub.")
temperature_option = click.option(
    "--temperature",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    help="0: the likeliest token each time; above: drawn.",
)
max_tokens_option = click.option(
    "--max-tokens", type=click.IntRange(min=1), default=512, show_default=True, help="Most tokens of an answer."
)
batch_option = click.option(
    "--batch", type=click.IntRange(min=1), default=8, show_default=True, help="Prompts read side by side."
)


class Command(click.Command):
    """A command whose help ends with an example as it is written, not re-wrapped."""

    def __init__(self, *args: Any, example: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example = example

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Print the example."""
        if self.example:
            with formatter.section("Example"):
                for line in self.example.splitlines():
                    formatter.write(f"  {line}\n")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="aguila-data", prog_name="aguila")
def cli() -> None:
    """Make, publish, audit and fine-tune on Spanish instruction data.

    A recipe and a pinned source go in; a dataset version comes out, with a ledger that accounts for every source row.
    """


def command(name: str, example: str) -> Callable[[Callable[..., None]], click.Command]:
    """Register a command with an example in its help."""
    return cli.command(name, cls=Command, example=example)


class Group(click.Group):
    """A group of commands whose help ends with an example, as theirs do."""

    def __init__(self, *args: Any, example: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example = example

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Print the example."""
        with formatter.section("Example"):
            formatter.write(f"  {self.example}\n")


# ---- commands --------------------------------------------------------------------------------------------------------


@command("build", "aguila build demo\naguila build mix --from rows.jsonl.gz --set dedup.near.threshold=0.7")
@click.argument("recipe")
@click.option("--from", "source", metavar="FILE_OR_REF", help="Rows to use in place of the recipe's source.")
@click.option(
    "--out", default=REGISTRY, show_default=True, metavar="DIR", help="Write the version under DIR/NAME/vX.Y.Z/."
)
@click.option(
    "--version", "number", metavar="X.Y.Z", help="The version's number (default: the next one, by what changed)."
)
@click.option("--published", metavar="OWNER/NAME", help="Number it after what is published there, too.")
@click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change a value of the recipe; may be repeated."
)
@json_option
def build_command(
    recipe: str,
    source: str | None,
    out: str,
    number: str | None,
    published: str | None,
    overrides: tuple[str, ...],
    as_json: bool,
) -> None:
    """Build RECIPE (a YAML file, or the name of a shipped one) into a dataset version."""
    from builders.hub.published import latest_published
    from builders.recipes.loading import load_recipe
    from builders.sources.reading import with_source
    from builders.versions.registry import build

    loaded = load_recipe(recipe, overrides)
    if source:
        loaded = with_source(loaded, source, Path(out))
    latest = latest_published(published) if published else None
    with progress(f"build {loaded.name}") as report:
        result = build(loaded, Path(out), number, report, latest)
    version, built = result.version, result.built
    if as_json:
        print_json(
            {
                "name": version.name,
                "version": str(version.number),
                "path": str(version.path),
                "created": result.created,
                "reason": result.reason,
                "content_sha256": version.content_sha256,
                "source_rows": version.manifest.source_rows,
                "kept": version.manifest.kept,
                "dropped": version.manifest.dropped,
                "splits": version.manifest.splits,
                "stages": [vars(stage) for stage in built.stages],
            }
        )
        return
    told = "built" if result.created else "already there:"
    click.echo(f"{told} {version.name}@{version.number} ({result.reason})")
    click.echo(
        f"  {version.manifest.kept:,} of {version.manifest.source_rows:,} rows kept: {splits(version.manifest.splits)}"
    )
    click.echo(f"  {version.path}")


@command("verify", "aguila verify demo@1.0.0\naguila verify mix@1.0.0 --from rows.jsonl.gz")
@click.argument("ref")
@from_option
@click.option("--quick", is_flag=True, help="Check hashes and the ledger only; do not build again.")
@registry_option
@json_option
def verify_command(ref: str, where: str | None, quick: bool, registry: str, as_json: bool) -> None:
    """Check a version's files, ledger and rows, then build it again and compare rows and bytes."""
    from builders.versions.references import resolve
    from builders.versions.verify import verify

    version = resolve(ref, Path(registry), check=False)
    with progress(f"verify {version.label}") as report:
        checks = verify(version, Path(registry), where, quick, report)
    ok = all(check.ok for check in checks)
    if as_json:
        print_json({"ok": ok, "checks": [vars(check) for check in checks]})
    else:
        for check in checks:
            click.echo(f"{'ok  ' if check.ok else 'FAIL'}  {check.check}: {check.detail}")
        click.echo(f"{version.label} {'is what it says it is' if ok else 'does not verify'}")
    if not ok:
        sys.exit(1)


@command("explain", "aguila explain demo@1.0.0 demo-12")
@click.argument("ref")
@click.argument("id")
@from_option
@registry_option
@json_option
def explain_command(ref: str, id: str, where: str | None, registry: str, as_json: bool) -> None:
    """Tell one row's story: source text, edits, every rule's score, the decision, the duplicate, the final prompt."""
    from builders.reading.explain import explain
    from builders.versions.references import resolve
    from cards.audit.story import show_story

    story = explain(resolve(ref, Path(registry)), id, Path(registry), where)
    if as_json:
        print_json(story)
        return
    show_story(story)


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
@click.option("--grep", metavar="TEXT", help="Only rows whose text holds this, whatever the case.")
@click.option("--random", is_flag=True, help="In random order, the same for the same seed; without it, by id.")
@click.option("--seed", default=0, show_default=True, help="Seed of --random.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many rows.")
@from_option
@registry_option
@json_option
def rows_command(
    ref: str,
    kept: bool,
    dropped: bool,
    dropped_by: str | None,
    flagged: str | None,
    edited: str | None,
    split: str | None,
    grep: str | None,
    random: bool,
    seed: int,
    limit: int,
    where: str | None,
    registry: str,
    as_json: bool,
) -> None:
    """Read rows: kept and dropped, with what became of them and why."""
    from builders.reading.select import Wanted, select
    from builders.versions.references import resolve
    from cards.audit.story import show_rows

    if kept and (dropped or dropped_by is not None):
        raise click.UsageError("--kept and --dropped exclude each other.")
    wanted = Wanted(
        status="kept" if kept else "dropped" if dropped else None,
        dropped_by=dropped_by,
        flagged=flagged is not None,
        flag=flagged or None,
        edit=edited,
        split=split,
        grep=grep,
    )
    found = select(resolve(ref, Path(registry)), wanted, Path(registry), where, limit, random, seed)
    if as_json:
        print_json(vars(found))
        return
    show_rows(found.rows)
    if found.note:
        click.echo(safe_line(f"note: {found.note}"), err=True)
    click.echo(f"{len(found.rows):,} of {found.total:,} rows", err=True)


@command(
    "audit",
    "aguila audit demo@1.0.0\naguila audit demo@1.0.0 --html audit.html\naguila audit --from rows.jsonl.gz --json",
)
@click.argument("ref", required=False)
@from_option
@click.option(
    "--tokenizer", metavar="PATH_OR_REPO", help="Count real tokens: a tokenizer.json, its folder, or OWNER/NAME."
)
@click.option("--html", metavar="FILE", type=click.Path(path_type=Path), help="Write a page that opens offline.")
@registry_option
@json_option
def audit_command(
    ref: str | None, where: str | None, tokenizer: str | None, html: Path | None, registry: str, as_json: bool
) -> None:
    """Tell what is in a version, what was dropped and why. With --from and no REF: of a raw file, before any recipe."""
    from builders.reading.audit import audited
    from cards.audit.tables import audit_tables

    if ref is None and where is None:
        raise click.UsageError("Give REF, or a raw file with --from.")
    found = audited(ref, Path(registry), where, tokenizer, with_rows=html is not None)
    if html:
        from cards.audit.page import report_page
        from cards.diff.page import write_page

        write_page(html, report_page(found.numbers, found.rows))
        click.echo(f"wrote {html}", err=True)
    if as_json:
        print_json(found.numbers)
    elif not html:
        tables(audit_tables(found.numbers))


@command("diff", "aguila diff demo@1.0.0 demo@1.1.0\naguila diff mix@1.0.0 owner/mix@v1.2.0 --html changes.html")
@click.argument("old")
@click.argument("new")
@click.option("--html", metavar="FILE", type=click.Path(path_type=Path), help="Write a page that opens offline.")
@click.option(
    "--examples", type=click.IntRange(min=0), metavar="N", help="Rows of each kind shown (default: 5; HTML: 100)."
)
@registry_option
@json_option
def diff_command(old: str, new: str, html: Path | None, examples: int | None, registry: str, as_json: bool) -> None:
    """Compare two versions: recipe, source, rows, decisions, splits, statistics, and the number that the change deserves."""
    from builders.versions.diff import diff
    from builders.versions.references import resolve
    from cards.diff.page import comparison_page, write_page
    from cards.diff.text import show_comparison

    sides = resolve(old, Path(registry)), resolve(new, Path(registry))
    shown, on_page = (5, 100) if examples is None else (examples, examples)
    found = diff(*sides, on_page if html else shown)
    if html:
        write_page(html, comparison_page(found, on_page))
        click.echo(f"wrote {html}", err=True)
    if as_json:
        print_json(found)
    else:
        show_comparison(found, shown)


@command("rules", "aguila rules\naguila rules --json")
@registry_option
@json_option
def rules_command(registry: str, as_json: bool) -> None:
    """List the rules: version, verdict, precision and recall on the gold rows, drops in the last build."""
    from builders.gold import measure
    from builders.manifest import plain
    from builders.versions.references import last_built
    from filters import all_rules

    measures, last = measure(), last_built(Path(registry))
    counts = plain(last.manifest.rules) if last else {}
    listed: list[dict[str, Any]] = []
    for rule in all_rules().values():
        gold = measures.get(rule.name)
        listed.append(
            {
                "rule": rule.name,
                "version": rule.version,
                "defect": rule.defect,
                "verdict": rule.verdict,
                "threshold": rule.threshold,
                "fields": list(rule.fields),
                "reason": rule.reason,
                "gold": gold and {**plain(gold), "precision": gold.precision, "recall": gold.recall},
                "last_build": counts.get(rule.name),
            }
        )
    if as_json:
        print_json({"rules": listed, "last_build": f"{last.name}@{last.number}" if last else None})
        return
    table(
        ["rule", "v", "verdict", "from", "precision", "recall", "last build", "reason"],
        [
            [
                entry["rule"],
                entry["version"],
                entry["verdict"],
                entry["threshold"],
                share(entry["gold"], "precision", "false_positives"),
                share(entry["gold"], "recall", "false_negatives"),
                acted(entry["last_build"]),
                entry["reason"],
            ]
            for entry in listed
        ],
    )
    click.echo(
        f"Precision and recall on the gold rows (right/all). Last build: {f'{last.name}@{last.number}' if last else 'none'}.",
        err=True,
    )


@command("publish", "aguila publish demo@1.0.0 ana/demo --dry-run\naguila publish demo@1.0.0 ana/demo")
@click.argument("ref")
@click.argument("repo", metavar="OWNER/NAME")
@click.option("--private", is_flag=True, help="Make the repository private, if it has to be made.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent; send nothing.")
@registry_option
@json_option
def publish_command(ref: str, repo: str, private: bool, dry_run: bool, registry: str, as_json: bool) -> None:
    """Publish a version in a Hub dataset repository: one commit with everything, then its tag.

    The token is the one of `hf auth login`, or HF_TOKEN. Run again after an interruption: what is done stays done.
    """
    from builders.hub.publishing import publish
    from builders.versions.references import resolve

    show_publication(
        publish(resolve(ref, Path(registry)), repo, private, dry_run, lambda step: click.echo(step, err=True)), as_json
    )


@command("versions", "aguila versions demo\naguila versions OWNER/NAME")
@click.argument("name", required=False, metavar="[NAME_OR_REPO]")
@registry_option
@json_option
def versions_command(name: str | None, registry: str, as_json: bool) -> None:
    """List the versions of a dataset here, of a repository on the Hub, or of all datasets here, oldest first."""
    if name and "/" in name:
        from builders.hub.published import list_published

        published = list_published(name)
        if as_json:
            print_json([{"name": name, **vars(one)} for one in published])
            return
        table(
            ["version", "date", "commit", "rows", "content"],
            [
                [f"{name}@v{one.version}", one.date[:10], one.commit[:12], f"{one.rows:,}", one.content_sha256[:12]]
                for one in published
            ],
        )
        return
    from builders.versions.references import names_in, versions_in
    from builders.versions.version import open_version

    folder = Path(registry)
    names = [name] if name else names_in(folder)
    found = [open_version(path) for one in names for path in versions_in(folder, one).values()]
    if name and not found:
        raise Problem(f"{name}: no versions in {registry}; build one with `aguila build`")
    if as_json:
        print_json(
            [
                {
                    "rows": one.manifest.kept,
                    "name": one.name,
                    "version": str(one.number),
                    "content_sha256": one.content_sha256,
                    "commit": None,
                    "path": str(one.path),
                }
                for one in found
            ]
        )
        return
    table(
        ["version", "rows", "content", "folder"],
        [[f"{v.name}@{v.number}", f"{v.manifest.kept:,}", v.content_sha256[:12], v.path] for v in found],
    )


@cli.group("train", cls=Group, example="aguila train sft aguila-7b --dataset OWNER/NAME@v1.0.0")
def train_group() -> None:
    """Fine-tune a model on exactly one dataset version."""


@train_group.command(
    "sft",
    cls=Command,
    example="aguila train sft aguila-7b --dataset OWNER/NAME@v1.0.0 --dry-run\n"
    "aguila train sft tiny --dataset demo@1.0.0 --set train.steps=20 --out adapters/first\n"
    "aguila train sft aguila-7b --dataset OWNER/NAME@v1.0.0 --resume",
)
@click.argument("recipe")
@click.option("--dataset", "ref", required=True, metavar="REF", help="The version to train on; one that is pinned.")
@click.option("--out", metavar="DIR", help="Where the adapter goes (default: adapters/NAME, by the recipe's name).")
@click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change a value of the recipe; may be repeated."
)
@engine_option
@device_option
@click.option("--dry-run", is_flag=True, help="Tell what would be done; fetch no weights, train nothing.")
@click.option("--resume", is_flag=True, help="Go on from the last checkpoint of an interrupted run.")
@registry_option
@json_option
def train_sft_command(
    recipe: str,
    ref: str,
    out: str | None,
    overrides: tuple[str, ...],
    engine: Any,
    device: Any,
    dry_run: bool,
    resume: bool,
    registry: str,
    as_json: bool,
) -> None:
    """Fine-tune the base of RECIPE (a YAML file, or the name of a shipped one) on a version, into an adapter."""
    from train.engines import choose
    from train.recipes.model import load_recipe

    loaded = load_recipe(recipe, overrides)
    chosen = choose(engine, device)  # before the rest, which imports transformers
    from train.methods.sft import train
    from train.run.plan import lines, make_plan, summary, told, warnings
    from train.run.progress import watched

    plan = make_plan(loaded, ref, Path(registry), chosen, weights=not dry_run)
    if dry_run and as_json:
        print_json(told(plan))
        return
    for line in lines(plan) if dry_run else warnings(plan):
        click.echo(safe_line(line), err=not dry_run)
    if dry_run:
        return
    with watched(f"train {loaded.name}") as report:
        adapter = train(plan, Path(out or f"adapters/{loaded.name}"), resume, report)
    if adapter and as_json:
        print_json({"path": str(adapter.path), **adapter.record})
    elif adapter:
        click.echo(f"{summary(adapter.record)}\n  {adapter.path}")


@command(
    "generate",
    'aguila generate adapters/tiny "¿Qué es un cenote?"\n'
    'aguila generate adapters/tiny "Resume el texto." --input "Marta perdió el tren."\n'
    "aguila generate adapters/tiny --file preguntas.jsonl\n"
    "aguila generate adapters/tiny --chat --temperature 0.7 --top-p 0.9 --seed 1",
)
@click.argument("adapter", type=click.Path(path_type=Path))
@click.argument("text", required=False)
@click.option("--input", "given", default="", metavar="TEXT", help="The text that the instruction is about.")
@click.option(
    "--file",
    "questions",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Answer a file, as JSON Lines: one instruction a line, or *.jsonl with instruction and input.",
)
@click.option("--chat", is_flag=True, help="Answer line after line, each by itself, until the input ends.")
@temperature_option
@click.option(
    "--top-p",
    type=click.FloatRange(0, 1, min_open=True),
    default=1.0,
    show_default=True,
    help="Draw from the likeliest tokens that have this probability together.",
)
@click.option("--seed", default=0, show_default=True, help="Seed of what is drawn.")
@max_tokens_option
@batch_option
@base_option
@engine_option
@device_option
@json_option
def generate_command(
    adapter: Path,
    text: str | None,
    given: str,
    questions: Path | None,
    chat: bool,
    temperature: float,
    top_p: float,
    seed: int,
    max_tokens: int,
    batch: int,
    base: str | None,
    engine: Any,
    device: Any,
    as_json: bool,
) -> None:
    """Answer TEXT, a file, or line after line, with the prompt template that ADAPTER was trained on.

    ADAPTER is a folder, or OWNER/NAME@vX.Y.Z on the Hub.
    """
    if (text is not None) + (questions is not None) + chat != 1:
        raise click.UsageError("Give TEXT, or --file FILE, or --chat.")
    if given and text is None:
        raise click.UsageError("--input goes with TEXT.")
    from train.answers.sampling import Sampling

    sampling = Sampling(max_tokens, temperature, top_p, seed, batch)
    from train.answers.answering import answer_file, answer_lines, answer_one, read_questions
    from train.answers.generation import Question, open_answerer

    asked = read_questions(questions) if questions else []
    answerer = open_answerer(adapter, base, engine, device)
    if questions:
        answer_file(answerer, asked, sampling, lambda answered: print_json(answered, None))
    elif chat:
        answer_lines(answerer, sampling, as_json, lambda answered: print_json(answered, None))
    else:
        answered = answer_one(answerer, Question(text or "", given), sampling, silent=as_json)
        if as_json:
            print_json(answered)


@command(
    "evaluate",
    "aguila evaluate adapters/tiny --dataset demo@1.0.0\n"
    "aguila evaluate adapters/tiny --dataset OWNER/NAME@v1.0.0 --split test --limit 500 --against-base --json",
)
@click.argument("adapter", type=click.Path(path_type=Path))
@click.option("--dataset", "ref", required=True, metavar="REF", help="The version to evaluate on; one that is pinned.")
@click.option(
    "--split",
    type=click.Choice(["train", "validation", "test"]),
    default="validation",
    show_default=True,
    help="The split whose rows are used.",
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only N rows, by hash of the id (default: all).")
@click.option(
    "--answers",
    "answered",
    type=click.IntRange(min=0),
    default=100,
    show_default=True,
    metavar="N",
    help="How many of these rows are answered.",
)
@click.option("--against-base", is_flag=True, help="Measure the base without the adapter, too.")
@click.option("--rewrite-prompts", is_flag=True, help="Write prompts of another template in the adapter's.")
@max_tokens_option
@batch_option
@base_option
@engine_option
@device_option
@registry_option
@json_option
def evaluate_command(
    adapter: Path,
    ref: str,
    split: str,
    limit: int | None,
    answered: int,
    against_base: bool,
    rewrite_prompts: bool,
    max_tokens: int,
    batch: int,
    base: str | None,
    engine: Any,
    device: Any,
    registry: str,
    as_json: bool,
) -> None:
    """Measure ADAPTER (a folder, or OWNER/NAME@vX.Y.Z) on a version: loss and perplexity, and what its own answers are like."""
    from train.answers.evaluation import evaluate, evaluation_table
    from train.answers.generation import open_answerer
    from train.answers.sampling import Sampling
    from train.run.data import open_data

    data = open_data(ref, Path(registry))  # a wrong REF is told before a large model is loaded
    answerer = open_answerer(adapter, base, engine, device)
    found = evaluate(
        answerer,
        data,
        split,
        limit,
        answered,
        Sampling(max_tokens=max_tokens, batch=batch),
        against_base,
        rewrite_prompts,
        lambda step: click.echo(safe_line(step), err=True),
    )
    if as_json:
        print_json(found)
    else:
        table(*evaluation_table(found))


@command("merge", "aguila merge adapters/tiny models/tiny\naguila merge adapters/tiny models/tiny --precision fp32")
@click.argument("adapter", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--precision",
    type=click.Choice(["bf16", "fp32"]),
    default="bf16",
    show_default=True,
    help="How the base is held and the model written.",
)
@base_option
@device_option
@json_option
def merge_command(adapter: Path, out: Path, precision: Any, base: str | None, device: Any, as_json: bool) -> None:
    """Merge ADAPTER (a folder, or OWNER/NAME@vX.Y.Z) into its base, held in 16 bit, and write a whole model to the folder OUT."""
    from train.adapters.merging import merge

    merged = merge(adapter, out, base, device, precision)
    check = merged.record["check"]
    if as_json:
        print_json({"path": str(merged.path), **merged.record})
        return
    click.echo(
        f"merged {safe_line(merged.record['adapter']['name'])} in {merged.record['precision']}: logits differ by at most "
        f"{check['max_difference']:.3g} of {check['largest_logit']:.3g}; {check['same_next_token']} of {check['tokens']} "
        "next tokens are the same"
    )
    click.echo(f"  {safe_line(str(merged.path))}")


@command(
    "publish-adapter",
    "aguila publish-adapter adapters/tiny ana/tiny-es --dry-run\naguila publish-adapter adapters/tiny ana/tiny-es",
)
@click.argument("adapter", type=click.Path(path_type=Path))
@click.argument("repo", metavar="OWNER/NAME")
@click.option("--private", is_flag=True, help="Make the repository private, if it has to be made.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent; send nothing.")
@json_option
def publish_adapter_command(adapter: Path, repo: str, private: bool, dry_run: bool, as_json: bool) -> None:
    """Publish ADAPTER in a Hub model repository: one commit with everything, then its tag.

    The token is the one of `hf auth login`, or HF_TOKEN. Run again after an interruption: what is done stays done.
    """
    from train.adapters.publishing import publish_adapter

    show_publication(publish_adapter(adapter, repo, private, dry_run, lambda step: click.echo(step, err=True)), as_json)


# ---- how it is told -------------------------------------------------------------------------------------------------


def print_json(value: Any, indent: int | None = 2) -> None:
    """The result for machines: the only thing on stdout. What could steer a terminal is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    click.echo(re.sub(r"[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]", lambda one: f"\\u{ord(one[0]):04x}", text))


def show_publication(done: "Publication", as_json: bool) -> None:
    """What was published, or would be."""
    if as_json:
        print_json(
            {
                **{key: getattr(done, key) for key in ("repo", "outcome", "commit", "private", "reason", "bytes_sent")},
                "version": done.number,
                "files": [vars(one) for one in done.files],
            }
        )
        return
    if done.files:
        table(["file", "action", "bytes"], [[one.path, one.action, f"{one.bytes:,}"] for one in done.files])
    at = f" at commit {done.commit[:12]}" if done.commit else f", {done.bytes_sent:,} bytes to send"
    click.echo(f"{done.outcome}: {done.reference}{at} ({done.reason})")


@contextmanager
def progress(title: str) -> Iterator["OnStage"]:
    """Stages as they end, on stderr: a bar on a terminal, lines elsewhere."""
    from builders.schema import STAGES

    if not sys.stderr.isatty():
        yield lambda count: click.echo(stage_line(count), err=True)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(f"{title}: {STAGES[0]}", total=len(STAGES) + 1)

        def report(count: "StageCount") -> None:
            bar.console.print(stage_line(count), highlight=False)
            following = [*STAGES, "write"][STAGES.index(count.stage) + 1]
            bar.update(task, advance=1, description=f"{title}: {following}")

        yield report
        bar.update(task, completed=len(STAGES) + 1, description=title)


def stage_line(count: "StageCount") -> str:
    """One stage's counts: name, rows out, rows dropped, seconds."""
    lost = count.rows_in - count.rows_out
    dropped = f"−{lost:,}" if lost > 0 else ""
    return f"{count.stage:<9} {count.rows_out:>9,} rows  {dropped:>8}  {count.seconds:6.1f} s"


class Notes(logging.Handler):
    """What the library notes while it works, such as a copy that serves while the Hub cannot be reached."""

    def emit(self, record: logging.LogRecord) -> None:
        """One line on stderr."""
        click.echo(f"note: {safe_line(record.getMessage())}", err=True)


def main() -> None:
    """Run the command line; a known problem is one line and status 1."""
    for name in ("builders", "train"):
        logging.getLogger(name).handlers = [Notes()]
    if not sys.stderr.isatty():  # bars of the Hub's clients are for people who look
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
    try:
        sys.exit(cli(standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort) as stopped:
        click.echo(
            str(stopped.__cause__ or stopped) or "interrupted; nothing is left half-written, run again", err=True
        )
        sys.exit(130)
    except Problem as problem:
        fail(str(problem))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has left; say nothing more
        sys.exit(1)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        fail(f"{place}{error.strerror or error}; check that it can be read or written and has space, then run again")


def fail(message: str) -> None:
    """Print `error: …` on one line and exit with 1."""
    click.echo(f"error: {safe_line(' '.join(message.split()))}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
