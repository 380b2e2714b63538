"""Versions under a registry folder: build the next one, whole or not at all."""

import hashlib
import logging
import os
import shutil
from collections.abc import Iterator, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from builders.durable import move_into_place
from builders.engines.engine import Engine
from builders.errors import Conflict, Exhausted
from builders.gold import gold
from builders.identifiers import FIRST, Step, VersionNumber, require_version_number
from builders.labels.applied import labels_of
from builders.pipeline import Built, OnStage, run
from builders.recipes.model import ParallelFile, Recipe
from builders.scores.file import scores_of
from builders.sources.evaluation_sets import read_sets
from builders.sources.places import remember
from builders.sources.reading import read_source
from builders.sources.remote import place_of
from builders.stages.language import unknown_language
from builders.versions.references import numbers_in, sound_versions
from builders.versions.version import Version, open_version
from builders.versions.version_number import bump
from builders.versions.write import Draft, numbered_texts, render, seal

log = logging.getLogger(__name__)
STAGING = ".aguila-building"
LOCK = ".aguila-lock"


@dataclass(frozen=True)
class Result:
    """A version that `build` made or found made already, and why it has its number."""

    version: Version
    built: Built
    created: bool
    reason: str


def build(
    recipe: Recipe,
    registry: Path,
    number: str | None = None,
    report: OnStage = lambda count: None,
    published: Version | None = None,
    engine: Engine | None = None,
) -> Result:
    """Build a recipe into `registry/NAME/vX.Y.Z/`.

    number: the version's; by default the next one after the latest version there, by what changed. published: the latest
    version on the Hub (`hub_versions.latest_published`), which counts too; the reason then names the one that the number
    comes after. engine: where the work on rows is done (see `engine_named`); in this process by default. The same content and
    card as an existing version is that version: nothing is written. A folder whose manifest is missing or broken is passed over,
    and its number is not used again. Raises Problem for whatever the recipe, the source or the folder makes impossible; then
    nothing is left behind.
    """
    wanted = require_version_number(number) if number else None
    origin = recipe.source
    home = registry / recipe.name
    _require_folder(home)  # before the work, not after it
    if note := unknown_language(recipe):
        log.warning("%s", note)
    labels, scores = labels_of(recipe, registry), scores_of(recipe, registry)
    # Reading keeps one core busy, and the gold rows are the same whatever is read.
    with ThreadPoolExecutor(1) as beside:
        measuring = beside.submit(gold, recipe.language.codes)
        built = run(
            recipe,
            lambda: read_source(recipe, registry, keep=engine.keep if engine else None),
            report,
            lambda: read_sets(recipe, registry),
            labels,
            scores,
            engine,
        )
    if built.recipe.card.license is None:
        log.warning(
            "the licence of the source is not stated; find it out and add card.license to the recipe: publishing asks for it"
        )
    with _staging(home) as staging:
        draft = render(built, measuring.result(), staging)
        known = sound_versions(registry, recipe.name)
        broken = numbers_in(registry, recipe.name).keys() - known.keys()
        latest = known[max(known)] if known else None
        chosen, reason = _number(draft, wanted, latest, published, broken)
        if chosen in known and _same(draft, known[chosen]):
            return Result(known[chosen], built, created=False, reason=reason)
        if chosen in known or chosen in broken:
            what = "exists with other content" if chosen in known else "exists and is not a version that can be read"
            free = _number(draft, None, latest, published, broken)[0]
            raise Conflict(
                f"{recipe.name}@{chosen} {what} in {registry}",
                f"the next free number is {free} (leave out --version to take it)",
            )
        target = home / f"v{chosen}"
        seal(draft, staging, str(chosen))
        for given, pin in ((origin, built.recipe.source), (recipe.parallel, built.recipe.parallel)):
            if isinstance(given, ParallelFile) and given.path:
                remember(registry, str(pin.sha256), place_of(given.path, registry))  # type: ignore[union-attr]
        if recipe.decontaminate and built.recipe.decontaminate:
            for asked, used in zip(recipe.decontaminate.sets, built.recipe.decontaminate.sets, strict=True):
                if asked.path:
                    remember(registry, str(used.sha256), Path(asked.path))
        if recipe.labels and recipe.labels.path and built.labels:
            remember(registry, built.labels.sha256(), Path(recipe.labels.path))
        if recipe.scores and recipe.scores.path and built.scores:
            remember(registry, built.scores.sha256(), Path(recipe.scores.path))
        move_into_place(staging, target)  # the version appears whole, in one step, and nothing can fail after it
    return Result(open_version(target), built, created=True, reason=reason)


