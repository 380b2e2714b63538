"""The same recipe, source and software give the same bytes, wherever and however the build runs."""

import json
import os
import random
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest

from builders.recipes.loading import load_recipe
from builders.sources.reading import with_source
from builders.versions import registry

ROOT = Path(__file__).parents[2]


def build_here(place, recipe, rows):
    """Build a file of rows by a shipped recipe, in this process. Returns the version's folder."""
    chosen = with_source(load_recipe(recipe), str(rows), place)
    return registry.build(chosen, place / "versiones").version.path


def build(place, *words, **environment):
    """Run `python -m aguila build WORDS` in a folder, into a registry beside it. Returns the version's folder."""
    place.mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, "-m", "aguila", "build", *words, "--out", str(place / "versiones")],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return place / "versiones" / words[0] / "v1.0.0"


def contents(folder, without=()):
    """{path: bytes} of a version's files."""
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {path: data for path, data in files.items() if path not in without}


def content_sha256(folder):
    return json.loads((folder / "manifest.json").read_text("utf-8"))["content_sha256"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("determinism")


@pytest.fixture(scope="module")
def once(place):
    """The demo, built by one process in one way."""
    return build(place / "una", "demo", PYTHONHASHSEED="1", POLARS_MAX_THREADS="2", TZ="UTC")


def test_another_process_folder_time_zone_locale_and_user_give_the_same_bytes(place, once):
    other = build(
        place / "otra" / "mucho" / "más honda",
        "demo",
        PYTHONHASHSEED="2",
        POLARS_MAX_THREADS="1",
        TZ="Pacific/Kiritimati",
        LC_ALL="C",
        PYTHONUTF8="0",
        HOME=str(place),
        USER="otra-persona",
        LOGNAME="otra-persona",
    )

    assert contents(other).keys() == contents(once).keys()
    assert [path for path, data in contents(other).items() if data != contents(once)[path]] == []


@pytest.fixture(scope="module")
def demo_rows():
    """The lines of the embedded demo rows."""
    return (resources.files("builders") / "demo" / "rows.jsonl").read_text("utf-8").splitlines()


@pytest.fixture(scope="module")
def from_file(place, demo_rows):
    """A version of the demo rows in the order of their file, and one of the same rows shuffled."""
    shuffled = random.Random(2024).sample(demo_rows, len(demo_rows))
    assert shuffled != demo_rows
    made = {}
    for name, lines in (("en-orden", demo_rows), ("revueltas", shuffled)):
        folder = place / f"fuente {name}"
        folder.mkdir()
        (folder / "filas.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
        made[name] = build_here(place / name, "mix", folder / "filas.jsonl")
    return made


def test_a_shuffled_source_gives_the_same_rows_and_the_same_ledger(from_file):
    ordered, shuffled = from_file["en-orden"], from_file["revueltas"]
    tell_the_source = ("manifest.json", "recipe.yaml", "README.md")

    assert content_sha256(shuffled) == content_sha256(ordered)
    assert contents(shuffled, tell_the_source) == contents(ordered, tell_the_source)
    assert {path.split("/")[0] for path in contents(shuffled, tell_the_source)} == {
        *("charts", "croissant.json", "data", "ledger", "statistics.json"),
    }


def test_files_that_tell_the_source_differ_in_nothing_else(from_file):
    ordered, shuffled = from_file["en-orden"], from_file["revueltas"]
    recipes = [json.loads((folder / "manifest.json").read_text("utf-8")) for folder in (ordered, shuffled)]
    hashes = [[recipe["source"]["sha256"], recipe["recipe_sha256"]] for recipe in recipes]

    for path in ("README.md", "recipe.yaml"):
        text = (shuffled / path).read_text("utf-8")
        for new, old in zip(hashes[1], hashes[0], strict=True):
            assert new != old
            text = text.replace(new, old)
        assert text == (ordered / path).read_text("utf-8")


def test_the_embedded_demo_is_the_version_of_its_rows(place, once, demo_rows):
    (place / "rows.jsonl").write_text("\n".join(demo_rows) + "\n", "utf-8")

    from_rows = build_here(place / "demo-de-archivo", "demo", place / "rows.jsonl")

    assert content_sha256(from_rows) == content_sha256(once)
