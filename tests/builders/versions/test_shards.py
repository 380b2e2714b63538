"""Rows cut into files of a stated size; and a version so cut, as everything that reads versions reads it."""

import json
import shutil

import datasets
import polars as pl
import pyarrow.parquet as pq
import pytest

from builders.hub.publishing import publish
from builders.reading.audit import audit
from builders.reading.explain import explain
from builders.reading.export import export
from builders.reading.select import Wanted, select
from builders.recipes.model import Split
from builders.records import to_json
from builders.sources.reading import with_source
from builders.versions import rebuild
from builders.versions.diff import diff
from builders.versions.fingerprint import file_fingerprint
from builders.versions.references import resolve
from builders.versions.registry import build
from builders.versions.shards import shards, text_bytes
from builders.versions.verify import verify
from builders.versions.version import open_version
from tests.builders.publications import put
from tests.builders.rows import KEPT, small_recipe, small_version

REPO = "ana/filas"
TINY = Split(validation=0.3, shard_bytes=1_000)
TRAIN = [f"data/train-0000{place}-of-00002.parquet" for place in range(2)]
LEDGER = [f"ledger/train-0000{place}-of-00003.parquet" for place in range(3)]


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    return tmp_path_factory.mktemp("cortada")


@pytest.fixture(scope="module")
def whole(registry):
    return small_version(registry)


@pytest.fixture(scope="module")
def cut(whole, registry):
    """The next version: the same rows, with train in two files and the ledger in three."""
    return small_version(registry, split=TINY)


def parquet(version):
    return [path for path in version.manifest.files if path.endswith(".parquet")]


# ---- where rows are cut ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sizes", "limit", "cut"),
    [
        ([4, 4, 4], 12, [3]),
        ([4, 4, 4], 11, [2, 1]),
        ([4, 4, 4], 4, [1, 1, 1]),
        ([1, 9, 1, 1], 5, [1, 1, 2]),  # a row that is too large is alone
        ([9, 9], 1, [1, 1]),
        ([0, 0, 3], 3, [3]),
        ([], 5, [0]),
    ],
)
def test_a_piece_is_the_longest_that_fits(sizes, limit, cut):
    frame = pl.DataFrame({"id": ["x" * size for size in sizes]}, schema={"id": pl.String})

    pieces = shards(frame, limit)

    assert [piece.height for piece in pieces] == cut
    assert pl.concat(pieces).equals(frame)


def test_bytes_are_those_of_the_text_in_utf8_wherever_it_is():
    frame = pl.DataFrame(
        {
            "id": ["ñ", "ab"],
            "score": [None, 0.5],
            "flags": [["a", "bc"], []],
            "prompt": [[{"role": "user", "content": "¿?"}], None],
        }
    )

    assert text_bytes(frame).to_list() == [2 + 0 + 3 + (4 + 3), 2 + 8 + 0 + 0]


# ---- a version -------------------------------------------------------------------------------------------------------


def test_a_version_under_the_size_has_one_file_a_split_and_says_nothing_of_shards(whole):
    assert [path for path in parquet(whole) if "-00000-of-00001" not in path] == []
    assert "shard" not in whole.recipe.to_yaml()


def test_files_are_cut_and_the_rows_are_the_same_in_the_same_order(whole, cut):
    assert parquet(cut) == [*TRAIN, "data/validation-00000-of-00001.parquet", *LEDGER]
    assert cut.content_sha256 == whole.content_sha256
    assert cut.rows().equals(whole.rows()) and cut.ledger().equals(whole.ledger())
    assert cut.manifest.splits == whole.manifest.splits
    for path in parquet(cut):
        table = pl.read_parquet(cut.path / path)
        assert text_bytes(table).sum() <= 1_000


def test_it_is_cut_alike_when_it_is_built_again(cut):
    assert verify(cut, cut.path.parents[1]).result == "same bytes"


