"""Rows to read on the audit's page: every row that was dropped, every kept one with a flag, the kept twins of dropped ones, and
a sample of the others."""

from collections.abc import Collection, Mapping
from pathlib import Path

import polars as pl

from builders.errors import Problem
from builders.reading.origins import with_origins
from builders.recipes.model import Language
from builders.schema import ENTRY, FIELDS, LANGUAGE, language_of
from builders.sources.order import natural_keys
from builders.sources.reading import read_source
from builders.stages.language import told_languages
from builders.stages.repair import repair
from builders.stages.sampling import places
from builders.versions.version import Version
from cards.audit.rows import LIST, TEXTS, RowsToRead, packed

KEPT = 60  # kept rows that nothing points at
LONG = 4_000  # characters of a field that a page shows
MOST_BYTES = 8_000_000  # of packed rows on one page
COLUMNS = [name for name in (*LIST, *TEXTS) if name != "first"]


def rows_to_read(
    version: Version,
    registry: Path,
    where: str | None = None,
    pointed: Mapping[str, Collection[str]] | None = None,
    most_bytes: int = MOST_BYTES,
) -> RowsToRead:
    """Rows of a version: those that were dropped or flagged, the twins that dropped ones refer to, and KEPT others by hash.

    where: the source's place now, if it has moved. pointed: ids of further rows, by the name of what points at them. If all
    that takes more than most_bytes packed, there are only so many of each kind (a rule's drops, a flag's rows), those whose
    hashed ids come first.
    """
    chosen = _chosen(version, pointed or {})
    rows, note = _with_texts(version, chosen, registry, where)
    rows = _with_language(rows, version.recipe.language).select(*COLUMNS, "place", "kind")
    return _fitting(rows, most_bytes, note)


def rows_of_file(rows: pl.DataFrame) -> RowsToRead:
    """The same for rows that no recipe has seen: a sample of them, and no dropped ones."""
    placed = with_origins(rows).with_columns(places(rows["id"], 0, "audit")).sort("place", "id").head(KEPT)
    sample = placed.sort(natural_keys(placed["id"])).with_columns(
        pl.lit("kept").alias("status"), pl.lit(["sample"]).alias("here"), _words(), *_cut(placed)
    )
    sample = _completed(sample)
    return RowsToRead(sample, packed(sample), sample.height)


# ---- which rows ------------------------------------------------------------------------------------------------------


def _chosen(version: Version, pointed: Mapping[str, Collection[str]]) -> pl.DataFrame:
    """ENTRY of the rows that belong on the page, `here`, their `place` by hash, and their `kind`: what caps count together."""
    ledger = version.ledger_by_id().select("id", *ENTRY)
    ledger = ledger.with_columns(places(ledger["id"], 0, "audit"))
    kept = pl.col("status") == "kept"
    calm = ledger.filter(kept & (pl.col("flags").list.len() == 0)).sort("place", "id").head(KEPT)["id"]
    reasons = {
        "flagged": kept & (pl.col("flags").list.len() > 0),
        "twin": kept & pl.col("id").is_in(ledger["duplicate_of"].drop_nulls().unique().implode()),
        "sample": pl.col("id").is_in(calm.implode()),
        **{name: pl.col("id").is_in(list(ids)) for name, ids in pointed.items()},
    }
    here = pl.concat_list(pl.when(reason).then(pl.lit(name)) for name, reason in reasons.items()).list.drop_nulls()
    gone = pl.when(~kept).then(pl.concat_str("stage", pl.lit("/"), "rule"))
    kind = gone.otherwise(pl.concat_str(pl.lit("flag/"), pl.col("flags").list.first()))
    listed = ledger.with_columns(here.alias("here"), kind.alias("kind"))
    return listed.filter(~kept | (pl.col("here").list.len() > 0))


def _fitting(rows: pl.DataFrame, most_bytes: int, note: str | None) -> RowsToRead:
    """All rows if they fit; else as many of each kind as do."""
    shown = _in_order(rows)
    blocks = packed(shown)
    found = RowsToRead(shown, blocks, rows.height, note=note)
    if found.size <= most_bytes:
        return found
    rank = pl.int_range(pl.len()).over("kind")  # a row that no kind counts is left out last
    ranked = rows.sort("place", "id").with_columns(
        pl.when(pl.col("kind").is_null()).then(0).otherwise(rank).alias("rank")
    )
    size = pl.sum_horizontal(pl.col(name).str.len_bytes() for name in TEXTS).alias("size")
    sizes = ranked.select("rank", size).group_by("rank").agg(pl.col("size").sum()).sort("rank")["size"].cum_sum()
    budget = most_bytes * sizes[-1] / found.size
    while found.size > most_bytes:
        most = int((sizes <= budget).sum())
        some = _in_order(_with_twins(ranked, most))
        found = RowsToRead(some, packed(some) if most else (), rows.height, most, note)
        budget *= 0.95
    return found


