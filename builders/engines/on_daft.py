"""Daft as the engine: in this process, or on a Ray cluster. It moves partitions and shuffles records; what is done with
them is in `partitions`, and nothing is decided here.

    partitions ─ mapped ─▶ what comes home, and the `rows`, which stay where they are
    rows, with the fixed order ─▶ what they `brought` to be paired
    brought, with the fixed order ─▶ a record for each row and band ─ shuffled by bucket ─▶ candidate pairs
    rows in pairs ─▶ texts ─ joined to both sides of each pair ─▶ near-duplicates
    rows, with their splits ─ kept ─▶ a version's rows ─ shuffled by file ─▶ files; by id ─▶ what is hashed
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from threading import RLock
from typing import Any

import numpy as np
import polars as pl

from builders.engines import partitions as parts
from builders.engines.cluster import connected, lost_work
from builders.engines.content import Content, Finish
from builders.engines.daft_frames import Types, columns, in_turn, made, polars_of, regrouped, series, source, union
from builders.engines.engine import Step
from builders.recipes.model import Near
from builders.sources.order import STATED
from builders.stages.by_row import RowWork
from builders.stages.near import PAIR
from cards.shared.records import FileSize
from cards.statistics.statistic import Say

ROWS = 50_000  # of a partition, where nobody says how many partitions there are
HASHED = 10_000  # rows whose lines come home at once
COMPARED = 4_096  # pairs that are compared at once, with the texts of both sides
TAKEN: Types = {"part": pl.UInt32, "rows": pl.Binary}
MAPPED: Types = {"part": pl.UInt32, "home": pl.Binary, "rows": pl.Binary}
BROUGHT: Types = {"part": pl.UInt32, "brought": pl.Binary}


class Daft:
    """Rows in partitions, judged and paired by Daft.

    address: of a Ray cluster; in this process without one. partitions: how many; by default one for each ROWS rows.
    """

    def __init__(self, address: str | None = None, partitions: int | None = None) -> None:
        self._daft, self._partitions, self._on_cluster = connected(address), partitions, address is not None
        self._firsts = pl.DataFrame()  # the first `row` of each `part`
        self._keys = pl.DataFrame()
        self._kept: Any = None
        self._read: list[Any] = []  # texts that were kept, before their rows were taken
        self._heights: list[int] = []

    def keep(self, texts: pl.DataFrame) -> None:
        """See `Engine`."""
        self._read.append(source([pl.DataFrame([(len(self._read), parts.pack(texts))], TAKEN, orient="row")]))
        self._heights.append(texts.height)

    def take(self, rows: pl.DataFrame) -> pl.DataFrame:
        """See `Engine`."""
        cut = parts.cut(rows, self._partitions or max(os.cpu_count() or 1, -(-rows.height // ROWS)))
        self._firsts = pl.DataFrame({"row": [one["row"][0] for one in cut], "part": range(len(cut))}).cast(pl.UInt32)
        if self._read:
            self._kept = self._dealt(rows)
        else:
            for one in cut:
                self.keep(one)
            self._kept = union(self._read)
        self._read, self._heights = [], []
        return rows.select("row", "position", "id", STATED)

    def _dealt(self, rows: pl.DataFrame) -> Any:
        """The partitions, out of the texts that were kept. rows: all, without them."""
        ends = np.cumsum(self._heights)
        told = self._in_parts(rows).rename({"part": "key"}).sort("position")
        files = np.searchsorted(ends, told["position"].to_numpy(), side="right")
        there = union(self._read).join(source([_by_part(told.with_columns(part=files), "keys")]), on="part")
        with lost_work():
            dealt = regrouped(there, parts.scattered, parts.PIECE, parts.part_of, TAKEN)
            if (
                self._on_cluster
            ):  # there as many as there are files, unless it is told; here Daft warns that it knows none
                dealt = dealt.into_partitions(self._firsts.height)
            return dealt.collect()

    def by_row(self, rows: pl.DataFrame, work: RowWork) -> Iterator[Step]:
        """See `Engine`. The seconds are those of all workers together."""

        def judged(part: int, rows: bytes) -> pl.DataFrame:
            return pl.DataFrame([(part, *parts.mapped(rows, work))], MAPPED, orient="row")

        with lost_work():
            self._kept = columns(made(self._kept, judged, MAPPED, "part", "rows"), MAPPED).collect()
            homes = polars_of(self._kept.select("part", "home")).sort("part")["home"].to_list()
        for name, outcome, seconds, keys in parts.together(homes, rows):
            if keys is None:
                yield name, outcome, seconds
            else:
                self._keys = keys

    def keys(self, rows: pl.DataFrame) -> pl.DataFrame:
        """See `dedup.Texts`."""
        return self._keys.drop("signs").join(rows.select("row"), on="row", how="semi", maintain_order="left")

    def near_pairs(self, rows: pl.DataFrame, order: pl.DataFrame, near: Near) -> pl.DataFrame:
        """See `dedup.Texts`."""
        some = parts.paired(order, self._keys)
        if some.is_empty():
            return pl.DataFrame(schema=PAIR)
        kept = self._sketched(self._beside("rows", order=some.sort("row")), near)
        found = self._candidates(kept, near)
        texts = self._texts(kept, found)
        for side in ("left", "right"):
            names = {name: side if name == "place" else f"{side}_{name}" for name in parts.TEXT}
            found = found.join(texts.select(*(self._daft.col(name).alias(new) for name, new in names.items())), on=side)
        with lost_work():
            return polars_of(self._resembling(found, near)).select(*PAIR).cast(PAIR).sort("left", "right")  # type: ignore[arg-type]

    def whole(self, rows: pl.DataFrame) -> pl.DataFrame:
        """See `Engine`."""
        with lost_work():
            there = polars_of(self._kept.select("part", "rows")).sort("part")["rows"]
        return pl.concat(map(parts.unpack, there)).join(rows.select("row"), on="row", how="semi", maintain_order="left")

    def finished(self, rows: pl.DataFrame, finish: Finish) -> Content:
        """See `Engine`."""
        there, self._kept, self._keys = self._beside("rows", splits=rows.select("row", "split")), None, pl.DataFrame()

        def kept(part: int, rows: bytes, splits: bytes) -> pl.DataFrame:
            return pl.DataFrame([(part, parts.kept(rows, splits))], TAKEN, orient="row")

        with lost_work():
            there = columns(made(there, kept, TAKEN, "part", "rows", "splits"), TAKEN).collect()
        return OnWorkers(self._daft, there, self._in_parts(rows)["part"], rows["id"], finish)

    def _in_parts(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows, in their order, with the `part` that they are in."""
        return rows.join_asof(self._firsts, on="row")

    def _beside(self, *names: str, **told: pl.DataFrame) -> Any:
        """`part`, columns of what is kept of each partition, and beside them what is told of its rows, as Arrow bytes."""
        kept = self._kept.select("part", *names)
        for name, rows in told.items():
            kept = kept.join(source([_by_part(self._in_parts(rows), name)]), on="part")
        return kept

    def _sketched(self, kept: Any, near: Near) -> Any:
        """What is kept of each partition, and beside it what its rows bring to be paired."""

        def sketched(part: int, rows: bytes, order: bytes) -> pl.DataFrame:
            return pl.DataFrame([(part, parts.brought(rows, order, near))], BROUGHT, orient="row")

        with lost_work():
            brought = columns(made(kept, sketched, BROUGHT, "part", "rows", "order"), BROUGHT).collect()
        return kept.join(brought, on="part")

    def _candidates(self, kept: Any, near: Near) -> Any:
        """The pairs to compare, each once: `left`, `right`, `left_part`, `right_part`."""
        col, shards = self._daft.col, self._firsts.height

        def recorded(brought: bytes, order: bytes, part: int) -> pl.DataFrame:
            return parts.records(brought, order, part)

        def paired(records: pl.DataFrame) -> pl.DataFrame:
            return parts.candidates_among(records, near.threshold)

        records = made(kept, recorded, parts.RECORD, "brought", "order", "part")
        gathered = (
            records.with_column("shard", col("made").get("bucket") % shards)
            .groupby("shard")
            .agg(col("made").list_agg().alias("records"))
        )
        return columns(made(gathered, paired, parts.CANDIDATE, "records"), parts.CANDIDATE).distinct().collect()

    def _texts(self, kept: Any, pairs: Any) -> Any:
        """The texts of the rows that are in pairs (see `partitions.TEXT`)."""
        col = self._daft.col
        sides = [
            pairs.select(col(side).alias("place"), col(f"{side}_part").alias("part")) for side in ("left", "right")
        ]
        wanted = sides[0].concat(sides[1]).distinct().groupby("part").agg(col("place").list_agg().alias("places"))
        there = kept.join(wanted, on="part")
        return columns(made(there, parts.texts_of, parts.TEXT, "rows", "brought", "order", "places"), parts.TEXT)

    def _resembling(self, pairs: Any, near: Near) -> Any:
        """The pairs that are near-duplicates: `left`, `right`, `score`."""
        names = pairs.column_names

        @self._daft.func.batch(return_dtype=self._daft.DataType.float64(), batch_size=COMPARED, use_process=False)  # type: ignore[untyped-decorator]
        def score(*columns: Any) -> Any:
            table = pl.DataFrame(
                {name: pl.from_arrow(one.to_arrow()) for name, one in zip(names, columns, strict=True)}
            )
            return series(parts.scores(table, near))

        col = self._daft.col
        scored = pairs.select("left", "right", score(*map(col, names)).alias("score"))
        return scored.where(col("score").not_null())


