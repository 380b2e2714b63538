"""Lines of versions: main holds the newest; a maintenance release of an older major goes on a branch `v1` of its own."""

from dataclasses import replace

from builders.hub.client import client, in_words
from builders.hub.earlier import latest
from builders.hub.patience import patiently
from builders.hub.repository import OURS, Remote, files_at
from builders.identifiers import VersionNumber


def line_of(remote: Remote, number: VersionNumber) -> Remote:
    """The repository as the publisher of this number sees it: main, or the branch of an older major that has versions.

    On a branch, only the versions of that major count; one that is not there yet begins at the newest of them.
    """
    newest, _ = latest(remote.repo, remote)
    of_major = {one: tag for one, tag in remote.tags.items() if one.major == number.major}
    if newest is None or number.major >= newest.number.major or not of_major:
        return remote
    branch = f"v{number.major}"
    with in_words(remote.repo, "the list of branches", OURS):
        refs = patiently(lambda: client().list_repo_refs(remote.repo, repo_type=remote.kind))
    heads = {one.name: one.target_commit for one in refs.branches}
    head = heads.get(branch, of_major[max(of_major)].commit)
    files = files_at(remote.repo, head, remote.kind)
    return replace(remote, branch=branch, head=head, files=files, tags=of_major)


def open_branch(remote: Remote) -> None:
    """Make the branch that a publication goes to, where it is not there."""
    if remote.branch == "main":
        return
    with in_words(remote.repo, "making a branch", OURS):
        patiently(
            lambda: client().create_branch(
                remote.repo, branch=remote.branch, revision=remote.head, repo_type=remote.kind, exist_ok=True
            )
        )
