"""Files as they come: encodings, separators, packing, JSON of every form, values that are no text."""

import gzip
import io
import json
import zipfile

import polars as pl
import pyarrow as pa
import pytest

from builders.errors import Invalid, NotFound, Problem
from builders.recipes.loading import load_recipe
from builders.sources.reading import with_source
from builders.versions.registry import build
from builders.versions.verify import verify
from tests.builders.files import ROWS, as_bytes, write_file


def zst(data):
    return pa.compress(data, codec="zstd", asbytes=True)


def zipped(**files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def cells(rows, delimiter):
    """Rows as quoted cells."""
    lines = [list(rows[0]), *(row.values() for row in rows)]
    return "".join(delimiter.join(f'"{cell}"' for cell in line) + "\r\n" for line in lines).encode()


# ---- encodings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [".json", ".jsonl", ".csv", ".jsonl.gz"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_another_encoding_is_read_where_it_is_certain_told_and_recorded(taken, ending, encoding):
    plain = as_bytes(ROWS, ending.removesuffix(".gz")).decode().encode(encoding)

    found = taken(f"filas{ending}", gzip.compress(plain) if ending.endswith(".gz") else plain)

    assert found.rows == ROWS
    assert found.notes == [f"filas{ending}: not UTF-8; read as {encoding}"]
    assert found.pin["encoding"] == encoding


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850"])
def test_an_encoding_that_is_not_certain_is_refused(taken, encoding):
    with pytest.raises(Invalid, match="invalid UTF-8"):
        taken("filas.csv", as_bytes(ROWS, ".csv").decode().encode(encoding))


def test_an_encoding_that_is_stated_is_taken_without_a_word(taken):
    found = taken("filas.csv", as_bytes(ROWS, ".csv").decode().encode("mac_roman"), "source.encoding=mac_roman")

    assert (found.rows, found.notes) == (ROWS, [])


def test_an_encoding_that_does_not_exist_is_refused(taken):
    with pytest.raises(Invalid, match=r"no encoding is called 'latin99'; correct source.encoding"):
        taken("filas.csv", as_bytes(ROWS, ".csv"), "source.encoding=latin99")


# ---- separated cells -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("delimiter", "word"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_what_separates_cells_is_seen_told_and_recorded(taken, delimiter, word):
    found = taken("filas.csv", cells(ROWS, delimiter))

    assert found.rows == ROWS
    assert found.notes == [f"filas.csv: its cells are separated by {word}, and it is read so"]
    assert found.pin["delimiter"] == delimiter


def test_tabs_in_a_tsv_are_what_its_name_says(taken):
    found = taken("filas.tsv", cells(ROWS, "\t"))

    assert (found.rows, found.notes, "delimiter" in found.pin) == (ROWS, [], False)


def test_semicolons_in_texts_separate_nothing(taken):
    rows = [{**row, "output": f"{row['output']}; nada más; y ya"} for row in ROWS]

    found = taken("filas.csv", as_bytes(rows, ".csv"))

    assert (found.rows, found.notes) == (rows, [])


def test_marks_inside_a_quoted_cell_are_refused_with_the_option_that_takes_them(taken):
    data = b'id,instruction,output\nc-1,Di un color.,"El "azul" es bonito"\n'
    with pytest.raises(Invalid, match=r"or set source.lenient_quotes to true to read them as pandas does"):
        taken("filas.csv", data)

    assert taken("filas.csv", data, "source.lenient_quotes=true").rows[0]["output"] == 'El azul" es bonito"'


# ---- packing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [".json", ".jsonl", ".csv"])
def test_zstandard_is_unpacked(taken, ending):
    assert taken(f"filas{ending}.zst", zst(as_bytes(ROWS, ending))).rows == ROWS


@pytest.mark.parametrize("ending", [".jsonl", ".csv"])
def test_a_damaged_zstandard_file_is_refused(taken, ending):
    with pytest.raises(Invalid, match=r"not a sound Zstandard file \(.*fetch the file again"):
        taken(f"filas{ending}.zst", as_bytes(ROWS, ending))


def test_the_one_file_in_an_archive_is_read(taken):
    data = zipped(**{"carpeta/filas.csv": as_bytes(ROWS, ".csv"), "__MACOSX/filas.csv": b"x"})

    assert taken("filas.zip", data).rows == ROWS


WRONG_ARCHIVES = {
    "filas.zip: holds 2 files (a.csv, b.csv); unpack it and give one, or their folder": zipped(**{"a.csv": b"", "b.csv": b""}),
    "filas.zip: holds 0 files (none); unpack it and give one, or their folder": zipped(),
    "filas.zip: holds another zip file; unpack it and give the file in it": zipped(**{"a.zip": zipped()}),
    "filas.zip: not a sound zip file (File is not a zip file); fetch the file again": b"nada",
}  # fmt: skip


@pytest.mark.parametrize("line", WRONG_ARCHIVES)
def test_an_archive_with_anything_else_is_refused(taken, line):
    with pytest.raises(Invalid) as problem:
        taken("filas.zip", WRONG_ARCHIVES[line])

    assert str(problem.value) == line


# ---- JSON ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("indent", [None, 1])
def test_a_list_inside_an_object_is_read_told_and_recorded(taken, indent):
    found = taken("filas.json", json.dumps({"version": "1", "data": ROWS}, indent=indent).encode())

    assert found.rows == ROWS
    assert found.notes == ["filas.json: one JSON object, whose rows are the list under 'data'"]
    assert found.pin["records"] == "data"


def test_of_several_lists_the_recipe_says_which(taken):
    data = json.dumps({"train": ROWS[:2], "test": ROWS[2:]}).encode()
    with pytest.raises(Invalid) as problem:
        taken("filas.json", data)

    assert str(problem.value) == (
        "filas.json: one object with several lists of rows, under train, test; say which with --set source.records=train"
    )
    assert taken("filas.json", data, "source.records=test").rows == ROWS[2:]
    with pytest.raises(NotFound, match="no list of rows is under 'dev'"):
        taken("filas.json", data, "source.records=dev")


def test_an_object_by_id_is_read(taken):
    rows = {row["id"]: {key: row[key] for key in ("instruction", "input", "output")} for row in ROWS}

    found = taken("filas.json", json.dumps(rows, indent=2).encode())

    assert found.rows == ROWS
    assert found.notes == ["filas.json: one JSON object with a row under each key, which is its id"]


def test_a_file_of_one_row_is_that_row(taken):
    row = {**ROWS[0], "fuentes": [{"url": "a"}]}

    for indent in (None, 1):
        assert taken("filas.json", json.dumps(row, indent=indent).encode()).rows == ROWS[:1]


def test_objects_written_over_lines_are_rows_too(taken):
    assert taken("filas.jsonl", "\n".join(json.dumps(row, indent=1) for row in ROWS).encode()).rows == ROWS
    many = [{**ROWS[0], "id": f"m-{number}"} for number in range(500)]
    assert taken("filas.jsonl", "\n".join(json.dumps(row, indent=1) for row in many).encode()).rows == many


def test_an_object_that_is_cut_off_says_so_where_it_ends(taken):
    data = json.dumps({"data": ROWS}, indent=1).encode()[:-30]

    last = data.count(10) + 1
    with pytest.raises(Invalid) as problem:
        taken("filas.json", data)

    assert str(problem.value) == f"filas.json, line {last}: the JSON is cut off here; fetch the file again"


@pytest.mark.parametrize("half", ["\\ud83d", "\\udc00"])
@pytest.mark.parametrize("after", ["", " y más"])
def test_half_a_character_is_named_as_that(taken, half, after):
    row = f'{{"id": "r-2", "instruction": "Saluda.", "output": "Hola {half}{after}"}}'

    for name, data in (
        ("filas.jsonl", f"{json.dumps(ROWS[0])}\n{row}\n"),
        ("filas.json", f"[{json.dumps(ROWS[0])},\n{row}]"),
    ):
        with pytest.raises(Invalid) as problem:
            taken(name, data.encode())
        assert (
            str(problem.value)
            == f"{name}, line 2: a lone surrogate ({half}), half of a character such as an emoji; complete or remove it"
        )


@pytest.mark.parametrize("name", ["filas.jsonl", "filas.json"])
def test_json_nested_without_end_is_refused(taken, name):
    row = json.dumps({**ROWS[0], "extra": 0}).replace(": 0}", ": " + "[" * 100_000 + "]" * 100_000 + "}")
    wanted = row.replace('"output": "', '"output": ' + '{"a":' * 5_000 + '"').replace('Plata."', "")

    with pytest.raises(Problem) as problem:
        taken(name, f"[{wanted}]".encode())

    assert "\n" not in str(problem.value)


# ---- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [".jsonl", ".json", ".parquet"])
def test_whole_numbers_are_ids_as_in_csv(taken, ending):
    rows = [{**row, "id": number} for number, row in enumerate(ROWS)]

    found = taken(f"filas{ending}", as_bytes(rows, ending))

    assert [row["id"] for row in found.rows] == ["0", "1", "2", "3"]
    assert found.rows == taken("filas.csv", as_bytes(rows, ".csv")).rows


@pytest.mark.parametrize("ending", [".jsonl", ".json", ".parquet"])
def test_a_null_answer_is_a_row_that_the_ledger_drops_as_empty(taken, tmp_path, caplog, ending):
    rows = [{**row, "output": None if row["id"] == "receta-2" else row["output"]} for row in ROWS]
    path = write_file(tmp_path / f"filas{ending}", rows)

    version = build(with_source(load_recipe("mix"), str(path), tmp_path), tmp_path).version

    entry = version.ledger().filter(pl.col("id") == "receta-2").to_dicts()[0]
    assert (entry["status"], entry["stage"], entry["rule"]) == ("dropped", "quality", "empty_answer")
    notes = [record.getMessage() for record in caplog.records if record.name.startswith("builders.sources")]
    assert notes == [f"filas{ending}: 1 row has no output (null); kept as empty, which the rule empty_answer drops"]
    assert verify(version, tmp_path).result == "same bytes"


@pytest.mark.parametrize("nothing", [None, "null"])
def test_a_null_instruction_is_empty_and_so_is_what_an_export_wrote_for_it(taken, nothing):
    found = taken("filas.jsonl", as_bytes([*ROWS, {**ROWS[0], "id": "z-1", "instruction": nothing}], ".jsonl"))

    assert found.rows[-1]["instruction"] == ""
    assert found.notes == [
        "filas.jsonl: 1 row has no instruction (null); kept as empty, which the rule empty_instruction drops"
    ]


def test_an_answer_may_say_null(taken):
    assert taken("a.jsonl", as_bytes([{**ROWS[0], "output": "null"}], ".jsonl")).rows[0]["output"] == "null"


@pytest.mark.parametrize(("value", "text"), [(42, "42"), (1.5, "1.5"), (["Azul."], "Azul."), ([], ""), ([None], "")])
def test_a_number_or_a_list_of_one_text_is_text_and_told(taken, value, text):
    found = taken("filas.jsonl", as_bytes([*ROWS, {**ROWS[0], "id": "z-1", "output": value}], ".jsonl"))

    what = (
        "a list of one text as output, read as that text"
        if isinstance(value, list)
        else "a number as output, read as text"
    )
    assert found.rows[-1]["output"] == text
    assert found.notes == [f"filas.jsonl: 1 row has {what}"]


def test_numbers_of_pandas_are_text_too(taken):
    table = pl.DataFrame(ROWS).with_columns(pl.Series("output", [1.0, float("nan"), 2.5, None]))

    assert [row["output"] for row in taken("filas.parquet", as_bytes(table, ".parquet")).rows] == ["1.0", "", "2.5", ""]
