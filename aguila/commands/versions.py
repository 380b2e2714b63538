"""`aguila versions`: which versions there are, here or on the Hub."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

import aguila
from aguila.commands.command import command
from aguila.commands.options import json_option, registry_option
from aguila.commands.output import print_json
from builders.errors import NotFound
from cards.shared.terminal import table

if TYPE_CHECKING:
    from train.adapters.listing import ListedAdapter


@command("versions", "aguila versions demo\naguila versions OWNER/NAME")
@click.argument("name", required=False, metavar="[NAME_OR_REPO]")
@registry_option
@json_option
def versions(name: str | None, registry: Path, as_json: bool) -> None:
    """List the versions of a dataset here, of a dataset or an adapter on the Hub, or of all datasets here, oldest first."""
    if name and "/" in name:
        show_published(name, as_json)
        return
    found = aguila.list_versions(registry, name)
    if as_json:
        keys = ("rows", "name", "version", "content_sha256", "commit")
        print_json([{**{key: getattr(one, key) for key in keys}, "path": str(one.path)} for one in found])
        return
    table(
        ["version", "rows", "content", "folder"],
        [[f"{one.name}@{one.version}", f"{one.rows:,}", one.content_sha256[:12], one.path] for one in found],
    )


def show_published(repo: str, as_json: bool) -> None:
    """The versions in a repository."""
    try:
        found = aguila.list_published(repo)
    except NotFound as problem:  # no dataset of ours: is it an adapter?
        try:
            adapters = aguila.list_adapters(repo)
        except NotFound:
            raise problem from None
        show_adapters(repo, adapters, as_json)
        return
    if as_json:
        print_json([{"name": repo, **vars(one)} for one in found])
        return
    lines = [
        [f"{repo}@v{one.version}", one.date[:10], one.commit[:12], f"{one.rows:,}", one.content_sha256[:12]]
        for one in found
    ]
    withdrawn = any(one.yanked for one in found)
    if withdrawn:
        lines = [[*line, one.yanked or ""] for line, one in zip(lines, found, strict=True)]
    table(["version", "date", "commit", "rows", "content", *(["withdrawn because"] if withdrawn else [])], lines)


def show_adapters(repo: str, adapters: "list[ListedAdapter]", as_json: bool) -> None:
    """The adapters in a model repository."""
    if as_json:
        print_json([{"name": repo, **vars(one)} for one in adapters])
        return
    table(
        ["adapter", "date", "commit", "base", "data"],
        [[f"{repo}@v{one.version}", one.date[:10], one.commit[:12], one.base, one.data] for one in adapters],
    )
