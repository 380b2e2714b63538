"""Numbers of two versions: what one has that the other has not, and what moved between them.

Takes data frames and plain mappings and returns plain values, ready for JSON; `cards/diff/page.py` and
`cards/shared/terminal.py` show them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from builders.schema import DECISION
from cards.shared.words import changes

FIELDS = ("instruction", "input", "output")
MADE = ("prompt", "completion")  # what the template makes of the fields
# Groups of counts in the statistics, by dotted key, and the count of the version of which they are parts: their share shifts
# by percentage points.
PARTS = {
    **dict.fromkeys(("splits", "origins", "flags", "asks", "length_steps", "language.confidence"), "kept"),
    **dict.fromkeys(("language.question.kept", "language.answer.kept"), "kept"),
    **dict.fromkeys(("dropped", "edits", "language.question.dropped", "language.answer.dropped"), "source_rows"),
}
MOST_FREQUENT = "asks.verbs"  # a list that is cut: what is not in it is not 0


@dataclass(frozen=True)
class Side:
    """One of two versions.

    rows: `id`, `instruction`, `input`, `output`, `prompt`, `completion`, `split`. ledger: see `builders/ledger.py`. Both
    in natural id order, every id once. manifest, statistics: as they stand in the version's folder.
    """

    rows: pl.DataFrame
    ledger: pl.DataFrame
    manifest: Mapping[str, Any]
    statistics: Mapping[str, Any]


def compare(old: Side, new: Side, examples: int = 5) -> dict[str, Any]:
    """Everything that differs between two versions.

    examples: of each kind of row, how many are shown with their text. Returns, with ids in natural order:
    `added`, `removed` (ids kept on one side only), `changed` (id and the fields whose text differs), `reasons_changed` (ids
    of both sources whose status, stage or rule differs, with both decisions), `moved_splits` (ids kept on both sides in other
    splits), `decisions` (how many rows went from one decision to another), `counts` (of all these), `recipe`, `source`,
    `template`, `columns`, `rules`, `software` (what differs, old and new), `statistics` (see `shifts`), `examples`.
    """
    same_template = old.manifest["template"] == new.manifest["template"]
    both = old.rows.join(new.rows, on="id", suffix="_new", maintain_order="right")
    added = new.rows.join(old.rows, on="id", how="anti", maintain_order="left")
    removed = old.rows.join(new.rows, on="id", how="anti", maintain_order="left")
    changed = _changed(both, (*FIELDS, *MADE) if same_template else FIELDS)
    moved = both.filter(pl.col("split") != pl.col("split_new")).select("id", old="split", new="split_new")
    decided = _decisions(old.ledger, new.ledger)
    lists = {
        "added": added["id"].to_list(),
        "removed": removed["id"].to_list(),
        "changed": changed.to_dicts(),
        "reasons_changed": decided.to_dicts(),
        "moved_splits": moved.to_dicts(),
    }
    return {
        **lists,
        "counts": {name: len(found) for name, found in lists.items()}
        | {f"{name}_{key}": side.manifest[key] for name, side in _sides(old, new) for key in ("kept", "source_rows")},
        "decisions": _moves(decided),
        "recipe": differences(_without(old.manifest["recipe"], "source"), _without(new.manifest["recipe"], "source")),
        "source": _source(old, new),
        "template": [] if same_template else differences(old.manifest["template"], new.manifest["template"]),
        "columns": [
            {"key": name, "old": name if name in had else None, "new": name if name in has else None}
            for had, has in [(old.manifest["columns"], new.manifest["columns"])]
            for name in dict.fromkeys([*had, *has])
            if (name in had) != (name in has)
        ],
        "statistics": shifts(old, new),
        "rules": _rules(old.manifest["rules"], new.manifest["rules"]),
        "software": differences(*({**side.manifest["software"], **_models(side)} for _, side in _sides(old, new))),
        "examples": {
            "added": added.head(examples).select("id", *FIELDS, "split").to_dicts(),
            "removed": removed.head(examples).select("id", *FIELDS, "split").to_dicts(),
            "changed": _texts(changed.head(examples), both),
        },
    }


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What differs between two mappings: `key` (dotted), `old`, `new`; None where a side has no such key."""
    had, has = dict(_leaves(old)), dict(_leaves(new))
    return [
        {"key": key, "old": had.get(key), "new": has.get(key)}
        for key in dict.fromkeys([*had, *has])
        if had.get(key) != has.get(key)
    ]


def shifts(old: Side, new: Side) -> list[dict[str, Any]]:
    """The statistics that moved: `statistic` (dotted), `old`, `new`, `change`, `relative`, `points`.

    relative: the change over the old value, None where that is 0. points: for a share, and for a count that is a part of a
    version's rows or source rows, how many percentage points of the whole it moved; None for anything else. A kind of row
    that one side lacks counts as 0 there; a statistic that one side never took is None, and so are its sizes.
    """
    had, has = dict(_numbers(old.statistics)), dict(_numbers(new.statistics))
    found = []
    for name in dict.fromkeys([*had, *has]):
        group = _group(name)
        counted = group and not name.startswith(MOST_FREQUENT) and all(_at(one.statistics, group) for one in (old, new))
        before, after = had.get(name, 0 if counted else None), has.get(name, 0 if counted else None)
        if before == after:
            continue
        shift: dict[str, Any] = {"statistic": name, "old": before, "new": after}
        shift |= {"change": None, "relative": None, "points": None}
        if before is not None and after is not None:
            shift["change"] = _rounded(after - before, 4)
            shift["relative"] = _rounded((after - before) / before, 4) if before else None
            shift["points"] = _points(name, before, after, old.manifest, new.manifest)
        found.append(shift)
    return found