class OnWorkers:
    """A version's rows in the partitions of Daft.

    rows: `part`, `rows` (see `partitions.kept`). part, ids: of each row, in natural id order. One thing is done at a time.
    """

    def __init__(self, daft: Any, rows: Any, part: pl.Series, ids: pl.Series, finish: Finish) -> None:
        self._daft, self._rows, self._part, self._ids, self._finish = daft, rows, part, ids, finish
        self._busy = RLock()

    def each(self, say: Say) -> pl.DataFrame:
        """See `Content`."""

        finish = self._finish

        def said(part: int, rows: bytes) -> pl.DataFrame:
            return pl.DataFrame([(part, parts.pack(say(finish(parts.unpack(rows)).rows)))], TAKEN, orient="row")

        with self._busy, lost_work():
            told = polars_of(columns(made(self._rows, said, TAKEN, "part", "rows"), TAKEN)).sort("part")["rows"]
        return pl.concat(map(parts.unpack, told))

    def sha256(self) -> str:
        """See `Content`."""
        runs = (self._ids.rank("ordinal") - 1) // HASHED
        digest = hashlib.sha256()
        for lines in self._by_key(runs, partial(parts.lines_of, finish=self._finish)):
            digest.update(lines["made"].as_buffer())
        return digest.hexdigest()

    def write(self, files: pl.Series, paths: Sequence[Path], columns: Sequence[str]) -> list[FileSize]:
        """See `Content`."""
        rows = np.bincount(files.to_numpy(), minlength=len(paths)).tolist()
        sizes = []
        make = partial(parts.file_of, finish=self._finish, columns=columns)
        for number, file in enumerate(self._by_key(files, make)):
            data = file["made"].as_buffer()
            paths[number].parent.mkdir(parents=True, exist_ok=True)
            paths[number].write_bytes(data)
            sizes.append(FileSize(rows[number], file["num_bytes"].as_py(), data.size))
        return sizes

    def _by_key(self, keys: pl.Series, make: Callable[[pl.DataFrame], pl.DataFrame]) -> Iterator[dict[str, Any]]:
        """What a function makes of all rows that have a key, in order of the keys (see `partitions.MADE`)."""
        told = pl.DataFrame({"part": self._part, "key": keys.cast(pl.UInt32)})
        with self._busy, lost_work():
            there = self._rows.join(source([_by_part(told, "keys")]), on="part")
            found = regrouped(there, parts.scattered, parts.PIECE, make, parts.MADE)
            yield from in_turn(found.sort("key"))


def _by_part(told: pl.DataFrame, name: str) -> pl.DataFrame:
    """`part`, and under a name what is told of its rows, as Arrow bytes. told: `part` and more."""
    groups = told.partition_by("part", include_key=False, as_dict=True)
    packed = [(part, parts.pack(some)) for (part,), some in groups.items()]
    return pl.DataFrame(packed, {"part": pl.UInt32, name: pl.Binary}, orient="row")
