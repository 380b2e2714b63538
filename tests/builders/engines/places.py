"""The same rows in three places: one file, nine, and one in another order; and versions of them."""

import random

from builders.versions.registry import build
from tests.builders.rows import ROWS, small_recipe, write_rows

MANY = [(f"{id}-{copy}", instruction, input, output) for copy in range(9) for id, instruction, input, output in ROWS]


def write_places(folder):
    """Write them. Returns the places."""
    (folder / "nueve").mkdir()
    for number in range(9):
        write_rows(folder / "nueve" / f"filas-{number}.jsonl", MANY[number::9])
    shuffled = random.Random(7).sample(MANY, len(MANY))
    return [write_rows(folder / "una.jsonl", MANY), folder / "nueve", write_rows(folder / "otra.jsonl", shuffled)]


def version(place, registry, engine=None, **changes):
    """Build a version of a place's rows."""
    return build(small_recipe(place, **changes), registry, engine=engine).version


def files_of(folder):
    """What its files hold, by path."""
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
