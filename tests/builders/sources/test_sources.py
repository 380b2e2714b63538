import gzip
import hashlib
import json
import random

import polars as pl
import pytest

from builders.errors import Problem
from builders.recipes.model import Columns, FileSource, Recipe, VersionSource
from builders.sources.file import read_file
from builders.sources.order import in_natural_order
from builders.sources.reading import read_source, with_source
from builders.versions.registry import build
from tests.builders.files import ROWS, as_bytes, write_file

ENDINGS = [".json", ".jsonl", ".ndjson", ".csv", ".json.gz", ".jsonl.gz", ".ndjson.gz", ".csv.gz", ".parquet"]
UNIQUE = "ids must be unique: make them from content with --set source.columns.id=null, or --set source.duplicates=keep_first"
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452")
PLAIN = ("repair", "language", "quality", "dedup")  # the stages that drop or change rows


def read(path, **columns):
    """The rows of a file as dictionaries."""
    table = read_file(path, FileSource(columns=Columns(**columns))).rows
    return table.select("id", "instruction", "input", "output").to_dicts()


def changed(place, **fields):
    """ROWS with some fields of one row changed; a field that is `...` is left out."""
    rows = [dict(row) for row in ROWS]
    rows[place] = {key: value for key, value in {**rows[place], **fields}.items() if value is not ...}
    return rows


# ---- what can be read ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_kind_of_file_gives_the_same_rows(tmp_path, ending):
    assert read(write_file(tmp_path / f"filas{ending}")) == ROWS


def test_endings_are_read_in_capitals_too(tmp_path):
    path = tmp_path / "FILAS.JSONL.GZ"
    path.write_bytes(as_bytes(ROWS, ".jsonl.gz"))

    assert read(path) == ROWS


@pytest.mark.parametrize("ending", [".json", ".jsonl"])
def test_an_array_and_lines_are_told_apart_by_content(tmp_path, ending):
    other = {".json": ".jsonl", ".jsonl": ".json"}[ending]
    path = tmp_path / f"filas{ending}"
    path.write_bytes(as_bytes(ROWS, other))

    assert read(path) == ROWS


@pytest.mark.parametrize("ending", [".json", ".jsonl", ".csv"])
def test_a_byte_order_mark_is_no_text(tmp_path, ending):
    path = tmp_path / f"filas{ending}"
    path.write_bytes(b"\xef\xbb\xbf" + as_bytes(ROWS, ending))

    assert read(path) == ROWS


def test_blank_lines_and_windows_line_ends_are_no_rows(tmp_path):
    lines, table = tmp_path / "filas.jsonl", tmp_path / "filas.csv"
    lines.write_bytes(as_bytes(ROWS, ".jsonl").replace(b"\n", b"\r\n\r\n"))
    table.write_bytes(as_bytes(ROWS, ".csv").replace(b"\n", b"\r\n\r\n"))

    assert read(lines) == read(table) == ROWS


def test_csv_cells_may_hold_commas_quotes_and_line_breaks(tmp_path):
    rows = changed(1, input='Dijo: "vuelvo el lunes, o el martes".\nY no volvió.')

    assert read(write_file(tmp_path / "filas.csv", rows)) == rows


@pytest.mark.parametrize("ending", [".json", ".jsonl", ".parquet", ".csv"])
def test_fields_that_are_not_ours_are_ignored(tmp_path, ending):
    rows = [{**row, "idioma": "es", "nota": "a"} for row in ROWS]

    assert read(write_file(tmp_path / f"filas{ending}", rows)) == ROWS


@pytest.mark.parametrize("ending", [".json", ".jsonl", ".parquet"])
@pytest.mark.parametrize("absent", [None, ...], ids=["null", "missing"])
def test_an_input_that_is_null_or_missing_is_empty(tmp_path, ending, absent):
    rows = [{key: value for key, value in {**row, "input": absent}.items() if value is not ...} for row in ROWS]

    assert [row["input"] for row in read(write_file(tmp_path / f"filas{ending}", rows))] == [""] * len(ROWS)


def test_one_null_input_among_others_is_empty(tmp_path):
    rows = changed(1, input=None)

    for ending in (".json", ".jsonl", ".parquet"):
        assert read(write_file(tmp_path / f"filas{ending}", rows)) == changed(1, input="")


