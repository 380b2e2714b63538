"""`aguila publish-adapter`: an adapter goes to the Hub."""

from pathlib import Path

import aguila
from aguila.commands.command import command
from aguila.commands.options import (
    adapter_argument,
    dry_publish_option,
    json_option,
    private_option,
    replace_card_option,
    repo_argument,
)
from aguila.commands.output import note, show_publication


@command(
    "publish-adapter",
    "aguila publish-adapter adapters/tiny ana/tiny-es --dry-run\naguila publish-adapter adapters/tiny ana/tiny-es",
)
@adapter_argument
@repo_argument
@private_option
@dry_publish_option
@replace_card_option
@json_option
def publish_adapter(adapter: Path, repo: str, private: bool, dry_run: bool, replace_card: bool, as_json: bool) -> None:
    """Publish ADAPTER in a Hub model repository: one commit with everything, then its tag.

    The token is the one of `hf auth login`, or HF_TOKEN. Run again after an interruption: what is done stays done.
    """
    show_publication(aguila.publish_adapter(adapter, repo, private, dry_run, note, replace_card), as_json)
