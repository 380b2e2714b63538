"""Rows of a version in the forms of other tools; our own reader reads them again."""

import json

import polars as pl
import pytest

from builders.errors import Conflict, Invalid, NotFound
from builders.reading.export import FORMATS, export
from builders.recipes.loading import load_recipe
from builders.schema import SOURCE_COLUMNS
from builders.sources.reading import read_source, with_source
from builders.versions.registry import build
from tests.builders.rows import small_version

ENDING = {
    "alpaca": "json",
    "sharegpt": "json",
    "messages": "jsonl",
    "csv": "csv",
    "jsonl": "jsonl",
    "parquet": "parquet",
}


@pytest.fixture(scope="module")
def version(tmp_path_factory):
    return small_version(tmp_path_factory.mktemp("exported"))


@pytest.fixture
def exported(version, tmp_path):
    """Export the version; the file's path."""

    def run(form, **choice):
        path = tmp_path / f"filas.{ENDING[form]}"
        done = export(version, path, form, version.path.parents[1], **choice)
        assert (done.path, done.format) == (str(path), form)
        return path

    return run


def read_again(path):
    return read_source(with_source(load_recipe("mix"), str(path), path.parent), path.parent).rows.select(SOURCE_COLUMNS)


@pytest.mark.parametrize("form", ["alpaca", "csv", "jsonl", "parquet"])
def test_tables_are_read_again_as_the_same_rows(version, exported, form):
    assert read_again(exported(form)).equals(version.rows_by_id().select(SOURCE_COLUMNS))


@pytest.mark.parametrize("form", ["sharegpt", "messages"])
def test_conversations_are_read_again_with_the_input_in_the_question(version, exported, form):
    joined = pl.concat_str("instruction", pl.lit("\n\n"), "input")
    question = pl.when(pl.col("input") == "").then("instruction").otherwise(joined).alias("instruction")
    expected = version.rows_by_id().select("id", question, pl.lit("").alias("input"), "output")

    assert read_again(exported(form)).equals(expected)


def test_the_forms_have_the_keys_of_their_tools(exported, tmp_path):
    row = json.loads(exported("alpaca").read_text("utf-8"))[0]
    assert list(row) == ["id", "instruction", "input", "output"]
    (tmp_path / "filas.json").unlink()
    row = json.loads(exported("sharegpt").read_text("utf-8"))[0]
    assert [(list(turn), turn["from"]) for turn in row["conversations"]] == [
        (["from", "value"], "human"),
        (["from", "value"], "gpt"),
    ]
    row = json.loads(exported("messages").read_text("utf-8").splitlines()[0])
    assert [(list(turn), turn["role"]) for turn in row["messages"]] == [
        (["role", "content"], "user"),
        (["role", "content"], "assistant"),
    ]


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_rows_are_the_same_bytes(version, exported, form):
    path = exported(form)
    first = path.read_bytes()
    path.unlink()

    assert exported(form).read_bytes() == first


def test_one_split(version, exported):
    ids = version.rows_by_id().filter(pl.col("split") == "validation")["id"].to_list()

    assert read_again(exported("csv", split="validation"))["id"].to_list() == ids


def test_dropped_rows_come_from_the_source(version, exported):
    ids = version.ledger_by_id().filter(pl.col("status") == "dropped")["id"].to_list()

    assert read_again(exported("jsonl", status="dropped"))["id"].to_list() == ids


def test_dropped_rows_without_the_source_are_refused(version, tmp_path):
    with pytest.raises(NotFound, match=r"dropped rows cannot be written: the source text is not at hand: .*--from"):
        export(version, tmp_path / "a.csv", "csv", tmp_path, status="dropped", where=str(tmp_path / "nada.jsonl"))
    assert not (tmp_path / "a.csv").exists()


def test_a_file_that_exists_is_left_alone(version, exported, tmp_path):
    (tmp_path / "filas.csv").write_text("mío", "utf-8")

    with pytest.raises(Conflict, match="exists; choose another name, or remove it"):
        exported("csv")
    assert (tmp_path / "filas.csv").read_text("utf-8") == "mío"


def test_what_there_is_none_of_is_refused(exported):
    with pytest.raises(Invalid, match="dropped rows are in no split"):
        exported("csv", status="dropped", split="train")
    with pytest.raises(NotFound, match="no row is in split 'test'"):
        exported("csv", split="test")


def test_pairs_of_answers_are_not_cut_down_to_one(tmp_path):
    pairs = build(load_recipe("demo-preferences"), tmp_path / "versions").version

    with pytest.raises(Invalid, match="holds pairs of answers, and these formats hold one answer a row"):
        export(pairs, tmp_path / "pares.jsonl", "jsonl", tmp_path / "versions")
    assert not (tmp_path / "pares.jsonl").exists()
