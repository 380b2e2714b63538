"""Texts that are handed on while files are read, so that whoever reads holds those of one file."""

import polars as pl
import pytest

from builders.recipes.model import FileSource
from builders.schema import FIELDS
from builders.sources.reading import read_source
from tests.builders.rows import ROWS, small_recipe, write_rows


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "filas").mkdir()
    for number in range(3):
        write_rows(tmp_path / "filas" / f"{number}.jsonl", ROWS[number::3])
    return tmp_path / "filas"


def kept_of(recipe):
    """What is read of a recipe's source, and what was handed on."""
    kept = []
    return read_source(recipe, recipe.source.path, keep=kept.append).rows, kept


def test_of_several_files_ids_are_held_and_texts_are_handed_on_file_by_file(folder):
    whole = read_source(small_recipe(folder), folder).rows
    rows, kept = kept_of(small_recipe(folder))

    assert [part.height for part in kept] == [4, 4, 4]
    assert rows.equals(whole.drop(FIELDS))
    assert pl.concat(kept).equals(whole.sort("position").select(FIELDS))


@pytest.mark.parametrize("change", [{"columns": {"id": None}}, {"duplicates": "number"}])
def test_texts_stay_where_they_tell_rows_apart(folder, change):
    source = FileSource(path=str(folder), **change)
    rows, kept = kept_of(small_recipe(folder).model_copy(update={"source": source}))

    assert kept == [] and set(FIELDS) <= set(rows.columns)


def test_one_file_is_read_whole(tmp_path):
    rows, kept = kept_of(small_recipe(write_rows(tmp_path / "filas.jsonl")))

    assert kept == [] and rows.height == len(ROWS)