@pytest.mark.parametrize("ending", [".json", ".jsonl", ".parquet", ".csv"])
def test_columns_are_mapped_to_fields(tmp_path, ending):
    names = {"id": "clave", "instruction": "pregunta", "input": "contexto", "output": "respuesta"}
    rows = [{names[key]: value for key, value in row.items()} for row in ROWS]

    assert read(write_file(tmp_path / f"filas{ending}", rows), **names) == ROWS


@pytest.mark.parametrize("ending", [".json", ".jsonl", ".parquet", ".csv"])
def test_an_input_mapped_to_nothing_is_empty(tmp_path, ending):
    rows = read(write_file(tmp_path / f"filas{ending}"), input=None)

    assert [row["input"] for row in rows] == [""] * len(ROWS)


def test_the_pin_is_the_name_and_the_hash_of_the_file(tmp_path):
    path = write_file(tmp_path / "filas.jsonl")

    pin = read_file(path, FileSource(path=str(path))).pin

    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert pin.model_dump() == {
        "kind": "file",
        "name": "filas.jsonl",
        "sha256": sha256,
        "columns": Columns().model_dump(),
    }


# ---- ids and order ---------------------------------------------------------------------------------------------------


def ordered(*ids):
    """These ids in natural order."""
    rows = pl.DataFrame({"id": ids, "instruction": "a", "input": "", "output": "b"})
    return in_natural_order(rows, "filas").get_column("id").to_list()


def test_numbers_in_ids_are_in_the_order_of_numbers():
    assert ordered("a-10", "b-1", "a-9", "a-2") == ["a-2", "a-9", "a-10", "b-1"]
    assert ordered("a-10-z", "a-9-z", "a-9-b") == ["a-9-b", "a-9-z", "a-10-z"]
    assert ordered("10", "9", "x") == ["9", "10", "x"]


def test_numbers_longer_than_any_integer_are_in_order_too():
    assert ordered("a-" + "9" * 30, "a-1" + "0" * 30, "a-2") == ["a-2", "a-" + "9" * 30, "a-1" + "0" * 30]


def test_digits_of_other_scripts_are_letters():
    assert ordered("a-٣", "a-2") == ["a-2", "a-٣"]


def test_two_ids_keep_their_order_whatever_others_there_are():
    assert ordered("a5", "a-3") == ["a5", "a-3"]
    assert [one for one in ordered("a5", "a-3", "x9y") if one != "x9y"] == ["a5", "a-3"]


def test_ids_that_differ_by_leading_zeros_are_two_ids():
    assert ordered("a-1", "a-01", "a-2") == ["a-01", "a-1", "a-2"]


def test_rows_say_where_they_stood_in_the_source(tmp_path):
    table = read_file(write_file(tmp_path / "filas.jsonl", ROWS[::-1]), FileSource()).rows

    assert table.select("row", "position", "id").rows() == [
        (0, 3, "receta-1"),
        (1, 2, "receta-2"),
        (2, 1, "receta-10"),
        (3, 0, "receta-11"),
    ]


def test_without_ids_a_row_is_named_by_its_content(tmp_path):
    rows = [{key: row[key] for key in ("instruction", "input", "output")} for row in [*ROWS, ROWS[0]]]

    first = read(write_file(tmp_path / "filas.jsonl", rows), id=None)

    assert len({row["id"] for row in first}) == 5
    copies = [row["id"] for row in first if row["instruction"] == ROWS[0]["instruction"]]
    assert copies == [copies[0], f"{copies[0]}-2"] and len(copies[0]) == 16


@pytest.mark.parametrize("seed", range(5))
def test_ids_from_content_do_not_depend_on_the_order_of_rows(tmp_path, seed):
    rows = [{key: row[key] for key in ("instruction", "input", "output")} for row in [*ROWS, ROWS[0]]]
    shuffled = random.Random(seed).sample(rows, len(rows))

    first = read(write_file(tmp_path / "filas.jsonl", rows), id=None)

    assert read(write_file(tmp_path / "otras.jsonl", shuffled), id=None) == first
    assert read(write_file(tmp_path / "filas.parquet", shuffled), id=None) == first


# ---- another version as the source -----------------------------------------------------------------------------------


@pytest.fixture
def plain(tmp_path):
    """A recipe that keeps every row as it is."""
    off = {stage: {"enabled": False} for stage in PLAIN}
    return Recipe.model_validate({"name": "plano", "split": {"validation": 0.0}, **off})


