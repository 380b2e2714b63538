"""Daft as the engine: in this process, or on a Ray cluster. It moves partitions and shuffles records; what is done with
them is in `partitions`, and nothing is decided here.

    partitions ─ mapped ─▶ what comes home, and `kept`: what stays where it is
    kept, with the fixed order ─▶ a record for each row and band ─ shuffled by bucket ─▶ candidate pairs
    kept, of the rows in pairs ─▶ texts ─ joined to both sides of each pair ─▶ near-duplicates
"""

import importlib
import os
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate
from typing import Any

import polars as pl
import pyarrow as pa

from builders.engines import partitions as parts
from builders.engines.cluster import connected, lost_work
from builders.engines.engine import Step
from builders.recipes.model import Near
from builders.stages.by_row import RowWork
from builders.stages.near import PAIR

ROWS = 50_000  # of a partition, where nobody says how many partitions there are
COMPARED = 4_096  # pairs that are compared at once, with the texts of both sides
OLDEST = pl.CompatLevel.oldest()  # the types of Arrow that every library reads
Types = Mapping[str, Any]
MAPPED: Types = {"part": pl.UInt32, "home": pl.Binary, "kept": pl.Binary}


class Daft:
    """Rows in partitions, judged and paired by Daft.

    address: of a Ray cluster; in this process without one. partitions: how many; by default one for each ROWS rows.
    """

    def __init__(self, address: str | None = None, partitions: int | None = None) -> None:
        self._daft, self._partitions = connected(address), partitions
        self._firsts = pl.DataFrame()  # the first `row` of each `part`
        self._keys = pl.DataFrame()
        self._kept: Any = None

    def by_row(self, rows: pl.DataFrame, work: RowWork) -> Iterator[Step]:
        """See `Engine`. The seconds are those of all workers together."""
        cut = parts.cut(rows, self._partitions or max(os.cpu_count() or 1, -(-rows.height // ROWS)))
        self._firsts = pl.DataFrame({"row": [one["row"][0] for one in cut], "part": range(len(cut))}).cast(pl.UInt32)
        packed = [{"part": [part], "rows": [parts.pack(one)]} for part, one in enumerate(cut)]
        del cut
        source = self._daft.from_arrow(
            [pa.table(one, pa.schema(_fields({"part": pl.UInt32, "rows": pl.Binary}))) for one in packed]
        )
        del packed

        def judged(part: int, rows: bytes) -> pl.DataFrame:
            home, kept = parts.mapped(rows, work)
            return pl.DataFrame({"part": [part], "home": [home], "kept": [kept]}, MAPPED)

        with lost_work():
            self._kept = self._columns(self._made(source, judged, MAPPED, "part", "rows"), MAPPED).collect()
            homes = _polars(self._kept.select("part", "home")).sort("part")["home"].to_list()
        for name, outcome, seconds, keys in parts.together(homes, rows):
            if keys is None:
                yield name, outcome, seconds
            else:
                self._keys = keys

    def keys(self, rows: pl.DataFrame) -> pl.DataFrame:
        """See `dedup.Texts`."""
        return self._keys.join(rows.select("row"), on="row", how="semi", maintain_order="left")

    def near_pairs(self, rows: pl.DataFrame, order: pl.DataFrame, near: Near) -> pl.DataFrame:
        """See `dedup.Texts`."""
        kept = self._with_order(order)
        found = self._candidates(kept, near)
        texts = self._texts(kept, found)
        for side in ("left", "right"):
            names = {name: side if name == "place" else f"{side}_{name}" for name in parts.TEXT}
            found = found.join(texts.select(*(self._daft.col(name).alias(new) for name, new in names.items())), on=side)
        with lost_work():
            return _polars(self._resembling(found, near)).select(*PAIR).cast(PAIR).sort("left", "right")  # type: ignore[arg-type]

    def _with_order(self, order: pl.DataFrame) -> Any:
        """`part`, `kept`, and `order`: the places of a partition's rows in the fixed order, as Arrow bytes."""
        placed = order.with_row_index("place").sort("row").join_asof(self._firsts, on="row")
        packed = [
            (part, parts.pack(some.drop("part"))) for (part,), some in placed.partition_by("part", as_dict=True).items()
        ]
        table = pl.DataFrame(packed, {"part": pl.UInt32, "order": pl.Binary}, orient="row")
        ordered = self._daft.from_arrow(table.to_arrow(compat_level=OLDEST))
        return self._kept.select("part", "kept").join(ordered, on="part")

    def _candidates(self, kept: Any, near: Near) -> Any:
        """The pairs to compare, each once: `left`, `right`, `left_part`, `right_part`."""
        col, shards = self._daft.col, self._firsts.height

        def recorded(kept: bytes, order: bytes, part: int) -> pl.DataFrame:
            return parts.records(kept, order, part)

        def paired(records: pl.DataFrame) -> pl.DataFrame:
            return parts.candidates_among(records, near.threshold)

        records = self._made(kept, recorded, parts.RECORD, "kept", "order", "part")
        gathered = (
            records.with_column("shard", col("made").get("bucket") % shards)
            .groupby("shard")
            .agg(col("made").list_agg().alias("records"))
        )
        return (
            self._columns(self._made(gathered, paired, parts.CANDIDATE, "records"), parts.CANDIDATE)
            .distinct()
            .collect()
        )

    def _texts(self, kept: Any, pairs: Any) -> Any:
        """The texts of the rows that are in pairs (see `partitions.TEXT`)."""
        col = self._daft.col
        sides = [
            pairs.select(col(side).alias("place"), col(f"{side}_part").alias("part")) for side in ("left", "right")
        ]
        wanted = sides[0].concat(sides[1]).distinct().groupby("part").agg(col("place").list_agg().alias("places"))
        there = kept.join(wanted, on="part")
        return self._columns(self._made(there, parts.texts_of, parts.TEXT, "kept", "order", "places"), parts.TEXT)

    def _resembling(self, pairs: Any, near: Near) -> Any:
        """The pairs that are near-duplicates: `left`, `right`, `score`."""
        names = pairs.column_names

        @self._daft.func.batch(return_dtype=self._daft.DataType.float64(), batch_size=COMPARED, use_process=False)  # type: ignore[untyped-decorator]
        def score(*columns: Any) -> Any:
            table = pl.DataFrame(
                {name: pl.from_arrow(one.to_arrow()) for name, one in zip(names, columns, strict=True)}
            )
            return _series(parts.scores(table, near))

        col = self._daft.col
        scored = pairs.select("left", "right", score(*map(col, names)).alias("score"))
        return scored.where(col("score").not_null())

    def _made(self, frame: Any, make: Callable[..., pl.DataFrame], types: Types, *names: str) -> Any:
        """The tables that a function makes of each row's values (bytes, numbers, or lists as tables), one below the other, in the
        column `made`. One row at a time, for a row stands for a partition."""
        daft = self._daft
        struct = daft.DataType.from_arrow_type(pa.list_(pa.struct(_fields(types))))

        @daft.func.batch(return_dtype=struct, batch_size=1, use_process=False)  # type: ignore[untyped-decorator]
        def made(*columns: Any) -> Any:
            tables = [make(*values) for values in zip(*map(_values, columns), strict=True)]
            return _lists(tables, types)

        return (
            frame.select(made(*map(daft.col, names)).alias("made")).explode("made").where(daft.col("made").not_null())
        )

    def _columns(self, frame: Any, types: Types) -> Any:
        """The columns of what was made."""
        return frame.select(*(self._daft.col("made").get(name).alias(name) for name in types))


# ---- between Daft and polars -----------------------------------------------------------------------------------------


def _fields(types: Types) -> list[pa.Field]:
    return list(pl.DataFrame(schema=types).to_arrow(compat_level=OLDEST).schema)


def _polars(frame: Any) -> pl.DataFrame:
    return pl.DataFrame(frame.to_arrow())


def _series(values: pl.Series) -> Any:
    return importlib.import_module("daft").Series.from_arrow(values.to_arrow(compat_level=OLDEST))


def _values(column: Any) -> list[Any]:
    """The values of a column in Python; a list of records as a table, a list of numbers as a series."""
    values = column.to_arrow()
    if not pa.types.is_nested(values.type):
        return list(values.to_pylist())
    lists = [pl.Series(pl.from_arrow(one.values)) for one in values]
    return [one.struct.unnest() if isinstance(one.dtype, pl.Struct) else one for one in lists]


def _lists(tables: list[pl.DataFrame], types: Types) -> Any:
    """A column with one list of records for each table."""
    whole = pl.concat([pl.DataFrame(schema=types), *tables]).to_arrow(compat_level=OLDEST).combine_chunks()
    arrays = [
        pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type) for column in whole.columns
    ]
    records = pa.StructArray.from_arrays(arrays, fields=_fields(types))
    ends = [0, *accumulate(table.height for table in tables)]
    lists = pa.LargeListArray.from_arrays(pa.array(ends, pa.int64()), records)
    return importlib.import_module("daft").Series.from_arrow(lists)
