"""What a source may hold: keys once, rows of a bounded size, and not a thousand times what it takes packed."""

import gzip
import io
import json
import zipfile

import polars as pl
import pyarrow as pa
import pytest

from builders.errors import Invalid
from builders.labels.file import read_labels
from builders.recipes.model import EvaluationSet, FileSource, ParallelFile
from builders.recipes.preferences import PairColumns, PairsFile
from builders.sources.evaluation_sets import read_set
from builders.sources.file import read_file
from builders.sources.formats import packing
from builders.sources.formats.json_keys import first_repeated
from builders.sources.formats.long_lines import require_short_lines
from builders.sources.parallel import with_parallel
from builders.sources.preferences import read_pairs_file

ROW = {"id": "a-1", "instruction": "Di «id».", "input": '"id": "x", \\u0069d', "output": "id"}
# Blanks after a row, more than any file may hold for nothing.
SPACES = json.dumps(ROW).encode() + b"\n" + b" " * (3 << 20) + b"\n"


def read(tmp_path, name, data, **source):
    (tmp_path / name).write_bytes(data)
    return read_file(tmp_path / name, FileSource(path=str(tmp_path / name), **source)).rows


@pytest.mark.parametrize(
    ("row", "key"),
    [
        ('{"id": "b", "output": "x", "instruction": "y", "output": "z"}', "output"),
        ('{"id": "b", "output": "x", "instruction": "y", "\\u006futput": "z"}', "output"),
        ('{"id":"b","id" :"c","output":"x","instruction":"y"}', "id"),
    ],
)
@pytest.mark.parametrize("form", ["lines", "array", "object"])
def test_a_key_that_is_there_twice_is_named_with_its_row(tmp_path, row, key, form):
    sound = json.dumps(ROW)
    data = {"lines": f"{sound}\n\n{row}\n", "array": f"[{sound}, {row}]", "object": f'{{"rows": [{sound}, {row}]}}'}
    place = {"lines": "line 3", "array": "item 2", "object": "the object"}[form]
    name = {"lines": "filas.jsonl", "array": "filas.json", "object": "filas.json"}[form]
    with pytest.raises(Invalid, match=f"{place}: the key '{key}' is there twice; keep one of the two"):
        read(tmp_path, name, data[form].encode())


def test_a_row_that_lacks_a_key_does_not_make_up_for_one_that_has_it_twice(tmp_path):
    without_input = '{"id": "a", "instruction": "x", "output": "y"}'
    twice = '{"id": "b", "instruction": "x", "input": "1", "output": "y", "input": "2"}'
    with pytest.raises(Invalid, match="line 2: the key 'input' is there twice"):
        read(tmp_path, "filas.jsonl", f"{without_input}\n{twice}\n".encode())


def test_a_key_that_is_there_twice_on_two_lines_of_one_item_is_named(tmp_path):
    data = '[{"id": "a", "instruction": "x",\n "output": "y"},\n {"id": "b",\n "instruction": "x", "output": "1",\n "output": "2"}]'
    with pytest.raises(Invalid, match="item 2: the key 'output' is there twice"):
        read(tmp_path, "filas.json", data.encode())


def test_what_only_looks_like_a_key_is_none():
    rows = [json.dumps(ROW), json.dumps(ROW | {"meta": {"id": 1}}), json.dumps({"año": 1, "id": '":'})]
    assert first_repeated(pl.Series(rows), ["id", "instruction", "meta.id"]) is None


def test_a_row_that_is_a_file_in_the_wrong_place_is_refused_with_the_key_that_admits_it(tmp_path):
    pl.DataFrame([ROW | {"output": "ñ" * 100}]).write_parquet(tmp_path / "filas.parquet")
    data = (tmp_path / "filas.parquet").read_bytes()
    assert read(tmp_path, "filas.parquet", data).height == 1
    with pytest.raises(
        Invalid, match=r"row 1: its texts take 2\d\d bytes, and a row may take 200; .* raise source.max_row_bytes"
    ):
        read(tmp_path, "filas.parquet", data, max_row_bytes=200)


