"""What a source may hold: keys once, rows of a bounded size, and not a thousand times what it takes packed."""

import gzip
import io
import json
import zipfile

import polars as pl
import pyarrow as pa
import pytest

from builders.errors import Invalid
from builders.recipes.model import FileSource
from builders.sources.file import read_file
from builders.sources.formats.json_keys import first_repeated

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


def test_what_only_looks_like_a_key_is_none():
    rows = [json.dumps(ROW), json.dumps(ROW | {"meta": {"id": 1}}), json.dumps({"año": 1, "id": '":'})]
    assert first_repeated(pl.Series(rows), ["id", "instruction", "meta.id"]) is None


def test_a_row_that_is_a_file_in_the_wrong_place_is_refused_with_the_key_that_admits_it(tmp_path):
    data = json.dumps(ROW | {"output": "ñ" * 100}).encode()
    assert read(tmp_path, "filas.jsonl", data).height == 1
    with pytest.raises(
        Invalid, match=r"row 1: its texts take 2\d\d bytes, and a row may take 200; .* raise source.max_row_bytes"
    ):
        read(tmp_path, "filas.jsonl", data, max_row_bytes=200)


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
