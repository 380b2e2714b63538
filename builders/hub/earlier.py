"""What earlier runs left in a repository: the newest version, a version whole or but for its tag, a number that is taken."""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from builders.errors import Changed, Conflict, clipped
from builders.hub.published import manifest_at
from builders.hub.repository import Publication, Remote, tag_commit
from builders.hub.snapshots import Published, commits
from builders.hub.trees import damage
from builders.identifiers import FIRST, VersionNumber
from builders.manifest import Manifest
from builders.records import plain
from builders.versions.version import Version
from builders.versions.version_number import bump, changed_keys

if TYPE_CHECKING:
    from huggingface_hub import GitCommitInfo

Report = Callable[[str], None]

# What may differ between two builds of one version by other software (see `verify`).
BY_SOFTWARE = frozenset({"files", "software", "sizes", "card_sha256"})


def latest(repo: str, remote: Remote | None) -> tuple[Published | None, Manifest | None]:
    """The newest tag that holds a version of ours, and its manifest; None and None where there is none."""
    for one in sorted(remote.tags.values() if remote else (), key=lambda one: one.number, reverse=True):
        if manifest := manifest_at(repo, one.commit):
            return one, manifest
    return None, None


def next_number(repo: str, remote: Remote, version: Version, withdrawn: Iterable[VersionNumber] = ()) -> VersionNumber:
    """A number that is free and large enough, whatever the tags hold and whatever was withdrawn."""
    _, manifest = latest(repo, remote)
    part = bump(version.manifest, manifest)[0] if manifest else "minor"
    return max(_in_line(remote, withdrawn), default=FIRST).bumped(part or "patch")


def _in_line(remote: Remote, withdrawn: Iterable[VersionNumber]) -> list[VersionNumber]:
    """The numbers that are taken on the branch that a publication goes to."""
    majors = {number.major for number in remote.tags}
    return [*remote.tags, *(one for one in withdrawn if remote.branch == "main" or one.major in majors)]


def finished(
    repo: str,
    remote: Remote,
    version: Version,
    number: VersionNumber,
    dry_run: bool,
    report: Report,
    free: VersionNumber,
) -> Publication | None:
    """The publication that an earlier run made, whole or but for its tag; None when there is none.

    free: the next number that is. Raises Problem when the number is taken by other content, or what holds it is damaged.
    """
    if taken := remote.tags.get(number):
        manifest = manifest_at(repo, taken.commit)
        other = f"the next free number is {free} (aguila build … --version {free})"
        if manifest is None or not same(manifest, version.manifest):
            raise Conflict(f"{repo}@{taken.tag} is taken by {_other(manifest, version)}", other)
        if wrong := damage(repo, taken.commit, manifest, version):
            raise Changed(
                f"{repo}@{taken.tag} is published and damaged: {clipped('; '.join(wrong), 300)}",
                f"withdraw it with `aguila yank {repo}@{taken.tag} --reason …`; {other}",
            )
        return Publication(repo, str(version.number), "unchanged", taken.commit, remote.private, (), "published before")
    tagged = {one.commit for one in remote.tags.values()}
    for commit in commits(repo, remote.head):
        if commit.commit_id in tagged or not is_of(repo, commit, version):
            continue
        if (made := manifest_at(repo, commit.commit_id)) is None or damage(repo, commit.commit_id, made, version):
            continue
        if not dry_run:
            report(f"tagging {commit.commit_id[:12]}, which an earlier run left without its tag, as v{number}")
            tag_commit(repo, "dataset", Published(number, commit.commit_id))
        outcome, tag = ("planned", None) if dry_run else ("tagged", commit.commit_id)
        return Publication(repo, str(version.number), outcome, tag, remote.private, (), "an earlier run lacked the tag")
    return None


def is_of(repo: str, commit: "GitCommitInfo", version: Version) -> bool:
    """Is this the commit that publishes the version? An edit that came after it is not."""
    # The Hub adds the number of a pull request that is merged.
    if re.sub(r" \(#\d+\)\Z", "", commit.title) != title(version.number):
        return False
    manifest = manifest_at(repo, commit.commit_id)
    return manifest is not None and same(manifest, version.manifest)


def _other(there: Manifest | None, version: Version) -> str:
    """What holds a number, in words that say wherein it differs."""
    if there is None:
        return f"other content (no version of this tool, this is {version.content_sha256[:12]}…)"
    if there.content_sha256 != version.content_sha256:
        here = version.content_sha256[:12]
        return f"other content (content {there.content_sha256[:12]}…, this is {here}…)"
    keys = changed_keys(version.manifest, there)
    fields = sorted(set(Manifest.__struct_fields__) - BY_SOFTWARE - {"recipe", "recipe_sha256"})
    apart = [field for field in fields if plain(getattr(there, field)) != plain(getattr(version.manifest, field))]
    recipe = f"in its recipe another {', '.join(keys)}" if keys else f"another {', '.join(apart) or 'recipe'}"
    return f"a version with the same rows and {recipe}"


def same(one: Manifest, other: Manifest) -> bool:
    """The same version, if perhaps written by other software."""
    fields = set(Manifest.__struct_fields__) - BY_SOFTWARE
    return all(plain(getattr(one, field)) == plain(getattr(other, field)) for field in fields)


def title(number: VersionNumber) -> str:
    """The title of the commit that publishes a version."""
    return f"Version {number}"
