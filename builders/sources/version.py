"""Rows of another version, here or on the Hub."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from builders.errors import Changed, Invalid, NotFound
from builders.hub.yanking import tell_if_withdrawn
from builders.recipes.model import VersionSource
from builders.schema import SOURCE_COLUMNS, SPOKEN, plain_id
from builders.sources.languages import with_language
from builders.sources.order import in_natural_order
from builders.sources.read import Read
from builders.versions.references import resolve
from builders.versions.version import Version


def read_version(source: VersionSource, registry: Path, where: str | None, languages: Sequence[str] = ()) -> Read:
    """The kept rows of a version, looked for at `where` if given (see `version_of`). languages: those that they may be in."""
    version, pin = version_of(source, registry, where)
    if version.manifest.recipe.kind != "instructions":
        raise Invalid(
            f"{version.label} is a version of {version.manifest.recipe.kind}, and its pairs are no rows with one answer",
            "name a version of instructions",
        )
    kept = version.rows()
    # Among several languages an id has its own before it already; alone it is as its language's rows have it.
    id = pl.col("id") if len(languages) > 1 else plain_id(kept)
    kept = kept.select(id, *SOURCE_COLUMNS[1:], "origin", SPOKEN)
    rows = in_natural_order(with_language(kept, None, languages, version.label), version.label)
    return Read(rows, pin, card=version.manifest.recipe.card)


def version_of(source: VersionSource, registry: Path, where: str | None) -> tuple[Version, VersionSource]:
    """The version that a source names, and its pin: name, number, content and commit.

    Raises NotFound where nothing says which version, and Changed for another one than the recipe pins.
    """
    # A recorded commit says more than a tag, which its owner can move.
    pinned = f"{source.repo}@{source.commit}" if source.repo and source.commit else None
    named = f"{source.name}@{source.version}" if source.name and source.version else None
    reference = where or source.ref or pinned or named
    if reference is None:
        raise NotFound(
            "the source is a version and nothing says which", "give it with --from NAME@X.Y.Z, or source.ref"
        )
    version = resolve(reference, registry)
    tell_if_withdrawn(version)
    if source.commit and version.commit not in (None, source.commit):
        raise Changed(
            f"{reference}: commit {version.commit} now, and the recipe pins {source.commit}: the tag was moved",
            "leave out --from and source.ref to use the pinned commit",
        )
    if source.content_sha256 not in (None, version.content_sha256):
        raise Changed(
            f"{reference}: another content than the recipe pins ({version.content_sha256[:12]}…, expected "
            f"{str(source.content_sha256)[:12]}…)",
            "use the pinned version",
        )
    pin = VersionSource(
        name=version.name,
        version=str(version.number),
        content_sha256=version.content_sha256,
        repo=version.repo or source.repo,
        commit=version.commit or source.commit,
    )
    return version, pin
