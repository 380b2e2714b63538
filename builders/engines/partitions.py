"""The work on rows as functions from a partition to a partition: bytes in, bytes out, for engines of many machines.

A partition is a run of rows in natural id order, as Arrow bytes. What comes home of it is what stages say of rows, in narrow
columns; its texts stay where they are until two of them are to be compared, and until they are a version's rows. The
stages are those of every build.
"""

import io
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec
import numpy as np
import polars as pl

from builders.engines.content import Finish
from builders.labels.records import LabelUse
from builders.recipes.model import Near
from builders.schema import FIELDS, SPOKEN
from builders.stages.buckets import Buckets, bucket_keys, fitting, likely
from builders.stages.by_row import RowWork
from builders.stages.dedup import keyed
from builders.stages.minhash import BANDS, ROWS
from builders.stages.near import eligible, in_company, resembling, sign_keys, sketched
from builders.stages.outcome import Outcome, without
from builders.versions.fingerprint import content_lines
from builders.versions.parquet import write_parquet_to

TABLES = ("drops", "flags", "edits", "findings", "languages", "hashes")  # of an Outcome
KEYS = "keys"
RECORD = {
    "bucket": pl.UInt64,
    "place": pl.UInt32,
    "part": pl.UInt32,
    "size": pl.UInt32,
    "asked": pl.UInt32,
    "spoken": pl.Boolean,
}
CANDIDATE = {"left": pl.UInt32, "right": pl.UInt32, "left_part": pl.UInt32, "right_part": pl.UInt32}
TEXT = {"place": pl.UInt32, "minima": pl.Binary, **dict.fromkeys(FIELDS, pl.String)}
PIECE = {"key": pl.UInt32, "part": pl.UInt32, "rows": pl.Binary}
MADE = {"key": pl.UInt32, "made": pl.Binary, "num_bytes": pl.UInt64}


class Said(msgspec.Struct, frozen=True):
    """What a stage said of a partition's rows: tables by name as Arrow bytes, and its seconds."""

    stage: str
    seconds: float
    tables: dict[str, bytes]
    label_use: LabelUse | None = None


def pack(frame: pl.DataFrame) -> bytes:
    """A table as Arrow bytes."""
    buffer = io.BytesIO()
    frame.write_ipc(buffer, compat_level=pl.CompatLevel.oldest())
    return buffer.getvalue()


def unpack(data: bytes) -> pl.DataFrame:
    """The table of Arrow bytes."""
    return pl.read_ipc(io.BytesIO(data))


def cut(rows: pl.DataFrame, partitions: int) -> list[pl.DataFrame]:
    """Rows in so many runs of about equal length; in fewer where there are fewer rows."""
    ends = np.linspace(0, rows.height, min(partitions, max(1, rows.height)) + 1).astype(int).tolist()
    return [rows[start:end] for start, end in pairwise(ends)]


# ---- the map ---------------------------------------------------------------------------------------------------------


def mapped(partition: bytes, work: RowWork) -> tuple[bytes, bytes]:
    """What comes home of a partition (see `together`), and the rows that are left."""
    rows = unpack(partition)
    said: list[Said] = []
    for name, stage in work.stages():
        start = time.perf_counter()
        outcome = stage(rows)
        tables = {table: pack(told) for table in TABLES if (told := getattr(outcome, table)) is not None}
        rows = outcome.rows
        said.append(Said(name, time.perf_counter() - start, tables, outcome.label_use))
    dedup = work.recipe.dedup
    if dedup.enabled and work.recipe.kind == "instructions":
        start, texts = time.perf_counter(), rows.select("row", *FIELDS, SPOKEN)
        keys = keyed(texts).with_columns(pl.Series("signs", sign_keys(texts)))
        said.append(Said(KEYS, time.perf_counter() - start, {KEYS: pack(keys)}))
    return msgspec.msgpack.encode(said), pack(rows)