SHORT = json.dumps({"id": "a", "instruction": "x", "output": "y"})
LONG = json.dumps({"id": "b", "instruction": "x", "output": "y", "nadie la lee": "z" * 300})
WORDS = "z" * 300
LONG_LINES = {
    "filas.jsonl": (f"{SHORT}\n\n{LONG}\n{SHORT}\n", "line 3", len(LONG)),
    "una.jsonl": (LONG, "line 1", len(LONG)),
    "espacios.jsonl": (SHORT + "\n" + " " * 300, "line 2", 300),
    "lista.json": (f"[{SHORT}, {LONG}]", "item 2", len(LONG)),
    "objeto.json": (f'{{"rows": [{SHORT}, {LONG}]}}', "line 1", len(SHORT + LONG) + 14),
    "turnos.json": ('{"messages": [' + '{"role": "user", "content": "x"}, ' * 10 + "{}]}", "line 1", 358),
    "números.json": ('{"vector": [' + "1, " * 100 + "1]}", "line 1", 315),
    "vacía.json": ('{"rows": [' + " " * 300 + "]}", "line 1", 312),
    "mezcla.json": ('{"rows": [{"id": "a"}, ' + "1, " * 100 + "1]}", "line 1", 326),
    "filas.csv": (f"id,instruction,output\na,b,c\nb,x,{WORDS}\n", "line 3", 304),
    "manzana.csv": (f"id,instruction,output\ra,b,c\rb,x,{WORDS}\r", "line 3", 304),
    "celda.csv": (f'id,instruction,output\na,b,c\nb,x,"{WORDS[:99]}\n{WORDS[:150]}"\n', "line 3: a cell", None),
}


@pytest.mark.parametrize("name", LONG_LINES)
@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_a_line_that_is_longer_than_a_row_may_be_is_named_with_its_size_and_the_key(tmp_path, name, ending):
    text, place, size = LONG_LINES[name]
    data = packed(ending, text.encode()) if ending else text.encode()
    takes = f"{size}" if size and not ending else rf"(?:{size}|more than 200)"  # what is packed is not read to its end
    with pytest.raises(
        Invalid, match=rf"{place}:? takes {takes} bytes, and a row may take 200; .* raise source.max_row_bytes"
    ):
        read(tmp_path, name + ending, data, max_row_bytes=200)


@pytest.mark.parametrize("name", ["filas.jsonl", "filas.json", "filas.jsonl.gz"])
@pytest.mark.parametrize("form", ['{"rows": [%s]}', '{"a": %s, "b": %s}', "[%s]", "%s"])
def test_one_line_that_holds_many_short_rows_is_as_long_as_it_likes(tmp_path, name, form):
    rows = [json.dumps({"id": f"a{number}", "instruction": "x", "output": "y"}) for number in range(20)]
    text = form % tuple(rows[:2]) if form.count("%s") == 2 else form % ("\n" if form == "%s" else ", ").join(rows)
    data = packed(".gz", text.encode()) if name.endswith(".gz") else text.encode()
    assert read(tmp_path, name, data, max_row_bytes=60).height in (2, 20)


def test_a_long_line_is_not_unpacked_to_its_end(monkeypatch):
    """Of 4 MB of spaces only a few pieces are taken."""
    monkeypatch.setattr(packing, "CHUNK", 1000)
    taken = []
    monkeypatch.setattr(packing.Room, "take", lambda room, piece: taken.append(len(piece)) or piece)
    data = gzip.compress(b" " * 4_000_000)
    with pytest.raises(Invalid, match="line 1: takes more than 5,000 bytes"):
        next(packing.unpacked_lines(data, "filas.jsonl.gz", ".gz", longest=5000))
    assert sum(taken) < 20_000


def test_lines_are_counted_as_what_ends_them():
    require_short_lines(b"ab\ncd\nef", "filas", 2)
    require_short_lines(b"", "filas", 1)
    for data, line in ((b"abc\nd", 1), (b"a\nbcd", 2), (b"a\n\nbcd\n", 3), (b"a\rb\rcde\r", 3), (b"a\r\nbcd\r\n", 2)):
        with pytest.raises(Invalid, match=f"filas, line {line}: takes 3 bytes"):
            require_short_lines(data, "filas", 2, ends=(b"\n", b"\r"))


