"""Publish a version on the Hub: one commit with everything, then the tag on that very commit.

Run again, it finishes what an earlier run left, and changes nothing that is done. No two publishers can win: the commit
names its parent, and the Hub refuses it when something came between.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace

from builders.errors import Changed, Conflict, Invalid, NotFound, clipped
from builders.hub.cards import card_to_send
from builders.hub.client import require_token
from builders.hub.earlier import Report, finished, is_of, latest, next_number, title
from builders.hub.lines import line_of, open_branch
from builders.hub.proposing import Proposal, propose, proposed, require_on_main
from builders.hub.published import manifest_at
from builders.hub.repository import (
    OF_THE_HUB,
    Content,
    Publication,
    Remote,
    Sent,
    make_repository,
    plan,
    remote_repository,
    require_private,
    send,
    tag_commit,
)
from builders.hub.snapshots import Published
from builders.hub.yanking import notes_of, require_not_withdrawn, with_notes
from builders.identifiers import VersionNumber, require_repository
from builders.schema import CARD, MANIFEST, OWN_FOLDERS
from builders.versions.strangers import harmful
from builders.versions.verify import verify
from builders.versions.version import Version
from builders.versions.version_number import bump
from cards.shared.vocabulary import card_faults
from cards.shared.words import size

log = logging.getLogger(__name__)


def publish(
    version: Version,
    repo: str,
    private: bool | None = None,
    dry_run: bool = False,
    report: Report = lambda step: None,
    license_unknown: bool = False,
    create_pr: bool = False,
    finish: bool = False,
    replace_card: bool = False,
) -> Publication:
    """Put a version into the dataset repository `repo`, made if need be, and tag it `vX.Y.Z`.

    private: True makes a new repository private and refuses a public one. dry_run: say what would be sent; nothing is.
    license_unknown: publish rows whose licence the recipe does not state. create_pr: propose it as a pull request. finish:
    only tag what was merged. replace_card: replace a README.md that a person wrote before the first version.
    Raises Problem when the version is not what its manifest says, when its card would be refused, when the number is
    taken by other content or is too small a step, when somebody else published meanwhile, and for whatever the Hub says.
    """
    require_repository(repo, "ana/bactrian-es")
    _require_license(version, license_unknown)
    _require_sound(version)
    if not dry_run:
        require_token(repo)
    remote = remote_repository(repo, "dataset")
    repo = remote.repo if remote else repo
    require_private(repo, remote, private)
    number = version.number
    notes = notes_of(remote)
    if remote:
        remote = line_of(remote, number)
        free = next_number(repo, remote, version, notes)
        require_not_withdrawn(repo, number, notes, free)
        if done := finished(repo, remote, version, number, dry_run, report, free):
            return done
    if finish:
        raise NotFound(
            f"{repo}: no commit on {remote.branch if remote else 'main'} holds {version.label}", "merge it first"
        )
    reason = _require_next(repo, remote, version, number)
    if create_pr and (before := proposed(require_on_main(remote, repo), version)):
        return _proposed(version, repo, bool(remote and remote.private), (), reason, before)
    is_private = remote.private if remote else bool(private)
    card = with_notes(card_to_send(repo, remote, version, report, replace_card), notes)
    contents = _contents(version, card)
    planned = tuple(_plan(repo, remote, contents))
    if dry_run:
        return Publication(repo, str(version.number), "planned", None, is_private, planned, reason)
    if create_pr:
        report(f"proposing {sum(one.action != 'keep' for one in planned)} changes")
        asked = require_on_main(remote, repo)
        made = propose(asked, planned, contents, title(number), f"content sha256 {version.content_sha256}")
        return _proposed(version, repo, is_private, planned, reason, made)
    if remote is None:
        report(f"making {repo}")
        remote = make_repository(repo, "dataset", private)
    open_branch(remote)
    done = Publication(repo, str(version.number), "published", None, is_private, planned, reason)
    report(f"sending {sum(one.action in ('add', 'replace') for one in planned)} files, {size(done.bytes_sent)}")
    commit = send(
        remote,
        planned,
        contents,
        title=title(number),
        description=f"content sha256 {version.content_sha256}",
        is_ours=lambda commit: is_of(repo, commit, version),
        advice="correct `card` in the recipe",
    )
    report(f"tagging {commit[:12]} as v{number}")
    tag_commit(repo, "dataset", Published(number, commit))
    return replace(done, commit=commit)


def _proposed(
    version: Version, repo: str, private: bool, planned: tuple[Sent, ...], reason: str, made: Proposal
) -> Publication:
    return Publication(repo, str(version.number), "proposed", made.commit, private, planned, reason, made.url)


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
    newest, manifest = latest(repo, remote)
    if newest is None or manifest is None:
        return "the first version there"
    if manifest.name != version.name:
        raise Conflict(
            f"{repo}: holds versions of {manifest.name}, and this is {version.name}",
            f"publish to another repository, or build with `name: {manifest.name}`",
        )
    part, reason = bump(version.manifest, manifest)
    due = newest.number.bumped(part or "patch")
    if number < due:
        raise Conflict(
            f"{repo}: {number} is too small a step after {newest.tag}: {reason}",
            f"the next free number is {due} (aguila build … --version {due})",
        )
    return f"after {newest.tag}: {reason}"


# ---- what is sent ----------------------------------------------------------------------------------------------------


def _contents(version: Version, card: str) -> dict[str, Content]:
    """Every file of the publication."""
    ours = {path: version.path / path for path in [*version.manifest.files, MANIFEST]}
    return {**ours, CARD: card.encode()}


def _plan(repo: str, remote: Remote | None, contents: Mapping[str, Content]) -> list[Sent]:
    """Every file that is sent, kept or removed. Raises Problem for a repository that holds something else."""
    there = remote.files if remote else {}
    old = manifest_at(repo, remote.head) if remote and MANIFEST in there else None
    old = old or latest(repo, remote)[1]
    foreign = sorted(there.keys() - OF_THE_HUB)
    if foreign and old is None:
        raise Conflict(
            f"{repo}: holds files that are no version of this tool, such as {foreign[0][:80]!r}",
            "publish to a repository of its own",
        )
    kept = [path for path in foreign if path not in contents and not path.startswith(OWN_FOLDERS)]
    if wrong := harmful(set(kept) - set(old.files if old else ()), repo):
        raise Conflict(
            f"{repo}: nobody could load the version as it is beside {clipped('; '.join(wrong), 300)}",
            "remove it on the Hub, then publish",
        )
    of_old = set(old.files) if old else set()
    return plan(remote, contents, [path for path in there if path in of_old or path.startswith(OWN_FOLDERS)])
