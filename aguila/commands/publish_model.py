"""`aguila publish-model`: a merged model goes to the Hub."""

from pathlib import Path

import click

import aguila
from aguila.commands.command import command
from aguila.commands.options import dry_publish_option, json_option, private_option, replace_card_option, repo_argument
from aguila.commands.output import note, show_publication


@command(
    "publish-model",
    "aguila publish-model merged/ ana/tiny-es-merged --dry-run\naguila publish-model merged/ ana/tiny-es-merged",
)
@click.argument("folder", type=click.Path(path_type=Path))
@repo_argument
@private_option
@dry_publish_option
@replace_card_option
@json_option
def publish_model(folder: Path, repo: str, private: bool, dry_run: bool, replace_card: bool, as_json: bool) -> None:
    """Publish the merged model in FOLDER in a Hub model repository: one commit with everything, then its tag.

    The token is the one of `hf auth login`, or HF_TOKEN. Run again after an interruption: what is done stays done.
    """
    show_publication(aguila.publish_model(folder, repo, private, dry_run, note, replace_card), as_json)