@pytest.fixture
def version(plain, tmp_path):
    """Version 1.0.0 of ROWS under the registry `tmp_path`."""
    write_file(tmp_path / "filas.jsonl")
    return build(with_source(plain, str(tmp_path / "filas.jsonl"), tmp_path), tmp_path).version


@pytest.mark.parametrize("by", ["folder", "name"])
def test_another_version_is_a_source_recorded_by_content(plain, version, tmp_path, by):
    reference = {"folder": str(version.path), "name": "plano@1.0.0"}[by]

    source = read_source(with_source(plain, reference, tmp_path), tmp_path)

    assert source.rows.select("id", "instruction", "input", "output").to_dicts() == ROWS
    assert source.pin == VersionSource(name="plano", version="1.0.0", content_sha256=version.content_sha256)


def test_a_recipe_may_name_the_version_itself(plain, version, tmp_path):
    source = VersionSource(name="plano", version="1.0.0")

    assert read_source(plain.model_copy(update={"source": source}), tmp_path).rows.height == len(ROWS)


def test_a_version_with_other_content_than_the_pin_is_refused(plain, version, tmp_path):
    source = VersionSource(name="plano", version="1.0.0", content_sha256="0" * 64)

    with pytest.raises(Problem) as problem:
        read_source(plain.model_copy(update={"source": source}), tmp_path)

    assert str(problem.value) == (
        f"plano@1.0.0: another content than the recipe pins ({version.content_sha256[:12]}…, expected 000000000000…); "
        "use the pinned version"
    )


WRONG_REFERENCES = {
    "plano@1.0.1": "plano@1.0.1: no such version in {registry}; versions of plano: 1.0.0",
    "plano@latest": "plano@latest: not a version number after the @; versions of plano in {registry}: 1.0.0",
    "nada": "--from nada: no such file, and not a version; give a file, a folder of files, a version folder, NAME@X.Y.Z or OWNER/NAME@vX.Y.Z",
    "filas/nada.jsonl": "--from filas/nada.jsonl: no such file, and not a version; give a file, a folder of files, a version folder, NAME@X.Y.Z or OWNER/NAME@vX.Y.Z",
    "nada.jsonl": "--from nada.jsonl: no such file, and not a version; give a file, a folder of files, a version folder, NAME@X.Y.Z or OWNER/NAME@vX.Y.Z",
}


@pytest.mark.parametrize("reference", WRONG_REFERENCES)
def test_a_version_that_is_not_there_is_refused(plain, version, tmp_path, reference):
    with pytest.raises(Problem) as problem:
        with_source(plain, reference, tmp_path)

    assert str(problem.value) == WRONG_REFERENCES[reference].format(registry=tmp_path)


def test_a_folder_that_is_no_version_is_refused(refused, tmp_path):
    (tmp_path / "carpeta").mkdir()

    line = refused("--from", tmp_path / "carpeta")

    assert line == f"{tmp_path / 'carpeta'}: not a version (it has no manifest.json)"


def test_a_source_that_says_neither_file_nor_version_asks_for_one(refused):
    assert refused() == "the source is a file and nothing says where it is; give it with --from FILE"
    assert refused("--set", "source={kind: version}") == (
        "the source is a version and nothing says which; give it with --from NAME@X.Y.Z, or source.ref"
    )


# ---- pins ------------------------------------------------------------------------------------------------------------


def test_a_file_with_another_hash_than_the_pin_is_refused(refused, tmp_path):
    path = write_file(tmp_path / "filas.jsonl")
    found = hashlib.sha256(path.read_bytes()).hexdigest()

    line = refused("--set", f"source.path={path}", "--set", f"source.sha256='{'0' * 64}'")

    assert line == (
        f"{path}: another source than the recipe pins (sha256 {found[:12]}…, expected 000000000000…); "
        "use the pinned file, or remove source.sha256 to build from this one"
    )


def test_demo_rows_with_another_hash_than_the_pin_are_refused(refused):
    line = refused("--set", f"source.sha256='{'0' * 64}'", recipe="demo")

    assert line.startswith("the embedded demo rows: another source than the recipe pins")


def test_a_file_that_has_the_pinned_hash_is_read(tmp_path):
    path = write_file(tmp_path / "filas.jsonl")
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()

    assert read_file(path, FileSource(name="otro nombre", sha256=sha256)).pin.name == "otro nombre"


