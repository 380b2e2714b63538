import json
import zlib

import polars as pl
import pytest

from builders.reading.audit_rows import KEPT as MOST_KEPT
from builders.reading.audit_rows import LONG, rows_of_file, rows_to_read
from builders.sources.reading import read_source
from builders.versions.registry import build
from cards.audit.rows import BLOCK, LIST, TEXTS, packed
from tests.builders.rows import KEPT, ROWS, TORTILLA, small_recipe, small_version, write_rows

FIELDS = ("instruction", "input", "output")
NOTED = (
    "marca-1",
    "Suma 27 y 15.",
    "",
    "La suma es 27 + 15 = 43, si se hace la cuenta con cuidado.",
)  # wrong_arithmetic
EMPTY = [(f"nada-{number}", f"Di el nombre número {number}.", "", "") for number in range(1, 121)]


def by_id(found):
    return {row["id"]: row for row in found.rows.to_dicts()}


def unpacked(block):
    return json.loads(zlib.decompress(block))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("filas")


@pytest.fixture(scope="module")
def version(place):
    return build(small_recipe(write_rows(place / "filas.jsonl", [*ROWS, NOTED])), place / "versions").version


@pytest.fixture(scope="module")
def found(version, place):
    return rows_to_read(version, place / "versions")


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """Versions of the same rows in two places: 120 empty answers beside a row of each other kind."""
    folder = tmp_path_factory.mktemp("muchas")
    rows = write_rows(folder / "muchas.jsonl", [*ROWS, NOTED, *EMPTY])
    return [(build(small_recipe(rows), folder / name).version, folder / name) for name in ("a", "b")]


def test_every_dropped_row_is_there_with_its_text_and_comes_first(found):
    source = {id: dict(zip(FIELDS, fields, strict=True)) for id, *fields in ROWS}
    rows = found.rows.to_dicts()

    assert [row["id"] for row in rows if row["status"] == "dropped"] == [
        "fila-4",
        "fila-5",
        "fila-6",
        "fila-8",
        "fila-9",
    ]
    assert [row["status"] for row in rows] == ["dropped"] * 5 + ["kept"] * 8
    assert all({field: row[field] for field in FIELDS} == source[row["id"]] for row in rows[:5])
    assert (found.total, found.most, found.note) == (13, None, None)


def test_the_list_says_what_became_of_a_row_and_why(found):
    rows = by_id(found)

    assert {
        key: rows["fila-4"][key] for key in ("stage", "rule", "evidence", "origin", "language", "words", "here")
    } == {
        "stage": "quality",
        "rule": "refusal",
        "evidence": "Lo siento, no tengo acceso a información en tiempo real",
        "origin": "fila",
        "language": "es",
        "words": 10,
        "here": [],
    }
    assert rows["fila-5"]["language"] == "es, answer en"
    assert (rows["fila-8"]["duplicate_of"], rows["fila-7"]["output"]) == ("fila-7", TORTILLA)


def test_kept_rows_are_there_for_a_flag_a_twin_or_by_hash(found):
    here = {id: row["here"] for id, row in by_id(found).items() if row["status"] == "kept"}

    assert here["marca-1"] == ["flagged"]
    assert (here["fila-1"], here["fila-7"], here["fila-2"]) == (["twin", "sample"], ["twin", "sample"], ["sample"])


def test_every_flagged_row_and_every_twin_is_there_beside_a_sample(many):
    (version, registry), _ = many
    rows = rows_to_read(version, registry, pointed={"long": ["fila-2"]}).rows

    assert rows["here"].list.contains("flagged").sum() == 2
    assert by_id(rows_to_read(version, registry, pointed={"long": ["fila-2"]}))["fila-2"]["here"] == ["sample", "long"]


def test_the_sample_is_as_the_model_sees_it(version, found):
    rows = {row["id"]: row for row in version.rows().to_dicts()}
    sample = [row for row in found.rows.to_dicts() if "sample" in row["here"]]

    assert {row["id"] for row in sample} == {*KEPT} - {"fila-3"}, "that one has a flag"
    assert all(row[part] == rows[row["id"]][part] for row in sample for part in ("prompt", "completion"))
    assert by_id(found)["marca-1"]["prompt"] is None


def test_a_chat_is_shown_as_what_its_messages_say(place):
    chat = small_version(place, name="charla", template="messages")

    found = by_id(rows_to_read(chat, place / "versions"))

    assert found["fila-11"]["completion"] == "La capital de Chile es la ciudad de Santiago."


