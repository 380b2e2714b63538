"""A training recipe is read as every recipe is (see `builders/recipes/loading.py`)."""

from collections.abc import Iterable

from builders.recipes.loading import RecipeKind, load
from train.recipes.model import RENAMED, TrainRecipe

KIND = RecipeKind("training recipe", TrainRecipe, "train", paths=("base.path",), renamed=RENAMED)


def shipped_recipes() -> list[str]:
    """Names of the training recipes that come with this package."""
    return KIND.shipped()


def load_recipe(reference: str, overrides: Iterable[str] = ()) -> TrainRecipe:
    """Read a training recipe from a YAML file or by the name of a shipped one.

    `overrides` are `dotted.key=value` pairs, their values read as YAML. Raises NotFound for a recipe that is not there, and
    Invalid for one that is no YAML, or holds an unknown key or a wrong value.
    """
    return load(KIND, reference, overrides)