def together(homes: Sequence[bytes], rows: pl.DataFrame) -> Iterator[tuple[str, Outcome, float, pl.DataFrame | None]]:
    """What came home of all partitions, in their order, stage by stage: name, outcome, seconds of all workers, keys.

    rows: all of the source, without their texts. Of `keys`, which is no stage, the outcome holds the rows alone.
    """
    decoded = [msgspec.msgpack.decode(home, type=list[Said]) for home in homes]
    for steps in zip(*decoded, strict=True):
        name, seconds = steps[0].stage, sum(step.seconds for step in steps)
        told = {table: pl.concat([unpack(step.tables[table]) for step in steps]) for table in steps[0].tables}
        keys = told.pop(KEYS, None)
        if "drops" in told:
            rows = without(rows, told["drops"])
        yield name, Outcome(rows, label_use=_use([step.label_use for step in steps]), **told), seconds, keys


def _use(uses: list[LabelUse | None]) -> LabelUse | None:
    """What became of labels in all partitions: each saw the labels of all rows, and only its own rows."""
    some = [use for use in uses if use]
    if not some:
        return None
    used, changed = sum(use.used for use in some), sum(use.changed for use in some)
    return LabelUse(some[0].labels, used, changed, some[0].labels - used - changed)


# ---- near-duplicates -------------------------------------------------------------------------------------------------


