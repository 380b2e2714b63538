"""Files of rows: JSON, JSON Lines, CSV and Parquet, gzipped or not, read into the columns of the data contract.

Whatever breaks the contract stops here, with file, line and reason.
"""

import csv
import gzip
import io
import itertools
import re
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from builders.errors import Problem
from builders.recipes.model import Columns

FIELDS = ("instruction", "input", "output")

CHUNK = 16 << 20  # bytes of JSON Lines decoded at once: bounds the memory that Python strings take beside the frame

PACKED_JSON = re.compile(r"\.(?:json|jsonl|ndjson)\.gz$", re.IGNORECASE)

ENDINGS = ".json, .jsonl, .ndjson or .csv (each also .gz) or .parquet"


def rows_of(data: bytes, path: Path, columns: Columns) -> pl.DataFrame:
    """Bytes to columns id, instruction, input, output, by the file's ending."""
    expected = "rows with id, instruction, input, output"
    if PACKED_JSON.search(path.name) and data:  # unpacked while it is read: large sources come like this
        frame = _json_frame(_unpacked_lines(data, path.name), path.name, columns)
    else:
        ending, unpacked = opened(data, path.name, expected)
        frame = READERS[ending](unpacked, path.name, columns)
    if frame.is_empty():
        raise Problem(f"{path.name}: holds no rows; expected {expected}")
    return frame


def opened(data: bytes, name: str, expected: str) -> tuple[str, bytes]:
    """A data file's ending (one of READERS, `.gz` apart) and its bytes unpacked. Raises Problem for any other file."""
    packed = name.lower().endswith(".gz")
    ending = Path(name.lower().removesuffix(".gz")).suffix
    if ending not in READERS or (packed and ending == ".parquet"):
        raise Problem(f"{name}: not a data file by its name; expected {ENDINGS}")
    if not data:
        raise Problem(f"{name}: the file is empty; expected {expected}")
    return ending, _unpack(data, name) if packed else data


def _unpack(data: bytes, name: str) -> bytes:
    with _sound_gzip(name):
        return gzip.decompress(data)


def _unpacked_lines(data: bytes, name: str) -> Iterator[bytes]:
    """Pieces of about CHUNK bytes that end at a line's end; the next one is unpacked while its forerunner is in use."""
    stream = gzip.GzipFile(fileobj=io.BytesIO(data))
    with ThreadPoolExecutor(1) as ahead:
        following = ahead.submit(lambda: stream.read(CHUNK) + stream.readline())
        while True:
            with _sound_gzip(name):
                piece = following.result()
            if not piece:
                return
            following = ahead.submit(lambda: stream.read(CHUNK) + stream.readline())
            yield piece


@contextmanager
def _sound_gzip(name: str) -> Iterator[None]:
    try:
        yield
    except EOFError:
        raise Problem(f"{name}: the gzip stream is cut off; fetch the file again") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise Problem(f"{name}: not a sound gzip file ({error}); fetch the file again") from None


def _json_frame(data: bytes | Iterator[bytes], name: str, columns: Columns) -> pl.DataFrame:
    frames = [_rows_frame(rows, columns) for rows in json_rows(data, name, _row_type(columns))]
    return pl.concat(frames) if frames else _rows_frame([], columns)


def json_rows(data: bytes | Iterator[bytes], name: str, row_type: Any) -> Iterator[list[Any]]:
    """The rows of a JSON array, or of JSON Lines in bounded chunks. data: the whole, or pieces that end at a line's end."""
    pieces = _chunks(data) if isinstance(data, bytes) else data
    first = next(pieces, b"").removeprefix(b"\xef\xbb\xbf")
    if first[:1024].lstrip()[:1] == b"[":
        yield _decode_array(b"".join([first, *pieces]), name, row_type)
        return
    first_line = 1
    for piece in itertools.chain([first], pieces):
        yield _decode_lines(piece, name, first_line, row_type)
        first_line += piece.count(b"\n")


