"""Rows from the demo, a file, the Hub at a pinned commit or another version, checked on the way in.

The data contract: `id`, `instruction`, `input`, `output` are strings, `id` is unique, a missing or null `input` is empty.
Anything else stops here, with file, line and reason, before anything is written.
"""

import hashlib
import io
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import polars as pl

from builders.errors import Problem
from builders.hub.client import fetch_rows
from builders.recipes.model import Columns, DemoSource, FileSource, HubSource, ParallelFile, ParallelHub, VersionSource
from builders.sources.formats import FIELDS, picked, rows_of, used_columns

PARALLEL_FIELDS = ("instruction_en", "input_en")
ROWS_HASHED = 50_000  # rows written out at once


@dataclass(frozen=True)
class Read:
    """Rows and the pin that says exactly which rows they are.

    rows: `row` (u32, position in natural id order), `position` (u32, place in the source), `id`, `instruction`,
    `input`, `output`; sorted by natural id, so that nothing downstream can depend on the source's order. With a parallel
    source also `instruction_en`, `input_en`, null where the id has no English parallel row.
    pin: the source as a recipe records it, with its sha256.
    """

    rows: pl.DataFrame
    pin: DemoSource | FileSource | HubSource | VersionSource


def read_demo(source: DemoSource) -> Read:
    """The embedded rows. Raises Problem when the recipe pins other rows than this package holds."""
    data = (resources.files("builders") / "demo" / "rows.jsonl").read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    _require_pin("the embedded demo rows", source.sha256, sha256)
    frame = rows_of(data, Path("demo rows.jsonl"), Columns())
    return Read(in_natural_order(frame, "demo rows.jsonl"), source.model_copy(update={"sha256": sha256}))


def read_file(path: Path, source: FileSource | HubSource) -> Read:
    """Read one file, by its ending. The pin records the file's name and sha256, never its folder."""
    rows, pin = _ordered(path, source)
    return Read(rows, source.model_copy(update=pin))


def read_split(source: HubSource) -> Read:
    """The rows of one split of a Hub dataset. The pin records the hash of the rows, as they stand in the four columns."""
    rows, pin = _ordered_split(source)
    return Read(rows, source.model_copy(update=pin))


def join_parallel(read: Read, place: Path | None, parallel: ParallelFile | ParallelHub) -> Read:
    """The rows with the question of their English parallel rows, joined on id; those keep the data contract themselves.

    place: the file of the parallel rows, None where `parallel` names a split. An id may lack one. Raises Problem when all
    do: then it is another data set.
    """
    assert isinstance(read.pin, FileSource | HubSource), "only these sources name a parallel one"
    if place is None:
        assert isinstance(parallel, ParallelHub), "a file has a place"
        english, pin = _ordered_split(parallel)
    else:
        english, pin = _ordered(place, parallel)
    english = english.select("id", *(pl.col(name.removesuffix("_en")).alias(name) for name in PARALLEL_FIELDS))
    rows = read.rows.join(english, on="id", how="left", maintain_order="left")
    if rows["instruction_en"].null_count() == rows.height:
        what = place.name if place else "source.parallel"
        raise Problem(f"{what}: none of its ids is one of the source's; use the rows that it was translated from")
    return Read(rows, read.pin.model_copy(update={"parallel": parallel.model_copy(update=pin)}))


def _ordered(path: Path, source: ParallelFile | ParallelHub) -> tuple[pl.DataFrame, dict[str, str]]:
    """A file's rows in natural order, and what its pin records of it."""
    data = file_bytes(path)
    if isinstance(source, ParallelHub) and source.split:  # a file that stands for a split: it is the rows that count
        frame = rows_of(data, path, source.columns)
        sha256 = _rows_sha256(frame)
        _require_pin(str(path), source.sha256, sha256)
    else:
        sha256 = hashlib.sha256(data).hexdigest()
        _require_pin(str(path), source.sha256, sha256)
        frame = rows_of(data, path, source.columns)
    pin = {"sha256": sha256}
    if isinstance(source, ParallelFile):  # a recorded name stays, whatever the file is called now
        pin["name"] = source.name or path.name
    return in_natural_order(frame, path.name), pin


