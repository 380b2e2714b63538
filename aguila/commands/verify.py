"""`aguila verify`: is a version what it says it is?"""

import sys
from pathlib import Path

import click

import aguila
from aguila.commands.command import command
from aguila.commands.options import from_option, json_option, registry_option
from aguila.commands.output import print_json
from aguila.commands.progress import progress


@command("verify", "aguila verify demo@1.0.0\naguila verify mix@1.0.0 --from rows.jsonl.gz")
@click.argument("ref")
@from_option
@click.option("--quick", is_flag=True, help="Check hashes and the ledger only; do not build again.")
@registry_option
@json_option
def verify(ref: str, where: str | None, quick: bool, registry: Path, as_json: bool) -> None:
    """Check a version's files, ledger and rows, then build it again and compare rows and bytes."""
    version = aguila.resolve(ref, registry, check=False)
    with progress(f"verify {version.label}") as report:
        checks = aguila.verify(version, registry, where, quick, report)
    ok = all(check.ok for check in checks)
    if as_json:
        print_json({"ok": ok, "checks": [vars(check) for check in checks]})
    else:
        for check in checks:
            click.echo(f"{'ok  ' if check.ok else 'FAIL'}  {check.check}: {check.detail}")
        click.echo(f"{version.label} {'is what it says it is' if ok else 'does not verify'}")
    if not ok:
        sys.exit(1)
