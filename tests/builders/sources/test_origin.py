"""A column of the source that says where each row comes from."""

import json

import polars as pl
import pytest

from builders.errors import Problem
from builders.reading.audit import audit_source
from builders.recipes.loading import load_recipe
from builders.sources.reading import read_source, with_source
from builders.versions.registry import build
from builders.versions.verify import verify

NAMED = [("a-1", "blog"), ("a-2", "libro"), ("a-3", None), ("a-4", "blog")]
WHOLE = [f"{stage}.enabled=false" for stage in ("repair", "language", "quality", "dedup")]


def written(folder, rows):
    path = folder / "filas.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def rows(**more):
    return [
        {"id": id, "instruction": f"Di {id}.", "input": "", "output": f"Vale, {id}.", "fuente": source, **more}
        for id, source in NAMED
    ]


def recipe(path, *changes):
    return load_recipe("mix", [f"source={{kind: file, path: {path}}}", "card.license=mit", *WHOLE, *changes])


def origins(frame):
    return dict(frame.sort("id").select("id", "origin").iter_rows())


@pytest.fixture(scope="module")
def version(tmp_path_factory):
    folder = tmp_path_factory.mktemp("origen")
    path = written(folder, rows())
    return build(recipe(path, "source.columns.origin=fuente"), folder / "versions").version


def test_a_column_says_where_a_row_comes_from(version, tmp_path):
    assert origins(version.rows()) == {"a-1": "blog", "a-2": "libro", "a-3": "", "a-4": "blog"}
    assert version.statistics().origins == {"blog": 2, "libro": 1, "": 1}
    assert version.recipe.source.columns.origin == "fuente"
    assert verify(version, version.path.parents[1], str(version.path.parents[2] / "filas.jsonl")).result == "same bytes"


def test_without_it_the_ids_say_so(tmp_path):
    read = read_source(recipe(written(tmp_path, rows())), tmp_path)

    assert "origin" not in read.rows.columns
    assert "origin" not in read.pin.model_dump(mode="json")["columns"]


def test_a_version_of_a_version_keeps_it(version, tmp_path):
    again = with_source(load_recipe("mix", WHOLE), str(version.path), tmp_path)

    assert origins(build(again, tmp_path / "versions").version.rows()) == origins(version.rows())


def test_conversations_have_it_for_each_pair(tmp_path):
    said = [{"role": role, "content": text} for role, text in (("user", "a"), ("assistant", "b")) * 2]
    path = written(tmp_path, [{"id": "c-1", "messages": said, "fuente": "foro"}])
    read = read_source(recipe(path, "source.columns.origin=fuente", "source.turns=all"), tmp_path)

    assert origins(read.rows) == {"c-1": "foro", "c-1#2": "foro"}
    assert read.pin.model_dump(mode="json")["columns"] == {"id": "id", "messages": "messages", "origin": "fuente"}


def test_a_column_that_says_so_is_no_input(tmp_path):
    """`context` would be taken for the input."""
    bare = [{"id": id, "instruction": "Di algo.", "output": "Vale.", "context": source} for id, source in NAMED]
    read = read_source(recipe(written(tmp_path, bare), "source.columns.origin=context"), tmp_path)

    assert set(read.rows["input"]) == {""} and origins(read.rows)["a-2"] == "libro"


def test_an_audit_of_the_file_counts_it(tmp_path):
    read = read_source(recipe(written(tmp_path, rows()), "source.columns.origin=fuente"), tmp_path)

    assert audit_source(read, "filas.jsonl").statistics.origins == {"blog": 2, "libro": 1, "": 1}


def test_a_column_that_is_missing_is_told(tmp_path):
    path = tmp_path / "filas.csv"
    pl.DataFrame(rows()).write_csv(path)

    with pytest.raises(Problem, match=r"column 'orgen' is missing"):
        read_source(recipe(path, "source.columns.origin=orgen"), tmp_path)


def test_trees_of_messages_have_none(tmp_path):
    tree = [{"message_id": "m-1", "parent_id": None, "role": "prompter", "text": "Hola", "lang": "es"}]

    with pytest.raises(Problem, match=r"trees of messages have no column of origins; leave source.columns.origin out"):
        read_source(recipe(written(tmp_path, tree), "source.columns.origin=lang"), tmp_path)
