"""An engine of partitions without any library: what a cluster does, one thing after the other."""

import hashlib

import polars as pl

from builders.engines import partitions as parts
from builders.sources.order import STATED
from builders.stages.near import PAIR
from cards.shared.records import FileSize


class InParts:
    """Rows in so many partitions, records in so many shards, each as bytes and the last ones first."""

    keep = None

    def __init__(self, count):
        self.count = count

    def take(self, rows):
        self.kept = [parts.pack(part) for part in parts.cut(rows, self.count)]
        return rows.select("row", "position", "id", STATED)

    def by_row(self, rows, work):
        done = [parts.mapped(part, work) for part in reversed(self.kept)][::-1]
        self.kept = [kept for _, kept in done]
        for name, outcome, seconds, keys in parts.together([home for home, _ in done], rows):
            if keys is None:
                yield name, outcome, seconds
            else:
                self.found = keys

    def keys(self, rows):
        return self.found.join(rows.select("row"), on="row", how="semi")

    def near_pairs(self, rows, order, near):
        placed = parts.pack(parts.paired(order, self.found))
        brought = [parts.brought(rows, placed, near) for rows in self.kept]
        records = pl.concat([parts.records(one, placed, part) for part, one in reversed(list(enumerate(brought)))])
        shards = [records.filter(pl.col("bucket") % self.count == shard) for shard in range(self.count)]
        pairs = pl.concat([parts.candidates_among(shard, near.threshold) for shard in reversed(shards)]).unique()
        places = [
            pl.concat([pairs.filter(pl.col(f"{side}_part") == part)[side] for side in ("left", "right")]).unique()
            for part in range(len(self.kept))
        ]
        kept = zip(self.kept, brought, places, strict=True)
        texts = pl.concat([parts.texts_of(rows, one, placed, some) for rows, one, some in kept])
        for side in ("left", "right"):
            names = {name: side if name == "place" else f"{side}_{name}" for name in parts.TEXT}
            pairs = pairs.join(texts.rename(names), on=side)
        scored = [some.select("left", "right", parts.scores(some, near)) for some in pairs.iter_slices(3)]
        return pl.concat([pl.DataFrame(schema=PAIR), *scored]).drop_nulls().sort("left", "right")

    def whole(self, rows):
        return pl.concat(map(parts.unpack, self.kept)).join(rows.select("row"), on="row", how="semi")

    def finished(self, rows, finish):
        splits = parts.pack(rows.select("row", "split"))
        return Finished([parts.kept(rows, splits) for rows in self.kept], finish)


class Finished:
    """A version's rows in partitions."""

    def __init__(self, kept, finish):
        self.kept, self.finish = kept, finish

    def each(self, say):
        return pl.concat([say(self.finish(parts.unpack(one)).rows) for one in self.kept])

    def sha256(self):
        runs = self.each(lambda rows: rows.select("id"))["id"].rank("ordinal") // 5
        made = self.by_key(runs, lambda pieces: parts.lines_of(pieces, self.finish))
        return hashlib.sha256(b"".join(one["made"][0] for one in made)).hexdigest()

    def write(self, files, paths, columns):
        sizes = []
        made = self.by_key(files, lambda pieces: parts.file_of(pieces, self.finish, columns))
        for number, (path, file) in enumerate(zip(paths, made, strict=True)):
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(file["made"][0])
            sizes.append(FileSize(int((files == number).sum()), file["num_bytes"][0], path.stat().st_size))
        return sizes

    def by_key(self, keys, make):
        pieces, start = [], 0
        for part, rows in enumerate(self.kept):
            some = keys[start : (start := start + parts.unpack(rows).height)].alias("key").to_frame()
            pieces.insert(0, parts.scattered(rows, parts.pack(some), part))
        for _, some in sorted(pl.concat(pieces).partition_by("key", as_dict=True).items()):
            yield make(some)
