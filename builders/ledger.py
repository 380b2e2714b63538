"""Every source row exactly once, with its status."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from builders.schema import LEDGER_SCHEMA
from builders.stages.outcome import Outcome

DROP = {
    "row": pl.UInt32,
    "stage": pl.String,
    "rule": pl.String,
    "score": pl.Float64,
    "evidence": pl.String,
    "duplicate_of": pl.UInt32,
}
BATCH = 50_000  # rows whose canonical text is held at once
FLAG = {"row": pl.UInt32, "flag": pl.String, "score": pl.Float64, "evidence": pl.String}
EDIT = {"row": pl.UInt32, "edit": pl.String}


def row_hashes(rows: pl.DataFrame) -> pl.Series:
    """SHA-256 of each row's canonical JSON: keys id, input, instruction, output in this order, no spaces, UTF-8.

    A pair of answers has the key rejected_output after them.

    A loop, because hashlib has no call for many texts at once (about a microsecond per row).
    """
    digests: list[str] = []
    for part in rows.iter_slices(BATCH):
        more = [name for name in ("rejected_output",) if name in part.columns]
        keys = pl.struct("id", "input", "instruction", "output", *more)
        canonical = part.select(keys.struct.json_encode()).to_series()
        digests += [hashlib.sha256(text.encode()).hexdigest() for text in canonical]
    return pl.Series(digests, dtype=pl.String)


@dataclass
class Ledger:
    """What the stages said of the rows, gathered until it is closed into one table.

    ids: `row`, `id` of every source row, in natural id order. hashes: `row`, `sha256` (as bytes) of all rows as they were read,
    then of those that a stage edited.
    """

    ids: pl.DataFrame
    drops: list[pl.DataFrame] = field(default_factory=list)
    flags: list[pl.DataFrame] = field(default_factory=list)
    edits: list[pl.DataFrame] = field(default_factory=list)
    hashes: list[pl.DataFrame] = field(default_factory=list)

    def record(self, stage: str, outcome: Outcome) -> None:
        """Record what a stage made of rows."""
        if outcome.drops is not None:
            self.drop(stage, outcome.drops)
        if outcome.flags is not None:
            self.flag(outcome.flags)
        if outcome.edits is not None:
            self.edits.append(outcome.edits)
        if outcome.hashes is not None:
            self.hashes.append(outcome.hashes)

    def drop(self, stage: str, drops: pl.DataFrame) -> None:
        """Record rows that leave at a stage: `row`, `rule` and optionally `score`, `evidence`, `duplicate_of` (a row)."""
        columns = [
            pl.col(name) if name in drops.columns else pl.lit(None).alias(name) for name in DROP if name != "stage"
        ]
        table = drops.select(columns).with_columns(pl.lit(stage).alias("stage")).select(*DROP).cast(DROP)  # type: ignore[arg-type]
        self.drops.append(table)

    def flag(self, flags: pl.DataFrame) -> None:
        """Record `row`, `flag`, `evidence` and optionally `score`."""
        columns = [pl.col(name) if name in flags.columns else pl.lit(None).alias(name) for name in FLAG]
        self.flags.append(flags.select(columns).cast(FLAG))  # type: ignore[arg-type]

    def close(self, splits: pl.DataFrame) -> pl.DataFrame:
        """The ledger's table, in natural id order. `splits` (`row`, `split`) are the rows that were kept."""
        drops = pl.concat(self.drops or [pl.DataFrame(schema=DROP)])
        flags = pl.concat(self.flags or [pl.DataFrame(schema=FLAG)])
        edits = pl.concat(self.edits or [pl.DataFrame(schema=EDIT)])
        twice = self.ids.join(drops.filter(pl.col("row").is_duplicated()), on="row", how="semi")["id"].to_list()
        _require(not twice, f"{min(twice, default='')!r} was dropped more than once")
        listed = flags.group_by("row", maintain_order=True).agg(
            pl.col("flag").alias("flags"),
            pl.col("score").max().alias("flag_score"),
            pl.concat_str("flag", pl.lit(": "), "evidence").str.join("; ").alias("flag_evidence"),
        )
        edited = edits.group_by("row", maintain_order=True).agg(pl.col("edit").alias("edits"))
        names = self.ids.select(pl.col("row").alias("duplicate_of"), pl.col("id").alias("duplicate_id"))
        table = self._with_hashes()
        for part in (drops, listed, edited, splits.select("row", "split")):
            table = table.join(part, on="row", how="left", maintain_order="left", validate="1:1")
        table = table.join(names, on="duplicate_of", how="left", maintain_order="left")
        empty = pl.lit([], dtype=pl.List(pl.String))
        table = table.select(
            "id",
            pl.when(pl.col("stage").is_null()).then(pl.lit("kept")).otherwise(pl.lit("dropped")).alias("status"),
            "stage",
            "rule",
            # A kept row has no deciding score and evidence; those of its flags stand there instead.
            pl.when(pl.col("stage").is_null()).then("flag_score").otherwise("score").alias("score"),
            pl.when(pl.col("stage").is_null()).then("flag_evidence").otherwise("evidence").alias("evidence"),
            pl.col("duplicate_id").alias("duplicate_of"),
            pl.col("edits").fill_null(empty),
            pl.col("flags").fill_null(empty),
            "split",
            "source_sha256",
            "row_sha256",
        )
        check(table, splits.height)
        return table.cast(LEDGER_SCHEMA)  # type: ignore[arg-type]

    def _with_hashes(self) -> pl.DataFrame:
        """The ids with `source_sha256` and `row_sha256`."""
        assert self.hashes, "the read stage records the hashes of all rows"
        first, *edited = (one.with_columns(pl.col("sha256").bin.encode("hex")) for one in self.hashes)
        table = self.ids.join(first.rename({"sha256": "source_sha256"}), on="row", how="left", maintain_order="left")
        now = pl.concat([first.clear(), *edited]).unique("row", keep="last")
        table = table.join(now, on="row", how="left", maintain_order="left")
        return table.with_columns(pl.coalesce("sha256", "source_sha256").alias("row_sha256")).drop("sha256")


