"""Sources that have a part for each language, on the Hub and in a store; what is done with them is in `tests/builders/`."""

import json

import fsspec
import pytest

from builders.errors import Problem
from builders.recipes.loading import load_recipe
from builders.recipes.model import Columns, FileSource, HubSource
from builders.sources.reading import read_source, with_source
from builders.versions.registry import build
from builders.versions.verify import verify
from tests.builders.files import ROWS, as_bytes

REPO = "ana/lenguas"
WRITTEN = {"es": ROWS, "pt": ROWS[:2]}
ASKED = "language.of=[es, pt]"
IDS = sorted(f"{code}-{row['id']}" for code, rows in WRITTEN.items() for row in rows)
CONFIGS = "---\nconfigs:\n" + "".join(
    f"- config_name: {code}\n  data_files:\n  - split: train\n    path: {code}.parquet\n" for code in WRITTEN
) + "---\n"  # fmt: skip


def recipe_of(source, of=ASKED):
    return load_recipe("mix", [of, "split.validation=0"]).model_copy(update={"source": source})


@pytest.fixture
def files(hub):
    return hub.commit(REPO, {f"data/{code}.jsonl": as_bytes(rows, ".jsonl") for code, rows in WRITTEN.items()})


@pytest.fixture
def configs(hub):
    return hub.commit(
        REPO,
        {"README.md": CONFIGS, **{f"{code}.parquet": as_bytes(rows, ".parquet") for code, rows in WRITTEN.items()}},
    )


def test_the_files_of_a_dataset_are_those_of_its_languages(files, tmp_path):
    version = build(recipe_of(HubSource(repo=REPO, revision=files, file="data/{language}.jsonl")), tmp_path).version

    source = version.recipe.source
    assert sorted(version.ledger()["id"]) == IDS
    assert source.file == "data/{language}.jsonl"
    assert [(one.name, one.language) for one in source.files] == [("data/es.jsonl", "es"), ("data/pt.jsonl", "pt")]
    assert verify(version, tmp_path).result == "same bytes"


def test_of_one_language_the_recipe_is_as_if_it_named_the_file(files, tmp_path):
    one, other = (
        build(
            recipe_of(HubSource(repo=REPO, revision=files, file=f"data/{name}.jsonl"), "language.of=pt"),
            tmp_path / code,
        ).version
        for code, name in {"a": "{language}", "b": "pt"}.items()
    )
    assert one.manifest == other.manifest


def test_an_address_may_have_a_part_for_each_language(files, tmp_path):
    recipe = with_source(load_recipe("mix", [ASKED]), f"hf://datasets/{REPO}/data/{{language}}.jsonl", tmp_path)
    assert (recipe.source.revision, recipe.source.file) == (files, "data/{language}.jsonl")
    assert read_source(recipe, tmp_path).rows["id"].sort().to_list() == IDS


def test_a_language_that_a_dataset_lacks_is_named(files, tmp_path):
    with pytest.raises(Problem, match=r"data/gl\.jsonl"):
        read_source(
            recipe_of(HubSource(repo=REPO, revision=files, file="data/{language}.jsonl"), "language.of=[es, gl]"),
            tmp_path,
        )


def test_the_configs_of_a_dataset_are_those_of_its_languages(configs, tmp_path):
    source = HubSource(repo=REPO, revision=configs, config="{language}", split="train")
    version = build(recipe_of(source), tmp_path).version
    assert sorted(version.ledger()["id"]) == IDS
    assert verify(version, tmp_path).result == "same bytes"
    one = read_source(recipe_of(source, "language.of=pt"), tmp_path)
    assert (one.pin.config, one.rows.height) == ("pt", 2)


def test_files_of_a_store_are_copied_for_each_language_and_found_again(tmp_path):
    store = fsspec.filesystem("memory")
    for code, rows in WRITTEN.items():
        store.pipe(f"/lenguas/{code}/filas-1.jsonl", as_bytes(rows, ".jsonl"))
    try:
        version = build(recipe_of(FileSource(path="memory://lenguas/{language}/filas-*.jsonl")), tmp_path).version
    finally:
        store.rm("/lenguas", recursive=True)
    assert sorted(version.ledger()["id"]) == IDS
    assert verify(version, tmp_path).result == "same bytes"


def test_conversations_say_their_language_too(tmp_path):
    turns = [{"role": "user", "content": "Di hola."}, {"role": "assistant", "content": "Hola."}]
    rows = [{"id": "1", "messages": turns * 2, "lang": "es"}, {"id": "1", "messages": turns, "lang": "pt"}]
    path = tmp_path / "charlas.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    source = FileSource(path=str(path), turns="all", columns=Columns(language="lang"))
    found = read_source(recipe_of(source), tmp_path).rows
    assert found.select("id", "language").rows() == [("es-1", "es"), ("es-1#2", "es"), ("pt-1", "pt")]