def _with_twins(ranked: pl.DataFrame, most: int) -> pl.DataFrame:
    """At most so many rows of each kind; kept twins only of dropped rows that are among them."""
    some = ranked.filter(pl.col("rank") < most)
    wanted = some["duplicate_of"].drop_nulls().unique()
    only_twin = (pl.col("here") == pl.lit(["twin"])).fill_null(False)
    return some.filter(~only_twin | pl.col("id").is_in(wanted.implode()))


def _in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """Dropped rows, then kept ones, each in natural order of the ids."""
    return rows.sort(pl.col("status") != "dropped", *natural_keys(rows["id"])).select(COLUMNS)


# ---- what is told of them --------------------------------------------------------------------------------------------


def _with_texts(
    version: Version, chosen: pl.DataFrame, registry: Path, where: str | None
) -> tuple[pl.DataFrame, str | None]:
    """The rows with origin and texts as far as they are at hand, and why some are not."""
    rows = version.rows().rename({"chosen": "completion"}, strict=False)
    kept = rows.join(chosen.select("id"), on="id", how="semi")
    sample = pl.col("id").is_in(chosen.filter(pl.col("here").list.contains("sample"))["id"].implode())
    as_seen = [pl.when(sample).then(_said(kept, part)).alias(part) for part in ("prompt", "completion")]
    parts, note = [_texts(kept, *as_seen, pl.col("origin"))], None
    try:
        source = read_source(version.recipe, registry, where).rows
    except Problem as problem:
        note = f"The text of dropped rows is not at hand: {problem}."
    else:
        gone = with_origins(source).join(chosen.select("id"), on="id", how="semi").join(kept, on="id", how="anti")
        origins = gone.select("id", "origin")
        repaired, _ = repair(gone, version.recipe.edits)
        parts.append(_texts(repaired.drop("origin", strict=False).join(origins, on="id", how="left"), pl.col("origin")))
    texts = pl.concat(parts, how="diagonal")
    return chosen.join(texts, on="id", how="left", maintain_order="left"), note


def _texts(rows: pl.DataFrame, *more: pl.Expr) -> pl.DataFrame:
    """`id`, the texts (cut), the words of the answer, and what else is asked for."""
    return rows.select("id", _words(), *_cut(rows), *more)


def _cut(rows: pl.DataFrame) -> list[pl.Expr]:
    """The texts, of a long one the beginning."""
    return [_short(pl.col(name)).alias(name) for name in (*FIELDS, "rejected_output") if name in rows.columns]


def _short(text: pl.Expr) -> pl.Expr:
    more = text.str.len_chars() - LONG
    cut = pl.concat_str(text.str.head(LONG), pl.format(" … ({} characters more)", more))
    return pl.when(text.str.len_chars() > LONG).then(cut).otherwise(text)


def _words() -> pl.Expr:
    return pl.col("output").str.count_matches(r"\S+").cast(pl.Int64).alias("words")


def _said(rows: pl.DataFrame, part: str) -> pl.Expr:
    """A prompt or completion as text; of a chat, what its messages say."""
    said = pl.col(part)
    if rows.schema[part] != pl.String:
        said = said.list.eval(pl.element().struct.field("content")).list.join("\n\n")
    return _short(said)


def _with_language(rows: pl.DataFrame, asked: Language) -> pl.DataFrame:
    """The language of question and answer, as the build decided it: `es`, or `es, answer en`; of several languages the one that
    the row is meant to be in, where the build cannot tell; null where nobody asked."""
    rows = _completed(rows)
    if asked.several:
        rows = rows.with_columns(language_of(pl.col("id")).alias(LANGUAGE.name))
    there = rows.with_row_index("row").filter(pl.col("instruction").is_not_null())
    if not asked.decides or there.is_empty():
        return rows
    there = there if asked.several else there.drop(LANGUAGE.name)
    told = told_languages(there, asked)
    same = pl.col("question") == pl.col("answer")
    named = pl.when(same).then("question").otherwise(pl.format("{}, answer {}", "question", "answer"))
    found = there.select("row", "id").join(told.select("row", named.alias("language")), on="row").drop("row")
    told = rows.join(found, on="id", how="left", maintain_order="left", suffix="_told")
    return told.with_columns(pl.coalesce("language_told", "language").alias("language")).drop("language_told")


def _completed(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with every column that a row to read has, null where nothing is known, and those that choosing needs."""
    types = {name: dtype for name, dtype in {**LIST, **TEXTS}.items() if name != "first"}
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in types.items() if name not in rows.columns]
    chosen = [name for name in ("place", "kind") if name in rows.columns]
    return rows.with_columns(missing).select(*(pl.col(name).cast(dtype) for name, dtype in types.items()), *chosen)
