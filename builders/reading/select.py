"""Some rows of a version, to be read: which ones, in which order, with their text and what became of them."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from builders.errors import NotFound, Problem, nearest
from builders.reading.origins import origins
from builders.schema import ENTRY, FIELDS, Status
from builders.sources.reading import read_source
from builders.stages.pairs import repaired_pairs
from builders.stages.repair import repaired
from builders.stages.sampling import places
from builders.versions.version import Version
from cards.rows.records import SelectedRow


@dataclass(frozen=True)
class Wanted:
    """Which rows: every condition that is given must hold.

    dropped_by: a rule, or `STAGE/RULE`. flagged: kept or dropped rows with any flag. flag, edit, split: one that the ledger
    names. origin: where rows come from ("" where none is named). grep: a text that instruction, input or output holds, whatever
    the case.
    """

    status: Status | None = None
    dropped_by: str | None = None
    flagged: bool = False
    flag: str | None = None
    edit: str | None = None
    split: str | None = None
    origin: str | None = None
    grep: str | None = None


@dataclass(frozen=True)
class Selection:
    """Rows to be read, how many there are in all, and why text is missing, if it is."""

    rows: list[SelectedRow]
    total: int
    note: str | None


def select(
    version: Version,
    wanted: Wanted,
    registry: Path,
    where: str | None = None,
    limit: int = 20,
    random: bool = False,
    seed: int = 0,
    longest: bool = False,
) -> Selection:
    """The first `limit` rows that are wanted, in natural id order or, if `random`, by hash of seed and id; if `longest`, those
    with most words first.

    The text of dropped rows comes from the source, at `where` if it has moved. Raises Problem for a rule, flag, edit or
    split that does not occur, naming those that do, and when dropped rows are to be searched and the source is missing.
    """
    ledger = version.ledger_by_id()
    found = _by_ledger(ledger, wanted, version)
    if wanted.origin is not None:
        known = origins(version, wanted.status == "kept", registry, where)
        _require(wanted.origin, known["origin"], "no row is of origin", "origins", version)
        found = found.join(known.filter(pl.col("origin") == wanted.origin), on="id", how="semi", maintain_order="left")
    by_text = wanted.grep is not None or longest
    texts, note = _texts(version, found, registry, where) if by_text else (None, None)
    if texts is not None:
        if note:
            raise Problem(f"dropped rows cannot be searched, {note}; or search kept rows alone with --kept")
        shown = texts if wanted.grep is None else texts.filter(_holds(wanted.grep, texts.columns[1:]))
        found = found.join(shown.select("id", _words()), on="id", how="inner", maintain_order="left")
    total = found.height
    if random:
        found = found.with_columns(places(found["id"], seed, "rows")).sort("place", "id")
    elif longest:
        found = found.sort("words", descending=True, maintain_order=True)
    found = found.head(limit)
    if texts is None:
        texts, note = _texts(version, found, registry, where)
    rows = found.select("id", *ENTRY).join(texts, on="id", how="left", maintain_order="left")
    return Selection([SelectedRow(**row) for row in rows.to_dicts()], total, note)


def _by_ledger(ledger: pl.DataFrame, wanted: Wanted, version: Version) -> pl.DataFrame:
    """The ledger's entries that fit all conditions but the text."""
    conditions = [pl.lit(True)]
    if wanted.status:
        conditions.append(pl.col("status") == wanted.status)
    if wanted.dropped_by is not None:
        rule = pl.col("stage") + "/" + pl.col("rule") if "/" in wanted.dropped_by else pl.col("rule")
        _require(
            wanted.dropped_by, ledger.select(rule).to_series(), "no row was dropped by rule", "dropped by", version
        )
        conditions.append(rule == wanted.dropped_by)
    if wanted.flagged:
        conditions.append(pl.col("flags").list.len() > 0)
    for value, column in ((wanted.flag, "flags"), (wanted.edit, "edits")):
        if value is not None:
            _require(value, ledger[column].explode(), f"no row has the {column[:-1]}", column, version)
            conditions.append(pl.col(column).list.contains(value))
    if wanted.split is not None:
        _require(wanted.split, ledger["split"], "no row is in split", "splits", version)
        conditions.append(pl.col("split") == wanted.split)
    return ledger.filter(conditions)


def _require(value: str, occurring: pl.Series, wrong: str, what: str, version: Version) -> None:
    """That a name occurs in the ledger; if not, say which do."""
    names = occurring.drop_nulls().unique().sort().to_list()
    if value not in names:
        raise NotFound(
            f"{version.label}: {wrong} {value!r}{nearest(value, names)}; {what}: {', '.join(names) or 'none'}"
        )


def _texts(
    version: Version, entries: pl.DataFrame, registry: Path, where: str | None
) -> tuple[pl.DataFrame, str | None]:
    """`id`, `instruction`, `input`, `output` (of pairs `rejected_output`, too) of ledger entries as far as they are at hand, and
    why some are not.

    Dropped rows are repaired as the build repaired them: that is the text that the rules saw.
    """
    paired = version.recipe.kind == "preferences"
    columns = ["id", *FIELDS, *(["rejected_output"] if paired else [])]
    kept = version.rows().select(columns).join(entries, on="id", how="semi")
    if (entries["status"] == "kept").all():
        return kept, None
    try:
        source = read_source(version.recipe, registry, where).rows
    except Problem as problem:
        return kept, f"the source text is not at hand: {problem}"
    dropped = source.join(entries.filter(pl.col("status") == "dropped"), on="id", how="semi")
    stage = repaired_pairs if paired else repaired
    return pl.concat([kept, stage(dropped, version.recipe.edits).rows.select(columns)]), None


def _words() -> pl.Expr:
    return pl.sum_horizontal(pl.col(field).str.count_matches(r"\S+") for field in FIELDS).alias("words")


def _holds(text: str, fields: list[str]) -> pl.Expr:
    """Whether any field holds a text, whatever the case."""
    small = text.lower()
    return pl.any_horizontal(pl.col(field).str.to_lowercase().str.contains(small, literal=True) for field in fields)
