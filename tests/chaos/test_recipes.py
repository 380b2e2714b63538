"""Any recipe ends in a version or in one line, never in a traceback."""

import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings

from builders.errors import Problem
from builders.recipes.loading import load_recipe
from builders.recipes.model import Recipe
from builders.versions.registry import build
from cards.shared.terminal import safe_line
from tests.builders.rows import write_rows
from tests.chaos.recipes import recipes

LONG = "CHAOS_INPUTS" in os.environ
LOADED = int(os.environ.get("CHAOS_INPUTS", "150"))
BUILT = LOADED // 20 if LONG else 3
seen: Counter[str] = Counter()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recetas")
    write_rows(folder / "filas.jsonl")
    return folder


def loaded(text: bytes, folder) -> Recipe | None:
    """The recipe, None for one that is refused in one line. Anything else is raised."""
    path = folder / "receta.yaml"
    path.write_bytes(text)
    try:
        return load_recipe(str(path))
    except Problem as problem:
        require_one_line(problem)
        return None


def require_one_line(problem: Problem) -> None:
    """Of what is printed; what would steer a terminal is escaped there, and an error's line breaks are spaces."""
    said = safe_line(" ".join(str(problem).split()))
    assert "\n" not in str(problem) and said.isprintable() and said.encode() and len(said) < 2000, said


@settings(
    max_examples=LOADED, deadline=None, suppress_health_check=list(HealthCheck), derandomize=not LONG, database=None
)
@given(text=recipes())
def test_a_recipe_is_read_or_refused_in_one_line(folder, text):
    recipe = loaded(text, folder)
    seen["refused" if recipe is None else "read"] += 1
    if recipe is not None and not (recipe.labels or recipe.scores):  # a place is not recorded, and nothing pins it yet
        (folder / "otra.yaml").write_text(recipe.to_yaml(), "utf-8")
        assert load_recipe(str(folder / "otra.yaml")).sha256() == recipe.sha256()


def test_some_of_them_are_read_and_some_refused():
    print(dict(seen))
    assert seen["read"] > LOADED // 20 and seen["refused"] > LOADED // 20


@settings(
    max_examples=BUILT * 4, deadline=None, suppress_health_check=list(HealthCheck), derandomize=not LONG, database=None
)
@given(text=recipes())
def test_a_recipe_that_is_read_becomes_a_version_or_one_line(folder, tmp_path_factory, text):
    recipe = loaded(text, folder)
    if recipe is None or seen["built"] >= BUILT:
        return
    seen["built"] += 1
    registry = tmp_path_factory.mktemp("versiones")
    try:
        version = build(recipe, registry).version
        seen["version"] += 1
        assert (version.path / "manifest.json").is_file()
    except Problem as problem:
        require_one_line(problem)
        assert not list(registry.glob("*/v*"))


def test_some_of_them_become_versions():
    print(dict(seen))
    assert seen["version"] > 0
