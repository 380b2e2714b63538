"""Two versions side by side: what one has that the other has not, and what differs in what both have."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from builders.schema import DECISION, FIELDS, template_columns_of
from cards.diff.drawn import decision, drawn
from cards.diff.records import (
    Change,
    ChangedDecision,
    ChangedRow,
    ChangedTexts,
    Comparison,
    Decisions,
    ExampleRow,
    Examples,
    Moved,
    Plain,
    RowCounts,
    RuleChange,
    RuleSetting,
    Side,
    SourceChange,
    SourceRows,
    Worth,
)
from cards.diff.shifts import shifts
from cards.shared.entries import Decision
from cards.shared.records import RuleCounts
from cards.shared.words import changes


def compare(old: Side, new: Side, worth: Worth, examples: int = 5) -> Comparison:
    """Everything that differs between two versions. examples: of each kind of row, how many are shown with their text."""
    same_template = old.template == new.template
    both = old.rows.join(new.rows, on="id", suffix="_new", maintain_order="right")
    added = new.rows.join(old.rows, on="id", how="anti", maintain_order="left")
    removed = old.rows.join(new.rows, on="id", how="anti", maintain_order="left")
    changed = _changed(both, _compared(both.columns, same_template))
    moved = both.filter(pl.col("split") != pl.col("split_new")).select("id", "split", "split_new")
    decided = _decisions(old.ledger, new.ledger)
    return Comparison(
        old=old.label,
        new=new.label,
        same_name=worth.same_name,
        bump=worth.bump,
        reason=worth.reason,
        deserves=worth.deserves,
        number_fits=worth.number_fits,
        added=added["id"].to_list(),
        removed=removed["id"].to_list(),
        changed=[ChangedRow(*row) for row in changed.iter_rows()],
        reasons_changed=_changed_decisions(decided),
        moved_splits=[Moved(*row) for row in moved.iter_rows()],
        counts=RowCounts(
            added=added.height,
            removed=removed.height,
            changed=changed.height,
            reasons_changed=decided.height,
            moved_splits=moved.height,
            old_kept=old.kept,
            old_source_rows=old.source_rows,
            new_kept=new.kept,
            new_source_rows=new.source_rows,
        ),
        decisions=_moves(decided),
        recipe=differences(old.recipe, new.recipe),
        source=SourceChange(differences(old.source, new.source), _source_rows(old.ledger, new.ledger)),
        template=[] if same_template else differences(old.template, new.template),
        columns=_columns(old.columns, new.columns),
        statistics=shifts(old, new),
        rules=_rules(old.rules, new.rules),
        software=differences(_software(old), _software(new)),
        examples=Examples(
            added=_examples(added, old.ledger, examples),
            removed=_examples(removed, new.ledger, examples),
            changed=_changed_texts(_drawn_changes(changed, both, examples), both),
            reasons_changed=_changed_decisions(drawn(_named(decided), ("old_name", "new_name"), examples)),
        ),
    )


def differences(old: Plain, new: Plain) -> list[Change]:
    """What differs between two nested mappings, by dotted key; a list is one value."""
    had, has = dict(_leaves(old)), dict(_leaves(new))
    return [
        Change(key, had.get(key), has.get(key)) for key in dict.fromkeys([*had, *has]) if had.get(key) != has.get(key)
    ]


def _leaves(value: Plain, before: str = "") -> Iterator[tuple[str, object]]:
    for key, inner in value.items():
        name = f"{before}{key}"
        if isinstance(inner, Mapping):
            yield from _leaves(inner, f"{name}.")
        else:
            yield name, inner


def _compared(columns: Sequence[str], same_template: bool) -> tuple[str, ...]:
    """The fields that are compared: of pairs of answers those of both sides; what a template writes where it is the same."""
    pairs = [name for name in ("rejected_output", "margin", "reason") if name in columns and f"{name}_new" in columns]
    written = [name for name in template_columns_of(columns) if f"{name}_new" in columns]
    return (*FIELDS, *pairs, *(written if same_template else ()))


def _changed(both: pl.DataFrame, fields: tuple[str, ...]) -> pl.DataFrame:
    """`id`, `fields`: the fields whose text differs, of the rows in which any does."""
    differs = [
        pl.when(pl.col(name).ne_missing(pl.col(f"{name}_new"))).then(pl.lit(name)).alias(f"{name}_differs")
        for name in fields
        if both.schema[name] == both.schema[f"{name}_new"]
    ]
    listed = pl.concat_list(differs).list.drop_nulls().alias("fields")
    return both.select("id", listed).filter(pl.col("fields").list.len() > 0)


def _examples(rows: pl.DataFrame, other: pl.DataFrame, most: int) -> list[ExampleRow]:
    """Some rows that one side keeps. other: the other side's ledger, which says what became of them there."""
    decided = rows.join(other.select("id", decision=pl.struct(DECISION)), on="id", how="left", maintain_order="left")
    told = decided.with_columns(why=decision(pl.col("decision")))
    shown = drawn(told, ["why", *_origin(rows)], most)
    return [ExampleRow(*row) for row in shown.select("id", "why", *FIELDS, "split").iter_rows()]


