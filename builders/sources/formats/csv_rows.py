"""Files of separated cells: CSV, TSV, and what spreadsheets write."""

import csv
import re
from collections.abc import Iterator, Sequence
from typing import Any

from builders.errors import Invalid
from builders.recipes.model import Reading
from builders.sources.formats.encoding import decoded, encoding_note, other_encoding
from builders.sources.formats.json_rows import line_at, not_utf8
from builders.sources.formats.long_lines import LongLine, require_short_lines
from builders.sources.formats.table import MISSING, SAMPLE, Found, Part, walk

LINE = re.compile(r"[^\r\n]*+(?:\r\n?|\n)|[^\r\n]+")
ENDS = (b"\n", b"\r")
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


class CsvTable:
    """The rows of a file of cells. usual: what separates cells in a file of this name. reading: what a recipe states."""

    header = True

    def __init__(self, data: bytes, name: str, usual: str = ",", reading: Reading | None = None) -> None:
        reading = reading or Reading()
        self.name = name
        require_short_lines(data, name, reading.max_row_bytes, ends=ENDS)
        text, other = _text(data, name, reading.encoding)
        between = reading.delimiter or _delimiter(text, usual)
        table = _cells(text, name, between, reading.lenient_quotes, reading.max_row_bytes)
        self.columns, self.rows = (table[0], table[1:]) if table else ([], [])
        notes = [] if other is None or reading.encoding else [encoding_note(name, other)]
        if between != usual and reading.delimiter is None:
            notes.append(f"{name}: its cells are separated by {DELIMITERS[between]}, and it is read so")
        form = f"cells separated by {DELIMITERS.get(between, repr(between))}"
        self.found = Found(form, other, None if between == usual else between, notes=tuple(notes))

    def names(self) -> list[str]:
        """Its header."""
        return list(self.columns)

    def sample(self) -> list[dict[str, Any]]:
        """Its first rows."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows[:SAMPLE]]

    def parts(self, columns: Sequence[str]) -> Iterator[Part]:
        """All rows at once."""
        values: dict[str, Any] = {column: self._column(column) for column in columns}
        yield Part(values, len(self.rows), lambda at: f"row {at + 1}")

    def _column(self, column: str) -> list[Any]:
        if column in self.columns:
            place = self.columns.index(column)
            return [row[place] for row in self.rows]
        outer, _, inner = column.partition(".")
        if outer in self.columns:
            return [walk(value, inner) for value in self._column(outer)]
        return [MISSING] * len(self.rows)


def csv_table(data: bytes, name: str) -> list[list[str]]:
    """The header and the rows of a CSV file, blank lines apart."""
    require_short_lines(data, name, Reading().max_row_bytes, ends=ENDS)
    return _cells(_text(data, name, None)[0], name, ",", False, Reading().max_row_bytes)


def _text(data: bytes, name: str, encoding: str | None) -> tuple[str, str | None]:
    """The text, and its encoding where it is not UTF-8."""
    if encoding:
        return decoded(data, encoding, name), encoding
    try:
        if not (other := other_encoding(data[:64])):
            return data.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        if not (other := other_encoding(data, data)):
            raise not_utf8(f"{name}, line {line_at(data, error.start)}", error) from None
    return decoded(data, other, name), other


def _delimiter(text: str, usual: str) -> str:
    """What separates the cells: the usual, unless the header is one cell by it and several by another."""
    by_usual = _first_rows(text, usual)
    if by_usual and len(by_usual[0]) > 1:
        return usual
    for other in DELIMITERS:
        rows = _first_rows(text, other)
        if rows and len(rows[0]) > 1 and all(len(row) == len(rows[0]) for row in rows):
            return other
    return usual


def _first_rows(text: str, delimiter: str) -> list[list[str]]:
    """The first rows as far as they can be read."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(_lines(text), delimiter=delimiter):
            rows += [row] if row else []
            if len(rows) > 50:
                break
    except csv.Error:
        pass
    return rows


def _lines(text: str) -> Iterator[str]:
    """Lines with their ends, one after the other: a file in memory takes four bytes for each character."""
    return (line[0] for line in LINE.finditer(text))


def _cells(text: str, name: str, delimiter: str, lenient: bool, longest: int) -> list[list[str]]:
    """The header and the rows, blank lines apart. Python's reader, because polars fills short rows up in silence.

    lenient: quotation marks inside a quoted cell need not be doubled. longest: what a cell may take.
    """
    reader = csv.reader(_lines(text), delimiter=delimiter, strict=not lenient)
    rows: list[list[str]] = []
    line, limit = 1, csv.field_size_limit(longest)
    try:
        for cells in reader:
            if rows and cells and len(cells) != len(rows[0]):
                raise Invalid(
                    f"{name}, line {line}: {len(cells)} cells where the header has {len(rows[0])}",
                    "quote cells that hold a comma, a quotation mark or a line break",
                )
            if cells:
                rows.append(cells)
            line = reader.line_num + 1
    except csv.Error as error:
        if "field limit" in str(error):  # the reader says it in no other way
            raise LongLine(f"{name}, line {line}: a cell takes", f"more than {longest:,}", longest) from None
        raise Invalid(
            f"{name}, line {line}: not sound CSV from here on ({error})",
            "close or double the quotes, or set {key} to true to read them as pandas does",
            "lenient_quotes",
        ) from None
    finally:
        csv.field_size_limit(limit)
    return rows
