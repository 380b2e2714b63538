"""`aguila verify`: is a version what it says it is?"""

import sys
from pathlib import Path

import click

import aguila
from aguila.commands.command import command
from aguila.commands.options import from_option, json_option, registry_option
from aguila.commands.output import print_json
from aguila.commands.progress import progress
from cards.shared.terminal import say

EXIT = {"same bytes": 0, "not rebuilt": 0, "same content": 3, "different": 1}


@command(
    "verify",
    "aguila verify demo@1.0.0\naguila verify mix@1.0.0 --from rows.jsonl.gz\naguila verify OWNER/NAME@v1.0.0 --quick",
)
@click.argument("ref")
@from_option
@click.option("--quick", is_flag=True, help="Check hashes and the ledger only; do not build again.")
@registry_option
@json_option
def verify(ref: str, where: str | None, quick: bool, registry: Path, as_json: bool) -> None:
    """Check a version's files, ledger and rows, then build it again and compare every value and byte.

    Exit status: 0 where a rebuild gives the same bytes (or, with --quick, nothing is wrong), 3 where other software wrote
    the same content, 1 where something is not what it says.
    """
    version = aguila.resolve(ref, registry, check=False)
    with progress(f"verify {version.label}") as report:
        found = aguila.verify(version, registry, where, quick, report)
    if as_json:
        checks = [vars(check) for check in found]
        print_json({"ok": found.ok, "result": found.result, "software": list(found.software), "checks": checks})
    else:
        for check in found:
            say(f"{'ok  ' if check.ok else 'FAIL'}  {check.check}: {check.detail}")
        say(f"{version.label} {found.sentence}")
    sys.exit(EXIT[found.result])
