"""Rows that belong together: duplicates that were removed, prompts with several answers, and rows that leak between splits."""

from typing import Any

import polars as pl

MOST = 10


def duplicate_groups(ledger: pl.DataFrame) -> dict[str, Any]:
    """Groups of a kept row and the duplicates that were removed for it.

    ledger: `rule`, `duplicate_of`. Returns `groups`, `rows` (removed), `sizes` (groups by their number of rows, the kept one
    included), by rule `rules` (groups and rows removed) and `largest`: the kept row's `id` and `rows`.
    """
    removed = ledger.filter(pl.col("duplicate_of").is_not_null()).select("rule", "duplicate_of")
    groups = (
        removed.group_by("duplicate_of")
        .agg((pl.len() + 1).alias("rows"))
        .sort("rows", "duplicate_of", descending=[True, False])
    )
    by_rule = (
        removed.group_by("rule")
        .agg(pl.len().alias("rows"), pl.col("duplicate_of").n_unique().alias("groups"))
        .sort("rule")
    )
    sizes = groups.group_by("rows").len().sort("rows")
    return {
        "groups": groups.height,
        "rows": removed.height,
        "sizes": {str(size): int(count) for size, count in sizes.iter_rows()},
        "rules": {one["rule"]: {"groups": one["groups"], "rows": one["rows"]} for one in by_rule.to_dicts()},
        "largest": groups.head(MOST).rename({"duplicate_of": "id"}).to_dicts(),
    }


def prompt_groups(keys: pl.DataFrame) -> dict[str, Any]:
    """Prompts that have more than one answer.

    keys: `id`, `prompt`, `text` (prompt and answer; equal where the normalized texts are). Returns `groups`, `rows` and
    `largest`: the first row's `id`, `rows` and `answers`.
    """
    groups = keys.group_by("prompt", maintain_order=True).agg(
        pl.col("id").first(), pl.len().alias("rows"), pl.col("text").n_unique().alias("answers")
    )
    groups = groups.filter(pl.col("answers") > 1).sort("rows", "id", descending=[True, False])
    return {
        "groups": groups.height,
        "rows": int(groups["rows"].sum()),
        "largest": groups.head(MOST).select("id", "rows", "answers").to_dicts(),
    }


def leaks(keys: pl.DataFrame, duplicates: pl.DataFrame) -> dict[str, Any]:
    """What stands in more than one split, and must not.

    keys: `id`, `split`, `prompt`, `text`. duplicates: `split`, `duplicate_split` of rows and their
    near-duplicates. Returns how many ids, prompts, texts and near-duplicates do.
    """
    across = {
        f"{name}s": keys.group_by(name).agg(pl.col("split").n_unique()).filter(pl.col("split") > 1).height
        for name in ("id", "prompt", "text")
    }
    return {**across, "near_duplicates": duplicates.filter(pl.col("split") != pl.col("duplicate_split")).height}