def _drawn_changes(changed: pl.DataFrame, both: pl.DataFrame, most: int) -> pl.DataFrame:
    """Some changed rows: by turns of every set of fields that changed, and of every origin."""
    origins = changed.join(both.select("id", *_origin(both)), on="id", how="left", maintain_order="left")
    kinds = origins.with_columns(kind=pl.col("fields").list.join(" "))
    return drawn(kinds, ["kind", *_origin(both)], most).select("id", "fields")


def _origin(rows: pl.DataFrame) -> list[str]:
    """The column that says where rows come from, if they have one."""
    return [name for name in ("origin",) if name in rows.columns]


def _changed_decisions(decided: pl.DataFrame) -> list[ChangedDecision]:
    decisions = decided.select("id", "old", "new").iter_rows()
    return [ChangedDecision(id, Decision(**was), Decision(**now)) for id, was, now in decisions]


def _changed_texts(changed: pl.DataFrame, both: pl.DataFrame) -> list[ChangedTexts]:
    """The changed fields of a few rows, word by word. Prompt and completion change with the fields and say no more."""
    shown = changed.join(both, on="id", how="left", maintain_order="left")
    return [
        ChangedTexts(
            row["id"],
            row["fields"],
            {
                name: changes(row[name], row[f"{name}_new"])
                for name in (*FIELDS, "rejected_output")
                if name in row and f"{name}_new" in row and row[name] != row[f"{name}_new"]
            },
        )
        for row in shown.iter_rows(named=True)
    ]


def _decisions(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """`id`, `old`, `new` (structs of DECISION) of the ids of both ledgers whose status, stage or rule differs."""
    both = old.join(new, on="id", suffix="_new", maintain_order="right")
    other = pl.any_horizontal(pl.col(key).ne_missing(pl.col(f"{key}_new")) for key in ("status", "stage", "rule"))
    later = [pl.col(f"{key}_new").alias(key) for key in DECISION]
    return both.filter(other).select("id", old=pl.struct(DECISION), new=pl.struct(later))


def _named(decided: pl.DataFrame) -> pl.DataFrame:
    """With what both decisions come to."""
    return decided.with_columns(old_name=decision(pl.col("old")), new_name=decision(pl.col("new")))


def _moves(decided: pl.DataFrame) -> list[Decisions]:
    """How many rows went from which decision to which, most first."""
    moves = _named(decided).group_by("old_name", "new_name").agg(rows=pl.len())
    ordered = moves.sort(["rows", "old_name", "new_name"], descending=[True, False, False])
    return [Decisions(*row) for row in ordered.iter_rows()]


def _source_rows(old: pl.DataFrame, new: pl.DataFrame) -> SourceRows:
    both = old.join(new, on="id", suffix="_new")
    changed = both.filter(pl.col("source_sha256") != pl.col("source_sha256_new")).height
    return SourceRows(added=new.height - both.height, removed=old.height - both.height, changed=changed)


def _columns(old: tuple[str, ...], new: tuple[str, ...]) -> list[Change]:
    return [
        Change(name, name if name in old else None, name if name in new else None)
        for name in dict.fromkeys([*old, *new])
        if (name in old) != (name in new)
    ]


def _rules(old: Mapping[str, RuleCounts], new: Mapping[str, RuleCounts]) -> list[RuleChange]:
    def setting(rule: RuleCounts | None) -> RuleSetting | None:
        return None if rule is None else RuleSetting(rule.version, rule.verdict, rule.threshold)

    settings = [(name, setting(old.get(name)), setting(new.get(name))) for name in dict.fromkeys([*old, *new])]
    return [RuleChange(name, had, has) for name, had, has in settings if had != has]


def _software(side: Side) -> Plain:
    return {**side.software, **{f"model {name}": pin for name, pin in side.models.items()}}
