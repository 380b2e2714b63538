"""Publish an adapter in a model repository of the Hub: one commit with everything, then the tag on that very commit.

`training.json` is its record: it says what is sent, and whether the same adapter was published before. The number follows
from what changed since the latest: another base or template is major, other weights minor, anything else patch.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from builders.errors import Conflict, Invalid, NotFound
from builders.hub.client import client, in_words, require_token
from builders.hub.patience import patiently
from builders.hub.repository import (
    OF_THE_HUB,
    Content,
    Publication,
    Remote,
    Sent,
    card_texts,
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
from cards.shared.sections import fixed_sha256, with_sections
from cards.shared.vocabulary import card_faults
from train.adapters.adapter import CARD, FILES, WEIGHTS, Adapter, open_adapter
from train.base.location import read_json
from train.run.record import KIND, TRAINING, TrainingRecord

if TYPE_CHECKING:
    from huggingface_hub import GitCommitInfo

Report = Callable[[str], None]

TITLE = "Adapter "


def publish_adapter(
    folder: Path,
    repo: str,
    private: bool | None = None,
    dry_run: bool = False,
    report: Report = lambda step: None,
) -> Publication:
    """Put an adapter into the model repository `repo`, made if need be, and tag it `vX.Y.Z`: 1.0.0, then the next number.

    private: True makes a new repository private and refuses a public one. dry_run: say what would be sent; nothing is.
    The same adapter again changes nothing. Raises Problem when the adapter is not what its record says, when it holds
    files that no adapter has or a path of this machine, when its card would be refused, when the repository holds something
    else, when somebody else published meanwhile, and for whatever the Hub says.
    """
    require_repository(repo, "ana/aguila-7b-es")
    adapter = open_adapter(folder)
    card = _require_sendable(adapter)
    if not dry_run:
        require_token(repo)
    remote = remote_repository(repo, "model")
    repo = remote.repo if remote else repo
    require_private(repo, remote, private)
    if remote and (done := _finished(remote, adapter, card, dry_run, report)):
        return done
    latest, old = _latest(remote)
    number, reason = _next(remote, latest, old, adapter)
    is_private = remote.private if remote else bool(private)
    contents = _contents(adapter, with_sections(card, card_texts(remote, card)))
    planned = tuple(_plan(repo, remote, old, contents))
    done = Publication(repo, str(number), "planned", None, is_private, planned, reason)
    if dry_run:
        return done
    if remote is None:
        report(f"making {repo}")
        remote = make_repository(repo, "model", private)
    report(f"sending {sum(one.action in ('add', 'replace') for one in planned)} files, {done.bytes_sent / 1e6:.1f} MB")
    commit = send(
        remote,
        planned,
        contents,
        title=f"{TITLE}{number}",
        description=f"trained on {adapter.record.data.reference}",
        is_ours=lambda commit: _is_of(repo, commit, adapter, card) == number,
        advice="correct the header of README.md",
    )
    report(f"tagging {commit[:12]} as v{number}")
    tag_commit(repo, "model", Published(number, commit))
    return replace(done, outcome="published", commit=commit)


# ---- what must hold --------------------------------------------------------------------------------------------------


def _require_sendable(adapter: Adapter) -> str:
    """The adapter's card. Raises Problem for what must not be sent."""
    folder = adapter.path
    for name in adapter.record.files:
        if name not in FILES:
            raise Invalid(f"{folder}: its record lists {name!r}, which no adapter has", KIND.again)
    for name in (TRAINING, "adapter_config.json", "tokenizer_config.json"):
        if name not in (*adapter.record.files, TRAINING):
            continue
        for key, text in _strings(read_json(folder / name, KIND.again)):
            if "\n" not in text and (PurePosixPath(text).is_absolute() or PureWindowsPath(text).is_absolute()):
                raise Invalid(f"{folder / name}: {key} holds the path {text!r}, which is of this machine", "correct it")
    if CARD not in adapter.record.files:
        raise NotFound(f"{folder}: it has no card, {CARD}", KIND.again)
    try:
        card = (folder / CARD).read_text("utf-8")
    except UnicodeDecodeError:
        raise Invalid(f"{folder / CARD}: not UTF-8 text", "correct it, then publish again") from None
    if faults := card_faults(card, "model"):
        raise Invalid(f"{folder / CARD}: the Hub would refuse the card: {'; '.join(faults)}", "correct its header")
    return card


