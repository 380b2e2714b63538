"""Publish a version on the Hub: one commit with everything, then the tag on that very commit.

Run again, it finishes what an earlier run left, and changes nothing that is done. No two publishers can win: the commit
names its parent, and the Hub refuses it when something came between.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from builders.errors import Changed, Conflict, Invalid, Problem
from builders.hub.client import require_token
from builders.hub.published import manifest_at, open_published
from builders.hub.repository import (
    OF_THE_HUB,
    Content,
    Publication,
    Remote,
    Sent,
    card_texts,
    make_repository,
    plan,
    published_card,
    remote_repository,
    require_private,
    send,
    tag_commit,
)
from builders.hub.snapshots import Published, commits
from builders.identifiers import VersionNumber, require_repository
from builders.manifest import Manifest
from builders.records import plain
from builders.schema import CARD, MANIFEST, OWN_FOLDERS
from builders.versions.diff import diff
from builders.versions.verify import verify
from builders.versions.version import Version
from builders.versions.version_number import bump
from cards.dataset.card import changes_by_people, changes_text
from cards.shared.sections import fixed_sha256, sections, with_sections
from cards.shared.vocabulary import card_faults

if TYPE_CHECKING:
    from huggingface_hub import GitCommitInfo

log = logging.getLogger(__name__)
Report = Callable[[str], None]

CHANGES = "changes"  # the card's section that says what changed since the version before
# What may differ between two builds of one version by other software (see `verify`).
BY_SOFTWARE = frozenset({"files", "software", "sizes", "card_sha256"})


def publish(
    version: Version,
    repo: str,
    private: bool | None = None,
    dry_run: bool = False,
    report: Report = lambda step: None,
    license_unknown: bool = False,
) -> Publication:
    """Put a version into the dataset repository `repo`, made if need be, and tag it `vX.Y.Z`.

    private: True makes a new repository private and refuses a public one. dry_run: say what would be sent; nothing is.
    license_unknown: publish rows whose licence the recipe does not state.
    Raises Problem when the version is not what its manifest says, when its card would be refused, when the number is
    taken by other content or is too small a step, when somebody else published meanwhile, and for whatever the Hub says.
    """
    require_repository(repo, "ana/bactrian-es")
    _require_license(version, license_unknown)
    _require_sound(version)
    if not dry_run:
        require_token(repo)
    remote = remote_repository(repo, "dataset")
    require_private(repo, remote, private)
    number = version.number
    if remote and (done := _finished(repo, remote, version, number, dry_run, report)):
        return done
    reason = _require_next(repo, remote, version, number)
    is_private = remote.private if remote else bool(private)
    card = _card(repo, remote, version, report)
    contents = _contents(version, card)
    planned = tuple(_plan(repo, remote, contents))
    if dry_run:
        return Publication(repo, str(version.number), "planned", None, is_private, planned, reason)
    if remote is None:
        report(f"making {repo}")
        remote = make_repository(repo, "dataset", private)
    done = Publication(repo, str(version.number), "published", None, is_private, planned, reason)
    report(f"sending {sum(one.action in ('add', 'replace') for one in planned)} files, {done.bytes_sent / 1e6:.1f} MB")
    commit = send(
        remote,
        planned,
        contents,
        title=_title(number),
        description=f"content sha256 {version.content_sha256}",
        is_ours=lambda commit: _is_of(repo, commit, version),
        advice="correct `card` in the recipe",
    )
    report(f"tagging {commit[:12]} as v{number}")
    tag_commit(repo, "dataset", Published(number, commit))
    return replace(done, commit=commit)


# ---- what must hold --------------------------------------------------------------------------------------------------


def _require_sound(version: Version) -> None:
    """The folder is what its manifest says, and the Hub will take its card."""
    for check in verify(version, version.path, quick=True):
        if not check.ok:
            raise Changed(f"{version.label}: {check.check}: {check.detail}", "build it again, then publish")
    faults = card_faults((version.path / CARD).read_text("utf-8"))
    if faults:
        raise Invalid(
            f"{version.label}: the Hub would refuse the card: {'; '.join(faults)}", "correct `card` in the recipe"
        )


def _require_license(version: Version, unknown: bool) -> None:
    card = version.manifest.recipe.card
    if card.license is None and not unknown:
        raise Invalid(
            f"{version.label}: the licence of its rows is not stated",
            "add `card: {license: cc-by-4.0}` (or what it is) to the recipe and build again, or --license-unknown",
        )
    if card.license == "other" and not (card.license_name and card.license_link):
        raise Invalid(
            f"{version.label}: its licence is `other`", "name it: card.license_name and card.license_link in the recipe"
        )


def _require_next(repo: str, remote: Remote | None, version: Version, number: VersionNumber) -> str:
    """Why the number is right after what is published. Raises Problem when it is not, naming the next one."""
    latest, manifest = _latest(repo, remote)
    if latest is None or manifest is None:
        return "the first version there"
    if manifest.name != version.name:
        raise Conflict(
            f"{repo}: holds versions of {manifest.name}, and this is {version.name}",
            f"publish to another repository, or build with `name: {manifest.name}`",
        )
    part, reason = bump(version.manifest, manifest)
    due = latest.number.bumped(part or "patch")
    if number < due:
        raise Conflict(
            f"{repo}: {number} is too small a step after {latest.tag}: {reason}",
            f"the next free number is {due} (aguila build … --version {due})",
        )
    return f"after {latest.tag}: {reason}"


def _latest(repo: str, remote: Remote | None) -> tuple[Published | None, Manifest | None]:
    """The newest tag that holds a version of ours, and its manifest; None and None where there is none."""
    for one in sorted(remote.tags.values() if remote else (), key=lambda one: one.number, reverse=True):
        if manifest := manifest_at(repo, one.commit):
            return one, manifest
    return None, None


def _next_number(repo: str, remote: Remote, version: Version) -> VersionNumber:
    """A number that is free and large enough, whatever the tags hold."""
    _, manifest = _latest(repo, remote)
    part = bump(version.manifest, manifest)[0] if manifest else "minor"
    return max(remote.tags).bumped(part or "patch")


# ---- what is there ---------------------------------------------------------------------------------------------------


def _finished(
    repo: str,
    remote: Remote,
    version: Version,
    number: VersionNumber,
    dry_run: bool,
    report: Report,
) -> Publication | None:
    """The publication that an earlier run made, whole or but for its tag; None when there is none.

    Raises Problem when the number is taken by other content.
    """
    if taken := remote.tags.get(number):
        manifest = manifest_at(repo, taken.commit)
        if manifest is None or not _same(manifest, version.manifest):
            there = f"content {manifest.content_sha256[:12]}…" if manifest else "no version of this tool"
            raise Conflict(
                f"{repo}@{taken.tag} is taken by other content ({there}, this is {version.content_sha256[:12]}…)",
                f"the next free number is {_next_number(repo, remote, version)} (aguila build … --version)",
            )
        return Publication(repo, str(version.number), "unchanged", taken.commit, remote.private, (), "published before")
    tagged = {one.commit for one in remote.tags.values()}
    for commit in commits(repo):
        if commit.commit_id in tagged or not _is_of(repo, commit, version):
            continue
        if not dry_run:
            report(f"tagging {commit.commit_id[:12]}, which an earlier run left without its tag, as v{number}")
            tag_commit(repo, "dataset", Published(number, commit.commit_id))
        outcome, tag = ("planned", None) if dry_run else ("tagged", commit.commit_id)
        return Publication(repo, str(version.number), outcome, tag, remote.private, (), "an earlier run lacked the tag")
    return None


def _is_of(repo: str, commit: "GitCommitInfo", version: Version) -> bool:
    """Is this the commit that publishes the version? An edit that came after it is not."""
    if commit.title != _title(version.number):
        return False
    manifest = manifest_at(repo, commit.commit_id)
    return manifest is not None and _same(manifest, version.manifest)


def _same(one: Manifest, other: Manifest) -> bool:
    """The same version, if perhaps written by other software."""
    fields = set(Manifest.__struct_fields__) - BY_SOFTWARE
    return all(plain(getattr(one, field)) == plain(getattr(other, field)) for field in fields)


# ---- the card --------------------------------------------------------------------------------------------------------


def _card(repo: str, remote: Remote | None, version: Version, report: Report) -> str:
    """The version's card with what people wrote on the Hub, and with what changed since the version before."""
    built = (version.path / CARD).read_text("utf-8")
    texts = card_texts(remote, built)
    if remote and CARD in remote.files:
        _tell_what_is_replaced(repo, remote, texts)
    if remote and _unedited(repo, remote, texts, built):
        texts = {}
    latest, _ = _latest(repo, remote)
    if latest is None:
        return with_sections(built, texts)
    report(f"comparing with {latest.tag}")
    try:
        found = diff(open_published(repo, latest.tag), version, 0)
    except Problem as problem:  # the version before is broken or gone: no reason to hold the next one back
        log.warning("what changed since %s is not told: %s", latest.tag, problem)
        return with_sections(built, texts)
    counts = {"added": found.counts.added, "removed": found.counts.removed, "changed": found.counts.changed}
    return with_sections(built, {**texts, CHANGES: changes_text(found.old, found.reason, counts)})


