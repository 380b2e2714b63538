import json

import msgspec
import pytest

from builders.reading.audit_rows import KEPT as MOST_KEPT
from builders.reading.audit_rows import LONG, PER_RULE, rows_of_file, rows_to_read
from builders.sources.reading import read_source
from builders.versions.registry import build
from tests.builders.rows import KEPT, ROWS, TORTILLA, small_recipe, small_version, write_rows

FIELDS = ("instruction", "input", "output")


def text(pieces):
    return "".join(piece for _, piece in pieces)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("filas")


@pytest.fixture(scope="module")
def version(place):
    return small_version(place)


@pytest.fixture(scope="module")
def dropped(version, place):
    return {row.id: row for row in rows_to_read(version, place / "versions").dropped}


def test_every_dropped_row_is_there_with_its_text(dropped):
    source = {id: dict(zip(FIELDS, fields, strict=True)) for id, *fields in ROWS}

    assert list(dropped) == ["fila-4", "fila-5", "fila-6", "fila-8", "fila-9"]
    for id, row in dropped.items():
        assert {field: text(row.fields[field]) for field in FIELDS} == source[id]


def test_evidence_is_marked_where_it_stands(dropped):
    assert dropped["fila-4"].fields["output"] == [
        ("evidence", "Lo siento, no tengo acceso a información en tiempo real"),
        ("same", "."),
    ]
    assert {what for pieces in dropped["fila-5"].fields.values() for what, _ in pieces} == {"same"}


def test_a_duplicate_stands_beside_with_the_words_that_differ(dropped):
    row = dropped["fila-8"]

    assert row.duplicate_of.id == "fila-7"
    assert text(row.duplicate_of.fields["output"]) == TORTILLA
    assert [piece for what, piece in row.fields["output"] if what == "new"] == ["delgadas"]
    assert [piece for what, piece in row.duplicate_of.fields["output"] if what == "old"] == ["finas"]
    assert dropped["fila-4"].duplicate_of is None


def test_kept_rows_are_as_the_model_sees_them(version, place):
    kept = {row.id: row for row in rows_to_read(version, place / "versions").kept}

    rows = {row["id"]: row for row in version.rows().to_dicts()}
    assert sorted(kept) == sorted(KEPT)
    assert all((one.prompt, one.completion) == (rows[id]["prompt"], rows[id]["completion"]) for id, one in kept.items())
    assert kept["fila-2"].about == f"{rows['fila-2']['split']}: output:entities"


def test_a_chat_is_shown_as_what_its_messages_say(place):
    chat = small_version(place, name="charla", template="messages")

    kept = {row.id: row for row in rows_to_read(chat, place / "versions").kept}

    assert kept["fila-11"].completion == "La capital de Chile es la ciudad de Santiago."


def test_without_the_source_the_reasons_remain(tmp_path):
    version = small_version(tmp_path)
    (tmp_path / "filas.jsonl").unlink()

    found = rows_to_read(version, tmp_path / "versions")

    assert found.note.startswith("The text of dropped rows is not at hand: ")
    rows = {row.id: row for row in found.dropped}
    assert rows["fila-4"].fields is None and rows["fila-4"].evidence
    assert text(rows["fila-8"].duplicate_of.fields["output"]) == TORTILLA, "the duplicate was kept, so it is at hand"


def test_the_source_may_have_moved(tmp_path):
    version = small_version(tmp_path)
    moved = (tmp_path / "filas.jsonl").rename(tmp_path / "otras.jsonl")

    found = rows_to_read(version, tmp_path / "versions", str(moved))

    assert found.note is None
    assert all(row.fields for row in found.dropped)


def test_a_page_holds_some_rows_of_each_rule_chosen_by_hash(tmp_path):
    empty = [(f"nada-{number}", f"Di el nombre número {number}.", "", "") for number in range(1, PER_RULE + 21)]
    rows = write_rows(tmp_path / "muchas.jsonl", [*ROWS, *empty])
    versions = [build(small_recipe(rows), tmp_path / place).version for place in ("a", "b")]

    found = [rows_to_read(version, tmp_path / place) for version, place in zip(versions, ("a", "b"), strict=True)]

    rules = [row.rule for row in found[0].dropped]
    assert (rules.count("empty_answer"), rules.count("refusal")) == (PER_RULE, 1)
    assert found[0] == found[1]
    chosen = {row.id for row in found[0].dropped if row.rule == "empty_answer"}
    assert chosen != {f"nada-{number}" for number in range(1, PER_RULE + 1)}, "not simply the first"


def test_a_long_field_is_cut_and_says_so(tmp_path):
    rows = write_rows(tmp_path / "larga.jsonl", [("a-1", "Di algo.", "á" * (LONG + 5), ""), *ROWS])
    found = rows_to_read(build(small_recipe(rows), tmp_path / "versions").version, tmp_path / "versions")

    (row,) = [row for row in found.dropped if row.id == "a-1"]
    assert text(row.fields["input"]) == "á" * LONG + " … (5 characters more)"


def test_a_raw_file_has_a_sample(tmp_path):
    many = [(f"a-{number}", f"Di {number}.", "uno" if number % 2 else "", "Sí.") for number in range(1, MOST_KEPT + 9)]
    recipe = small_recipe(write_rows(tmp_path / "cruda.jsonl", many))

    found = rows_of_file(read_source(recipe, tmp_path).rows)

    assert (len(found.kept), found.dropped, found.note) == (MOST_KEPT, [], None)
    assert {row.about for row in found.kept} == {"with an input", "no input"}


def test_what_is_read_is_ready_for_json(version, place):
    found = rows_to_read(version, place / "versions")

    assert json.loads(msgspec.json.encode(found))["note"] is None
