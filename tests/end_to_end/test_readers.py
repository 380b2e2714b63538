"""A version is read by the tools that people use, each with the same rows and the documented column types."""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pytest

from tests.builders.rows import KEPT, ROWS, small_version

TEXT = ["id", "instruction", "input", "output", "origin", "prompt", "completion"]
LEDGER = ["id", "status", "stage", "rule", "score", "evidence", "duplicate_of", "edits", "flags", "split", "source_sha256", "row_sha256"]  # fmt: skip
CONFIGS = {"default": "data", "ledger": "ledger"}

# A process of its own, because `datasets` settles at import where its cache is and whether it may use the network.
LOAD = """
import json, sys
from datasets import load_dataset

told = {}
for folder in sys.argv[2:]:
    for config in (None, "ledger"):
        for streaming in (False, True):
            loaded = load_dataset(folder, config, cache_dir=sys.argv[1], streaming=streaming)
            told[f"{folder} {config or 'default'} {'streamed' if streaming else 'loaded'}"] = {
                split: {"features": {name: repr(kind) for name, kind in part.features.items()}, "rows": list(part)}
                for split, part in loaded.items()
            }
print(json.dumps(told))
"""


TEMPLATES = ("instruccion", "messages")


@pytest.fixture(scope="module")
def versions(tmp_path_factory):
    return {name: small_version(tmp_path_factory.mktemp(name), template=name) for name in TEMPLATES}


@pytest.fixture(params=TEMPLATES)
def version(request, versions):
    return versions[request.param]


@pytest.fixture(scope="module")
def told(versions, tmp_path_factory):
    """What `datasets.load_dataset(folder)` and its config `ledger` give, by folder, config and way of reading."""
    place = tmp_path_factory.mktemp("cache")
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(place / "datasets"), *(str(one.path) for one in versions.values())],
        env={**os.environ, "HF_HOME": str(place), "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"},
        cwd=place,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def loaded(version, told):
    """The same of one version."""
    return lambda config, way: told[f"{version.path} {config} {way}"]


def files(version, config):
    return sorted(Path(version.path, CONFIGS[config]).glob("*.parquet"))


def rows(version, config):
    """The rows as polars reads them, {split: rows}."""
    return {file.name.split("-")[0]: pl.read_parquet(file).to_dicts() for file in files(version, config)}


def test_polars_reads_every_row(version):
    told = rows(version, "default")

    assert {split: [row["id"] for row in part] for split, part in told.items()} == {
        "train": ["fila-1", "fila-3", "fila-7", "fila-10"],
        "validation": ["fila-2", "fila-11", "fila-12"],
    }
    assert sorted(row["id"] for part in told.values() for row in part) == sorted(KEPT)
    assert [row["id"] for row in rows(version, "ledger")["train"]] == [id for id, *_ in ROWS]


def test_polars_reads_the_documented_types(version):
    prompt = pl.List(pl.Struct({"role": pl.String, "content": pl.String})) if chat(version) else pl.String
    types = dict.fromkeys(TEXT, pl.String) | {"prompt": prompt, "completion": prompt}
    for file in files(version, "default"):
        assert dict(pl.read_parquet_schema(file)) == types
    lists = {"edits": pl.List(pl.String), "flags": pl.List(pl.String), "score": pl.Float64}
    assert dict(pl.read_parquet_schema(files(version, "ledger")[0])) == dict.fromkeys(LEDGER, pl.String) | lists


def chat(version):
    return version.manifest.template.chat


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("way", ["loaded", "streamed"])
def test_datasets_reads_the_same_rows(version, loaded, config, way):
    assert {split: part["rows"] for split, part in loaded(config, way).items()} == rows(version, config)


@pytest.mark.parametrize("way", ["loaded", "streamed"])
def test_datasets_reads_the_documented_types(version, loaded, way):
    text = "Value('string')"
    prompt = f"List({{'role': {text}, 'content': {text}}})" if chat(version) else text
    for part in loaded("default", way).values():
        assert part["features"] == dict.fromkeys(TEXT, text) | {"prompt": prompt, "completion": prompt}
    lists = {"edits": f"List({text})", "flags": f"List({text})", "score": "Value('float64')"}
    assert loaded("ledger", way)["train"]["features"] == dict.fromkeys(LEDGER, text) | lists


@pytest.mark.parametrize("config", CONFIGS)
def test_pandas_reads_the_same_rows(version, config):
    for split, expected in rows(version, config).items():
        table = pd.read_parquet(version.path / CONFIGS[config] / f"{split}-00000-of-00001.parquet")

        # pandas has NaN and None for what is missing, and arrays for lists; JSON has one word for each.
        assert json.loads(table.to_json(orient="records", double_precision=15)) == expected


@pytest.mark.parametrize("config", CONFIGS)
def test_duckdb_reads_the_same_rows(version, config):
    for split, expected in rows(version, config).items():
        found = duckdb.read_parquet(str(version.path / CONFIGS[config] / f"{split}-*.parquet"))

        assert [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()] == expected


def test_duckdb_reads_the_documented_types(version):
    prompt = 'STRUCT("role" VARCHAR, "content" VARCHAR)[]' if chat(version) else "VARCHAR"
    data = duckdb.read_parquet(str(version.path / "data" / "*.parquet"))
    assert dict(zip(data.columns, map(str, data.types), strict=True)) == dict.fromkeys(TEXT, "VARCHAR") | {
        "prompt": prompt,
        "completion": prompt,
    }
    ledger = duckdb.read_parquet(str(version.path / "ledger" / "*.parquet"))
    lists = {"edits": "VARCHAR[]", "flags": "VARCHAR[]", "score": "DOUBLE"}
    assert dict(zip(ledger.columns, map(str, ledger.types), strict=True)) == dict.fromkeys(LEDGER, "VARCHAR") | lists