def paired(order: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """The rows that are looked at, those that may have a near-duplicate of them: with their `place` in the order, and `signs`."""
    told = order.with_row_index("place").join(keys.select("row", "signs"), on="row", how="left", maintain_order="left")
    return told.filter(in_company(*(told[name].to_numpy() for name in ("signs", "asked", "spoken"))))


def brought(rows: bytes, order: bytes, near: Near) -> bytes:
    """What rows bring to be paired, those with words enough of these: `row`, `size`, `signs`, `minima`.

    rows: what the map left. order: `row`, `signs`, and what `records` needs, of the rows that are looked at.
    """
    texts = unpack(rows).join(unpack(order).select("row", "signs"), on="row", how="inner", maintain_order="left")
    sketches = sketched(texts, near)
    places = eligible(sketches)
    minima = [sketches.minima[place].tobytes() for place in places]
    told = pl.Series("size", sketches.sizes[places], pl.UInt32), pl.Series("minima", minima, pl.Binary)
    return pack(texts[places].select("row", "signs").with_columns(*told))


def records(brought: bytes, order: bytes, part: int) -> pl.DataFrame:
    """A record of each row and band: its bucket, and what tells which pairs of a bucket may be duplicates; see RECORD.

    order: `row`, `place`, `asked`, `spoken` of the rows that are looked at.
    """
    rows = unpack(brought).join(unpack(order).drop("signs"), on="row", how="inner")
    minima, signs = _minima(rows["minima"]), rows["signs"].to_numpy()
    narrow = rows.select("place", pl.lit(part).alias("part"), "size", "asked", "spoken")
    tables = [narrow.with_columns(pl.Series("bucket", bucket_keys(minima, signs, band))) for band in range(BANDS)]
    return pl.concat(tables).select(*RECORD).cast(RECORD)  # type: ignore[arg-type]


def candidates_among(found: pl.DataFrame, threshold: float) -> pl.DataFrame:
    """The pairs that buckets propose and that fit; see CANDIDATE. found: all records of some buckets, in any order."""
    found = found.sort("place")  # the fixed order, in which a crowded bucket is looked at
    sizes, asked = found["size"].cast(pl.Int64).to_numpy(), found["asked"].cast(pl.Int64).to_numpy()
    place, part, spoken = found["place"].to_numpy(), found["part"].to_numpy(), found["spoken"].to_numpy()
    tables = [pl.DataFrame(schema=CANDIDATE)]
    for left, right in Buckets(found["bucket"].to_numpy()).pairs():
        alive = fitting(left, right, sizes, asked, spoken, threshold)
        left, right = left[alive], right[alive]
        columns = (place[left], place[right], part[left], part[right])
        tables.append(pl.DataFrame(dict(zip(CANDIDATE, columns, strict=True)), CANDIDATE))
    return pl.concat(tables).unique()


def texts_of(rows: bytes, brought: bytes, order: bytes, places: pl.Series) -> pl.DataFrame:
    """The texts and minima of the rows at these places; see TEXT."""
    wanted = unpack(order).filter(pl.col("place").is_in(places.implode())).select("row", "place")
    there = unpack(rows).join(wanted, on="row", how="inner")
    return there.join(unpack(brought).select("row", "minima"), on="row", how="inner").select(*TEXT)


def scores(pairs: pl.DataFrame, near: Near) -> pl.Series:
    """The Jaccard index of the pairs that are near-duplicates, null for the others.

    pairs: `left`, `right` (places), and the other columns of TEXT for each side, as `left_…` and `right_…`.
    """
    sides = [
        pairs.select(pl.col(side if name == "place" else f"{side}_{name}").alias(name) for name in TEXT)
        for side in ("left", "right")
    ]
    texts = pl.concat(sides).unique("place").sort("place")
    left, right = (texts["place"].search_sorted(side["place"]).cast(pl.Int64).to_numpy() for side in sides)
    minima = _minima(texts["minima"])
    alive = likely(minima[left] == minima[right], near.threshold)
    found = resembling(texts, left[alive], right[alive], near)
    asked = pl.DataFrame({"left": left, "right": right}).cast(pl.UInt32)
    return asked.join(found, on=["left", "right"], how="left", maintain_order="left")["score"]


def _minima(packed: pl.Series) -> np.ndarray[tuple[int, int], np.dtype[np.uint32]]:
    return np.frombuffer(b"".join(packed.to_list()), np.uint32).reshape(-1, BANDS * ROWS)


# ---- a version's rows ------------------------------------------------------------------------------------------------


# They are finished where they are used: a prompt is soon made, and is as long as what it is made of.


def kept(rows: bytes, splits: bytes) -> bytes:
    """The rows that are a version's, with their `split`. rows: what the map left. splits: `row`, `split`."""
    return pack(unpack(rows).join(unpack(splits), on="row", maintain_order="left"))


def scattered(rows: bytes, keys: bytes, part: int) -> pl.DataFrame:
    """A partition's rows by where they go to; see PIECE. keys: `key` of each row, in their order, and what else is told of it."""
    groups = unpack(rows).with_columns(unpack(keys)).partition_by("key", include_key=False, as_dict=True)
    pieces = [(key, part, pack(some)) for (key,), some in groups.items()]
    return pl.DataFrame(pieces, PIECE, orient="row")


def part_of(pieces: pl.DataFrame) -> pl.DataFrame:
    """The partition of the rows that came to one key, in order: its number and its rows."""
    rows = _gathered(pieces).sort("row")
    return pl.DataFrame([(pieces["key"][0], pack(rows))], {"part": pl.UInt32, "rows": pl.Binary}, orient="row")


def _gathered(pieces: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([unpack(one) for one in pieces.sort("part")["rows"]])


def lines_of(pieces: pl.DataFrame, finish: Finish) -> pl.DataFrame:
    """What the content's hash is taken of, of all rows that came to one key, in order of their ids; see MADE."""
    lines = b"".join(content_lines(finish(_gathered(pieces)).rows))
    return pl.DataFrame([(pieces["key"][0], lines, 0)], MADE, orient="row")


def file_of(pieces: pl.DataFrame, finish: Finish, columns: Sequence[str]) -> pl.DataFrame:
    """The Parquet file of all rows that came to one key; see MADE."""
    buffer = io.BytesIO()
    size = write_parquet_to(buffer, finish(_gathered(pieces)).rows.select(columns))
    return pl.DataFrame([(pieces["key"][0], buffer.getvalue(), size.num_bytes)], MADE, orient="row")
