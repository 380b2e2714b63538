"""A published version is read by the tools that people use, with no code of ours."""

import json
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pytest
from datasets import get_dataset_config_names, get_dataset_split_names, load_dataset
from huggingface_hub import hf_hub_download, snapshot_download

from tests.builders.files import ROWS
from tests.builders.publications import REPO, make, put, spoken

SPLITS = ["train", "validation"]
FILES = {
    "train": "data/train-00000-of-00001.parquet",
    "validation": "data/validation-00000-of-00001.parquet",
    "ledger": "ledger/train-00000-of-00001.parquet",
}
TEXT = ["id", "instruction", "input", "output", "origin", "prompt", "completion"]


@pytest.fixture(scope="module", params=["instruccion", "messages"])
def versions(request, tmp_path_factory):
    """1.0.0 and 1.1.0, which has other rows."""
    folder = tmp_path_factory.mktemp(request.param)
    return [make(folder, rows, template=request.param) for rows in (ROWS, spoken())]


@pytest.fixture
def version(hub, versions):
    """1.0.0, published before 1.1.0: a tag that is not the newest commit."""
    for one in versions:
        put(hub, one)
    return versions[0]


def rows(version, part):
    return pl.read_parquet(version.path / FILES[part]).to_dicts()


def fetched(part):
    return Path(hf_hub_download(REPO, FILES[part], repo_type="dataset", revision="v1.0.0"))


def test_datasets_loads_every_split_at_a_tag(version):
    loaded = load_dataset(REPO, revision="v1.0.0")

    assert {split: list(part) for split, part in loaded.items()} == {split: rows(version, split) for split in SPLITS}
    assert list(loaded["train"].features) == TEXT
    assert sorted(row["id"] for part in loaded.values() for row in part) == sorted(row["id"] for row in ROWS)


def test_datasets_streams_every_split_at_a_tag(version):
    streamed = load_dataset(REPO, revision="v1.0.0", streaming=True)

    assert {split: list(part) for split, part in streamed.items()} == {split: rows(version, split) for split in SPLITS}


@pytest.mark.parametrize("streaming", [False, True])
def test_datasets_reads_the_ledger(version, streaming):
    ledger = load_dataset(REPO, "ledger", split="train", revision="v1.0.0", streaming=streaming)

    assert list(ledger) == rows(version, "ledger")
    assert [row["status"] for row in ledger] == ["kept"] * len(ROWS)


def test_the_numbers_in_the_card_are_those_that_datasets_checks(version):
    """`load_dataset` checks the number of rows against the card; `all_checks` also the sizes of the splits."""
    loaded = load_dataset(REPO, revision="v1.0.0", verification_mode="all_checks")

    assert {split: part.num_rows for split, part in loaded.items()} == version.manifest.splits


def test_datasets_tells_configs_and_splits(version):
    assert get_dataset_config_names(REPO, revision="v1.0.0") == ["default", "ledger"]
    assert get_dataset_split_names(REPO, "default", revision="v1.0.0") == SPLITS


def test_the_newest_version_is_what_no_revision_gives(version, versions):
    assert list(load_dataset(REPO, split="train")) == rows(versions[1], "train") != rows(version, "train")


@pytest.mark.parametrize("part", FILES)
def test_polars_reads_a_downloaded_file(version, part):
    assert pl.scan_parquet(fetched(part)).collect().to_dicts() == rows(version, part)


@pytest.mark.parametrize("part", FILES)
def test_pandas_reads_a_downloaded_file(version, part):
    table = pd.read_parquet(fetched(part))

    # pandas has NaN and None for what is missing, and arrays for lists; JSON has one word for each.
    assert json.loads(table.to_json(orient="records", double_precision=15)) == rows(version, part)


@pytest.mark.parametrize("part", FILES)
def test_duckdb_reads_a_downloaded_file(version, part):
    found = duckdb.read_parquet(str(fetched(part)))

    assert [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()] == rows(version, part)


def test_duckdb_counts_over_a_snapshot(version):
    folder = snapshot_download(REPO, repo_type="dataset", revision="v1.0.0")
    query = f"SELECT l.split, count(*) FROM '{folder}/data/*.parquet' d JOIN '{folder}/ledger/*.parquet' l USING (id) GROUP BY 1"

    assert dict(duckdb.sql(query).fetchall()) == version.manifest.splits
