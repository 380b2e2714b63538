"""Files of rows: JSON, JSON Lines, CSV and Parquet, gzipped or not, read into the columns of the data contract.

Whatever breaks the contract stops here, with file, line and reason.
"""

import re
from collections.abc import Callable
from pathlib import Path

import polars as pl

from builders.errors import Invalid
from builders.recipes.model import Columns
from builders.sources.formats.csv_rows import csv_frame
from builders.sources.formats.json_rows import json_frame
from builders.sources.formats.packing import unpacked, unpacked_lines
from builders.sources.formats.parquet import parquet_frame

PACKED_JSON = re.compile(r"\.(?:json|jsonl|ndjson)\.gz$", re.IGNORECASE)
ENDINGS = ".json, .jsonl, .ndjson or .csv (each also .gz) or .parquet"
READERS: dict[str, Callable[[bytes, str, Columns], pl.DataFrame]] = {
    ".json": json_frame,
    ".jsonl": json_frame,
    ".ndjson": json_frame,
    ".csv": csv_frame,
    ".parquet": parquet_frame,
}


def rows_of(data: bytes, path: Path, columns: Columns) -> pl.DataFrame:
    """Bytes to columns id, instruction, input, output, by the file's ending."""
    expected = "rows with id, instruction, input, output"
    if PACKED_JSON.search(path.name) and data:  # unpacked while it is read: large sources come like this
        frame = json_frame(unpacked_lines(data, path.name), path.name, columns)
    else:
        ending, content = opened(data, path.name, expected)
        frame = READERS[ending](content, path.name, columns)
    if frame.is_empty():
        raise Invalid(f"{path.name}: holds no rows", f"expected {expected}")
    return frame


def opened(data: bytes, name: str, expected: str) -> tuple[str, bytes]:
    """A data file's ending (one of READERS, `.gz` apart) and its bytes unpacked. Raises Invalid for any other file."""
    packed = name.lower().endswith(".gz")
    ending = Path(name.lower().removesuffix(".gz")).suffix
    if ending not in READERS or (packed and ending == ".parquet"):
        raise Invalid(f"{name}: not a data file by its name", f"expected {ENDINGS}")
    if not data:
        raise Invalid(f"{name}: the file is empty", f"expected {expected}")
    return ending, unpacked(data, name) if packed else data
