"""`aguila yank`: a published version is withdrawn."""

import click

import aguila
from aguila.commands.command import command
from aguila.commands.options import json_option
from aguila.commands.output import print_json
from cards.shared.terminal import say


@command("yank", 'aguila yank ana/demo@v1.0.0 --reason "half of its answers are of other questions"')
@click.argument("ref", metavar="OWNER/NAME@VERSION")
@click.option("--reason", required=True, metavar="TEXT", help="Why nobody should use it; people read it on the card.")
@json_option
def yank(ref: str, reason: str, as_json: bool) -> None:
    """Withdraw a version on the Hub: note it in main and on the card, keep its tag, never use its number again."""
    done = aguila.yank(ref, reason)
    if as_json:
        print_json(vars(done))
        return
    say(f"{done.outcome}: {done.repo}@v{done.version} is withdrawn, noted at commit {done.commit[:12]} ({done.reason})")
