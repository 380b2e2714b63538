"""Files of rows: JSON, JSON Lines, CSV, TSV and Parquet, packed or not, each read as a table with its own columns.

Whatever cannot be read as what it is stops here, with file, line and reason.
"""

import re
from pathlib import Path

from builders.errors import Invalid
from builders.recipes.model import Reading
from builders.sources.formats.csv_rows import CsvTable
from builders.sources.formats.json_rows import Content, JsonTable, plain
from builders.sources.formats.packing import (
    EXPANSION,
    MAGIC,
    gunzipped,
    unpacked_lines,
    unpacked_start,
    unzipped,
    unzstd,
)
from builders.sources.formats.parquet import ParquetTable
from builders.sources.formats.table import Table

EXPECTED = "rows with id, instruction, input, output"
PACKED_JSON = re.compile(r"\.(?:json|jsonl|ndjson)(\.gz|\.zst)$", re.IGNORECASE)
JSON = (".json", ".jsonl", ".ndjson")
USUAL = {".csv": ",", ".tsv": "\t"}  # what separates the cells
KINDS = (*JSON, *USUAL, ".parquet")
PACKED = (".gz", ".zst", ".zip")
ENDINGS = ".json, .jsonl, .ndjson, .csv or .tsv (each also .gz or .zst), .parquet, or .zip with one of them"


def is_data_file(name: str) -> bool:
    """Whether a file's name is that of a data file."""
    plain = name.lower().removesuffix(".gz").removesuffix(".zst")
    return plain.endswith(KINDS) or plain.endswith(".zip")


def open_table(data: bytes, name: str, reading: Reading) -> Table:
    """The rows that a file's bytes hold, by its ending. reading: what the recipe states of them."""
    how = (reading.encoding, reading.records, reading.max_row_bytes)
    if (packed := PACKED_JSON.search(name)) and data:  # unpacked while it is read: large sources come like this
        packing = packed[1].lower()
        content = Content(
            unpacked_start(data, name, packing),
            lambda longest: unpacked_lines(data, name, packing, reading.max_expansion, longest),
        )
        return JsonTable(content, name, *how)
    ending, unpacked = opened(data, name, EXPECTED, reading.max_expansion)
    if ending == ".parquet":
        return ParquetTable(unpacked, name)
    if ending in USUAL:
        return CsvTable(unpacked, name, USUAL[ending], reading)
    return JsonTable(plain(unpacked, name), name, *how)


def opened(data: bytes, name: str, expected: str, expansion: int = EXPANSION) -> tuple[str, bytes]:
    """A data file's ending (one of KINDS) and its bytes unpacked. Raises Invalid for any other file."""
    lower = name.lower()
    packing = next((packing for packing in PACKED if lower.endswith(packing)), "")
    ending = Path(lower.removesuffix(packing)).suffix
    known = ending in KINDS and not (packing in (".gz", ".zst") and ending == ".parquet")
    if not known and packing != ".zip":
        raise Invalid(f"{name}: not a data file by its name", f"expected {ENDINGS}")
    if not data:
        raise Invalid(f"{name}: the file is empty", f"expected {expected}")
    if packing == ".zip":
        inside, content = unzipped(data, name, expansion)
        if inside.lower().endswith(".zip"):
            raise Invalid(f"{name}: holds another zip file", "unpack it and give the file in it")
        return opened(content, inside, expected, expansion)
    if not packing and data.startswith(MAGIC):
        raise Invalid(f"{name}: is packed by gzip, and its name does not say so", f"rename it to {name}.gz")
    unpack = {".gz": gunzipped, ".zst": unzstd}.get(packing)
    return ending, unpack(data, name, expansion) if unpack else data
