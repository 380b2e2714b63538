"""Propose a version as a pull request, for whoever may not write: its tag is put on it once it is merged."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from builders.errors import Conflict, NotFound
from builders.hub.client import client, in_words, upload_failed
from builders.hub.earlier import same
from builders.hub.patience import patiently
from builders.hub.published import manifest_at
from builders.hub.repository import OURS, Content, Remote, Sent, operations
from builders.versions.version import Version


@dataclass(frozen=True)
class Proposal:
    """A pull request: its address, and the commit that it would merge."""

    url: str
    commit: str


def proposed(remote: Remote, version: Version) -> Proposal | None:
    """The pull request that proposes this version already, open or closed."""
    from huggingface_hub import constants

    with in_words(remote.repo, "the list of pull requests", OURS):
        refs = patiently(
            lambda: client().list_repo_refs(remote.repo, repo_type=remote.kind, include_pull_requests=True)
        )
    for ref in refs.pull_requests or ():
        manifest = manifest_at(remote.repo, ref.target_commit)
        if manifest and same(manifest, version.manifest):
            number = ref.ref.removeprefix("refs/pr/")
            return Proposal(f"{constants.ENDPOINT}/datasets/{remote.repo}/discussions/{number}", ref.target_commit)
    return None


def propose(
    remote: Remote, planned: Iterable[Sent], contents: Mapping[str, Content], title: str, description: str
) -> Proposal:
    """Open a pull request with everything, on the head that was planned for.

    It is asked for once: if its answer is lost, the next run finds it (`proposed`). Raises Problem for what the Hub says.
    """
    with in_words(remote.repo, "opening a pull request", OURS):
        try:
            made = client().create_commit(
                remote.repo,
                operations(planned, contents),
                commit_message=title,
                commit_description=description,
                repo_type=remote.kind,
                parent_commit=remote.head,
                create_pr=True,
            )
        except RuntimeError as error:
            raise upload_failed(remote.repo, error) from None
    return Proposal(str(made.pr_url), made.oid)


def require_on_main(remote: Remote | None, repo: str) -> Remote:
    """The repository, where a version can be proposed. Raises Problem where there is none, or for an older major."""
    if remote is None:
        raise NotFound(
            f"{repo}: no such repository on the Hub, or no access to it", "publish there without --create-pr"
        )
    if remote.branch != "main":
        raise Conflict(f"{repo}: a maintenance release cannot be proposed", "ask someone who may write to publish it")
    return remote
