"""Repositories, commits, folders and files as the Hub tells of them."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import yaml
from starlette.requests import Request

from tests.hub_server.git import lfs_pointer
from tests.hub_server.store import Commit, File, Repo

One = TypeVar("One")


def date(moment: datetime) -> str:
    """As 2024-01-15T10:30:00.000Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def lfs_entry(file: File) -> dict[str, Any]:
    """What LFS knows of a file; empty if it does not keep it."""
    if not file.sha256:
        return {}
    pointer = len(lfs_pointer(file.sha256, file.size))
    return {"lfs": {"oid": file.sha256, "sha256": file.sha256, "size": file.size, "pointerSize": pointer}}


def tree_entry(repo: Repo, commit: Commit, path: str, expand: bool) -> dict[str, Any]:
    """A file or a folder of a commit; `expand` adds the commit that last changed it."""
    file = commit.tree.get(path)
    if file:
        entry = {"type": "file", "path": path, "oid": file.oid, "size": file.size, **lfs_entry(file)}
    else:
        entry = {"type": "directory", "path": path, "oid": commit.folders[path], "size": 0}
    if expand:
        last = repo.last_change(commit, path)
        entry["lastCommit"] = {"id": last.oid, "title": last.title, "date": date(last.date)}
    return entry


def commit_entry(commit: Commit) -> dict[str, Any]:
    """A commit in a history."""
    return {
        "id": commit.oid,
        "title": commit.title,
        "message": commit.description,
        "date": date(commit.date),
        "authors": [{"user": commit.author}],
    }


def repo_entry(repo: Repo, commit: Commit, card: dict[str, Any], blobs: bool) -> dict[str, Any]:
    """A repository at a commit; `blobs` adds the size and ids of each file."""
    files = []
    for path, file in commit.tree.items():
        size = {"size": file.size, "blobId": file.oid, **lfs_entry(file)} if blobs else {}
        files.append({"rfilename": path, **size})
    kept = {file.oid: file.size for each in repo.commits.values() for file in each.tree.values()}
    return {
        "_id": repo.id,
        "id": repo.id,
        "author": repo.namespace,
        "sha": commit.oid,
        "private": repo.private,
        "gated": "auto" if repo.gated else False,
        "disabled": False,
        "createdAt": date(repo.created),
        "lastModified": date(commit.date),
        "downloads": 0,
        "likes": 0,
        "tags": [],
        "cardData": card,
        "siblings": files,
        "usedStorage": sum(kept.values()),
    }


def card_data(card: bytes) -> dict[str, Any]:
    """The header of a card; empty where there is none that can be read, as on the Hub."""
    found = re.match(r"---[ \t]*\r?\n(.*?)\r?\n---", card.decode("utf-8", "replace"), re.S)
    try:
        header = yaml.safe_load(found[1]) if found else {}
    except yaml.YAMLError:
        return {}
    return header if isinstance(header, dict) else {}


def paths_under(commit: Commit, folder: str, recursive: bool) -> list[str]:
    """Files and folders within a folder, sorted."""
    start = f"{folder}/" if folder else ""
    inside = [path for path in {*commit.tree, *commit.folders} if path and path.startswith(start)]
    return sorted(path for path in inside if recursive or "/" not in path[len(start) :])


def page_of(
    request: Request, all: Sequence[One], size: int, key: Callable[[One], str]
) -> tuple[list[One], dict[str, str]]:
    """The entries after the query's `cursor`, at most `size`, and the header that leads to the following ones."""
    rest = [one for one in all if key(one) > request.query_params.get("cursor", "")]
    page = rest[:size]
    if len(rest) <= size:
        return page, {}
    following = request.url.include_query_params(cursor=key(page[-1]))
    return page, {"Link": f'<{following}>; rel="next"'}
