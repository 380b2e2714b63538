"""What a file or a dataset of the Hub is, before any recipe: form, columns, the mapping that would be used, first rows."""

import json
import logging
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from builders.errors import Conflict, Invalid, Problem, keyed
from builders.hub.files import fetch_rows
from builders.recipes.loading import load_recipe
from builders.recipes.model import FileSource, HubSource, Language, Reading, VersionSource
from builders.schema import SOURCE_COLUMNS
from builders.sources.formats import open_table
from builders.sources.formats.table import FrameTable, Table
from builders.sources.hub import SOURCE_ADVICE, fetched, in_one_language
from builders.sources.intake import Intake
from builders.sources.languages import is_for_each
from builders.sources.mapping.values import kind_of
from builders.sources.mapping.wording import mapping_in_words, source_keys
from builders.sources.read import file_bytes
from builders.sources.reading import read_source, with_source
from builders.sources.shards import files_at

SHOWN, LONG = 10, 200  # rows, and characters of a value
TYPES = {"str": "text", "null": "null"}
UNFIT = re.compile(r"[^a-z0-9._-]+")


@dataclass(frozen=True)
class InspectedColumn:
    """One column as its first rows have it. types: with how many of these rows have each. example: its first value that is
    not empty."""

    name: str
    types: dict[str, int]
    example: str


@dataclass(frozen=True)
class Inspected:
    """What was found.

    place: as it was given. form: such as `JSON Lines`. encoding: of text. rows: that a build would read, None where it would
    refuse them; problem: then says why. looked_at: of how many rows the types of columns were counted. mapping: how they would
    be read, in words. source: the keys of `source` that a recipe would have. notes: what a build would tell. first: the first
    rows as id, instruction, input, output. recipe: YAML to start from.
    """

    place: str
    form: str
    encoding: str
    files: int
    rows: int | None
    looked_at: int
    columns: tuple[InspectedColumn, ...]
    mapping: str | None
    source: dict[str, Any]
    notes: tuple[str, ...]
    problem: str | None
    first: tuple[dict[str, str], ...]
    recipe: str


def inspect(place: str, registry: Path, overrides: Sequence[str] = ()) -> Inspected:
    """What a file, a folder of files or a dataset of the Hub is. overrides: as of a recipe, such as `source.turns=all`.

    Raises Problem where it cannot be opened at all; a mapping that cannot be found is told in the result.
    """
    with _notes() as notes:
        recipe = with_source(load_recipe("mix", overrides), place, registry)
    source = recipe.source
    if isinstance(source, VersionSource):
        raise Invalid(f"{place}: a version, which has its columns", f"look into it with aguila audit {place}")
    assert isinstance(source, FileSource | HubSource), "what --from gives"
    with keyed("source"):
        table, files = _first_table(source, recipe.language.codes)
    intake, mapping, rows, first, problem, keys = (
        Intake(source, languages=recipe.language.codes),
        None,
        None,
        [],
        None,
        {},
    )
    try:
        with keyed("source"):
            intake.add(table)
        assert intake.layout is not None, "it was just recognised"
        mapping, keys = mapping_in_words(intake.layout), source_keys(intake.layout, table.found)
        with _notes() as more:
            read = read_source(recipe, registry)
        notes += [note for note in more if note not in notes and mapping not in note]
        rows = read.rows.height
        first = read.rows.sort("position").head(SHOWN).select(SOURCE_COLUMNS).to_dicts()
    except Problem as wrong:
        problem = str(wrong)
    sample = table.sample()
    return Inspected(
        place,
        table.found.form,
        table.found.encoding or "utf-8",
        files,
        rows,
        len(sample),
        tuple(_columns(table.names(), sample)),
        mapping,
        keys,
        tuple(notes),
        problem,
        tuple(first),
        _recipe_text(place, source, keys, recipe.language),
    )


