"""Versions that Daft builds in this process, in partitions: the bytes of the local engine."""

import pytest

from builders.engines.named import engine_named
from builders.errors import Conflict
from builders.recipes.model import Dedup, Split
from tests.builders.engines.places import files_of, version, write_places

pytest.importorskip("daft", reason="Daft is not installed (extra: cluster)")

from builders.engines import on_daft


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """The places, and the local version of each."""
    folder = tmp_path_factory.mktemp("fuentes")
    return [(place, version(place, folder / f"aqui-{number}")) for number, place in enumerate(write_places(folder))]


@pytest.mark.parametrize("partitions", [1, 4, 7])
def test_a_version_has_the_same_bytes_however_many_partitions(sources, tmp_path, partitions):
    for number, (place, here) in enumerate(sources):
        made = version(place, tmp_path / str(number), engine_named("daft", partitions=partitions))

        assert files_of(made.path) == files_of(here.path), place.name


def test_files_and_hash_are_made_of_many_parts_like_the_whole(sources, tmp_path, monkeypatch):
    monkeypatch.setattr(on_daft, "HASHED", 10)  # rows that are hashed at once
    changes = {"template": "messages", "split": Split(validation=0.3, shard_bytes=3_000), "dedup": Dedup(enabled=False)}
    here = version(sources[0][0], tmp_path / "aquí", **changes)
    made = version(sources[0][0], tmp_path / "allí", engine_named("daft", partitions=4), **changes)

    assert len([path for path in files_of(here.path) if path.suffix == ".parquet"]) > 10
    assert files_of(made.path) == files_of(here.path)


def test_how_the_rows_come_changes_nothing_of_what_is_decided(sources):
    assert len({here.content_sha256 for _, here in sources}) == 1
    assert all(here.ledger().equals(sources[0][1].ledger()) for _, here in sources)


def test_a_process_works_in_one_place():
    engine_named("daft")

    with pytest.raises(
        Conflict, match=r"^this process runs Daft elsewhere already; start a new one for another place$"
    ):
        engine_named("daft", ray="127.0.0.1:1")
