"""An engine of partitions without any library: what a cluster does, one thing after the other."""

import polars as pl

from builders.engines import partitions as parts
from builders.stages.near import PAIR


class InParts:
    """Rows in so many partitions, records in so many shards, each as bytes and the last ones first."""

    def __init__(self, count):
        self.count = count

    def by_row(self, rows, work):
        cut = [parts.pack(part) for part in parts.cut(rows, self.count)]
        done = [parts.mapped(part, work) for part in reversed(cut)][::-1]
        self.kept = [kept for _, kept in done]
        for name, outcome, seconds, keys in parts.together([home for home, _ in done], rows):
            if keys is None:
                yield name, outcome, seconds
            else:
                self.found = keys

    def keys(self, rows):
        return self.found.join(rows.select("row"), on="row", how="semi")

    def near_pairs(self, rows, order, near):
        placed = parts.pack(order.with_row_index("place"))
        records = pl.concat([parts.records(kept, placed, part) for part, kept in reversed(list(enumerate(self.kept)))])
        shards = [records.filter(pl.col("bucket") % self.count == shard) for shard in range(self.count)]
        pairs = pl.concat([parts.candidates_among(shard, near.threshold) for shard in reversed(shards)]).unique()
        places = [
            pl.concat([pairs.filter(pl.col(f"{side}_part") == part)[side] for side in ("left", "right")]).unique()
            for part in range(len(self.kept))
        ]
        texts = pl.concat([parts.texts_of(kept, placed, some) for kept, some in zip(self.kept, places, strict=True)])
        for side in ("left", "right"):
            names = {name: side if name == "place" else f"{side}_{name}" for name in parts.TEXT}
            pairs = pairs.join(texts.rename(names), on=side)
        scored = [some.select("left", "right", parts.scores(some, near)) for some in pairs.iter_slices(3)]
        return pl.concat([pl.DataFrame(schema=PAIR), *scored]).drop_nulls().sort("left", "right")