def _points(name: str, before: float, after: float, old: Mapping[str, Any], new: Mapping[str, Any]) -> float | None:
    group = _group(name)
    if group:
        wholes = old[PARTS[group]], new[PARTS[group]]
        return _rounded(100 * (after / wholes[1] - before / wholes[0]), 2) if all(wholes) else None
    share = name.split(".")[-1].startswith("with_") or "share" in name
    return _rounded(100 * (after - before), 2) if share else None


def _group(name: str) -> str | None:
    return next((group for group in PARTS if name.startswith(f"{group}.")), None)


def _at(values: Mapping[str, Any], key: str) -> bool:
    """Whether nested mappings hold one at a dotted key."""
    inner: Any = values
    for part in key.split("."):
        inner = inner.get(part) if isinstance(inner, Mapping) else None
    return isinstance(inner, Mapping)


def _rounded(value: float, digits: int) -> float:
    return round(value, digits) + 0.0  # no minus before a zero


def _leaves(value: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """The values of nested mappings by dotted key; a list is one value."""
    for key, inner in value.items():
        name = f"{before}{key}"
        if isinstance(inner, Mapping):
            yield from _leaves(inner, f"{name}.")
        else:
            yield name, inner


def _numbers(value: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, leaf in _leaves(value):
        if isinstance(leaf, int | float) and not isinstance(leaf, bool):
            yield name, leaf


def _changed(both: pl.DataFrame, fields: tuple[str, ...]) -> pl.DataFrame:
    """`id`, `fields`: the fields whose text differs, of the rows in which any does."""
    differs = [
        pl.when(pl.col(name).ne_missing(pl.col(f"{name}_new"))).then(pl.lit(name)).alias(f"{name}_differs")
        for name in fields
        if both.schema[name] == both.schema[f"{name}_new"]
    ]
    listed = pl.concat_list(differs).list.drop_nulls().alias("fields")
    return both.select("id", listed).filter(pl.col("fields").list.len() > 0)


def _texts(changed: pl.DataFrame, both: pl.DataFrame) -> list[dict[str, Any]]:
    """The changed fields of a few rows, word by word. Prompt and completion change with the fields and say no more."""
    shown = changed.join(both, on="id", how="left", maintain_order="left")
    return [
        {
            "id": row["id"],
            "fields": row["fields"],
            "texts": {
                name: changes(row[name], row[f"{name}_new"]) for name in FIELDS if row[name] != row[f"{name}_new"]
            },
        }
        for row in shown.iter_rows(named=True)
    ]


def _decisions(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """`id`, `old`, `new` (structs of DECISION) of the ids of both ledgers whose status, stage or rule differs."""
    both = old.join(new, on="id", suffix="_new", maintain_order="right")
    other = pl.any_horizontal(pl.col(key).ne_missing(pl.col(f"{key}_new")) for key in ("status", "stage", "rule"))
    later = [pl.col(f"{key}_new").alias(key) for key in DECISION]
    return both.filter(other).select("id", old=pl.struct(DECISION), new=pl.struct(later))


def _moves(decided: pl.DataFrame) -> list[dict[str, Any]]:
    """How many rows went from which decision to which: `old`, `new`, `rows`, most first; a decision is `kept` or `stage/rule`."""

    def told(side: str) -> pl.Expr:
        decision = pl.col(side).struct
        dropped = pl.concat_str(decision.field("stage"), pl.lit("/"), decision.field("rule"))
        return pl.when(decision.field("status") == "kept").then(pl.lit("kept")).otherwise(dropped)

    moves = decided.select(old=told("old"), new=told("new")).group_by("old", "new").agg(rows=pl.len())
    return moves.sort(["rows", "old", "new"], descending=[True, False, False]).to_dicts()


def _source(old: Side, new: Side) -> dict[str, Any]:
    """What differs in the pins of both sources, and how many of their rows are new, gone or of another text."""
    both = old.ledger.join(new.ledger, on="id", suffix="_new")
    changed = both.filter(pl.col("source_sha256") != pl.col("source_sha256_new")).height
    rows = {"added": new.ledger.height - both.height, "removed": old.ledger.height - both.height, "changed": changed}
    return {"changes": differences(old.manifest["source"], new.manifest["source"]), "rows": rows}


def _rules(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rules whose version, verdict or threshold differs, or that one side did not apply."""

    def setting(rule: Mapping[str, Any]) -> dict[str, Any]:
        return {key: rule.get(key) for key in ("version", "verdict", "threshold")}

    settings = [{name: setting(rule) for name, rule in rules.items()} for rules in (old, new)]
    return [
        {"rule": name, "old": settings[0].get(name), "new": settings[1].get(name)}
        for name in dict.fromkeys([*old, *new])
        if settings[0].get(name) != settings[1].get(name)
    ]


def _models(side: Side) -> dict[str, Any]:
    return {f"model {name}": pin for name, pin in side.manifest.get("models", {}).items()}


def _sides(old: Side, new: Side) -> tuple[tuple[str, Side], tuple[str, Side]]:
    return ("old", old), ("new", new)


def _without(mapping: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in mapping.items() if name != key}