def test_without_the_hub_and_without_a_cached_copy_the_error_says_so(process):
    child = process("build", "es-50k")  # the fixture's environment is offline, its cache empty

    assert child.communicate() == (
        "",
        "error: MBZUAI/Bactrian-X@3698480a001c: data/es.json.gz is not in the Hub cache and the Hub cannot be reached; "
        "connect, or use --from FILE\n",
    )
    assert child.returncode == 1


def test_a_name_that_no_hub_repository_can_have_is_refused(refused):
    line = refused("--set", "source.repo=a/-b", recipe="es-full")

    assert line == "recipe es-full: source.repo: must be OWNER/NAME, not 'a/-b'"


# ---- files that are not what they should be --------------------------------------------------------------------------


@pytest.fixture
def refused_file(refused, tmp_path):
    """Build from a file with these bytes, which must be refused: its error line."""

    def run(name, data):
        path = tmp_path / name
        path.write_bytes(data)
        return refused("--from", path)

    return run


@pytest.mark.parametrize("ending", [".jsonl.gz", ".json.gz", ".csv.gz"])
def test_a_truncated_gzip_file_is_refused(refused_file, ending):
    data = as_bytes(ROWS, ending)

    for length in (5, len(data) // 2, len(data) - 1):
        line = refused_file(f"filas{ending}", data[:length])
        assert line == f"filas{ending}: the gzip stream is cut off; fetch the file again"


def test_a_corrupt_gzip_file_is_refused(refused_file):
    data = bytearray(as_bytes(ROWS, ".jsonl.gz"))
    data[-6] ^= 0xFF  # in the checksum

    line = refused_file("filas.jsonl.gz", bytes(data))

    assert line.startswith("filas.jsonl.gz: not a sound gzip file (CRC check failed")
    assert line.endswith("fetch the file again")


def test_a_file_named_gz_that_is_not_gzip_is_refused(refused_file):
    line = refused_file("filas.jsonl.gz", as_bytes(ROWS, ".jsonl"))

    assert line.startswith("filas.jsonl.gz: not a sound gzip file (Not a gzipped file")


def test_a_packed_file_whose_name_does_not_say_so_is_named(refused_file):
    line = refused_file("filas.jsonl", as_bytes(ROWS, ".jsonl.gz"))

    assert line == "filas.jsonl: is packed by gzip, and its name does not say so; rename it to filas.jsonl.gz"


INVALID = as_bytes(changed(1, output="Aquí está la sílaba"), ".jsonl").replace("sílaba".encode(), b"s\xedlaba")


def test_invalid_utf_8_in_lines_is_refused_with_its_line(refused_file):
    offset = INVALID.split(b"\n")[1].index(b"\xed")

    assert refused_file("filas.jsonl", INVALID) == (
        f"filas.jsonl, line 2: invalid UTF-8 (byte 0xed at offset {offset}); save the file as UTF-8"
    )


def test_invalid_utf_8_in_a_field_that_is_not_used_is_refused_too(refused_file):
    data = as_bytes([{**row, "nota": "año"} for row in ROWS], ".jsonl").replace("año".encode(), b"a\xf1o")

    assert refused_file("filas.jsonl", data).startswith("filas.jsonl, line 1: invalid UTF-8 (byte 0xf1 ")


def test_invalid_utf_8_in_an_array_is_refused_with_its_line(refused_file):
    data = as_bytes(ROWS, ".json").replace("murciélago".encode(), b"murci\xe9lago")
    line_number = data[: data.index(b"\xe9lago")].count(b"\n") + 1

    line = refused_file("filas.json", data)

    assert line.startswith(f"filas.json, line {line_number}: invalid UTF-8 (byte 0xe9 ")
    assert line.endswith("save the file as UTF-8")


def test_invalid_utf_8_in_csv_is_refused_with_its_line(refused_file):
    data = as_bytes(ROWS, ".csv").replace("murciélago".encode(), b"murci\xe9lago")

    line = refused_file("filas.csv", data)

    assert line.startswith("filas.csv, line 5: invalid UTF-8 (byte 0xe9 ")


def test_invalid_utf_8_in_parquet_is_refused(refused_file):
    data = as_bytes(pl.DataFrame(ROWS), ".parquet", compression="uncompressed")

    line = refused_file("filas.parquet", data.replace("murciélago".encode(), b"murci\xe9\x20lago"))

    assert line.startswith("filas.parquet: not a sound Parquet file (")
    assert "Invalid UTF8" in line and line.endswith("; fetch the file again")


def test_json_lines_cut_off_are_refused_with_their_line(refused_file):
    data = as_bytes(ROWS, ".jsonl")

    assert refused_file("filas.jsonl", data[:-20]) == (
        "filas.jsonl, line 4: the JSON is cut off here; fetch the file again"
    )


def test_a_json_array_cut_off_is_refused_with_its_line(refused_file):
    data = as_bytes(ROWS, ".json")
    cut = data[: data.index(b"Montevideo")]

    assert refused_file("filas.json", cut) == (
        f"filas.json, line {cut.count(bytes([10])) + 1}: the JSON is cut off here; fetch the file again"
    )


def test_a_json_array_without_its_end_is_refused(refused_file):
    data = as_bytes(ROWS, ".json").rstrip().removesuffix(b"]")

    assert refused_file("filas.json", data).endswith("the JSON is cut off here; fetch the file again")


def test_text_that_is_not_json_is_refused_with_its_line(refused_file):
    line = refused_file("filas.jsonl", as_bytes(ROWS, ".jsonl") + "Y nada más.\n".encode())

    assert line == ("filas.jsonl, line 5: not JSON (invalid character (byte 0)); correct it, or fetch the file again")


def test_text_after_the_array_is_refused(refused_file):
    line = refused_file("filas.json", as_bytes(ROWS, ".json") + b"\nfin")

    assert "filas.json, line " in line and "trailing characters" in line


def test_half_a_character_in_json_is_refused(refused_file):
    line = refused_file("filas.jsonl", b'{"id": "a-1", "instruction": "\\ud83d", "output": "x"}\n')

    assert line == (
        "filas.jsonl, line 1: a lone surrogate (\\ud83d), half of a character such as an emoji; complete or remove it"
    )


@pytest.mark.parametrize("field", ["id", "instruction", "output"])
def test_a_missing_field_is_refused(refused_file, field):
    reason = f"field {field!r} is missing; map it with source.columns if it has another name"
    rows = changed(2, **{field: ...})

    assert refused_file("filas.jsonl", as_bytes(rows, ".jsonl")) == f"filas.jsonl, line 3: {reason}"
    assert refused_file("filas.json", as_bytes(rows, ".json")) == f"filas.json, item 3: {reason}"


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_missing_column_is_refused_and_the_columns_are_named(refused_file, ending):
    rows = [{"id": row["id"], "instruction": row["instruction"], "nota": row["output"]} for row in ROWS]

    assert refused_file(f"filas{ending}", as_bytes(rows, ending)) == (
        f"filas{ending}: column 'output' is missing (it has id, instruction, nota); "
        "map it with source.columns if it has another name"
    )


WAYS = {
    "a bool": (
        "instruction",
        True,
        "must be text, not bool; correct it, or map another column with source.columns.instruction",
    ),
    "a list": (
        *("output", ["a", "b"]),
        "must be text, not array of 2; correct it, or read its first with --set source.columns.output=output.0",
    ),
    "an object": (
        *("input", {"n": 1, "texto": "b"}),
        "must be text, not object; name the field in it that is meant, such as --set source.columns.input=input.texto",
    ),
}


@pytest.mark.parametrize("case", WAYS)
def test_a_value_that_is_no_text_is_refused_with_a_way_out(refused_file, case):
    field, value, reason = WAYS[case]
    rows = changed(3, **{field: value})

    assert refused_file("filas.jsonl", as_bytes(rows, ".jsonl")) == f"filas.jsonl, line 4: field {field!r} {reason}"
    assert refused_file("filas.json", as_bytes(rows, ".json")) == f"filas.json, item 4: field {field!r} {reason}"


@pytest.mark.parametrize(("value", "kind"), [(True, "bool"), (1.5, "float"), (["a"], "array"), ({"a": 1}, "object")])
def test_an_id_that_is_no_text_and_no_whole_number_is_refused_with_a_way_out(refused_file, value, kind):
    assert refused_file("filas.jsonl", as_bytes(changed(3, id=value), ".jsonl")) == (
        f"filas.jsonl, line 4: the id (field 'id') must be a string or a whole number, not {kind}; "
        "correct it, or make ids from the rows' content with --set source.columns.id=null"
    )


@pytest.mark.parametrize("value", ["texto", 3, ["a"], None])
def test_a_line_that_is_no_object_is_refused(refused_file, value):
    line = refused_file("filas.jsonl", as_bytes([*ROWS, value], ".jsonl"))

    assert line.startswith(
        "filas.jsonl, line 5: the row must be an object with the fields id, instruction, input, output"
    )


@pytest.mark.parametrize(("ending", "place"), [(".jsonl", "line 2"), (".json", "item 2"), (".parquet", "row 2")])
def test_a_null_id_among_others_is_refused_with_a_way_out(refused_file, ending, place):
    assert refused_file(f"filas{ending}", as_bytes(changed(1, id=None), ending)) == (
        f"filas{ending}, {place}: the id (field 'id') is null; "
        "give every row one, or make ids from the rows' content with --set source.columns.id=null"
    )


@pytest.mark.parametrize("ending", [".json", ".jsonl", ".csv", ".parquet"])
def test_a_duplicate_id_is_refused_with_both_rows_and_both_ways_out(refused_file, ending):
    line = refused_file(f"filas{ending}", as_bytes(changed(3, id="receta-2"), ending))

    assert line == f"filas{ending}, rows 2 and 4: both have the id 'receta-2'; {UNIQUE}"


@pytest.mark.parametrize("ending", [".json", ".jsonl", ".csv", ".parquet"])
def test_an_empty_id_is_refused_with_its_row(refused_file, ending):
    line = refused_file(f"filas{ending}", as_bytes(changed(2, id=""), ending))

    assert line == f"filas{ending}, row 3: the id is empty; every row needs one of its own"


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_empty_file_is_refused(refused_file, ending):
    assert refused_file(f"filas{ending}", b"") == (
        f"filas{ending}: the file is empty; expected rows with id, instruction, input, output"
    )


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("filas.json", b" []\n"),
        ("filas.jsonl", b"\n\n"),
        ("filas.jsonl.gz", gzip.compress(b"", mtime=0)),
        ("filas.csv.gz", gzip.compress(b"", mtime=0)),
        ("filas.csv", b"id,instruction,input,output\n"),
        ("filas.parquet", as_bytes(pl.DataFrame(ROWS).clear(), ".parquet")),
    ],
)
def test_a_file_without_rows_is_refused(refused_file, name, data):
    assert refused_file(name, data) == f"{name}: holds no rows; expected rows with id, instruction, input, output"


