"""CSV files."""

import csv
import io

import polars as pl

from builders.errors import Invalid
from builders.recipes.source_model import Columns
from builders.sources.formats.format import Chosen, Format, chosen_columns
from builders.sources.formats.json_rows import line_at, not_utf8
from builders.sources.formats.mapping import picked, used_columns


def csv_frame(data: bytes, name: str, columns: Columns) -> pl.DataFrame:
    """Rows as columns id, instruction, input, output."""
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
        raise not_utf8(f"{name}, line {line_at(data, error.start)}", error) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    line, limit = 1, csv.field_size_limit(max(len(text), 1))
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
        raise Invalid(
            f"{name}, line {line}: not sound CSV from here on ({error})", "close or double the quotes"
        ) from None
    finally:
        csv.field_size_limit(limit)
    return rows


def csv_texts(data: bytes, name: str, columns: Chosen) -> dict[str, pl.Series]:
    """The texts of columns."""
    header, *rows = csv_table(data, name) or [[]]
    places = {column: header.index(column) for column in chosen_columns(header, name, columns)}
    return {column: pl.Series([row[place] for row in rows], dtype=pl.String) for column, place in places.items()}


CSV = Format((".csv",), csv_frame, csv_texts)
