"""Several files as one source: a folder, or a pattern."""

import hashlib

import pytest

from builders.errors import Problem
from builders.recipes.loading import load_recipe
from builders.sources.reading import read_source, with_source
from builders.versions.registry import build
from builders.versions.verify import verify
from tests.builders.files import ROWS, as_bytes


@pytest.fixture
def folder(tmp_path):
    """Ten shards and a text beside them; the names' order of text is not that of their numbers."""
    place = tmp_path / "partes"
    place.mkdir()
    (place / "LEEME.md").write_text("Nada.", "utf-8")
    for number in range(10, 0, -1):
        row = {**ROWS[0], "id": f"fila-{number}"}
        (place / f"train-{number}.jsonl").write_bytes(as_bytes([row], ".jsonl"))
    return place


@pytest.mark.parametrize("place", ["partes", "partes/train-*.jsonl"])
def test_the_files_of_a_folder_or_a_pattern_are_read_in_the_order_of_their_names(folder, taken, place):
    found = taken(place)

    assert [row["id"] for row in found.rows] == [f"fila-{number}" for number in range(1, 11)]
    assert found.read.rows["position"].to_list() == list(range(10))
    name = place.split("/")[-1]
    assert found.notes == [f"{name}: 10 files, read in the order of their names"]
    assert found.pin["name"] == name and "/" not in str(found.pin)


def test_each_file_is_pinned_and_all_together(folder, taken):
    pin = taken("partes").pin

    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.jsonl")}
    assert {one["name"]: one["sha256"] for one in pin["files"]} == hashes
    lines = "".join(sorted(f"{name} {sha256}\n" for name, sha256 in hashes.items()))
    assert pin["sha256"] == hashlib.sha256(lines.encode()).hexdigest()


def test_a_version_of_several_files_verifies_and_a_changed_one_is_named(folder, tmp_path):
    recipe = with_source(load_recipe("mix"), str(folder / "train-*.jsonl"), tmp_path)
    version = build(recipe, tmp_path).version
    assert verify(version, tmp_path).result == "same bytes"

    (folder / "train-11.jsonl").write_bytes(as_bytes([{**ROWS[1], "id": "fila-11"}], ".jsonl"))
    assert verify(version, tmp_path).result == "same bytes"  # what is not pinned is not read

    (folder / "train-3.jsonl").write_bytes(as_bytes([{**ROWS[1], "id": "fila-3"}], ".jsonl"))
    (failed,) = [check for check in verify(version, tmp_path) if not check.ok]
    assert "train-3.jsonl is another file than the recipe pins" in failed.detail

    (folder / "train-3.jsonl").unlink()
    (failed,) = [check for check in verify(version, tmp_path) if not check.ok]
    assert "train-3.jsonl is missing, which the recipe pins" in failed.detail


def test_the_same_shape_is_asked_of_every_file(folder, taken):
    (folder / "train-5.jsonl").write_text('{"id": "x", "question": "a", "answer": "b"}\n', "utf-8")

    with pytest.raises(Problem, match=r"train-5.jsonl, line 1: field 'instruction' is missing"):
        taken("partes")


WRONG = {
    "nada-*.csv": "{place}: no file has such a name; give a file, a folder of shards, or a pattern such as 'train-*.parquet'",
    "partes": "{place}: files of several kinds (.csv, .jsonl); name one kind, such as '{place}/*.csv'",
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_set_of_files_is_refused(folder, tmp_path, name):
    (folder / "otra.csv").write_bytes(as_bytes(ROWS, ".csv"))

    with pytest.raises(Problem) as problem:
        read_source(with_source(load_recipe("mix"), str(tmp_path / name), tmp_path), tmp_path)

    assert str(problem.value) == WRONG[name].format(place=tmp_path / name)
