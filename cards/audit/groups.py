"""Rows that belong together: duplicates that were removed, prompts with several answers, and rows that leak between splits."""

from collections.abc import Iterable, Mapping

import polars as pl
from msgspec import Struct

from cards.shared.records import Count, Counts
from cards.shared.tables import Table

MOST = 10


class Group(Struct, frozen=True):
    """A kept row and how many rows it stands for, itself included."""

    id: str
    rows: Count


class Removed(Struct, frozen=True):
    """What one rule removed: groups that it touched, and rows."""

    groups: Count
    rows: Count


class DuplicateGroups(Struct, frozen=True):
    """Groups of a kept row and the duplicates that were removed for it.

    rows: removed. sizes: groups by their number of rows, the kept one included. rules: what each rule removed.
    """

    groups: Count
    rows: Count
    sizes: Counts
    rules: dict[str, Removed]
    largest: list[Group]


class Prompt(Struct, frozen=True):
    """A prompt with several answers: the first row that asks it, its rows, and its answers."""

    id: str
    rows: Count
    answers: Count


class PromptGroups(Struct, frozen=True):
    """Prompts that have more than one answer, and their rows."""

    groups: Count
    rows: Count
    largest: list[Prompt]


class Leaks(Struct, frozen=True):
    """How many ids, prompts, whole rows and near-duplicates are in more than one split, and must not be."""

    ids: Count
    prompts: Count
    texts: Count
    near_duplicates: Count


def duplicate_groups(ledger: pl.DataFrame) -> DuplicateGroups:
    """Groups of duplicates. ledger: `rule`, `duplicate_of`."""
    removed = ledger.filter(pl.col("duplicate_of").is_not_null()).select("rule", "duplicate_of")
    groups = (
        removed.group_by("duplicate_of")
        .agg((pl.len() + 1).alias("rows"))
        .sort("rows", "duplicate_of", descending=[True, False])
    )
    by_rule = removed.group_by("rule").agg(pl.col("duplicate_of").n_unique().alias("groups"), pl.len().alias("rows"))
    sizes = groups.group_by("rows").len().sort("rows")
    return DuplicateGroups(
        groups=groups.height,
        rows=removed.height,
        sizes={str(size): int(count) for size, count in sizes.iter_rows()},
        rules={rule: Removed(touched, rows) for rule, touched, rows in by_rule.sort("rule").iter_rows()},
        largest=[Group(*one) for one in groups.head(MOST).iter_rows()],
    )


def prompt_groups(keys: pl.DataFrame) -> PromptGroups:
    """Prompts that have more than one answer.

    keys: `id`, `prompt`, `text` (prompt and answer; equal where the normalized texts are).
    """
    groups = keys.group_by("prompt", maintain_order=True).agg(
        pl.col("id").first(), pl.len().alias("rows"), pl.col("text").n_unique().alias("answers")
    )
    groups = groups.filter(pl.col("answers") > 1).sort("rows", "id", descending=[True, False])
    largest = groups.head(MOST).select("id", "rows", "answers")
    return PromptGroups(groups.height, int(groups["rows"].sum()), [Prompt(*one) for one in largest.iter_rows()])


def leaks(keys: pl.DataFrame, duplicates: pl.DataFrame) -> Leaks:
    """What is in more than one split.

    keys: `id`, `split`, `prompt`, `text`. duplicates: `split`, `duplicate_split` of rows and their near-duplicates.
    """
    across = {
        name: keys.group_by(name).agg(pl.col("split").n_unique()).filter(pl.col("split") > 1).height
        for name in ("id", "prompt", "text")
    }
    near = duplicates.filter(pl.col("split") != pl.col("duplicate_split")).height
    return Leaks(ids=across["id"], prompts=across["prompt"], texts=across["text"], near_duplicates=near)


def duplicate_tables(found: DuplicateGroups) -> Iterable[Table]:
    """What was removed by which rule, how large the groups are, and the largest."""
    rules = [(name, one.groups, one.rows) for name, one in found.rules.items()]
    yield Table("Duplicates", ("rule", "groups", "rows removed"), rules)
    sizes = _binned({int(size): count for size, count in found.sizes.items()})
    yield Table("Sizes of duplicate groups", ("rows in a group", "groups"), sizes, "The kept row is counted.")
    yield Table("Largest duplicate groups", ("kept row", "rows"), [(one.id, one.rows) for one in found.largest])


def prompts_table(found: PromptGroups) -> Iterable[Table]:
    """The prompts with several answers that have most rows."""
    rows = [(one.id, one.rows, one.answers) for one in found.largest]
    note = f"{found.groups:,} prompts with several answers, {found.rows:,} rows; case and punctuation aside."
    yield Table("Prompts with several answers", ("first row", "rows", "answers"), rows, note)


def leaks_table(found: Leaks) -> Iterable[Table]:
    """What is in more than one split, loud where anything is."""
    counted = (
        ("ids", found.ids),
        ("prompts", found.prompts),
        ("whole rows", found.texts),
        ("near-duplicates", found.near_duplicates),
    )
    rows = [(name, count, "LEAK" if count else "ok") for name, count in counted]
    yield Table("In more than one split", ("what", "how many", "verdict"), rows)


def _binned(sizes: Mapping[int, int]) -> list[tuple[str, int]]:
    """Groups by their size, large sizes together."""
    bins = ((2, 2, "2"), (3, 3, "3"), (4, 5, "4–5"), (6, 10, "6–10"), (11, 1 << 62, "11 or more"))
    counted = [(name, sum(count for size, count in sizes.items() if low <= size <= high)) for low, high, name in bins]
    return [one for one in counted if one[1]]