def _row_type(columns: Columns) -> type[msgspec.Struct]:
    """A struct for one row: strict strings, optional input, other keys ignored."""
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = [("instruction", str), ("output", str)]
    rename = {"instruction": columns.instruction, "output": columns.output}
    if columns.id is not None:
        fields.insert(0, ("id", str))
        rename["id"] = columns.id
    if columns.input is not None:
        fields.append(("input", str | None, None))
        rename["input"] = columns.input
    try:
        return msgspec.defstruct("Row", fields, rename=rename, gc=False)
    except ValueError as error:  # a name with a quotation mark, a backslash or a control character
        raise Problem(f"source.columns: no JSON field can be read by such a name ({error}); rename the field") from None


def _rows_frame(rows: list[Any], columns: Columns) -> pl.DataFrame:
    text = {field: [getattr(row, field) for row in rows] for field in ("instruction", "output")}
    inputs = [row.input for row in rows] if columns.input is not None else [""] * len(rows)
    ids = [row.id for row in rows] if columns.id is not None else [None] * len(rows)
    frame = pl.DataFrame(
        {"id": ids, **text, "input": inputs}, schema=dict.fromkeys(("id", "instruction", "output", "input"), pl.String)
    )
    return frame.with_columns(pl.col("input").fill_null(""))


def _chunks(data: bytes) -> Iterator[bytes]:
    """Pieces of about CHUNK bytes that end at a line's end."""
    start = 0
    while start < len(data):
        end = data.find(b"\n", min(start + CHUNK, len(data)))
        end = len(data) if end < 0 else end + 1
        yield data[start:end]
        start = end


def _decode_lines(chunk: bytes, name: str, first_line: int, row_type: Any) -> list[Any]:
    decoder = msgspec.json.Decoder(row_type)
    try:
        chunk.decode("utf-8")  # also in fields that are not used
        return decoder.decode_lines(chunk)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    # Something is wrong: read line by line to say where.
    rows = []
    for number, line in enumerate(chunk.split(b"\n"), first_line):
        if line.strip():
            try:
                line.decode("utf-8")
                rows.append(decoder.decode(line))
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise Problem(f"{name}, line {number}: {_reason(error)}") from None
    return rows


def _decode_array(data: bytes, name: str, row_type: Any) -> list[Any]:
    try:
        data.decode("utf-8")
        return msgspec.json.Decoder(list[row_type]).decode(data)
    except UnicodeDecodeError as error:
        raise Problem(f"{name}, line {_line_at(data, error.start)}: {_reason(error)}") from None
    except msgspec.DecodeError as error:
        if item := re.search(r"at `\$\[(\d+)\]", str(error)):
            place = f"item {int(item[1]) + 1}"
        elif byte := re.search(r"\(byte (\d+)\)", str(error)):
            place = f"line {_line_at(data, int(byte[1]))}"
        else:
            place = f"line {_line_at(data, len(data))}"
        raise Problem(f"{name}, {place}: {_reason(error)}") from None