def test_a_picture_named_as_rows_is_refused(refused_file):
    assert refused_file("filas.jsonl", PNG) == (
        "filas.jsonl, line 1: invalid UTF-8 (byte 0x89 at offset 0); save the file as UTF-8"
    )
    assert refused_file("filas.csv", PNG).startswith("filas.csv, line 1: invalid UTF-8 (byte 0x89 ")
    assert refused_file("filas.parquet", PNG).startswith("filas.parquet: not a sound Parquet file (")


@pytest.mark.parametrize("name", ["filas.txt", "filas", "filas.gz", "filas.parquet.gz", "jsonl", "filas.parquet.zst"])
def test_a_file_that_is_no_data_by_its_name_is_refused(refused_file, name):
    assert refused_file(name, as_bytes(ROWS, ".jsonl")) == (
        f"{name}: not a data file by its name; expected .json, .jsonl, .ndjson, .csv or .tsv (each also .gz or .zst), .parquet, or .zip with one of them"
    )


def test_a_truncated_parquet_file_is_refused(refused_file):
    data = as_bytes(ROWS, ".parquet")

    for length in (6, len(data) // 2, len(data) - 1):
        line = refused_file("filas.parquet", data[:length])
        assert line.startswith("filas.parquet: not a sound Parquet file (")
        assert line.endswith("; fetch the file again")


def test_a_parquet_file_with_any_byte_changed_is_read_or_refused_but_never_panics(tmp_path):
    data = as_bytes(ROWS, ".parquet")
    path = tmp_path / "filas.parquet"
    reasons = set()

    for place in range(0, len(data), 7):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])
        try:
            read(path)
        except Problem as problem:
            reasons.add(str(problem).split(" (")[0])

    assert "filas.parquet: not a sound Parquet file" in reasons