def test_a_file_whose_limits_no_recipe_lifts_names_no_key(tmp_path, monkeypatch):
    monkeypatch.setattr("builders.sources.formats.packing.ALWAYS", 1000)
    (tmp_path / "etiquetas.jsonl.gz").write_bytes(gzip.compress(b" " * 200_000))
    (tmp_path / "sabidas.jsonl.gz").write_bytes(gzip.compress(b" " * 200_000))
    with pytest.raises(Invalid, match=r"holds more than 100 times .*; take out what is so long") as labels:
        read_labels(tmp_path / "etiquetas.jsonl.gz")
    with pytest.raises(Invalid, match=r"holds more than 100 times .*; take out what is so long") as texts:
        read_set(EvaluationSet(name="sabidas", path="x"), tmp_path / "sabidas.jsonl.gz")
    assert labels.value.key == texts.value.key == ""


def test_pairs_have_the_same_limits(tmp_path):
    pair = {"prompt": "x", "chosen": "y" * 150, "rejected": "z" * 150}
    (tmp_path / "pares.jsonl").write_text(json.dumps(pair))
    pl.DataFrame([pair]).write_parquet(tmp_path / "pares.parquet")
    for name, said in (("pares.jsonl", "line 1: takes 3"), ("pares.parquet", "row 1: its texts take 301 bytes")):
        with pytest.raises(Invalid, match=said + r".* raise source\.max_row_bytes"):
            read_pairs_file(tmp_path / name, PairsFile(max_row_bytes=200))
        assert read_pairs_file(tmp_path / name, PairsFile()).rows.height == 1


def packed(ending, data):
    if ending == ".gz":
        return gzip.compress(data)
    if ending == ".zst":
        return pa.compress(data, "zstd", asbytes=True)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("filas.jsonl", data)
    return archive.getvalue()


@pytest.mark.parametrize("name", ["filas.jsonl.gz", "filas.jsonl.zst", "filas.zip", "filas.csv.gz"])
def test_a_file_that_unpacks_to_too_much_is_refused_with_the_key_that_admits_it(tmp_path, name, monkeypatch):
    monkeypatch.setattr("builders.sources.formats.packing.ALWAYS", 1 << 20)
    data = packed("." + name.rpartition(".")[2], SPACES)
    with pytest.raises(Invalid, match=r"over 1 MiB; look into it; if it is right, raise source.max_expansion"):
        read(tmp_path, name, data)


def test_a_packed_file_may_hold_as_many_times_its_size_as_the_recipe_says(monkeypatch, tmp_path):
    monkeypatch.setattr("builders.sources.formats.packing.ALWAYS", 1000)
    data = gzip.compress(json.dumps(ROW).encode() + b" " * 100_000)
    with pytest.raises(Invalid, match=r"filas\.jsonl\.gz: holds more than 100 times what it takes packed"):
        read(tmp_path, "filas.jsonl.gz", data)
    assert read(tmp_path, "filas.jsonl.gz", data, max_expansion=2000).height == 1


@pytest.mark.parametrize("score", ["1" + "0" * 400, "1e301", "-1e301", "true", '"1"', "[1]"])
@pytest.mark.parametrize("form", ["pairs", "rated"])
def test_a_score_is_a_number_whose_differences_are_numbers(tmp_path, score, form):
    pair = f'{{"prompt": "x", "chosen": "y", "rejected": "z", "chosen_score": {score}, "rejected_score": 1}}'
    rated = f'{{"prompt": "x", "answer": "y", "score": {score}}}'
    (tmp_path / "pares.jsonl").write_text(pair if form == "pairs" else rated)
    columns = PairColumns(answer="answer", score="score") if form == "rated" else PairColumns()
    with pytest.raises(Invalid, match=r"pares.jsonl, line 1: '(?:chosen_)?score' must be a number"):
        read_pairs_file(tmp_path / "pares.jsonl", PairsFile(columns=columns))


def test_a_parallel_file_may_hold_what_its_source_may(tmp_path):
    read(tmp_path, "en.jsonl", LONG.encode())
    parallel = ParallelFile(path=str(tmp_path / "en.jsonl"))
    rows = {}
    for most in (200, 400):
        (tmp_path / "filas.jsonl").write_text(SHORT.replace('"a"', '"b"'))
        rows[most] = read_file(tmp_path / "filas.jsonl", FileSource(max_row_bytes=most))
    with pytest.raises(Invalid, match=r"^source.parallel: en.jsonl, line 1: takes 366 .* raise source.max_row_bytes$"):
        with_parallel(rows[200], parallel, tmp_path, None)
    assert with_parallel(rows[400], parallel, tmp_path, None).rows["instruction_en"].to_list() == ["x"]
