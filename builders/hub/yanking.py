"""Withdraw a published version: its tag stays, so that what was made of it can be checked, and everyone is told not to use it.

The note is `yanked.json` in the tree of main, and a line in the card there; later versions carry both on. A number that was
withdrawn is never published again, even where somebody removes its tag.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from builders.errors import Conflict, Invalid, NotFound, Unreachable
from builders.hub.client import require_token
from builders.hub.repository import Content, Remote, plan, published_card, remote_repository, send
from builders.hub.snapshots import commits, existing, file_at
from builders.identifiers import HubReference, VersionNumber, parse_reference, require_version_number, version_number
from builders.records import to_json
from builders.schema import CARD, YANKED
from builders.versions.version import Version
from cards.looks.text import markdown
from cards.shared.sections import sections, with_sections
from cards.shared.terminal import safe_line

if TYPE_CHECKING:
    from huggingface_hub import GitCommitInfo

log = logging.getLogger(__name__)
CHANGES = "changes"  # the card's section that says what changed, and what was withdrawn
LINE = re.compile(r"\n?^\*\*Withdrawn: v\d+\.\d+\.\d+\.\*\* .*\n", re.M)
LONGEST_REASON = 300
LARGEST = 1 << 20  # bytes of a note that is read


class Note(Struct, frozen=True):
    """Why a version was withdrawn, and the commit behind its tag."""

    commit: str
    reason: str


@dataclass(frozen=True)
class Yanked:
    """A version that was withdrawn. outcome: yanked, or unchanged where it was before. commit: main's, with the note."""

    repo: str
    version: str
    reason: str
    outcome: str
    commit: str


def yank(reference: str, reason: str) -> Yanked:
    """Withdraw the version `OWNER/NAME@v1.2.0` with a reason that people read: one commit on main; the tag stays.

    Raises Problem for a reference that is no published version, an empty reason, a version that was withdrawn for
    another reason, and for whatever the Hub says.
    """
    named = parse_reference(reference)
    if not isinstance(named, HubReference) or not (number := version_number(named.revision)):
        raise Invalid(f"{reference}: not a version on the Hub", "write OWNER/NAME@v1.0.0")
    repo = named.repo
    said = safe_line(" ".join(reason.split()))
    if not said or len(said) > LONGEST_REASON:
        raise Invalid(
            "--reason is empty or too long", f"say in up to {LONGEST_REASON} characters why nobody should use it"
        )
    require_token(repo)
    remote = remote_repository(repo, "dataset")
    if remote is None or number not in remote.tags:
        raise NotFound(f"{reference}: no such version; {existing(repo) if remote else 'no such repository'}")
    notes = dict(notes_of(remote))
    if before := notes.get(number):
        if before.reason != said:
            raise Conflict(f"{reference}: was withdrawn before, because: {before.reason}", "it stays so")
        return Yanked(remote.repo, str(number), said, "unchanged", remote.head)
    notes[number] = Note(remote.tags[number].commit, said)
    return Yanked(remote.repo, str(number), said, "yanked", _write(remote, notes, number))


def _write(remote: Remote, notes: Mapping[VersionNumber, Note], number: VersionNumber) -> str:
    data = to_json({one.tag: msgspec.to_builtins(note) for one, note in sorted(notes.items())}).encode()
    contents: dict[str, Content] = {YANKED: data}
    if CARD in remote.files:
        contents[CARD] = with_notes(published_card(remote), notes).encode()
    title = f"Withdraw {number.tag}"

    def is_ours(commit: "GitCommitInfo") -> bool:
        path = file_at(remote.repo, commit.commit_id, YANKED)
        return commit.title == title and path is not None and path.read_bytes() == data

    planned = plan(remote, contents, ())
    return send(remote, planned, contents, title, notes[number].reason, is_ours, "correct its header on the Hub")


# ---- what was withdrawn ----------------------------------------------------------------------------------------------


def notes_of(remote: Remote | None) -> Mapping[VersionNumber, Note]:
    """The versions that were withdrawn in a repository. Raises Invalid for a note that cannot be read."""
    return notes_at(remote.repo, remote.head) if remote and YANKED in remote.files else {}


def notes_at(repo: str, commit: str) -> Mapping[VersionNumber, Note]:
    """The same by the note at a commit."""
    path = file_at(repo, commit, YANKED)
    if path is None:
        return {}
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError("too large")
        read = msgspec.json.decode(path.read_bytes(), type=dict[str, Note])
        return {require_version_number(tag): note for tag, note in read.items()}
    except (ValueError, RecursionError, Invalid):
        raise Invalid(
            f"{repo}: its {YANKED} cannot be read", "put it right on the Hub, as `aguila yank` wrote it"
        ) from None


def note_on(version: Version) -> Note | None:
    """Why a version from the Hub was withdrawn, None where it was not, is not from the Hub, or the Hub cannot be asked."""
    if version.repo is None:
        return None
    try:
        newest = commits(version.repo)[0].commit_id
        note = notes_at(version.repo, newest).get(version.number)
    except Unreachable:
        return None
    return note if note and note.commit == version.commit else None


def tell_if_withdrawn(version: Version) -> None:
    """Warn, in one line, of a version that was withdrawn on the Hub."""
    if note := note_on(version):
        log.warning("%s was withdrawn: %s", version.label, note.reason)


def require_not_withdrawn(
    repo: str, number: VersionNumber, notes: Mapping[VersionNumber, Note], free: VersionNumber
) -> None:
    """Raises Conflict for a number that was withdrawn: it is not used again."""
    if note := notes.get(number):
        raise Conflict(
            f"{repo}@{number.tag} was withdrawn ({note.reason}), and its number is not used again",
            f"the next free number is {free} (aguila build … --version {free})",
        )


def with_notes(card: str, notes: Mapping[VersionNumber, Note]) -> str:
    """The card with a line for each version that was withdrawn, in its section that people may edit."""
    texts = sections(card)
    if CHANGES not in texts:
        return card
    lines = "".join(f"\n**Withdrawn: {one.tag}.** {markdown(note.reason)}\n" for one, note in sorted(notes.items()))
    return with_sections(card, {CHANGES: without_notes(texts[CHANGES]) + lines})


def without_notes(text: str) -> str:
    """A section's text without the lines of `with_notes`."""
    return LINE.sub("", text)
