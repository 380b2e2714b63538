"""Rows in an order that does not depend on the source's: natural order of ids; ids for sources that have none."""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl
import polars.selectors as cs

from builders.errors import Invalid
from builders.schema import FIELDS, SPOKEN, language_id, several_languages

Duplicates = Literal["error", "keep_first", "number"]
TEXTS = cs.by_name(*FIELDS, require_all=False)
STATED = cs.by_name("origin", require_all=False) | SPOKEN  # what a source may say of its rows
DIGITS = re.compile(r"0*([0-9]+)")


@dataclass(frozen=True)
class Ordered:
    """Rows in natural order, with `row` and `position`.

    repeated: `row`, `rule`, `evidence`, `duplicate_of` (a row) of those whose id another row has, where these leave.
    """

    rows: pl.DataFrame
    repeated: pl.DataFrame | None = None


def in_natural_order(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Rows sorted by natural id ("alpaca-2" before "alpaca-10"), with `row` and `position`.

    Raises Invalid for an empty or duplicate id.
    """
    return ordered(frame, name).rows


def ordered(
    frame: pl.DataFrame, name: str, duplicates: Duplicates | None = None, tables: Sequence[tuple[str, int]] = ()
) -> Ordered:
    """Rows sorted by natural id, and what is to be recorded of ids that several rows have. Of several languages, each row's id
    gets its language before it, unless it begins so already: those of one language follow each other, and translations have
    other ids.

    duplicates: what is done about an id that several rows have; None where no recipe can say. tables: name and rows of
    each, where the rows are of several, one after the other. Raises Invalid for an empty id, and for a duplicate one unless
    something is to be done about it.
    """
    frame = frame.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("position"), "id", TEXTS, STATED)
    if frame["id"].null_count():
        frame = frame.with_columns(id=content_ids(frame))
    empty = frame.filter(pl.col("id") == "")
    if not empty.is_empty():
        table, row = _place(empty["position"][0], name, tables)
        raise Invalid(f"{table}, row {row}: the id is empty", "every row needs one of its own")
    if several_languages(frame):
        frame = frame.with_columns(id=language_id(pl.col("id")))
    several = frame.filter(pl.col("id").is_duplicated())
    if several.is_empty():
        return Ordered(_sorted(frame))
    if duplicates in (None, "error"):
        raise _duplicate(several, name, duplicates, tables)
    renamed, firsts = _renamed(several, set(frame["id"].to_list()), by_place=duplicates == "keep_first")
    frame = frame.update(renamed.select("position", "id"), on="position")
    numbered = _sorted(frame)
    if duplicates == "number":
        return Ordered(numbered)
    rows = numbered.select("row", "position")
    later = firsts.join(rows, on="position").join(rows.rename({"row": "duplicate_of", "position": "first"}), on="first")
    evidence = pl.format("row {} has the id of row {}, {}", pl.col("position") + 1, pl.col("first") + 1, "id")
    rule = pl.lit("duplicate_id").alias("rule")
    return Ordered(numbered, later.sort("row").select("row", rule, evidence.alias("evidence"), "duplicate_of"))


def _sorted(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.sort(natural_keys(frame["id"])).with_row_index("row")


def _place(position: int, name: str, tables: Sequence[tuple[str, int]]) -> tuple[str, int]:
    """The table that a row is in, and its number there, from 1."""
    for table, height in tables:
        if position < height:
            return table, position + 1
        position -= height
    return name, position + 1


def _duplicate(
    several: pl.DataFrame, name: str, duplicates: Duplicates | None, tables: Sequence[tuple[str, int]]
) -> Invalid:
    first = several.sort(natural_keys(several["id"]))["id"][0]
    places = sorted(several.filter(pl.col("id") == first)["position"].to_list())
    (table, row), (other, again) = (_place(position, name, tables) for position in places[:2])
    where = f"{table}, rows {row} and {again}" if table == other else f"{table}, row {row}, and {other}, row {again}"
    what = f"{where}: both have the id {first!r}"
    if duplicates is None:
        return Invalid(what, "ids must be unique")
    ways = "ids must be unique: make them from content with --set source.columns.id=null, or --set {key}=keep_first"
    return Invalid(what, ways, "duplicates")


def _renamed(several: pl.DataFrame, taken: set[str], by_place: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows that share ids, all but one of each with a number after it: `ID (2)`.

    by_place: the first in the source keeps the id; otherwise the order of their content decides, not that of the source.
    Returns also `position`, `first` (the position of the row that keeps it) and `id` (that id) of the others.
    """
    order = ["id", "position"] if by_place else ["id", *FIELDS, "position"]
    rows = several.sort(order)
    ids, firsts = [], []
    counts: Counter[str] = Counter()
    holders: dict[str, int] = {}
    for position, id in rows.select("position", "id").iter_rows():
        counts[id] += 1
        if counts[id] == 1:
            ids.append(id)
            holders[id] = position
            continue
        while (numbered := f"{id} ({counts[id]})") in taken:
            counts[id] += 1
        taken.add(numbered)
        ids.append(numbered)
        firsts.append((position, holders[id], id))
    schema = {"position": pl.UInt32, "first": pl.UInt32, "id": pl.String}
    return rows.with_columns(id=pl.Series(ids, dtype=pl.String)), pl.DataFrame(firsts, schema, orient="row")


def natural_keys(ids: pl.Series) -> list[pl.Series]:
    """Sort keys that put numbers inside ids in numeric order; the id itself breaks ties such as "a-1" and "a-01"."""
    parts = ids.str.extract_groups(r"^([^0-9]*)([0-9]{1,18})$").struct.unnest()
    if parts.to_series(0).null_count() == 0:  # the usual shape, "alpaca-17"
        return [parts.to_series(0), parts.to_series(1).cast(pl.UInt64), ids]
    # Any other shape: every run of digits is preceded by its length, so that text order is numeric order, and by the
    # lowest character, so that two ids of the usual shape keep their order. There is no vectorised way to write that
    # length, hence the loop.
    padded = [natural_key(text)[0] for text in ids.to_list()]
    return [pl.Series(padded, dtype=pl.String), ids]


def natural_key(text: str) -> tuple[str, str]:
    """A sort key that puts numbers inside a text in numeric order."""
    return DIGITS.sub(lambda m: f"\0{len(m[1]):03d}{m[1]}", text), text


def content_ids(frame: pl.DataFrame) -> pl.Series:
    """Ids for a source without any: a hash of the text, numbered among exact copies, whatever the row order."""
    text = frame.select(pl.struct(FIELDS).struct.json_encode()).to_series()
    hashes = pl.Series("id", [hashlib.sha256(row.encode()).hexdigest()[:16] for row in text])
    alike = pl.DataFrame([hashes, *frame.select(SPOKEN)])
    copy = alike.select(pl.int_range(pl.len()).over(alike.columns) + 1).to_series()
    return (
        hashes.to_frame()
        .select(pl.when(copy == 1).then("id").otherwise(pl.col("id") + "-" + copy.cast(pl.String)))
        .to_series()
    )