@pytest.mark.parametrize(("value", "kind"), [(["a", "b"], "array of 2"), (b"a", "bytes"), (True, "bool")])
def test_a_parquet_column_of_another_type_is_refused(refused_file, value, kind):
    table = pl.DataFrame(ROWS).with_columns(pl.Series("output", [value] * 4))

    line = refused_file("filas.parquet", as_bytes(table, ".parquet"))

    assert line.startswith(f"filas.parquet, row 1: field 'output' must be text, not {kind}; correct it, or ")


RAGGED = {
    "too few cells": (b"a-2,Di algo.,Hola.\n", "line 3: 3 cells where the header has 4"),
    "too many cells": (b"a-2,Di algo.,,Hola, y adi\xc3\xb3s.\n", "line 3: 5 cells where the header has 4"),
    "an open quote": (b'a-2,Di algo.,,"Hola.\na-3,Di,,Ya\n', "line 3: not sound CSV from here on"),
    "text after a quote": (b'a-2,"Di" algo.,,Hola.\n', "line 3: not sound CSV from here on"),
}


@pytest.mark.parametrize("case", RAGGED)
def test_ragged_csv_is_refused_with_its_line(refused_file, case):
    row, reason = RAGGED[case]

    line = refused_file("filas.csv", b"id,instruction,input,output\na-1,Di algo.,,Hola.\n" + row)

    assert line.startswith(f"filas.csv, {reason}") and "quote" in line.split("; ")[-1]


