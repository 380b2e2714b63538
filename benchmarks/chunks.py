"""How many bytes two neighbouring versions share by content-defined chunk: what a store such as Xet need not keep twice.

    python benchmarks/chunks.py rows.jsonl.gz

Builds the recipe `mix`, with one rule off, and with another split; edits and removes single rows of the result. Writes
each with and without `use_content_defined_chunking`, cuts the files as Xet does (gear hash, 64 KiB on average, 8 to
128 KiB), and prints which share of the newer version's bytes lies in chunks that the older one has. The gear table is not
Xet's own: cuts fall elsewhere, shares are alike.
"""

import argparse
import hashlib
import io
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from builders import build, load_recipe, with_source
from builders.versions.fingerprint import ROW_GROUP
from builders.versions.version import Version

# Xet's chunker: cut where the upper 16 bits of the hash of the last 64 bytes are zero.
MASK = np.uint64(0xFFFF_0000_0000_0000)
SMALLEST, LARGEST = 8 << 10, 128 << 10
GEAR = np.random.default_rng(2024).integers(0, 2**64, 256, dtype=np.uint64)
# Ways to write: as pyarrow does by itself, with pages cut by content, and as versions are written: without a dictionary of
# the column's texts, which stands before the pages and changes with any of them.
WAYS = {
    "size": {"use_content_defined_chunking": False},
    "content": {"use_content_defined_chunking": True},
    "content, no dictionary": {"use_content_defined_chunking": True, "use_dictionary": False},
}
EDIT = " (revisado)"


def chunks(data: bytes) -> list[tuple[bytes, int]]:
    """Hash and size of each chunk."""
    places, start, found = candidates(data), 0, []
    while start < len(data):
        place = np.searchsorted(places, start + SMALLEST)
        end = min(start + LARGEST, len(data), int(places[place]) if place < len(places) else len(data))
        piece = data[start:end]
        found.append((hashlib.sha256(piece).digest(), len(piece)))
        start = end
    return found


def candidates(data: bytes) -> np.ndarray:
    """Where a cut may fall: the gear hash of the 64 bytes before it has zeros under the mask.

    h[i] = Σ gear[byte[i-k]] << k for k < 64, by doubling the window: no loop over bytes.
    """
    hashes = GEAR[np.frombuffer(data, np.uint8)]
    for width in (1, 2, 4, 8, 16, 32):
        hashes[width:] = hashes[width:] + (hashes[:-width] << np.uint64(width))
    return np.flatnonzero((hashes & MASK) == 0) + 1


def written(table: pa.Table, **options: bool) -> bytes:
    """A table as a version's file is written (see `builders/versions/version.py`), but for the options."""
    file = io.BytesIO()
    pq.write_table(table, file, row_group_size=ROW_GROUP, compression="zstd", write_page_index=True, **options)
    return file.getvalue()


def tables(version: Version) -> list[pa.Table]:
    """What a version's Parquet files hold."""
    return [pq.read_table(version.path / path) for path in version.manifest.files if path.endswith(".parquet")]


def edited(table: pa.Table, every: int) -> pa.Table:
    """Every so many rows have some words more in their answer; a ledger stays as it is."""
    if "output" not in table.column_names:
        return table
    longer = [
        pl.when(_one_in(every)).then(pl.col(name) + EDIT).otherwise(name).alias(name)
        for name in ("output", "completion")
    ]
    return _like(table, pl.DataFrame(table).with_columns(longer))


def without(table: pa.Table, every: int) -> pa.Table:
    """Every so many rows are gone; a ledger stays as it is."""
    return _like(table, pl.DataFrame(table).filter(~_one_in(every))) if "output" in table.column_names else table


def _one_in(every: int) -> pl.Expr:
    return pl.int_range(pl.len()) % every == every // 2


def _like(table: pa.Table, frame: pl.DataFrame) -> pa.Table:
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(table.schema)


def sent(old: list[bytes], new: list[bytes]) -> tuple[int, int]:
    """Bytes of the new files, and of their distinct chunks that the old files lack."""
    known = {name for data in old for name, _ in chunks(data)}
    pieces = dict(piece for data in new for piece in chunks(data))
    return sum(map(len, new)), sum(size for name, size in pieces.items() if name not in known)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:

        def built(*overrides: str) -> list[pa.Table]:
            place = Path(folder)
            return tables(build(with_source(load_recipe("mix", overrides), asked.source, place), place).version)

        base = built()
        others = {
            "one row in 10,000 edited": [edited(table, 10_000) for table in base],
            "one row in 100 edited": [edited(table, 100) for table in base],
            "one row in 10,000 gone": [without(table, 10_000) for table in base],
            "one row in 100 gone": [without(table, 100) for table in base],
            "rule refusal off": built("quality.rules.refusal=false"),
            "seed of the split changed": built("split.seed=7"),
        }
    print(f"{'change':<25} {'pages cut by':<22} {'bytes':>11} {'to send':>11} {'shared':>7}")
    for change, other in others.items():
        for way, options in WAYS.items():
            total, missing = sent(*([written(table, **options) for table in side] for side in (base, other)))
            print(f"{change:<25} {way:<22} {total:>11,} {missing:>11,} {1 - missing / total:>7.1%}", flush=True)


if __name__ == "__main__":
    main()