def faults(table: pl.DataFrame, kept_ids: Iterable[str] | None = None) -> list[str]:
    """What is wrong with a ledger: an id twice, an unknown status, a kept row without a split, kept rows that differ."""
    wrong = []
    if table["id"].n_unique() != table.height:
        twice = table.filter(pl.col("id").is_duplicated())["id"][0]
        wrong.append(f"id {twice!r} stands more than once")
    statuses = set(table["status"].unique().to_list())
    if not statuses <= {"kept", "dropped"}:
        wrong.append(f"unknown statuses {', '.join(sorted(map(repr, statuses - {'kept', 'dropped'})))}")
    kept = table.filter(pl.col("status") == "kept")
    if kept["split"].null_count() or table.filter(pl.col("status") == "dropped")["split"].count():
        wrong.append("a split must be given for kept rows and for no others")
    if table.filter(pl.col("status") == "dropped").filter(pl.col("stage").is_null() | pl.col("rule").is_null()).height:
        wrong.append("a dropped row has no stage or rule")
    if kept_ids is not None:
        kept_ids = list(kept_ids)
        data, ledger = set(kept_ids), set(kept["id"].to_list())
        if len(data) != len(kept_ids):
            twice = next(id for id, count in Counter(kept_ids).items() if count > 1)
            wrong.append(f"id {twice!r} stands more than once in the data")
        for what, ids in (
            ("kept in the ledger but not in the data", ledger - data),
            ("in the data but not kept in the ledger", data - ledger),
        ):
            if ids:
                wrong.append(f"{len(ids):,} rows are {what}, such as {min(ids)!r}")
    return wrong


def check(table: pl.DataFrame, kept: int) -> None:
    """The invariant, on every write: every source id once, kept + dropped = source."""
    wrong = faults(table)
    counted = table.filter(pl.col("status") == "kept").height
    if counted != kept:
        wrong.append(f"{counted} kept rows in the ledger, {kept} in the data")
    _require(not wrong, "; ".join(wrong))


def _require(holds: bool, wrong: str) -> None:
    """An assertion that `python -O` does not leave out."""
    if not holds:
        raise AssertionError(f"the ledger does not account for every row: {wrong}")
