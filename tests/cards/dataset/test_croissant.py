import json

import mlcroissant
import polars as pl
import pytest

from tests.builders.rows import small_version


@pytest.fixture(scope="module", params=["instruccion", "messages"])
def version(request, tmp_path_factory):
    return small_version(tmp_path_factory.mktemp(request.param), template=request.param)


@pytest.fixture(scope="module")
def dataset(version):
    return mlcroissant.Dataset(jsonld=str(version.path / "croissant.json"))


def test_the_metadata_is_valid(dataset):
    assert dataset.metadata.ctx.issues.errors == set()


def test_what_it_lacks_is_what_a_build_cannot_know(dataset):
    assert {warning.split('"')[1].split("/")[-1] for warning in dataset.metadata.ctx.issues.warnings} == {
        "citeAs",
        "datePublished",
    }


def test_it_tells_name_version_and_licence(dataset, version):
    found = dataset.metadata

    assert (found.name, found.version, found.license) == (
        version.name,
        str(version.number),
        ["https://www.apache.org/licenses/LICENSE-2.0"],
    )


def test_it_names_every_data_file_by_its_hash(version):
    found = json.loads((version.path / "croissant.json").read_text("utf-8"))

    listed = {one["contentUrl"]: one["sha256"] for one in found["distribution"]}
    assert listed == {path: entry.sha256 for path, entry in version.manifest.files.items() if path.endswith(".parquet")}


@pytest.mark.parametrize("split", ["train", "validation"])
def test_its_records_are_the_rows(dataset, version, split):
    name = f"data-{split}"
    rows = version.rows().filter(pl.col("split") == split).drop("split").to_dicts()

    read = [{key.removeprefix(f"{name}/"): value for key, value in record.items()} for record in dataset.records(name)]

    assert decoded(read, name) == rows


def test_its_records_are_the_ledger(dataset, version):
    read = [{key.removeprefix("ledger/"): value for key, value in one.items()} for one in dataset.records("ledger")]

    assert decoded(read, "ledger") == version.ledger().to_dicts()


def decoded(value, name):
    """Text as text: mlcroissant gives bytes, and the names of parts with those of what they are part of."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, dict):
        return {key.split("/")[-1]: decoded(one, name) for key, one in value.items()}
    if hasattr(value, "tolist"):
        value = value.tolist()
    return [decoded(one, name) for one in value] if isinstance(value, list) else value