def test_a_file_that_is_cut_elsewhere_is_found_even_where_other_software_wrote_it(cut, tmp_path, monkeypatch):
    folder = shutil.copytree(cut.path, tmp_path / "v1.0.0")
    first, second = (pl.read_parquet(folder / path) for path in TRAIN)
    for path in TRAIN:
        (folder / path).unlink()
    one = "data/train-00000-of-00001.parquet"
    pl.concat([first, second]).write_parquet(folder / one)
    files = {path: entry for path, entry in cut.manifest.files.items() if path not in TRAIN}
    files[one] = file_fingerprint(folder / one)
    fields = {name: getattr(cut.manifest, name) for name in cut.manifest.__struct_fields__} | {
        "files": dict(sorted(files.items()))
    }
    (folder / "manifest.json").write_text(to_json(type(cut.manifest)(**fields)), "utf-8")
    monkeypatch.setattr(rebuild, "software", lambda: {**cut.manifest.software, "polars": "9.9"})

    wrong = {check.check: check.detail for check in verify(open_version(folder), cut.path.parents[1]) if not check.ok}

    assert wrong["rebuilt ledger"].count("not cut as the rebuilt files are") == 3


def test_a_shard_that_is_missing_is_named(cut, tmp_path):
    folder = shutil.copytree(cut.path, tmp_path / "v1.0.0")
    (folder / TRAIN[1]).unlink()
    (folder / LEDGER[2]).unlink()

    wrong = {check.check: check.detail for check in verify(open_version(folder), tmp_path, quick=True) if not check.ok}

    assert wrong["files"] == f"{TRAIN[1]}: missing; {LEDGER[2]}: missing"


def test_card_and_manifest_count_all_files_of_a_split(cut):
    sizes = cut.manifest.sizes
    train = [pq.ParquetFile(cut.path / path) for path in TRAIN]

    assert sizes["default"]["train"].rows == sum(one.metadata.num_rows for one in train) == cut.manifest.splits["train"]
    assert sizes["default"]["train"].file_bytes == sum((cut.path / path).stat().st_size for path in TRAIN)
    assert sizes["ledger"]["train"].rows == cut.manifest.source_rows
    assert sizes["ledger"]["train"].file_bytes == sum((cut.path / path).stat().st_size for path in LEDGER)


# ---- its readers -----------------------------------------------------------------------------------------------------


def test_croissant_reads_all_files_of_a_split(cut):
    mlcroissant = pytest.importorskip("mlcroissant")
    dataset = mlcroissant.Dataset(jsonld=str(cut.path / "croissant.json"))

    def ids(name):
        return [record[f"{name}/id"].decode() for record in dataset.records(name)]

    assert dataset.metadata.ctx.issues.errors == set()
    assert sorted(ids("data-train") + ids("data-validation")) == sorted(KEPT)
    assert sorted(ids("ledger")) == sorted(cut.ledger()["id"])
    listed = {
        one["contentUrl"]: one["sha256"]
        for one in json.loads((cut.path / "croissant.json").read_text("utf-8"))["distribution"]
        if one["@type"] == "cr:FileObject"
    }
    assert listed == {path: cut.manifest.files[path].sha256 for path in parquet(cut)}


def test_audit_rows_explain_export_and_diff_read_all_files(whole, cut, tmp_path):
    versions = cut.path.parents[1]
    path = tmp_path / "filas.jsonl"

    assert audit(cut).statistics == audit(whole).statistics
    assert [row.id for row in select(cut, Wanted(status="kept"), versions).rows] == KEPT
    assert [explain(cut, id, versions).status for id in KEPT] == ["kept"] * len(KEPT)
    assert export(cut, path, "jsonl", versions).rows == len(KEPT) == len(path.read_text("utf-8").splitlines())
    found = diff(whole, cut).counts
    assert (found.added, found.removed, found.changed) == (0, 0, 0)


def test_a_version_of_it_begins_with_all_rows(cut):
    versions = cut.path.parents[1]
    chosen = with_source(small_recipe(cut.path, name="nueva"), f"{cut.name}@{cut.number}", versions)

    assert build(chosen, versions).version.manifest.source_rows == len(KEPT)


def test_it_goes_to_the_hub_and_comes_back_whole(hub, whole, cut, tmp_path):
    put(hub, whole, REPO)

    publish(cut, REPO)  # the files of 1.0.0 go away

    assert [path for path in hub.paths(REPO) if path.endswith(".parquet")] == parquet(cut)
    fetched = resolve(f"{REPO}@v1.0.1", tmp_path)
    assert fetched.rows().equals(cut.rows()) and fetched.ledger().equals(cut.ledger())
    loaded = datasets.load_dataset(REPO, revision="v1.0.1", verification_mode="all_checks")
    assert {split: part.num_rows for split, part in loaded.items()} == cut.manifest.splits
    ledger = datasets.load_dataset(REPO, "ledger", split="train", revision="v1.0.1", streaming=True)
    assert [row["id"] for row in ledger] == cut.ledger()["id"].to_list()
