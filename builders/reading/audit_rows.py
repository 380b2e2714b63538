"""Rows to read on the audit's page: some that were dropped, with the reason marked in them, and some that were kept."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from builders.errors import Problem
from builders.schema import FIELDS
from builders.sources.order import natural_keys
from builders.sources.reading import read_source
from builders.stages.repair import repair
from builders.stages.sampling import places
from builders.versions.version import Version
from cards.shared.words import Piece, changes, marked, pieces_of_evidence, side

PER_RULE = 100  # dropped rows of one rule that a page shows
KEPT = 60  # kept rows that a page shows
LONG = 4_000  # characters of a field that a page shows


def rows_to_read(version: Version, registry: Path, where: str | None = None) -> dict[str, Any]:
    """`dropped`, `kept` and `note` for `cards.report.report_page`.

    dropped: at most PER_RULE of each rule, by hash of their ids: `id`, `stage`, `rule`, `score`, `evidence`, `edits`, `flags`,
    `first`, `fields` (each in pieces, what the reason saw marked; None where the source is not at hand, and `note` says
    why) and `duplicate_of` (`id`, `fields`; None for a row without one). kept: `id`, `about`, `first`, `prompt`, `completion`.
    where: the source's place now, if it has moved.
    """
    rows, ledger = version.rows(), version.ledger_by_id()
    chosen = _some(ledger.filter(pl.col("status") == "dropped"), ["stage", "rule"], PER_RULE)
    wanted = pl.concat([chosen["id"], chosen["duplicate_of"].drop_nulls()]).unique()
    texts = {
        row["id"]: row for row in rows.filter(pl.col("id").is_in(wanted.implode())).select("id", *FIELDS).to_dicts()
    }
    note = None
    try:
        source = read_source(version.recipe, registry, where).rows
    except Problem as problem:
        note = f"The text of dropped rows is not at hand: {problem}."
    else:
        missing = source.filter(pl.col("id").is_in(wanted.implode()) & ~pl.col("id").is_in(list(texts)))
        mended, _ = repair(missing, version.recipe.edits)
        texts |= {row["id"]: row for row in mended.select("id", *FIELDS).to_dicts()}
    dropped = [_dropped(entry, texts) for entry in chosen.to_dicts()]
    kept = _some(rows.join(ledger.select("id", "flags", "edits"), on="id", how="left"), [], KEPT)
    return {"dropped": dropped, "kept": [_kept(row) for row in kept.to_dicts()], "note": note}


def rows_of_file(rows: pl.DataFrame) -> dict[str, Any]:
    """The same for rows that no recipe has seen: a sample of them, and no dropped ones."""
    sample = _some(rows, [], KEPT).to_dicts()
    return {"dropped": [], "kept": [_raw(row) for row in sample], "note": None}


def _some(rows: pl.DataFrame, groups: list[str], most: int) -> pl.DataFrame:
    """At most so many rows of each group, by hash of their ids; then in natural order of the ids."""
    placed = rows.with_columns(places(rows["id"], 0, "audit")).sort("place", "id")
    some = placed.group_by(groups, maintain_order=True).head(most) if groups else placed.head(most)
    return some.select(rows.columns).sort(natural_keys(some["id"]))


def _dropped(entry: Mapping[str, Any], texts: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    row, duplicate_of = texts.get(entry["id"]), texts.get(entry["duplicate_of"] or "")
    fields: dict[str, list[Piece]] | None = None
    others: dict[str, list[Piece]] = {}
    if row and duplicate_of:
        both = {field: changes(_short(duplicate_of[field]), _short(row[field])) for field in FIELDS}
        fields = {field: side(pieces, "new") for field, pieces in both.items()}
        others = {field: side(pieces, "old") for field, pieces in both.items()}
    elif row:
        evidence = pieces_of_evidence(dict(entry))
        fields = {field: marked(_short(row[field]), evidence) for field in FIELDS}
    elif duplicate_of:
        others = {field: [("same", _short(duplicate_of[field]))] for field in FIELDS}
    return {
        **{key: entry[key] for key in ("id", "stage", "rule", "score")},
        "evidence": entry["evidence"] or "",
        "edits": ", ".join(entry["edits"]),
        "flags": ", ".join(entry["flags"]),
        "first": _first(row["instruction"]) if row else "",
        "fields": fields,
        "duplicate_of": {"id": entry["duplicate_of"], "fields": others} if duplicate_of else None,
    }


def _kept(row: Mapping[str, Any]) -> dict[str, Any]:
    noted = ", ".join([*row["flags"], *row["edits"]])
    return {
        "id": row["id"],
        "about": row["split"] + (f": {noted}" if noted else ""),
        "first": _first(row["instruction"]),
        "prompt": _short(_said(row["prompt"])),
        "completion": _short(_said(row["completion"])),
    }


def _raw(row: Mapping[str, Any]) -> dict[str, Any]:
    question = f"{row['instruction']}\n\n{row['input']}" if row["input"] else row["instruction"]
    return {
        "id": row["id"],
        "about": "with an input" if row["input"] else "no input",
        "first": _first(row["instruction"]),
        "prompt": _short(question),
        "completion": _short(row["output"]),
    }


def _said(part: Any) -> str:
    """A prompt or completion as text; of a chat, what its messages say."""
    return part if isinstance(part, str) else "\n\n".join(message["content"] for message in part)


def _first(text: str) -> str:
    return " ".join(text.split())[:160]


def _short(text: str) -> str:
    return text if len(text) <= LONG else f"{text[:LONG]} … ({len(text) - LONG:,} characters more)"
