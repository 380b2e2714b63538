"""A recipe's source, wherever it is: the demo, a file, the Hub at a pinned commit, or another version.

The data contract: `id`, `instruction`, `input`, `output` are strings, `id` is unique, a missing or null `input` is empty.
Anything else stops here, with file, line and reason, before anything is written.
"""

from pathlib import Path

from builders.errors import Invalid, NotFound
from builders.recipes.model import Columns, DemoSource, FileSource, HubSource, Recipe, VersionSource
from builders.recipes.provenance import with_other_source
from builders.sources.demo import read_demo
from builders.sources.file import read_file
from builders.sources.hub import SOURCE_ADVICE, fetched, read_split
from builders.sources.parallel import with_parallel
from builders.sources.places import describe_file, remembered
from builders.sources.read import Read
from builders.sources.version import read_version
from builders.versions.references import resolve


def read_source(recipe: Recipe, registry: Path, where: str | None = None) -> Read:
    """The rows of a recipe's source, looked for at `where` if given (the pin stays, and is checked).

    Raises Problem when the source is not to be found or is not what the recipe pins.
    """
    source = recipe.source
    if isinstance(source, DemoSource):
        return read_demo(source)
    if isinstance(source, VersionSource):
        return read_version(source, registry, where)
    if isinstance(source, HubSource):
        path = Path(where) if where else fetched(source, SOURCE_ADVICE)
        read = read_file(path, source) if path else read_split(source)
    else:
        path = _file(source, registry, where)
        read = read_file(path, source)
    return with_parallel(read, recipe.parallel, registry, path.parent if path else None)


def _file(source: FileSource, registry: Path, where: str | None) -> Path:
    known = where or source.path or remembered(registry, source.sha256)
    if known is None:
        raise NotFound(
            f"the source is {describe_file(source)} and nothing says where it is", "give it with --from FILE"
        )
    return Path(known)


def with_source(recipe: Recipe, where: str, registry: Path) -> Recipe:
    """The recipe with its source replaced by a file or a version (`--from`).

    The columns and the parallel source of a file are kept; what the card says of the old source is not. Raises Problem for
    anything else than a file or a version.
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
    return with_other_source(recipe, source)