def _strings(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every string in a JSON value, with the dotted key that leads to it."""
    if isinstance(value, str):
        yield key, value
    pairs = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in pairs:
        yield from _strings(inner, f"{key}.{name}" if key else str(name))


def _next(
    remote: Remote | None, latest: Published | None, old: TrainingRecord | None, adapter: Adapter
) -> tuple[VersionNumber, str]:
    """The number that is due, and why."""
    taken = max(remote.tags) if remote and remote.tags else None
    if latest is None or old is None:
        return (FIRST if taken is None else taken.bumped("major")), "the first adapter there"
    part, reason = _bump(adapter.record, old)
    return max(latest.number, taken or latest.number).bumped(part), f"after {latest.tag}: {reason}"


def _bump(new: TrainingRecord, old: TrainingRecord) -> tuple[Step, str]:
    """How large a step an adapter deserves after another (two records), and why."""
    if new.base != old.base:
        return "major", "the base changed"
    if new.template.sha256 != old.template.sha256:
        return "major", f"the template changed ({old.template.name} → {new.template.name})"
    apart = {name for name in new.files.keys() | old.files.keys() if new.files.get(name) != old.files.get(name)}
    if WEIGHTS in apart:
        return "minor", "the weights changed"
    return "patch", f"the weights are the same, {', '.join(sorted(apart)) or TRAINING} changed"


# ---- what is there ---------------------------------------------------------------------------------------------------


def _finished(remote: Remote, adapter: Adapter, card: str, dry_run: bool, report: Report) -> Publication | None:
    """The publication that an earlier run made, whole or but for its tag; None when there is none."""
    repo = remote.repo
    for one in sorted(remote.tags.values(), key=lambda one: one.number, reverse=True):
        if _holds(repo, one.commit, adapter, card):
            return Publication(repo, str(one.number), "unchanged", one.commit, remote.private, (), "published before")
    tagged = {one.commit for one in remote.tags.values()}
    for commit in commits(repo, kind="model"):
        number = None if commit.commit_id in tagged else _is_of(repo, commit, adapter, card)
        if number is None or number in remote.tags:
            continue
        if not dry_run:
            report(f"tagging {commit.commit_id[:12]}, which an earlier run left without its tag, as v{number}")
            tag_commit(repo, "model", Published(number, commit.commit_id))
        outcome, tag = ("planned", None) if dry_run else ("tagged", commit.commit_id)
        return Publication(repo, str(number), outcome, tag, remote.private, (), "an earlier run lacked the tag")
    return None


def _is_of(repo: str, commit: "GitCommitInfo", adapter: Adapter, card: str) -> VersionNumber | None:
    """The number under which a commit publishes this adapter, None for another commit."""
    title, is_ours, number = commit.title.partition(TITLE)
    if title or not is_ours or not version_number(number) or not _holds(repo, commit.commit_id, adapter, card):
        return None
    return version_number(number)


def _holds(repo: str, commit: str, adapter: Adapter, card: str) -> bool:
    """Does a commit hold this very adapter, whatever people wrote into its card's sections?"""
    record = _file(repo, commit, TRAINING)
    if record is None or record != (adapter.path / TRAINING).read_bytes():
        return False
    there = _file(repo, commit, CARD)
    return there is not None and fixed_sha256(there.decode("utf-8", "replace")) == fixed_sha256(card)


def _latest(remote: Remote | None) -> tuple[Published | None, TrainingRecord | None]:
    """The newest tag that holds an adapter of ours, and its record; None and None where there is none."""
    for one in sorted(remote.tags.values() if remote else (), key=lambda one: one.number, reverse=True):
        if remote and (record := record_at(remote.repo, one.commit)):
            return one, record
    return None, None


def record_at(repo: str, commit: str) -> TrainingRecord | None:
    """The training.json at a commit, None where there is none that is ours. Raises OtherFormat, and Invalid for a broken one."""
    data = _file(repo, commit, TRAINING)
    if data is None:
        return None
    try:
        return parse_record(KIND, data, f"{repo}@{commit[:12]} {TRAINING}")
    except NotARecord:
        return None


def _file(repo: str, commit: str, name: str) -> bytes | None:
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


def _contents(adapter: Adapter, card: str) -> dict[str, Content]:
    """Every file of the publication: those of the manifest, and nothing else that may lie in the folder."""
    files = {name: adapter.path / name for name in (*adapter.record.files, TRAINING)}
    return {**files, CARD: card.encode()}


def _plan(repo: str, remote: Remote | None, old: TrainingRecord | None, contents: Mapping[str, Content]) -> list[Sent]:
    """Every file that is sent, kept or removed. Raises Problem for a repository that holds something else."""
    there = remote.files if remote else {}
    at_head = record_at(repo, remote.head) if remote and TRAINING in there else None
    old = at_head or old
    foreign = sorted(there.keys() - OF_THE_HUB)
    if foreign and old is None:
        raise Conflict(
            f"{repo}: holds files that are no adapter of this tool, such as {foreign[0][:80]!r}",
            "publish to a repository of its own",
        )
    return plan(remote, contents, [path for path in there if old and path in old.files])
