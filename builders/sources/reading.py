"""A recipe's source, wherever it is: the demo, a file, the Hub at a pinned commit, or another version.

The data contract: `id`, `instruction`, `input`, `output` are text, and `id` is unique. How other shapes become that, and
what stops here, with file, line and reason, before anything is written, is in `builders/sources/mapping/`.
"""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

from builders.errors import Invalid, NoSuchRevision, NotFound, Unreachable
from builders.identifiers import is_remote, version_number
from builders.recipes.model import DemoSource, FileSource, HubSource, Reading, Recipe, VersionSource
from builders.recipes.preferences import AnswersSource, PairsDemo, PairsFile, PairsHub, PairSource, SamePromptSource
from builders.recipes.provenance import with_other_source
from builders.schema import MANIFEST
from builders.sources.answers import read_answers
from builders.sources.demo import read_demo
from builders.sources.file import read_file
from builders.sources.formats import is_data_file
from builders.sources.held_out import held_out_prompts
from builders.sources.hub import SOURCE_ADVICE, fetched, fetched_for_each, in_one_language, read_split
from builders.sources.hub_address import Address, Located, address_of, locate
from builders.sources.languages import is_for_each, require_languages, require_languages_told
from builders.sources.parallel import with_parallel
from builders.sources.places import describe_file, remembered
from builders.sources.preferences import read_demo_pairs, read_pairs_file, read_pairs_split
from builders.sources.read import Keep, Read
from builders.sources.remote import at_hand
from builders.sources.same_prompt import read_same_prompt
from builders.sources.shards import is_pattern
from builders.sources.version import read_version
from builders.versions.references import names_in, resolve

log = logging.getLogger(__name__)


def read_source(recipe: Recipe, registry: Path, where: str | None = None, keep: Keep | None = None) -> Read:
    """The rows of a recipe's source, looked for at `where` if given (the pin stays, and is checked).

    keep: takes the texts, where the source is several files that are read one after the other (see `Intake`). What was found out
    about a source that is not pinned yet is told by the log. Raises Problem when the source is not to be found or is not what
    the recipe pins.
    """
    read = _read(recipe, registry, where, keep)
    if getattr(recipe.source, "sha256", None) is None:
        for note in read.notes:
            log.warning("%s", note)
    return read


def _read(recipe: Recipe, registry: Path, where: str | None, keep: Keep | None = None) -> Read:
    source = recipe.source
    if isinstance(source, PairSource):
        return _read_pairs(source, recipe, registry, where)
    codes, place = recipe.language.codes, None
    keep = None if recipe.parallel else keep  # its rules compare texts
    if isinstance(source, DemoSource):
        read = read_demo(source)
    elif isinstance(source, VersionSource):
        read = read_version(source, registry, where, codes)
    elif isinstance(source, HubSource):
        require_languages_told(recipe, where or source.file or source.config)
        source = in_one_language(source, codes)
        place = Path(where) if where else fetched_for_each(source, codes)
        read = read_file(place, source, codes, keep) if place else read_split(source, codes)
    else:
        known = _known(source, registry, where)
        require_languages_told(recipe, known)
        place = at_hand(known, registry, codes)
        read = read_file(place, source, codes, keep)
    require_languages(read.rows, recipe)
    return with_parallel(read, recipe.parallel, registry, place.parent if place else None)


def _read_pairs(source: PairSource, recipe: Recipe, registry: Path, where: str | None) -> Read:
    """Pairs of answers, with the prompts that SFT versions hold out."""
    asked = recipe.preferences.held_out
    if isinstance(source, PairsDemo):
        read = read_demo_pairs(source)
    elif isinstance(source, SamePromptSource):
        rows = recipe.model_copy(update={"source": source.rows, "kind": "instructions"})
        read = read_same_prompt(_read(rows, registry, where), source, recipe)
    elif isinstance(source, PairsHub):
        path = Path(where) if where else fetched(source, SOURCE_ADVICE)
        read = read_pairs_file(path, source) if path else read_pairs_split(source)
    elif isinstance(source, AnswersSource):
        read = read_answers(_file(source, registry, where), source, registry)
        splits, _ = held_out_prompts((source.rows,), registry)
        read = replace(read, held_out=splits)
    else:
        read = read_pairs_file(_file(source, registry, where), source)
    splits, versions = held_out_prompts(asked, registry)
    return replace(read, held_out={**read.held_out, **splits}, versions=versions)


def _file(source: PairsFile | AnswersSource, registry: Path, where: str | None) -> Path:
    return at_hand(_known(source, registry, where), registry)


def _known(source: FileSource | PairsFile | AnswersSource, registry: Path, where: str | None) -> str:
    known = where or source.path or remembered(registry, source.sha256)
    if known is None:
        raise NotFound(
            f"the source is {describe_file(source)} and nothing says where it is", "give it with --from FILE"
        )
    return known


def with_source(recipe: Recipe, where: str, registry: Path) -> Recipe:
    """The recipe with its source replaced (`--from`) by files, a version, or a dataset of the Hub at the commit it has now.

    What the recipe says of how rows are read, and its parallel source, are kept for rows of files; what its card says of the
    old source is not. Raises Problem for anything else.
    """
    return with_other_source(recipe, _source(recipe, where, registry))


def _source(recipe: Recipe, where: str, registry: Path) -> FileSource | HubSource | VersionSource:
    path = Path(where)
    if (
        _in_a_store(where)
        or path.is_file()
        or is_pattern(path)
        or _is_folder_of_files(path)
        or _is_for_each_here(where)
    ):
        return FileSource(path=where, parallel=recipe.parallel, **_kept(recipe))
    local = path.is_dir() or where in names_in(registry) or (is_data_file(where) and not is_remote(where))
    address = None if local else address_of(where)
    if address and (found := _located(address)):
        return HubSource(**vars(found), parallel=recipe.parallel, **_kept(recipe))
    if path.is_dir() or "@" in where or address:
        resolve(where, registry)
        if recipe.parallel:
            raise Invalid(f"--from {where}: a version has no parallel source", "add --set source.parallel=null")
        return VersionSource(ref=where)
    raise NotFound(
        f"--from {where}: no such file, and not a version",
        "give a file, a folder of files, a version folder, NAME@X.Y.Z or OWNER/NAME@vX.Y.Z",
    )


def _is_for_each_here(where: str) -> bool:
    return is_for_each(where) and not is_remote(where)


def _in_a_store(where: str) -> bool:
    """Whether this is an address of files in a store; of the Hub only a pattern, for one file is found with its commit."""
    return is_remote(where) and (not where.startswith("hf://") or is_pattern(Path(where)))


def _located(address: Address) -> Located | None:
    try:
        return locate(address)
    except (Unreachable, NoSuchRevision):
        if address.path or not version_number(address.revision or ""):
            raise
        return None  # a version: one that is cached serves without the Hub, and 1.0.0 is tagged v1.0.0


def _is_folder_of_files(path: Path) -> bool:
    return path.is_dir() and not (path / MANIFEST).exists() and any(is_data_file(one.name) for one in path.iterdir())


def _kept(recipe: Recipe) -> dict[str, Any]:
    """What a recipe states of how the rows of files are read."""
    if not isinstance(recipe.source, FileSource | HubSource):
        return {}
    keys = ("columns", *Reading.model_fields)
    return {key: getattr(recipe.source, key) for key in keys if key in recipe.source.model_fields_set}