def _number(
    draft: Draft,
    wanted: VersionNumber | None,
    latest: Version | None,
    published: Version | None,
    broken: Set[VersionNumber],
) -> tuple[VersionNumber, str]:
    """The number that is asked for, or the one that a draft deserves after the latest version here and on the Hub.

    broken: numbers of folders that cannot be read. None is used again, and none stays above a newer version: how a change
    compares with what cannot be read is not known, so the step above them is the largest that it may be.
    """
    if wanted is not None:
        return wanted, "asked for"
    # The larger of the two steps: that number is free on both sides, or is this very version.
    known = [one for one in (published, latest) if one]
    steps = [(*_next(draft, one), one) for one in known or (None,)]
    chosen, reason, since = max(steps, key=lambda step: step[0])
    reason = f"{reason} since {since.label}" if published and since else reason
    highest = max(broken, default=None)
    if highest is None or chosen > highest or (since and chosen == since.number and chosen not in broken):
        return chosen, reason
    return highest.bumped("major"), f"{reason}; above {highest}, which is there and cannot be read"


def _next(draft: Draft, latest: Version | None) -> tuple[VersionNumber, str]:
    """The number that a draft deserves after the latest version, and why."""
    if latest is None:
        return FIRST, "the first version"
    step, reason = change(draft, latest)
    return (latest.number if step is None else latest.number.bumped(step)), reason


def change(draft: Draft, old: Version) -> tuple[Step | None, str]:
    """How large a change is (major, minor, patch or None), and what it is."""
    step, reason = bump(draft.contents, old.manifest)
    if step is None and not _same(draft, old):
        return "patch", "the rows are the same; the recipe, the ledger or the card changed"
    return step, reason


def _same(draft: Draft, old: Version) -> bool:
    """Would this draft under the old number have the old version's files?"""
    numbered = numbered_texts(draft, str(old.number))
    hashes = {path: hashlib.sha256(text.encode()).hexdigest() for path, text in numbered.items()}
    files = {path: entry.sha256 for path, entry in old.manifest.files.items()}
    return files == {**{path: entry.sha256 for path, entry in draft.files.items()}, **hashes}


def _require_folder(home: Path) -> None:
    for place in (home, *home.parents):
        if place.exists() and not place.is_dir():
            raise Conflict(f"{place}: is a file", "versions need a folder there, choose another --out")


@contextmanager
def _staging(home: Path) -> Iterator[Path]:
    """A folder beside the versions in which one is written, alone, and which is gone afterwards.

    The lock belongs to the operating system: a process that dies gives it up. So whoever holds it may clear away what a
    dead process left.
    """
    staging = home / STAGING
    try:
        home.mkdir(parents=True, exist_ok=True)
        with FileLock(home / LOCK):
            _clear(staging)
            staging.mkdir()
            try:
                yield staging
            finally:
                _clear(staging)
    except OSError as error:  # a full disk, a quota, a folder that is not ours to write
        reason = os.strerror(error.errno) if error.errno else error
        raise Exhausted(
            f"{home}: cannot be written ({reason})", "free space or choose another --out, then run again"
        ) from error


def _clear(staging: Path) -> None:
    if staging.exists():
        shutil.rmtree(staging)
