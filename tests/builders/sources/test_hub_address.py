"""`--from OWNER/DATASET[@REVISION]` and hf:// addresses: a dataset of the Hub at the commit that it has now."""

import pytest

from builders.errors import Problem
from builders.recipes.loading import load_recipe
from builders.recipes.model import HubSource, VersionSource
from builders.sources.hub_address import Address, address_of
from builders.sources.reading import read_source, with_source
from builders.versions.registry import build
from builders.versions.verify import verify
from tests.builders.files import ROWS, as_bytes
from tests.builders.publications import REPO, put, three

PLAIN = "ana/preguntas"
QUESTIONS = [{"pregunta": row["instruction"], "respuesta": row["output"]} for row in ROWS]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ana/preguntas", Address(PLAIN)),
        ("ana/preguntas@main", Address(PLAIN, "main")),
        ("hf://datasets/ana/preguntas", Address(PLAIN)),
        ("hf://datasets/ana/preguntas@v1/data/a.csv", Address(PLAIN, "v1", "data/a.csv")),
        ("hf://datasets/ana/preguntas@refs%2Fpr%2F1/a.csv", Address(PLAIN, "refs/pr/1", "a.csv")),
        ("preguntas.csv", None),
        ("carpeta/preguntas.csv/otra", None),
        ("mezcla@1.0.0", None),
    ],
)
def test_an_address_is_parsed(text, address):
    assert address_of(text) == address


@pytest.mark.parametrize("text", ["hf://ana/modelo", "hf://datasets/ana", "hf://spaces/ana/x/y"])
def test_an_address_of_anything_else_is_refused(text):
    with pytest.raises(Problem, match=r"not the address of a dataset; write hf://datasets/OWNER/NAME"):
        address_of(text)


def taken(where, tmp_path, *changes):
    return with_source(load_recipe("mix", changes), where, tmp_path)


@pytest.mark.parametrize(
    "where", [PLAIN, f"{PLAIN}@main", f"hf://datasets/{PLAIN}", f"hf://datasets/{PLAIN}/preguntas.csv"]
)
def test_a_plain_dataset_goes_in_with_its_commit_and_is_rebuilt(hub, tmp_path, caplog, where):
    commit = hub.commit(PLAIN, {"README.md": "# Preguntas", "preguntas.csv": as_bytes(QUESTIONS, ".csv")})
    recipe = taken(where, tmp_path)

    assert f"{PLAIN}: revision main is commit {commit[:12]}, which is recorded" in caplog.text
    version = build(recipe, tmp_path).version
    pin = version.recipe.source
    assert (pin.repo, pin.revision, pin.file) == (PLAIN, commit, "preguntas.csv")
    assert pin.columns.model_dump() == {"id": None, "instruction": "pregunta", "input": None, "output": "respuesta"}
    hub.commit(PLAIN, {"preguntas.csv": as_bytes(QUESTIONS[:1], ".csv")})
    assert verify(version, tmp_path).result == "same bytes"


def test_of_several_files_the_split_train_is_read(hub, tmp_path, caplog):
    files = {f"data/{split}-00000-of-00001.parquet": as_bytes(rows, ".parquet") for split, rows in
             {"train": QUESTIONS, "test": QUESTIONS[:1]}.items()}  # fmt: skip
    commit = hub.commit(PLAIN, files)

    recipe = taken(PLAIN, tmp_path, "source.duplicates=number")

    assert recipe.source == HubSource(repo=PLAIN, revision=commit, split="train", duplicates="number")
    assert f"{PLAIN}: split train is read, of train, test" in caplog.text
    assert read_source(recipe, tmp_path).rows.height == len(ROWS)


def test_without_a_split_train_the_recipe_must_say_which(hub, tmp_path):
    hub.commit(PLAIN, {f"{split}.parquet": as_bytes(QUESTIONS, ".parquet") for split in ("validation", "test")})

    with pytest.raises(
        Problem,
        match=r"ana/preguntas: which split\? It has .*; name one of its files as hf://datasets/ana/preguntas/FILE",
    ):
        taken(PLAIN, tmp_path)


def test_a_version_of_ours_still_goes_in_as_a_version(hub, tmp_path):
    put(hub, three(tmp_path)["1.0.0"])

    assert taken(f"{REPO}@v1.0.0", tmp_path).source == VersionSource(ref=f"{REPO}@v1.0.0")
    with pytest.raises(Problem, match="a repository alone is no version; versions of"):
        taken(REPO, tmp_path)


WRONG = {
    "ana/nada": "ana/nada: no such repository on the Hub, or no access to it; check the name, or `hf auth login`",
    f"{PLAIN}@otra": f"{PLAIN}@otra: no such revision",
    f"hf://datasets/{PLAIN}/b.csv": f"{PLAIN}: has no file 'b.csv'; its data files: a.csv",
}


@pytest.mark.parametrize("where", WRONG)
def test_what_is_not_there_is_told(hub, tmp_path, where):
    hub.commit(PLAIN, {"a.csv": as_bytes(QUESTIONS, ".csv")})

    with pytest.raises(Problem) as problem:
        taken(where, tmp_path)

    assert str(problem.value) == WRONG[where]
