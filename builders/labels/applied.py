"""The labels that a recipe names, wherever they are."""

from pathlib import Path

from builders.labels.file import NAME, read_labels
from builders.labels.records import Labels
from builders.recipes.model import LabelFile, Recipe
from builders.sources.places import pinned_place


def with_labels(recipe: Recipe, path: str) -> Recipe:
    """The recipe with labels of a file or folder (`--labels`) in place of its own."""
    return recipe.model_copy(update={"labels": LabelFile(path=path)})


def labels_of(recipe: Recipe, registry: Path, version: Path | None = None) -> Labels | None:
    """The labels that a recipe names: where it says, in the folder of a version that holds them, or where they were last.

    Raises Problem for labels that are missing or are not the pinned ones.
    """
    asked = recipe.labels
    if asked is None:
        return None
    inside = str(version / NAME) if version else None
    place = pinned_place(asked.path or inside, asked.sha256, registry, "labels", "give them with --labels")
    return read_labels(place, asked.sha256)
