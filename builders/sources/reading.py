"""A recipe's source, wherever it is: the demo, a file, the Hub at a pinned commit, or another version.

The data contract: `id`, `instruction`, `input`, `output` are strings, `id` is unique, a missing or null `input` is empty.
Anything else stops here, with file, line and reason, before anything is written.
"""

from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from builders.errors import Invalid, NotFound
from builders.recipes.model import Recipe
from builders.recipes.source_model import Columns, FileSource, HubSource, VersionSource
from builders.sources.parallel import with_parallel
from builders.sources.read import Read
from builders.versions.references import resolve


class Reader(Protocol):
    """The function `read` of the module that is called like a kind of source: `demo`, `file`, `hub`, `version`."""

    def __call__(self, source: Any, registry: Path, where: str | None) -> Read:
        """The rows of a source, looked for at `where` if given (the pin stays, and is checked).

        Raises Problem when the source is not to be found or is not what the recipe pins.
        """


def read_source(recipe: Recipe, registry: Path, where: str | None = None) -> Read:
    """The rows of a recipe's source (see `Reader`), with their English parallel rows if the recipe names some."""
    reader: Reader = import_module(f"builders.sources.{recipe.source.kind}").read
    return with_parallel(reader(recipe.source, registry, where), recipe.parallel, registry)


def with_source(recipe: Recipe, where: str, registry: Path) -> Recipe:
    """The recipe with its source replaced by a file or a version (`--from`).

    The columns and the parallel source of a file are kept. Raises Problem for anything else than a file or a version.
    """
    path = Path(where)
    if path.is_file():
        columns = recipe.source.columns if isinstance(recipe.source, FileSource | HubSource) else Columns()
        source: FileSource | VersionSource = FileSource(path=where, columns=columns, parallel=recipe.parallel)
    elif path.is_dir() or "@" in where:
        resolve(where, registry)
        if recipe.parallel:
            raise Invalid(f"--from {where}: a version has no parallel source", "add --set source.parallel=null")
        source = VersionSource(ref=where)
    else:
        raise NotFound(
            f"--from {where}: no such file, and not a version",
            "give a file, a version folder, NAME@X.Y.Z or OWNER/NAME@vX.Y.Z",
        )
    return recipe.model_copy(update={"source": source})