def _tell_what_is_replaced(repo: str, remote: Remote, texts: Mapping[str, str]) -> None:
    """Warn of what people wrote that no new card carries on: outside the marks, and of changes that are past."""
    old = manifest_at(repo, remote.head)
    if old is None or fixed_sha256(published_card(remote)) != old.card_sha256:
        log.warning(
            "%s: what its README.md says outside the editable marks is replaced; it stays in commit %s",
            repo,
            remote.head[:12],
        )
    if changes_by_people(texts.get(CHANGES, "")):
        log.warning(
            "%s: its section %s tells of the version before and is written anew; the old text stays in commit %s",
            repo,
            CHANGES,
            remote.head[:12],
        )


def _unedited(repo: str, remote: Remote, texts: Mapping[str, str], built: str) -> bool:
    """Does the card there say what a build wrote, but for the section that publishing fills? Then nobody's words are lost."""
    old = manifest_at(repo, remote.head)
    if old is None or not texts:
        return False
    there = published_card(remote)
    plain = with_sections(there, {CHANGES: sections(built).get(CHANGES, "")})
    return bool(hashlib.sha256(plain.encode()).hexdigest() == old.files[CARD].sha256)


# ---- what is sent ----------------------------------------------------------------------------------------------------


def _contents(version: Version, card: str) -> dict[str, Content]:
    """Every file of the publication."""
    ours = {path: version.path / path for path in [*version.manifest.files, MANIFEST]}
    return {**ours, CARD: card.encode()}


def _plan(repo: str, remote: Remote | None, contents: Mapping[str, Content]) -> list[Sent]:
    """Every file that is sent, kept or removed. Raises Problem for a repository that holds something else."""
    there = remote.files if remote else {}
    old = manifest_at(repo, remote.head) if remote and MANIFEST in there else None
    old = old or _latest(repo, remote)[1]
    foreign = sorted(there.keys() - OF_THE_HUB)
    if foreign and old is None:
        raise Conflict(
            f"{repo}: holds files that are no version of this tool, such as {foreign[0][:80]!r}",
            "publish to a repository of its own",
        )
    of_old = set(old.files) if old else set()
    return plan(remote, contents, [path for path in there if path in of_old or path.startswith(OWN_FOLDERS)])


def _title(number: VersionNumber) -> str:
    return f"Version {number}"
