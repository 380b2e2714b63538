"""What a model was made of, link by link: source, version, adapter, and the same again for each method, up to a merged model.

Each link has the hash that the next one's record names it by. What is at hand (in the registry, in some folders, on the Hub) is
opened and compared with that hash; of the rest, the chain says what is recorded.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from msgspec import Struct

from builders.errors import Changed, Problem
from builders.hub.repository import files_at
from builders.sources.reading import read_source
from builders.versions.fingerprint import content_sha256, file_fingerprint
from builders.versions.references import resolve
from builders.versions.version import Version
from train.adapters.adapter import WEIGHTS, Adapter, open_adapter
from train.adapters.merged import RECORD, Merged, open_merged
from train.adapters.publishing import file_at
from train.run.record import TRAINING, AdapterPin, DataPin

State = Literal["verified", "recorded", "differs"]
WEIGHTS_OF = "weights sha256 {}"


class Link(Struct, frozen=True, kw_only=True):
    """One part of the chain.

    what: a base, a source, a version, an adapter or a merged model. name: what it is called. hash: what pins it. commit: where it
    is on the Hub. state: `verified` where it is at hand and has that hash, `differs` where it has another, `recorded` where only
    a later record names it. at: where it was found, or why not.
    """

    what: str
    name: str
    hash: str
    commit: str | None
    state: State
    at: str


class Lineage(Struct, frozen=True):
    """The chain, what came first before what was made of it."""

    links: tuple[Link, ...]

    @property
    def ok(self) -> bool:
        """Is nothing another than what the records name?"""
        return all(link.state != "differs" for link in self.links)


def lineage(where: Path | str, registry: Path, among: Sequence[Path] = ()) -> Lineage:
    """The chain of an adapter, or of a merged model: a folder, or an adapter as OWNER/NAME@vX.Y.Z.

    among: folders in which the adapters and the models that belong to it are looked for, by the hashes of their records. Raises
    Problem for what is neither, or is not what its own record says.
    """
    folders = [path for root in among if root.is_dir() for path in sorted(root.iterdir()) if path.is_dir()]
    path = Path(where)
    if (path / RECORD).is_file():
        merged = open_merged(path)
        found = _local(merged.record.adapter.training_sha256, folders)
        return Lineage((*_up_to(merged, found, registry, folders), _model(merged)))
    adapter = open_adapter(where)
    return Lineage((*_base(adapter), *_chain(adapter, registry, folders), *_models(adapter, folders)))


def _up_to(merged: Merged, found: Adapter | None, registry: Path, folders: Sequence[Path]) -> Iterator[Link]:
    """What a merged model was made of; with its adapter not at hand, as far as its own record goes."""
    if found:
        yield from _base(found)
        yield from _chain(found, registry, folders)
        return
    record = merged.record
    yield from _version(record.data, registry)
    yield Link(
        what="adapter",
        name=record.adapter.name,
        hash=WEIGHTS_OF.format(record.adapter.weights_sha256),
        commit=None,
        state="recorded",
        at=f"in none of the folders; {RECORD} names it",
    )


def _base(adapter: Adapter) -> Iterator[Link]:
    pin = adapter.record.base
    hash = f"fingerprint {pin.sha256}" if pin.sha256 else f"commit {pin.revision}"
    yield Link(what="base", name=pin.label, hash=hash, commit=pin.revision, state="recorded", at=TRAINING)


def _chain(adapter: Adapter, registry: Path, folders: Sequence[Path]) -> Iterator[Link]:
    """An adapter, after all that it was made of."""
    record = adapter.record
    if isinstance(record.adapter, AdapterPin):
        yield from _start(record.adapter, registry, folders)
    yield from _version(record.data, registry)
    yield _adapter(adapter.pin, "verified", str(adapter.path))


def _start(pin: AdapterPin, registry: Path, folders: Sequence[Path]) -> Iterator[Link]:
    """The adapter that another went on from."""
    if found := _local(pin.training_sha256, folders):
        yield from _chain(found, registry, folders)
        return
    yield from _version(pin.data, registry)
    yield _on_hub(pin) if pin.repo else _adapter(pin, "recorded", "in none of the folders")


def _local(training_sha256: str, folders: Sequence[Path]) -> Adapter | None:
    """The adapter whose record has a hash, opened, and so checked."""
    records = (folder for folder in folders if (folder / TRAINING).is_file())
    return next(
        (open_adapter(one) for one in records if file_fingerprint(one / TRAINING).sha256 == training_sha256), None
    )


def _on_hub(pin: AdapterPin) -> Link:
    """An adapter on the Hub, by its record there and the hash that the Hub has of its weights."""
    assert pin.repo and pin.commit, "a pin on the Hub has both"
    where = f"{pin.repo}@{pin.commit[:12]}"
    try:
        record = file_at(pin.repo, pin.commit, TRAINING)
        weights = files_at(pin.repo, pin.commit, "model").get(WEIGHTS)
    except Problem as problem:
        return _adapter(pin, "recorded", f"{where}: {problem.message}")
    same = record is not None and hashlib.sha256(record).hexdigest() == pin.training_sha256
    if not same or weights is None or weights[1] != pin.weights_sha256:
        return _adapter(pin, "differs", where)
    return _adapter(pin, "verified", where)


def _adapter(pin: AdapterPin, state: State, at: str) -> Link:
    return Link(
        what=f"adapter ({pin.kind})",
        name=pin.name,
        hash=WEIGHTS_OF.format(pin.weights_sha256),
        commit=pin.commit,
        state=state,
        at=at,
    )


def _version(pin: DataPin, registry: Path) -> Iterator[Link]:
    """A version, after its source."""
    wanted = f"content sha256 {pin.content_sha256}"
    named = f"{pin.repo}@{pin.commit}" if pin.repo and pin.commit else pin.reference
    try:
        version = resolve(named, registry)
        rows = content_sha256(version.rows())
    except Problem as problem:
        state: State = "differs" if isinstance(problem, Changed) else "recorded"
        yield Link(what="version", name=pin.reference, hash=wanted, commit=pin.commit, state=state, at=problem.message)
        return
    yield _source(version, registry)
    yield Link(
        what=f"version of {version.manifest.recipe.kind}",
        name=pin.reference,
        hash=wanted,
        commit=pin.commit,
        state="verified" if rows == pin.content_sha256 else "differs",
        at=version.repo or str(version.path),
    )


def _source(version: Version, registry: Path) -> Link:
    """What a version's rows come from; that which this package holds is read again."""
    recipe = version.manifest.recipe
    source = recipe.source
    pins = source.model_dump(mode="json", exclude_none=True)
    pins = pins.get("rows", {}) | pins  # what answers are set against, or grouped in
    pinned = [
        f"{key.replace('_', ' ')} {pins[key]}"
        for key in ("sha256", "content_sha256", "revision", "commit")
        if key in pins
    ]
    state: State = "recorded"
    if source.kind.startswith("demo"):
        try:
            read_source(recipe, registry)
            state = "verified"
        except Problem:
            state = "differs"
    return Link(
        what="source",
        name=pins.get("repo") or pins.get("name") or source.kind,
        hash=", ".join(pinned),
        commit=pins.get("revision") or pins.get("commit"),
        state=state,
        at=f"{version.label}'s recipe; `aguila verify {version.label}` reads it again",
    )


def _models(adapter: Adapter, folders: Sequence[Path]) -> Iterator[Link]:
    """The models among some folders that an adapter was merged into."""
    wanted = file_fingerprint(adapter.path / TRAINING).sha256
    for folder in folders:
        if (folder / RECORD).is_file() and (merged := open_merged(folder)).record.adapter.training_sha256 == wanted:
            yield _model(merged)


def _model(merged: Merged) -> Link:
    return Link(
        what=f"merged model ({merged.record.precision})",
        name=merged.path.name,
        hash=WEIGHTS_OF.format(", ".join(merged.record.weights_sha256)),
        commit=None,
        state="verified",
        at=str(merged.path),
    )
