"""JSON arrays and JSON Lines: strict rows, with the place of what is wrong."""

import itertools
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import polars as pl

from builders.errors import Invalid
from builders.recipes.source_model import Columns
from builders.sources.formats.format import Chosen, Format, chosen_columns
from builders.sources.formats.packing import CHUNK


def json_frame(data: bytes | Iterator[bytes], name: str, columns: Columns) -> pl.DataFrame:
    """Rows as columns id, instruction, input, output. data: the whole, or pieces that end at a line's end."""
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
        raise Invalid(
            f"{{key}}: no JSON field can be read by such a name ({error})", "rename the field", "columns"
        ) from None


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
                raise _invalid(f"{name}, line {number}", error) from None
    return rows


def _decode_array(data: bytes, name: str, row_type: Any) -> list[Any]:
    try:
        data.decode("utf-8")
        return msgspec.json.Decoder(list[row_type]).decode(data)
    except UnicodeDecodeError as error:
        raise _invalid(f"{name}, line {line_at(data, error.start)}", error) from None
    except msgspec.DecodeError as error:
        if item := re.search(r"at `\$\[(\d+)\]", str(error)):
            place = f"item {int(item[1]) + 1}"
        elif byte := re.search(r"\(byte (\d+)\)", str(error)):
            place = f"line {line_at(data, int(byte[1]))}"
        else:
            place = f"line {line_at(data, len(data))}"
        raise _invalid(f"{name}, {place}", error) from None


def line_at(data: bytes, offset: int) -> int:
    """The number of the line in which a byte stands, from 1."""
    return data.count(b"\n", 0, offset) + 1


def _invalid(place: str, error: Exception) -> Invalid:
    """A decoder's complaint in the words of the data contract."""
    if isinstance(error, UnicodeDecodeError):
        return not_utf8(place, error)
    text = str(error)  # msgspec tells what it expected in no other way
    field = re.search(r"at `\$(?:\[\d+\])?\.(.+?)`", text)
    if missing := re.search(r"missing required field `(.+?)`", text):
        return Invalid(
            f"{place}: field {missing[1]!r} is missing", "map it with {key} if it has another name", "columns"
        )
    if wrong := re.search(r"Expected `(.+?)`, got `(.+?)`", text):
        where = f"field {field[1]!r}" if field else "the row"
        kinds = {"str": "a string", "object": "an object with the fields id, instruction, input, output"}
        kind = kinds.get(wrong[1].removesuffix(" | null"), wrong[1])
        return Invalid(f"{place}: {where} must be {kind}, not {wrong[2]}", "correct it")
    if "truncated" in text:
        return Invalid(f"{place}: the JSON is cut off here", "fetch the file again")
    reason = text.removeprefix("JSON is malformed: ")
    return Invalid(f"{place}: not JSON ({reason})", "correct it, or fetch the file again")


def not_utf8(place: str, error: UnicodeDecodeError) -> Invalid:
    """The error for text that is not UTF-8."""
    byte = error.object[error.start]
    return Invalid(f"{place}: invalid UTF-8 (byte 0x{byte:02x} at offset {error.start})", "save the file as UTF-8")


def json_texts(data: bytes, name: str, columns: Chosen) -> dict[str, pl.Series]:
    """The texts of fields, also those inside lists and objects."""
    found: dict[str, list[str]] = {}
    rows = itertools.chain.from_iterable(json_rows(data, name, Any))
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise Invalid(f"{name}, row {number}: must be an object with text in its fields", "correct it")
        for column, value in row.items():
            found.setdefault(column, []).extend(_strings_in(value))
    chosen = chosen_columns(list(found), name, columns)
    return {column: pl.Series(found[column], dtype=pl.String) for column in chosen}


def _strings_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings_in(inner)


JSON = Format((".json", ".jsonl", ".ndjson"), json_frame, json_texts)
