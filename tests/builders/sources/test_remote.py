"""Files of a store: fsspec's own in memory stands for S3, Google's and the others."""

import fsspec
import pytest

from builders.errors import Denied, NotFound, Unreachable
from builders.identifiers import is_remote
from builders.recipes.loading import load_recipe
from builders.recipes.model import FileSource
from builders.sources.reading import read_source, with_source
from builders.sources.remote import at_hand
from builders.versions.registry import build
from builders.versions.verify import verify
from tests.builders.rows import ROWS, small_recipe, write_rows


@pytest.fixture
def store(tmp_path):
    """A store with rows in two files, and their folder here."""
    memory = fsspec.filesystem("memory")
    for number in (1, 2):
        path = write_rows(tmp_path / f"filas-{number}.jsonl", ROWS[number::2])
        memory.pipe_file(f"/cubo/filas-{number}.jsonl", path.read_bytes())
    yield memory
    memory.rm("/cubo", recursive=True)


@pytest.mark.parametrize(("name", "files"), [("filas-1.jsonl", 1), ("filas-*.jsonl", 2)])
def test_files_of_a_store_are_read_and_pinned_as_files_here(store, tmp_path, name, files):
    registry = tmp_path / "versions"

    there = read_source(with_source(small_recipe(tmp_path), f"memory://cubo/{name}", registry), registry)
    here = read_source(small_recipe(tmp_path / name), registry)

    assert there.rows.equals(here.rows)
    assert there.pin.model_dump() == here.pin.model_dump()
    assert len(there.pin.files or [1]) == files


def test_a_version_of_files_of_a_store_is_verified_without_the_store(store, tmp_path):
    recipe = small_recipe(tmp_path).model_copy(update={"source": FileSource(path="memory://cubo/filas-*.jsonl")})
    version = build(recipe, tmp_path / "versions").version
    for number in (1, 2):
        store.rm(f"/cubo/filas-{number}.jsonl")
    store.pipe_file("/cubo/otra", b"")

    assert verify(version, tmp_path / "versions").ok


def test_a_recipe_names_a_store_wherever_the_recipe_lies(tmp_path):
    path = tmp_path / "filas.yaml"
    path.write_text("name: filas\nextends: mix\nsource: {kind: file, path: 's3://cubo/filas.parquet'}\n", "utf-8")

    assert load_recipe(str(path)).source.path == "s3://cubo/filas.parquet"


def test_what_is_copied_again_takes_the_place_of_what_was_there(store, tmp_path):
    at_hand("memory://cubo/filas-*.jsonl", tmp_path)
    store.rm("/cubo/filas-2.jsonl")

    found = at_hand("memory://cubo/filas-*.jsonl", tmp_path)

    assert [path.name for path in found.parent.iterdir()] == ["filas-1.jsonl"]
    assert [path.name for path in found.parent.parent.iterdir()] == [found.parent.name], "nothing else is left"


@pytest.mark.parametrize(
    ("address", "error", "said"),
    [
        ("memory://cubo/nada.jsonl", NotFound, "no such file there; check the address"),
        ("memory://cubo/nada-*.jsonl", NotFound, "no such file there; check the address"),
        ("nube://cubo/filas.jsonl", Unreachable, "cannot be fetched (Protocol not known: nube); check the address"),
        ("dbfs://cubo/a.jsonl", Unreachable, "cannot be fetched"),
    ],
)
def test_what_cannot_be_had_is_one_line(store, tmp_path, address, error, said):
    with pytest.raises(error) as caught:
        at_hand(address, tmp_path)

    assert str(caught.value).startswith(f"{address}: ") and said in str(caught.value)


def test_a_store_that_says_no_is_named(store, tmp_path, monkeypatch):
    monkeypatch.setattr(type(store), "get_file", lambda *_: (_ for _ in ()).throw(PermissionError("Forbidden")))

    with pytest.raises(Denied, match=r"^memory://cubo/filas-1.jsonl: may not be read \(Forbidden\)"):
        at_hand("memory://cubo/filas-1.jsonl", tmp_path)


def test_a_library_that_is_missing_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(
        fsspec.core, "url_to_fs", lambda _: (_ for _ in ()).throw(ImportError("Install s3fs to access S3"))
    )

    with pytest.raises(NotFound, match=r"^s3://cubo/a.jsonl: this store needs a library \(Install s3fs to access S3\)"):
        at_hand("s3://cubo/a.jsonl", tmp_path)


@pytest.mark.parametrize(
    ("place", "remote"),
    [("s3://a/b", True), ("hf://datasets/a/b", True), ("a/b.jsonl", False), ("C:\\a", False), ("https://a/b", False)],
)
def test_a_store_is_told_from_a_path(place, remote):
    assert is_remote(place) is remote