def test_the_line_of_a_ragged_row_counts_line_breaks_in_cells(refused_file):
    line = refused_file("filas.csv", b'id,instruction,input,output\na-1,"Di\nalgo.",,Hola.\na-2,x\n')

    assert line.startswith("filas.csv, line 4: 2 cells where the header has 4")


def test_two_csv_columns_of_one_name_are_refused(refused_file):
    line = refused_file("filas.csv", b"id,instruction,output,output\na-1,Di algo.,Hola.,Adios.\n")

    assert line == "filas.csv: two columns are called 'output'; rename one of the two"


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(Problem) as problem:
        read_file(tmp_path / "filas.jsonl", FileSource())

    assert str(problem.value) == f"{tmp_path / 'filas.jsonl'}: no such file; check the path"


def test_a_folder_without_files_in_place_of_a_file_is_refused(refused, tmp_path):
    (tmp_path / "filas.jsonl").mkdir()

    line = refused("--set", f"source.path={tmp_path / 'filas.jsonl'}")

    assert line == (
        f"{tmp_path / 'filas.jsonl'}: a folder without data files (and no version: it has no manifest.json); "
        "give a file, a folder of shards, or a pattern such as 'train-*.parquet'"
    )


# ---- too little left -------------------------------------------------------------------------------------------------

ENGLISH = [
    {
        "id": f"english-{number}",
        "instruction": "Explain in two sentences why the sky looks blue during the day.",
        "input": "",
        "output": f"Sunlight is scattered by the air, and blue light is scattered the most. This is answer {number}.",
    }
    for number in range(3)
]


def test_a_build_that_leaves_no_row_is_refused_and_says_where_they_went(refused, tmp_path):
    line = refused("--from", write_file(tmp_path / "filas.jsonl", ENGLISH))

    assert line == "no row is left of 3 (dropped by language 3); loosen the recipe or check the source"


def test_a_sample_larger_than_what_is_left_is_refused(refused, tmp_path):
    path = write_file(tmp_path / "filas.jsonl", [*ROWS, *ENGLISH])

    line = refused("--from", path, "--set", "sample.rows=5", "--set", "split.validation=0")

    assert line == (
        "sample.rows asks for 5 rows but only 4 are left after the filters; "
        "lower sample.rows, or take all that is left with --set sample.shortfall=all"
    )


def test_a_sample_larger_than_what_is_left_takes_all_if_the_recipe_says_so(aguila, tmp_path):
    path = write_file(tmp_path / "filas.jsonl", [*ROWS, *ENGLISH])
    settings = ("sample.rows=5", "sample.shortfall=all", "split.validation=0")

    words = [word for setting in settings for word in ("--set", setting)]
    outcome = aguila("build", "mix", "--from", path, *words, "--out", tmp_path / "out", "--json")

    result = json.loads(outcome.out)
    assert (outcome.code, result["source_rows"], result["kept"], result["dropped"]) == (0, 7, 4, 3)
