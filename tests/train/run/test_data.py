import json

import polars as pl
import pytest

from builders.errors import Problem
from builders.recipes.model import Language, Split
from builders.records import plain, to_json
from builders.versions.registry import build
from builders.versions.version import open_version
from tests.builders.rows import KEPT, small_recipe, write_rows
from tests.train.models import copied, make_version
from train.run.data import open_data
from train.run.record import DataPin


@pytest.fixture
def version(registry, tmp_path):
    """A copy of filas@1.0.0 to damage."""
    return open_version(copied(registry / "filas" / "v1.0.0", tmp_path / "v1.0.0"))


def rewrite(version, change):
    """Change a version's train rows, its manifest untouched."""
    path = version.path / "data" / "train-00000-of-00001.parquet"
    change(pl.read_parquet(path)).write_parquet(path)


def test_a_version_is_opened_with_its_splits_and_its_pin(registry):
    data = open_data("filas@1.0.0", registry)

    version = open_version(registry / "filas" / "v1.0.0")
    assert data.template.name == "instruccion"
    assert sorted(id for split in data.splits.values() for id in split["id"]) == sorted(KEPT)
    assert data.pin == DataPin(
        reference="filas@1.0.0",
        name="filas",
        version="1.0.0",
        repo=None,
        commit=None,
        content_sha256=version.content_sha256,
        rows={"train": 4, "validation": 3},
    )
    terms = {"license": version.recipe.card.license, "license_name": None, "license_link": None}
    assert plain(data.record) == plain(data.pin) | terms | {"source_datasets": [], "attribution": []}


def test_a_version_of_several_languages_is_trained_on_as_any(tmp_path):
    for code in ("es", "pt"):
        write_rows(tmp_path / f"{code}.jsonl")
    recipe = small_recipe(tmp_path / "{language}.jsonl", language=Language(of=("es", "pt")))
    version = build(recipe, tmp_path / "versions").version

    data = open_data(version.label, tmp_path / "versions")

    rows = pl.concat(data.splits.values())
    assert data.record.languages == {"es": "Spanish", "pt": "Portuguese"}
    assert sorted(rows["language"].unique()) == ["es", "pt"] and rows.height == version.manifest.kept


def test_a_folder_is_recorded_by_name_and_content_never_by_path(registry):
    pin = open_data(str(registry / "filas" / "v1.0.0"), registry).pin

    assert pin == open_data("filas@1.0.0", registry).pin
    assert str(registry) not in to_json(pin)


@pytest.mark.parametrize(
    ("reference", "error"),
    [
        ("filas", "filas: name a version; there are filas@1.0.0"),
        ("filas@main", "not a version number after the @; versions of filas in .*: 1.0.0"),
        ("filas@2.0.0", "no such version in .*; versions of filas: 1.0.0"),
    ],
)
def test_a_reference_that_floats_is_refused_naming_the_versions(registry, reference, error):
    with pytest.raises(Problem, match=error):
        open_data(reference, registry)


def test_rows_that_are_not_the_manifests_are_refused(version):
    rewrite(version, lambda rows: rows.with_columns(output=pl.col("output") + " "))
    with pytest.raises(Problem, match=r"filas@1.0.0: its rows have content sha256 .*…, its manifest says "):
        open_data(str(version.path), version.path)


def test_another_schema_is_refused(version):
    rewrite(version, lambda rows: rows.drop("prompt"))
    with pytest.raises(Problem, match=r"not the files of a version, with columns id, instruction, input"):
        open_data(str(version.path), version.path)


def test_a_recipe_that_names_the_versions_template_is_fine_and_another_one_is_refused(registry):
    assert open_data("filas@1.0.0", registry, "instruccion").template.name == "instruccion"
    with pytest.raises(Problem, match=r"written in template instruccion, and the recipe names train.template alpaca"):
        open_data("filas@1.0.0", registry, "alpaca")


def test_an_empty_validation_split_is_refused_when_it_is_asked_for(tmp_path):
    made = make_version(tmp_path, split=Split(validation=0.0))
    data = open_data(str(made.path), tmp_path)

    with pytest.raises(Problem, match=r"it has no validation rows \(it has train\); .*--set train.eval_steps=0"):
        data.split("validation")


def test_a_version_without_training_rows_is_refused(version):
    path = version.path / "data" / "train-00000-of-00001.parquet"
    path.rename(path.with_name("test-00000-of-00001.parquet"))
    reseal(version, "data/test-00000-of-00001.parquet")
    with pytest.raises(Problem, match=r"filas@1.0.0: it has no train rows"):
        open_data(str(version.path), version.path)


def test_prompts_that_the_template_does_not_write_are_refused(version):
    rewrite(version, lambda rows: rows.with_columns(prompt=pl.col("prompt").str.replace("Respuesta", "Response")))
    reseal(version)
    with pytest.raises(Problem, match=r"rows are not written in its template instruccion .first 'fila-"):
        open_data(str(version.path), version.path)


def test_a_template_that_is_not_what_its_hash_says_is_refused(version):
    change_manifest(version, lambda manifest: manifest["template"].update(output_marker="### Response:"))
    with pytest.raises(Problem, match=r"filas@1.0.0: the recorded template is not what its hash says"):
        open_data(str(version.path), version.path)


def test_chats_are_checked_too(tmp_path):
    made = make_version(tmp_path, template="messages")
    assert open_data(str(made.path), tmp_path).template.chat

    rewrite(made, lambda rows: rows.with_columns(completion=pl.col("prompt")))
    reseal(made)
    with pytest.raises(Problem, match=r"rows are not written in its template messages"):
        open_data(str(made.path), tmp_path)


def change_manifest(version, change):
    path = version.path / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    change(manifest)
    path.write_text(json.dumps(manifest), "utf-8")


def reseal(version, renamed=None):
    """Give the manifest the content hash of the rows that are there, as someone would who edits a version by hand."""
    from builders.versions.fingerprint import content_sha256

    def files(manifest):
        if renamed:
            manifest["files"][renamed] = manifest["files"].pop("data/train-00000-of-00001.parquet")

    change_manifest(version, files)
    rows = open_version(version.path).rows()
    change_manifest(version, lambda manifest: manifest.update(content_sha256=content_sha256(rows)))
