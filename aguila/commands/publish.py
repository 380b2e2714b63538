"""`aguila publish`: a version goes to the Hub."""

from pathlib import Path

import click

import aguila
from aguila.commands.command import command
from aguila.commands.options import (
    dry_publish_option,
    json_option,
    private_option,
    registry_option,
    replace_card_option,
    repo_argument,
)
from aguila.commands.output import note, show_publication


@command("publish", "aguila publish demo@1.0.0 ana/demo --dry-run\naguila publish demo@1.0.0 ana/demo")
@click.argument("ref")
@repo_argument
@private_option
@dry_publish_option
@click.option("--license-unknown", is_flag=True, help="Publish rows whose licence the recipe does not state.")
@click.option("--create-pr", is_flag=True, help="Propose it as a pull request, where you may not write.")
@click.option("--finish", is_flag=True, help="Tag what was proposed and is merged; send nothing.")
@replace_card_option
@registry_option
@json_option
def publish(
    ref: str,
    repo: str,
    private: bool,
    dry_run: bool,
    license_unknown: bool,
    create_pr: bool,
    finish: bool,
    replace_card: bool,
    registry: Path,
    as_json: bool,
) -> None:
    """Publish a version in a Hub dataset repository: one commit with everything, then its tag.

    The token is the one of `hf auth login`, or HF_TOKEN. Run again after an interruption: what is done stays done.
    """
    if create_pr and finish:
        raise click.UsageError("--create-pr proposes a version, --finish tags it once it is merged: one at a time.")
    version = aguila.resolve(ref, registry)
    done = aguila.publish(version, repo, private, dry_run, note, license_unknown, create_pr, finish, replace_card)
    show_publication(done, as_json)
