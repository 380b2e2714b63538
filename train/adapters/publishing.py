"""Publish an adapter or a merged model in a model repository: one commit with everything, then the tag on that very commit.

Its record says what is sent, and whether the same was published before. The number follows from what changed since the
latest: another base or template is major, other weights minor, anything else patch.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from builders.errors import Conflict, clipped
from builders.hub.cards import model_card_to_send, require_replaceable
from builders.hub.client import client, in_words, require_token
from builders.hub.patience import patiently
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
from builders.hub.snapshots import Published, commits
from builders.identifiers import FIRST, Step, VersionNumber, require_repository, version_number
from builders.records import NotARecord, parse_record
from cards.adapter.card import OWN_TAGS
from cards.shared.sections import fixed_sha256
from cards.shared.words import size
from train.adapters.adapter import CARD, Adapter, open_adapter
from train.adapters.form import ADAPTER, MODEL, Form, Record, require_sendable
from train.adapters.merged import Merged, open_merged
from train.adapters.trees import damage

if TYPE_CHECKING:
    from huggingface_hub import GitCommitInfo

log = logging.getLogger(__name__)
Report = Callable[[str], None]


def publish_adapter(
    folder: Path,
    repo: str,
    private: bool | None = None,
    dry_run: bool = False,
    report: Report = lambda step: None,
    replace_card: bool = False,
) -> Publication:
    """Put an adapter into the model repository `repo`, made if need be, and tag it `vX.Y.Z`: 1.0.0, then the next number.

    private: True makes a new repository private and refuses a public one. dry_run: say what would be sent; nothing is.
    replace_card: replace a README.md that a person wrote. The same adapter again changes nothing, unless what is there is
    damaged: then it gets the next number. Raises Problem when the adapter is not what its record says, holds what no adapter
    has or a path of this machine, when its card would be refused, when the repository holds something else, when somebody
    else published meanwhile, and for whatever the Hub says.
    """
    require_repository(repo, "ana/aguila-7b-es")
    return _publish(ADAPTER, open_adapter(folder), repo, private, dry_run, report, replace_card)


def publish_model(
    folder: Path,
    repo: str,
    private: bool | None = None,
    dry_run: bool = False,
    report: Report = lambda step: None,
    replace_card: bool = False,
) -> Publication:
    """The same for a model that an adapter was merged into (`aguila merge`), in a repository of its own."""
    require_repository(repo, "ana/aguila-7b-es-merged")
    return _publish(MODEL, open_merged(folder), repo, private, dry_run, report, replace_card)


def _publish(
    form: Form,
    made: Adapter | Merged,
    repo: str,
    private: bool | None,
    dry_run: bool,
    report: Report,
    replace_card: bool,
) -> Publication:
    card = require_sendable(form, made)
    if not dry_run:
        require_token(repo)
    remote = remote_repository(repo, "model")
    repo = remote.repo if remote else repo
    require_private(repo, remote, private)
    if remote and (done := _finished(form, remote, made, card, dry_run, report)):
        return done
    latest, old = _latest(form, remote)
    number, reason = _next(form, remote, latest, old, made.record)
    is_private = remote.private if remote else bool(private)
    if old is None and not _head(form, remote):
        require_replaceable(remote, replace_card)
    contents = _contents(form, made, model_card_to_send(remote, card, str(number), repo, OWN_TAGS))
    planned = tuple(_plan(form, repo, remote, old, contents))
    done = Publication(repo, str(number), "planned", None, is_private, planned, reason)
    if dry_run:
        return done
    if remote is None:
        report(f"making {repo}")
        remote = make_repository(repo, "model", private)
    report(f"sending {sum(one.action in ('add', 'replace') for one in planned)} files, {size(done.bytes_sent)}")
    commit = send(
        remote,
        planned,
        contents,
        title=f"{form.title}{number}",
        description=f"trained on {made.record.data.reference}",
        is_ours=lambda commit: _is_of(form, repo, commit, made, card) == number,
        advice="correct the header of README.md",
    )
    report(f"tagging {commit[:12]} as v{number}")
    tag_commit(repo, "model", Published(number, commit))
    return replace(done, outcome="published", commit=commit)


# ---- what must hold --------------------------------------------------------------------------------------------------


def _next(
    form: Form, remote: Remote | None, latest: Published | None, old: Record | None, new: Record
) -> tuple[VersionNumber, str]:
    """The number that is due, and why."""
    taken = max(remote.tags) if remote and remote.tags else None
    if latest is None or old is None:
        return (FIRST if taken is None else taken.bumped("major")), f"the first {form.name} there"
    part, reason = _bump(form, new, old)
    return max(latest.number, taken or latest.number).bumped(part), f"after {latest.tag}: {reason}"


def _bump(form: Form, new: Record, old: Record) -> tuple[Step, str]:
    """How large a step something deserves after what was there (two records), and why."""
    if new.base != old.base:
        return "major", "the base changed"
    if new.template.sha256 != old.template.sha256:
        return "major", f"the template changed ({old.template.name} → {new.template.name})"
    apart = {name for name in new.files.keys() | old.files.keys() if new.files.get(name) != old.files.get(name)}
    if any(name.endswith(".safetensors") for name in apart):
        return "minor", "the weights changed"
    return "patch", f"the weights are the same, {', '.join(sorted(apart)) or form.file} changed"


# ---- what is there ---------------------------------------------------------------------------------------------------


def _finished(
    form: Form, remote: Remote, made: Adapter | Merged, card: str, dry_run: bool, report: Report
) -> Publication | None:
    """The publication that an earlier run made, whole or but for its tag; None when there is none, or it is damaged."""
    repo, of = remote.repo, (made.path, made.record.files, form.file, form.holds)
    for one in sorted(remote.tags.values(), key=lambda one: one.number, reverse=True):
        if not _holds(form, repo, one.commit, made, card):
            continue
        if wrong := damage(repo, one.commit, *of):
            log.warning("%s@%s is damaged: %s; use the next version", repo, one.tag, clipped("; ".join(wrong), 300))
        else:
            return Publication(repo, str(one.number), "unchanged", one.commit, remote.private, (), "published before")
    tagged = {one.commit for one in remote.tags.values()}
    for commit in commits(repo, kind="model"):
        number = None if commit.commit_id in tagged else _is_of(form, repo, commit, made, card)
        if number is None or number in remote.tags or damage(repo, commit.commit_id, *of):
            continue
        if not dry_run:
            report(f"tagging {commit.commit_id[:12]}, which an earlier run left without its tag, as v{number}")
            tag_commit(repo, "model", Published(number, commit.commit_id))
        outcome, tag = ("planned", None) if dry_run else ("tagged", commit.commit_id)
        return Publication(repo, str(number), outcome, tag, remote.private, (), "an earlier run lacked the tag")
    return None


def _is_of(form: Form, repo: str, commit: "GitCommitInfo", made: Adapter | Merged, card: str) -> VersionNumber | None:
    """The number under which a commit publishes this, None for another commit."""
    title, is_ours, number = commit.title.partition(form.title)
    if title or not is_ours or not version_number(number) or not _holds(form, repo, commit.commit_id, made, card):
        return None
    return version_number(number)


def _holds(form: Form, repo: str, commit: str, made: Adapter | Merged, card: str) -> bool:
    """Does a commit hold this very thing, whatever people wrote into its card's sections?"""
    record = file_at(repo, commit, form.file)
    if record is None or record != (made.path / form.file).read_bytes():
        return False
    there = file_at(repo, commit, CARD)
    return there is not None and fixed_sha256(there.decode("utf-8", "replace")) == fixed_sha256(card)


