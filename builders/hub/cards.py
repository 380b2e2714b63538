"""A card as it is published: with the repository's name, and with what people added to the one that is there."""

import hashlib
import logging
from collections.abc import Iterable, Mapping

import yaml

from builders.errors import Invalid, Problem
from builders.hub.earlier import Report, latest
from builders.hub.published import manifest_at, open_published
from builders.hub.repository import OF_THE_HUB, Remote, card_texts, published_card
from builders.hub.snapshots import Published
from builders.hub.yanking import without_notes
from builders.manifest import Manifest
from builders.recipes.model import Card
from builders.schema import CARD
from builders.versions.diff import diff
from builders.versions.version import Version
from cards.dataset.card import FIRST, UNREAD, changes_by_people, changes_text, own_tags
from cards.shared import address, header
from cards.shared.sections import fixed_sha256, sections, with_sections

log = logging.getLogger(__name__)
CHANGES = "changes"  # the card's section that says what changed since the version before


def card_to_send(repo: str, remote: Remote | None, version: Version, report: Report, replace_card: bool) -> str:
    """The version's card, as it is published: where it is found, what people wrote on the Hub, what changed since.

    replace_card: replace a card that a person wrote before the first version. Raises Problem for one there that cannot be kept.
    """
    built = (version.path / CARD).read_text("utf-8")
    newest, before = latest(repo, remote)
    at_head = manifest_at(repo, remote.head) if remote else None
    if before is None and at_head is None:
        require_replaceable(remote, replace_card)
    texts = card_texts(remote, built)
    if remote and CARD in remote.files:
        _tell_what_is_replaced(remote, at_head, texts)
    if remote and at_head and says_what_was_built(published_card(remote), at_head, sections(built).get(CHANGES, "")):
        texts = {}
    name, number = version.name, str(version.number)
    here = address.as_built(built, address.DATASET, name, number)  # a version from the Hub names another repository
    card = address.published(here, address.DATASET, name, number, repo)
    card = with_head_of(remote, card, own_head(at_head or before))
    return with_sections(card, {**texts, CHANGES: _changes(repo, newest, version, report)})


def model_card_to_send(remote: Remote | None, card: str, number: str, repo: str, own_tags: Iterable[str]) -> str:
    """The same of the card of an adapter or a merged model. own_tags: every tag that such a card may have of its own."""
    sent = address.published(card, address.MODEL, "", number, repo)
    return with_sections(with_head_of(remote, sent, {header.TAGS: list(own_tags)}), card_texts(remote, card))


def _changes(repo: str, newest: Published | None, version: Version, report: Report) -> str:
    """What changed since the newest version there."""
    if newest is None:
        return f"\n{FIRST}\n"
    report(f"comparing with {newest.tag}")
    try:
        found = diff(open_published(repo, newest.tag), version, 0)
    except Problem as problem:  # the version before is broken or gone: no reason to hold the next one back
        log.warning("what changed since %s is not told: %s", newest.tag, problem)
        return f"\n{UNREAD}\n"
    counts = {"added": found.counts.added, "removed": found.counts.removed, "changed": found.counts.changed}
    return changes_text(found.old, found.reason, counts)


def _tell_what_is_replaced(remote: Remote, old: Manifest | None, texts: Mapping[str, str]) -> None:
    """Warn of what people wrote that no new card carries on: outside the marks, and of changes that are past."""
    repo, there = remote.repo, published_card(remote)
    if header.split(there)[1].strip() and (old is None or fixed_sha256(there) != old.card_sha256):
        log.warning(
            "%s: what its README.md says outside the editable marks is replaced; it stays in commit %s",
            repo,
            remote.head[:12],
        )
    if changes_by_people(without_notes(texts.get(CHANGES, ""))):
        log.warning(
            "%s: its section %s tells of the version before and is written anew; the old text stays in commit %s",
            repo,
            CHANGES,
            remote.head[:12],
        )


def with_head_of(remote: Remote | None, card: str, of_before: Mapping[str, object]) -> str:
    """The card with what people added to the YAML of the one that is there.

    of_before: what the version of before wrote there itself, see `own_head`. Raises Invalid when the YAML there cannot be read.
    """
    if remote is None or CARD not in remote.files:
        return card
    return header.with_added(card, _head(remote), of_before)


def own_head(old: Manifest | None) -> dict[str, object]:
    """What a version's recipe wrote to the head of its card, of the keys that people may add too."""
    if old is None:
        return {}
    card: Card = old.recipe.card
    return {**(card.extra or {}), header.TAGS: own_tags([pack.name for pack in old.recipe.language.packs], card.tags)}


def require_replaceable(remote: Remote | None, replace: bool) -> None:
    """Raises Invalid where a card that no version brought would be replaced: a person wrote it. Its YAML alone is kept anyway."""
    if remote is None or CARD not in remote.files or remote.files.keys() - OF_THE_HUB or replace:
        return
    there = published_card(remote)
    if sections(there) or not header.split(there.replace("\r\n", "\n"))[1].strip():
        return
    raise Invalid(
        f"{remote.repo}: its README.md was written by hand, and a version brings a card of its own",
        f"put what it says into card.summary, or replace it with --replace-card (it stays in commit {remote.head[:12]})",
    )


def says_what_was_built(there: str, old: Manifest, changes: str) -> bool:
    """Does a published card say what a build wrote, but for what publishing fills and what people added to its head?

    changes: what a build writes into the section that tells what changed.
    """
    there = with_sections(there, {CHANGES: changes})
    there = address.as_built(there, address.DATASET, old.name, old.version)
    try:
        plain = header.without_added(there, own_head(old))
    except yaml.YAMLError:
        return False
    return hashlib.sha256(plain.encode()).hexdigest() == old.files[CARD].sha256


def _head(remote: Remote) -> dict[str, object]:
    try:
        return header.read(published_card(remote))
    except yaml.YAMLError as error:
        raise Invalid(
            f"{remote.repo}: the YAML of its README.md cannot be read: {' '.join(str(error).split())[:200]}",
            "correct it there, then publish again",
        ) from None