def _ordered_split(source: ParallelHub) -> tuple[pl.DataFrame, dict[str, str]]:
    """A split's rows in natural order, and what its pin records of it."""
    assert source.split, "the recipe names a split or a file"
    table = fetch_rows(source.repo, source.revision, source.config, source.split)
    name = f"{source.repo} {source.split}"
    table = table.select(used_columns(table.columns, name, source.columns))
    frame = picked(table, name, source.columns)
    if frame.is_empty():
        raise Problem(f"{name}: holds no rows; name another split with source.split")
    sha256 = _rows_sha256(frame)
    _require_pin(name, source.sha256, sha256)
    return in_natural_order(frame, name), {"sha256": sha256}


def _rows_sha256(frame: pl.DataFrame) -> str:
    """Hash of rows as JSON Lines in their own order: the same from Parquet as from JSON."""
    digest = hashlib.sha256()
    for piece in frame.select("id", *FIELDS).iter_slices(ROWS_HASHED):
        lines = io.BytesIO()
        piece.write_ndjson(lines)
        digest.update(lines.getbuffer())
    return digest.hexdigest()


def file_bytes(path: Path) -> bytes:
    """What a file holds. Raises Problem when it is missing or may not be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise Problem(f"{path}: no such file; check the path") from None
    except OSError as error:
        raise Problem(f"{path}: cannot be read ({error.strerror}); give a file that you may read") from None


def _require_pin(what: str, expected: str | None, found: str) -> None:
    if expected is not None and expected != found:
        raise Problem(
            f"{what}: another source than the recipe pins (sha256 {found[:12]}…, expected {expected[:12]}…); "
            "use the pinned file, or remove source.sha256 to build from this one"
        )


# ---- ids and order ---------------------------------------------------------------------------------------------------


def in_natural_order(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Rows sorted by natural id ("alpaca-2" before "alpaca-10"), with `row` and `position`.

    Raises Problem for an empty or duplicate id.
    """
    frame = frame.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("position"), "id", *FIELDS)
    if frame["id"].null_count():
        frame = frame.with_columns(id=_content_ids(frame))
    empty = frame.filter(pl.col("id") == "")
    if not empty.is_empty():
        raise Problem(f"{name}, row {empty['position'][0] + 1}: the id is empty; every row needs one of its own")
    ordered = frame.sort(natural_keys(frame["id"]))
    twice = ordered.filter(pl.col("id") == pl.col("id").shift(1))
    if not twice.is_empty():
        places = sorted(frame.filter(pl.col("id") == twice["id"][0])["position"].to_list())
        raise Problem(
            f"{name}, rows {places[0] + 1} and {places[1] + 1}: the id {twice['id'][0]!r} stands twice; ids must be unique"
        )
    return ordered.with_row_index("row")


def natural_keys(ids: pl.Series) -> list[pl.Series]:
    """Sort keys that put numbers inside ids in numeric order; the id itself breaks ties such as "a-1" and "a-01"."""
    parts = ids.str.extract_groups(r"^([^0-9]*)([0-9]{1,18})$").struct.unnest()
    if parts.to_series(0).null_count() == 0:  # the usual shape, "alpaca-17"
        return [parts.to_series(0), parts.to_series(1).cast(pl.UInt64), ids]
    # Any other shape: every run of digits is preceded by its length, so that text order is numeric order, and by the
    # lowest character, so that two ids of the usual shape keep their order. There is no vectorised way to write that
    # length, hence the loop.
    digits = re.compile(r"0*([0-9]+)")
    padded = [digits.sub(lambda m: f"\0{len(m[1]):03d}{m[1]}", text) for text in ids.to_list()]
    return [pl.Series(padded, dtype=pl.String), ids]


def _content_ids(frame: pl.DataFrame) -> pl.Series:
    """Ids for a source without any: a hash of the text, numbered among exact copies, whatever the row order."""
    text = frame.select(pl.struct(FIELDS).struct.json_encode()).to_series()
    hashes = pl.Series("id", [hashlib.sha256(row.encode()).hexdigest()[:16] for row in text])
    copy = hashes.to_frame().select(pl.int_range(pl.len()).over("id") + 1).to_series()
    return (
        hashes.to_frame()
        .select(pl.when(copy == 1).then("id").otherwise(pl.col("id") + "-" + copy.cast(pl.String)))
        .to_series()
    )
