"""The command line `aguila`: each command is a few lines around one library call."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from builders.errors import Problem
from cards.terminal import acted, share, splits, story_lines, table

if TYPE_CHECKING:
    from builders.pipeline import OnStage, StageCount

REGISTRY = "versions"
registry_option = click.option(
    "--registry", default=REGISTRY, show_default=True, metavar="DIR", help="Where versions are kept."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
from_option = click.option("--from", "where", metavar="FILE_OR_REF", help="Where the source is now.")


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
@click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change a value of the recipe; may be repeated."
)
@json_option
def build_command(
    recipe: str, source: str | None, out: str, number: str | None, overrides: tuple[str, ...], as_json: bool
) -> None:
    """Build RECIPE (a YAML file, or the name of a shipped one) into a dataset version."""
    from builders.recipe_file import load_recipe
    from builders.reference import with_source
    from builders.registry import build

    loaded = load_recipe(recipe, overrides)
    if source:
        loaded = with_source(loaded, source, Path(out))
    with progress(f"build {loaded.name}") as report:
        result = build(loaded, Path(out), number, report)
    version, built = result.version, result.built
    if as_json:
        print_json(
            {
                "name": version.name,
                "version": version.number,
                "path": str(version.path),
                "created": result.created,
                "reason": result.reason,
                "content_sha256": version.content_sha256,
                "source_rows": version.manifest["source_rows"],
                "kept": version.manifest["kept"],
                "dropped": version.manifest["dropped"],
                "splits": version.manifest["splits"],
                "stages": [vars(stage) for stage in built.stages],
            }
        )
        return
    told = "built" if result.created else "already there:"
    click.echo(f"{told} {version.name}@{version.number} ({result.reason})")
    click.echo(
        f"  {version.manifest['kept']:,} of {version.manifest['source_rows']:,} rows kept: {splits(version.manifest['splits'])}"
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
    from builders.reference import resolve
    from builders.verification import verify

    version = resolve(ref, Path(registry))
    with progress(f"verify {version.name}@{version.number}") as report:
        checks = verify(version, Path(registry), where, quick, report)
    ok = all(check.ok for check in checks)
    if as_json:
        print_json({"ok": ok, "checks": [vars(check) for check in checks]})
    else:
        for check in checks:
            click.echo(f"{'ok  ' if check.ok else 'FAIL'}  {check.check}: {check.detail}")
        click.echo(f"{version.name}@{version.number} {'is what it says it is' if ok else 'does not verify'}")
    if not ok:
        sys.exit(1)


@command("explain", "aguila explain demo@1.0.0 demo-12")
@click.argument("ref")
@click.argument("id")
@from_option
@registry_option
@json_option
def explain_command(ref: str, id: str, where: str | None, registry: str, as_json: bool) -> None:
    """Tell one row's story: source text, edits, every rule's score, the decision, the twin, the final prompt."""
    from builders.explanation import explain
    from builders.reference import resolve

    story = explain(resolve(ref, Path(registry)), id, Path(registry), where)
    if as_json:
        print_json(story)
        return
    click.echo("\n".join(story_lines(story)))


@command("rules", "aguila rules\naguila rules --json")
@registry_option
@json_option
def rules_command(registry: str, as_json: bool) -> None:
    """List the rules: version, verdict, precision and recall on the gold rows, drops in the last build."""
    from builders.gold import measure
    from builders.version import last_built
    from filters import all_rules

    measures, last = measure(), last_built(Path(registry))
    counts = last.manifest["rules"] if last else {}
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
                "gold": gold and {**vars(gold), "precision": gold.precision, "recall": gold.recall},
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
                share(entry["gold"], "precision", "wrong"),
                share(entry["gold"], "recall", "missed"),
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


@command("versions", "aguila versions demo")
@click.argument("name", required=False)
@registry_option
@json_option
def versions_command(name: str | None, registry: str, as_json: bool) -> None:
    """List the versions of a dataset, or of all datasets in the registry, oldest first."""
    from builders.reference import versions_in
    from builders.version import open_version

    folder = Path(registry)
    names = [name] if name else sorted({path.parent.parent.name for path in folder.glob("*/v*/manifest.json")})
    found = [open_version(path) for one in names for path in versions_in(folder, one).values()]
    if name and not found:
        raise Problem(f"{name}: no versions in {registry}; build one with `aguila build`")
    if as_json:
        keys = ("name", "version", "kept", "content_sha256")
        listed = [
            {key: version.manifest[key] for key in keys} | {"commit": None, "path": str(version.path)}
            for version in found
        ]
        print_json([{"rows": entry.pop("kept"), **entry} for entry in listed])
        return
    table(
        ["version", "rows", "content", "folder"],
        [[f"{v.name}@{v.number}", f"{v.manifest['kept']:,}", v.content_sha256[:12], v.path] for v in found],
    )


# ---- how it is told -------------------------------------------------------------------------------------------------


def print_json(value: Any) -> None:
    """The result for machines: the only thing on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


@contextmanager
def progress(title: str) -> Iterator["OnStage"]:
    """Stages as they end, on stderr: a bar on a terminal, lines elsewhere."""
    from builders.pipeline import STAGES

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


def main() -> None:
    """Run the command line; a known problem is one line and status 1."""
    try:
        sys.exit(cli(standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted; nothing was written", err=True)
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
    click.echo(f"error: {' '.join(message.split())}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
