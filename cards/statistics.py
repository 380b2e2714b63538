"""Numbers of a version: what is in it and what left it."""

from typing import Any

import polars as pl

PERCENTILES = (5, 25, 50, 75, 95)


def statistics(rows: pl.DataFrame, ledger: pl.DataFrame) -> dict[str, Any]:
    """Counts and lengths of a version.

    rows: `instruction`, `input`, `output`, `origin`, `split`. ledger: `fate`, `stage`, `rule`, `flags`, `edits`.
    Returns plain values, ready for JSON: rows per split and origin, share with input, characters and words per field
    (mean and percentiles), drops by stage and rule, flags, edits.
    """
    return {
        "rows": rows.height,
        "splits": _counts(rows["split"]),
        "origins": _counts(rows["origin"]),
        "with_input": round(float((rows["input"] != "").mean() or 0.0), 4),  # type: ignore[arg-type]
        "length": {field: _lengths(rows[field]) for field in ("instruction", "input", "output")},
        "dropped": {
            stage: _counts(ledger.filter(pl.col("stage") == stage)["rule"])
            for stage in ledger["stage"].drop_nulls().unique(maintain_order=True).sort().to_list()
        },
        "flags": _counts(ledger.filter(pl.col("fate") == "kept")["flags"].explode().drop_nulls()),
        "edits": _counts(ledger["edits"].explode().drop_nulls()),
    }


def _counts(values: pl.Series) -> dict[str, int]:
    """How often each value occurs, most frequent first, then by name."""
    table = values.alias("value").to_frame().group_by("value").len().sort(["len", "value"], descending=[True, False])
    return {str(value): int(count) for value, count in table.iter_rows()}


def _lengths(texts: pl.Series) -> dict[str, Any]:
    """Characters and words of the texts that are not empty."""
    texts = texts.filter(texts != "")
    sizes = {"characters": texts.str.len_chars(), "words": texts.str.count_matches(r"\S+")}
    return {
        name: {"mean": _round(size.mean()), **{f"p{p}": _round(size.quantile(p / 100, "nearest")) for p in PERCENTILES}}
        for name, size in sizes.items()
    }


def _round(value: Any) -> float:
    return 0.0 if value is None else round(float(value), 1)