def _line_at(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1


def _reason(error: Exception) -> str:
    """A decoder's complaint in the words of the data contract."""
    if isinstance(error, UnicodeDecodeError):
        return f"invalid UTF-8 (byte 0x{error.object[error.start]:02x} at offset {error.start}); save the file as UTF-8"
    text = str(error)
    field = re.search(r"at `\$(?:\[\d+\])?\.(.+?)`", text)
    if missing := re.search(r"missing required field `(.+?)`", text):
        return f"field {missing[1]!r} is missing; map it with source.columns if it has another name"
    if wrong := re.search(r"Expected `(.+?)`, got `(.+?)`", text):
        where = f"field {field[1]!r}" if field else "the row"
        kinds = {"str": "a string", "object": "an object with the fields id, instruction, input, output"}
        return f"{where} must be {kinds.get(wrong[1].removesuffix(' | null'), wrong[1])}, not {wrong[2]}; correct it"
    if "truncated" in text:
        return "the JSON is cut off here; fetch the file again"
    return f"not JSON ({text.removeprefix('JSON is malformed: ')}); correct it, or fetch the file again"


def _parquet_frame(data: bytes, name: str, columns: Columns) -> pl.DataFrame:
    return picked(parquet_table(data, name, lambda names: used_columns(names, name, columns)), name, columns)


def parquet_table(data: bytes, name: str, choose: Callable[[list[str]], list[str]]) -> pl.DataFrame:
    """The chosen columns. Read with Arrow: on a damaged file it answers with an error where polars panics."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    try:
        table = parquet.read_table(pa.BufferReader(data))
        table = table.select(choose(table.column_names)).replace_schema_metadata(None)
        table.validate(full=True)  # text that is not UTF-8 too
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0].rstrip(".").removeprefix("Could not open Parquet input source '<Buffer>': ")
        raise Problem(f"{name}: not a sound Parquet file ({reason}); fetch the file again") from None
    return pl.DataFrame(table)


def _csv_frame(data: bytes, name: str, columns: Columns) -> pl.DataFrame:
    table = csv_table(data, name)
    if not table:
        return pl.DataFrame()
    header, *rows = table
    places = {column: header.index(column) for column in used_columns(header, name, columns)}
    frame = pl.DataFrame(
        {column: [row[place] for row in rows] for column, place in places.items()}, dict.fromkeys(places, pl.String)
    )
    return picked(frame, name, columns)


def csv_table(data: bytes, name: str) -> list[list[str]]:
    """The header and the rows, blank lines apart. Python's reader, because polars fills short rows up in silence."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem(f"{name}, line {_line_at(data, error.start)}: {_reason(error)}") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    line, limit = 1, csv.field_size_limit(max(len(text), 1))
    try:
        for cells in reader:
            if rows and cells and len(cells) != len(rows[0]):
                raise Problem(
                    f"{name}, line {line}: {len(cells)} cells where the header has {len(rows[0])}; "
                    "quote cells that hold a comma, a quotation mark or a line break"
                )
            if cells:
                rows.append(cells)
            line = reader.line_num + 1
    except csv.Error as error:
        raise Problem(
            f"{name}, line {line}: not sound CSV from here on ({error}); close or double the quotes"
        ) from None
    finally:
        csv.field_size_limit(limit)
    return rows


def used_columns(names: list[str], name: str, columns: Columns) -> list[str]:
    """Those columns of a table that the recipe reads. Raises Problem for one that is missing or stands twice."""
    used = [column for column in (columns.id, columns.instruction, columns.input, columns.output) if column is not None]
    for column in used:
        if column not in names and column != columns.input:
            raise Problem(
                f"{name}: column {column!r} is missing (it has {', '.join(names)}); "
                "map it with source.columns if it has another name"
            )
        if names.count(column) > 1:
            raise Problem(f"{name}: column {column!r} stands twice; rename one of the two")
    return [column for column in used if column in names]


def picked(frame: pl.DataFrame, name: str, columns: Columns) -> pl.DataFrame:
    """The four columns of a table under our names, checked for type and nulls."""
    chosen = []
    for field in ("id", *FIELDS):
        column = getattr(columns, field)
        if column is None or (field == "input" and column not in frame.columns):
            chosen.append(pl.lit(None if field == "id" else "", pl.String).alias(field))
            continue
        kind = frame.schema[column]
        if field == "input" and kind == pl.Null:  # no row has an input, and the writer could not know its type
            chosen.append(pl.lit("").alias(field))
            continue
        if kind != pl.String:
            raise Problem(f"{name}: column {column!r} must hold strings, not {kind}; convert it, or map another column")
        nulls = frame[column].is_null()
        if field != "input" and nulls.any():
            raise Problem(f"{name}, row {nulls.arg_true()[0] + 1}: column {column!r} is null; every row needs a value")
        chosen.append(pl.col(column).fill_null("").alias(field))
    return frame.select(chosen)


READERS: dict[str, Callable[[bytes, str, Columns], pl.DataFrame]] = {
    ".json": _json_frame,
    ".jsonl": _json_frame,
    ".ndjson": _json_frame,
    ".csv": _csv_frame,
    ".parquet": _parquet_frame,
}
