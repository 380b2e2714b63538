"""Files of rows: JSON, JSON Lines, CSV and Parquet, gzipped or not, read into the columns of the data contract.

Whatever breaks the contract stops here, with file, line and reason.
"""

import re
from pathlib import Path

import polars as pl

from builders.errors import Invalid
from builders.recipes.source_model import Columns
from builders.sources.formats.csv_rows import CSV
from builders.sources.formats.format import Format
from builders.sources.formats.json_rows import JSON, json_frame
from builders.sources.formats.packing import unpacked, unpacked_lines
from builders.sources.formats.parquet import PARQUET

FORMATS = (JSON, CSV, PARQUET)
PACKED_JSON = re.compile(r"\.(?:json|jsonl|ndjson)\.gz$", re.IGNORECASE)
_BY_ENDING = {ending: one for one in FORMATS for ending in one.endings}
_PACKED = [ending for ending, one in _BY_ENDING.items() if one.packed]
_WHOLE = [ending for ending, one in _BY_ENDING.items() if not one.packed]
ENDINGS = f"{', '.join(_PACKED[:-1])} or {_PACKED[-1]} (each also .gz) or {' or '.join(_WHOLE)}"


def rows_of(data: bytes, path: Path, columns: Columns) -> pl.DataFrame:
    """Bytes to columns id, instruction, input, output, by the file's ending."""
    expected = "rows with id, instruction, input, output"
    if PACKED_JSON.search(path.name) and data:  # unpacked while it is read: large sources come like this
        frame = json_frame(unpacked_lines(data, path.name), path.name, columns)
    else:
        kind, content = opened(data, path.name, expected)
        frame = kind.rows(content, path.name, columns)
    if frame.is_empty():
        raise Invalid(f"{path.name}: holds no rows", f"expected {expected}")
    return frame


def opened(data: bytes, name: str, expected: str) -> tuple[Format, bytes]:
    """A data file's format, by its ending, and its bytes unpacked. Raises Invalid for any other file."""
    packed = name.lower().endswith(".gz")
    kind = _BY_ENDING.get(Path(name.lower().removesuffix(".gz")).suffix)
    if kind is None or (packed and not kind.packed):
        raise Invalid(f"{name}: not a data file by its name", f"expected {ENDINGS}")
    if not data:
        raise Invalid(f"{name}: the file is empty", f"expected {expected}")
    return kind, unpacked(data, name) if packed else data