def test_without_the_source_the_reasons_remain(tmp_path):
    version = small_version(tmp_path)
    (tmp_path / "filas.jsonl").unlink()

    found = rows_to_read(version, tmp_path / "versions")

    assert found.note.startswith("The text of dropped rows is not at hand: ")
    rows = by_id(found)
    assert rows["fila-4"]["instruction"] is None and rows["fila-4"]["evidence"]
    assert rows["fila-7"]["output"] == TORTILLA, "the twin was kept, so it is at hand"


def test_the_source_may_have_moved(tmp_path):
    version = small_version(tmp_path)
    moved = (tmp_path / "filas.jsonl").rename(tmp_path / "otras.jsonl")

    found = rows_to_read(version, tmp_path / "versions", str(moved))

    assert found.note is None and not found.rows["instruction"].has_nulls()


def test_rows_that_do_not_fit_are_as_many_of_each_kind_by_hash(many):
    (version, registry), (other, there) = many
    everything = rows_to_read(version, registry)
    found = rows_to_read(version, registry, most_bytes=everything.size * 3 // 4)
    rules = found.rows["rule"].to_list()

    assert found.size <= everything.size * 3 // 4 and found.total == everything.rows.height
    assert 0 < rules.count("empty_answer") == found.most < 120, "as many as fit"
    assert (rules.count("refusal"), rules.count("near_duplicate")) == (1, 1), "rare rules are whole"
    chosen = {row["id"] for row in found.rows.to_dicts() if row["rule"] == "empty_answer"}
    assert chosen != {f"nada-{number}" for number in range(1, found.most + 1)}, "not simply the first"
    again = rows_to_read(other, there, most_bytes=everything.size * 3 // 4)
    assert (again.blocks, again.most) == (found.blocks, found.most)


def test_nothing_is_shown_where_nothing_fits(many):
    (version, registry), _ = many

    found = rows_to_read(version, registry, most_bytes=10)

    assert (found.most, found.size) == (0, 0)


def test_a_long_field_is_cut_and_says_so(tmp_path):
    rows = write_rows(tmp_path / "larga.jsonl", [("a-1", "Di algo.", "á" * (LONG + 5), ""), *ROWS])
    found = rows_to_read(build(small_recipe(rows), tmp_path / "versions").version, tmp_path / "versions")

    assert by_id(found)["a-1"]["input"] == "á" * LONG + " … (5 characters more)"


def test_a_raw_file_has_a_sample(tmp_path):
    many = [(f"a-{number}", f"Di {number}.", "uno" if number % 2 else "", "Sí.") for number in range(1, MOST_KEPT + 9)]
    recipe = small_recipe(write_rows(tmp_path / "cruda.jsonl", many))

    found = rows_of_file(read_source(recipe, tmp_path).rows)

    assert (found.rows.height, found.note) == (MOST_KEPT, None)
    assert found.rows["here"].to_list() == [["sample"]] * MOST_KEPT


# ---- packed ----------------------------------------------------------------------------------------------------------


def test_the_first_block_lists_the_rows_and_the_others_hold_their_texts(found):
    listed, *texts = map(unpacked, found.blocks)

    assert listed["id"] == found.rows["id"].to_list() and len(texts) == 1
    assert listed["first"] == texts[0]["instruction"]
    assert texts[0]["output"] == found.rows["output"].to_list()
    assert "rejected_output" not in texts[0], "a column without a value takes no room"


def test_texts_come_a_thousand_rows_at_a_time(found):
    rows = found.rows.sample(BLOCK + 1, with_replacement=True)

    assert [len(unpacked(block)["output"]) for block in packed(rows)[1:]] == [BLOCK, 1]


def test_nothing_packed_steers_what_shows_it(found):
    hostile = "a\x1b[31m\u202e\u2028b\u200d\nc\td"
    texts = [name for name, dtype in {**LIST, **TEXTS}.items() if dtype == pl.String and name != "first"]
    listed, texts = map(
        unpacked, packed(found.rows.head(1).with_columns(pl.lit(hostile).alias(name) for name in texts))
    )

    shown = "a\\x1b[31m\\u202e\\u2028b\u200d\nc\td"
    assert {listed[name][0] for name in ("id", "evidence", "origin")} == {shown}
    assert {texts[name][0] for name in TEXTS} == {shown}
    assert listed["first"] == ["a\\x1b[31m\\u202e b\u200d c d"]