def _latest(form: Form, remote: Remote | None) -> tuple[Published | None, Record | None]:
    """The newest tag that holds one of ours, and its record; None and None where there is none."""
    for one in sorted(remote.tags.values() if remote else (), key=lambda one: one.number, reverse=True):
        if remote and (record := record_at(form, remote.repo, one.commit)):
            return one, record
    return None, None


def _head(form: Form, remote: Remote | None) -> Record | None:
    """The record at the repository's head; None where there is none."""
    return record_at(form, remote.repo, remote.head) if remote and form.file in remote.files else None


def record_at(form: Form, repo: str, commit: str) -> Any:
    """The record at a commit, None where there is none that is ours. Raises OtherFormat, and Invalid for a broken one."""
    data = file_at(repo, commit, form.file)
    if data is None:
        return None
    try:
        return parse_record(form.kind, data, f"{repo}@{commit[:12]} {form.file}")
    except NotARecord:
        return None


def file_at(repo: str, commit: str, name: str) -> bytes | None:
    """A file at a commit, None where the commit has none."""
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    with in_words(repo, name):
        try:
            path = patiently(lambda: client().hf_hub_download(repo, name, repo_type="model", revision=commit))
        except LocalEntryNotFoundError:  # no network: that says nothing of the commit
            raise
        except EntryNotFoundError:
            return None
    return Path(path).read_bytes()


# ---- what is sent ----------------------------------------------------------------------------------------------------


def _contents(form: Form, made: Adapter | Merged, card: str) -> dict[str, Content]:
    """Every file of the publication: those of the record, and nothing else that may lie in the folder."""
    files = {name: made.path / name for name in (*made.record.files, form.file)}
    return {**files, CARD: card.encode()}


def _plan(
    form: Form, repo: str, remote: Remote | None, old: Record | None, contents: Mapping[str, Content]
) -> list[Sent]:
    """Every file that is sent, kept or removed. Raises Problem for a repository that holds something else."""
    there = remote.files if remote else {}
    old = _head(form, remote) or old
    foreign = sorted(there.keys() - OF_THE_HUB)
    if foreign and old is None:
        raise Conflict(
            f"{repo}: holds files that are no {form.name} of this tool, such as {foreign[0][:80]!r}",
            "publish to a repository of its own",
        )
    return plan(remote, contents, [path for path in there if old and (path in old.files or form.holds(path))])
