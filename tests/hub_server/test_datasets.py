"""What `datasets` loads from this Hub."""

import io

import polars as pl
import pytest
from datasets import Dataset, get_dataset_config_names, load_dataset
from datasets.exceptions import DatasetNotFoundError

from tests.hub_server.bactrian import COMMIT, REPO, bactrian, compressed

ROWS = [{"id": f"fila-{n}", "output": f"Más vale {n} en mano."} for n in range(5)]
LEDGER = [{"id": f"fila-{n}", "status": "kept"} for n in range(7)]
CARD = """---
license: cc-by-4.0
configs:
- config_name: default
  data_files:
  - split: train
    path: data/train-*
- config_name: ledger
  data_files:
  - split: train
    path: ledger/train-*
---
"""


def parquet(rows):
    data = io.BytesIO()
    pl.DataFrame(rows).write_parquet(data)
    return data.getvalue()


@pytest.fixture
def version(hub):
    files = {"README.md": CARD, "data/train-0.parquet": parquet(ROWS), "ledger/train-0.parquet": parquet(LEDGER)}
    hub.commit("ana/mezcla", files)
    hub.tag("ana/mezcla", "v1.0.0")
    hub.commit("ana/mezcla", {"data/train-0.parquet": parquet(ROWS[:2])})
    return hub


@pytest.mark.parametrize("streaming", [False, True])
def test_a_dataset_loads_by_tag_and_config(version, streaming):
    def rows(*words, **options):
        return list(load_dataset("ana/mezcla", *words, split="train", streaming=streaming, **options))

    assert rows(revision="v1.0.0") == ROWS
    assert rows("ledger", revision="v1.0.0") == LEDGER
    assert rows() == ROWS[:2]


def test_configurations_are_told(version):
    assert get_dataset_config_names("ana/mezcla") == ["default", "ledger"]


def test_a_private_dataset_loads_for_its_owner(version):
    version.make_private("ana/mezcla")

    for token in (version.add_user("eva"), False):
        with pytest.raises(DatasetNotFoundError):
            load_dataset("ana/mezcla", token=token)
    assert list(load_dataset("ana/mezcla", split="train")) == ROWS[:2]


def test_a_missing_dataset_or_version_is_told(version):
    with pytest.raises(DatasetNotFoundError, match="doesn't exist on the Hub"):
        load_dataset("ana/otra")
    with pytest.raises(DatasetNotFoundError, match=r"v9\.9\.9"):
        load_dataset("ana/mezcla", revision="v9.9.9")


def test_a_dataset_is_pushed(hub):
    Dataset.from_list(ROWS).push_to_hub("ana/mezcla", split="train")

    assert list(load_dataset("ana/mezcla", split="train")) == ROWS


@pytest.mark.parametrize("options", [{}, {"streaming": True}, {"data_files": "data/es.json.gz"}])
def test_bactrian_fails_as_the_real_one_does(hub, options):
    assert bactrian(hub, ROWS) == hub.head(REPO) == COMMIT
    with pytest.raises(RuntimeError, match=r"Dataset scripts are no longer supported, but found Bactrian-X\.py"):
        load_dataset(REPO, **options)


def test_bactrian_has_its_two_forms(hub):
    bactrian(hub, ROWS, "lines", en=ROWS[:1])

    assert hub.paths(REPO) == [".gitattributes", "Bactrian-X.py", "README.md", "data/en.json.gz", "data/es.json.gz"]
    assert hub.files(REPO)["data/es.json.gz"] == compressed(ROWS, "lines") != compressed(ROWS, "array")
