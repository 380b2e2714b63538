"""What a card says of where rows come from belongs to the source that it was stated with.

A recipe that replaces the source of the one it extends, or a source that is replaced with `--from` or `--set`, takes none of it
along: title, summary, licence, source datasets, attribution and tags are stated anew, or missing, and then asked for. A
version that is made of another version takes over what that one states.
"""

from collections.abc import Mapping
from typing import Any

from builders.recipes.model import Card, FileSource, Recipe, Source

PROVENANCE = (
    "title",
    "summary",
    "license",
    "license_name",
    "license_link",
    "source_datasets",
    "attribution",
    "tags",
    "extra",
)
# What tells one source from another; a later commit or another file of a repository is the same source.
IDENTITY = ("kind", "repo", "path", "name", "ref")


def beneath(below: Mapping[str, Any], above: Mapping[str, Any]) -> Mapping[str, Any]:
    """A recipe's values as they lie beneath others: without provenance, if those name another source."""
    return without_provenance(below) if is_another(below.get("source"), above.get("source")) else below


def without_provenance(values: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe's values without what its card says of where rows come from."""
    card = values.get("card")
    if not isinstance(card, Mapping):
        return dict(values)
    return {**values, "card": {key: value for key, value in card.items() if key not in PROVENANCE}}


def is_another(old: Any, new: Any) -> bool:
    """Whether a source's values (those that are given) name another source. A file that is not named yet may be any."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return False
    if old.get("kind") == "file" and not any(old.get(key) for key in ("path", "name", "sha256")):
        return bool(new.get("kind", "file") != "file")
    return any(key in new and new[key] != old.get(key) for key in IDENTITY)


def with_other_source(recipe: Recipe, source: Source) -> Recipe:
    """A recipe with its source replaced. One that states no source, or leaves its file open, keeps what its card says."""
    card = recipe.card
    if "source" in recipe.model_fields_set and not _is_open(recipe.source):
        card = card.model_copy(update={key: Card.model_fields[key].default for key in PROVENANCE})
    return recipe.model_copy(update={"source": source, "card": card})


def _is_open(source: Source) -> bool:
    """Whether a recipe leaves it to its user which file it reads."""
    return isinstance(source, FileSource) and not (source.path or source.name or source.sha256)


def with_terms(card: Card, of: Card, repo: str | None) -> Card:
    """A card that takes over the terms of the version that the rows come from, as far as it states none of its own.

    repo: the repository of that version, if it is on the Hub: it becomes one of the source datasets.
    """
    datasets = tuple(dict.fromkeys([*card.source_datasets, *([repo] if repo else ()), *of.source_datasets]))
    attribution = tuple(dict.fromkeys([*card.attribution, *of.attribution]))
    terms: dict[str, Any] = {"source_datasets": datasets, "attribution": attribution}
    if card.license is None:
        terms |= {key: getattr(of, key) for key in ("license", "license_name", "license_link")}
    return card.model_copy(update=terms)