def write_recipe(found: Inspected, path: Path) -> None:
    """Write the recipe to start from, its source's path as seen from there. Raises Conflict where a file is."""
    text = found.recipe
    if (line := f"  path: {_yaml(found.place)}\n") in text:
        relative = not Path(found.place).is_absolute()
        place = os.path.relpath(found.place, path.parent) if relative else found.place
        text = text.replace(line, f"  path: {_yaml(place)}\n")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Conflict(f"{path}: exists", "choose another name, or remove it") from None


def _first_table(source: FileSource | HubSource, languages: Sequence[str]) -> tuple[Table, int]:
    """The table by which the rest is read, and how many files there are."""
    reading = Reading(**{key: getattr(source, key) for key in Reading.model_fields})
    if isinstance(source, HubSource):
        source = in_one_language(source, languages[:1])
        path = fetched(source, SOURCE_ADVICE)
        if path is None:
            assert source.split, "a file or a split"
            rows = fetch_rows(source.repo, source.revision, source.config, source.split, SOURCE_ADVICE)
            return FrameTable(rows, f"{source.repo} {source.split}"), 1
        return open_table(file_bytes(path), path.name, reading), 1
    assert source.path, "it was given"
    files = files_at(Path(source.path), languages=languages)
    return open_table(file_bytes(files.paths[0]), files.paths[0].name, reading), len(files.paths)


def _columns(names: Sequence[str], sample: Sequence[Mapping[str, Any]]) -> Iterator[InspectedColumn]:
    for name in names:
        values = [row.get(name) for row in sample]
        kinds = Counter(TYPES.get(kind_of(value), kind_of(value)) for value in values)
        example = next((value for value in values if value not in (None, "", [])), "")
        text = example if isinstance(example, str) else json.dumps(example, ensure_ascii=False, default=str)
        yield InspectedColumn(name, dict(kinds.most_common()), text if len(text) <= LONG else f"{text[:LONG]} …")


@contextmanager
def _notes() -> Iterator[list[str]]:
    """What the sources' log tells inside, kept from the terminal."""
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    log, handler = logging.getLogger("builders.sources"), Kept()
    before = log.propagate
    log.addHandler(handler)
    log.propagate = False
    try:
        yield lines
    finally:
        log.removeHandler(handler)
        log.propagate = before


# ---- the recipe ------------------------------------------------------------------------------------------------------


def _recipe_text(place: str, source: FileSource | HubSource, keys: dict[str, Any], asked: Language) -> str:
    where: dict[str, str | None] = {"path": place}
    if isinstance(source, HubSource):
        part = {"file": source.file} if source.file else {"split": source.split}
        where = {"repo": source.repo, "revision": source.revision, **part}
    name = source.repo.split("/")[1] if isinstance(source, HubSource) else _file_name(Path(place))
    languages = {"language": told} if (told := asked.model_dump(mode="json", include={"of"})) else {}
    values = {"name": _name(name), "extends": "mix", "source": {"kind": source.kind, **where, **keys}, **languages}
    text = yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=10**6)
    return (
        f"{text}card:\n"
        f"  title: {_yaml(f'Rows of {name}')}\n"
        "  # Fill in the licence of these rows, as the Hub calls it (cc-by-4.0, apache-2.0, …), and take the mark away:\n"
        "  # license: \n"
    )


def _file_name(place: Path) -> str:
    """What a file is called; of one for each language, what the last folder is called that they have in common."""
    return place.name if not is_for_each(place) else _file_name(place.parent)


def _name(text: str) -> str:
    """A name that a dataset may have, made of a file's."""
    stem = text.split(".")[0] if "." in text.strip(".") else text
    return UNFIT.sub("-", stem.lower()).strip("-._")[:90] or "rows"


def _yaml(text: str) -> str:
    """A text as YAML writes it on one line."""
    return str(yaml.safe_dump([text], allow_unicode=True, width=10**6)).removeprefix("- ").strip()
