"""Numbers of a version: what is in it and what left it. One pass, while the version is built."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from builders.schema import FIELDS
from cards.shared.instructions import asks

SPANISH = "es"
PERCENTILES = (5, 25, 50, 75, 95, 99)
# Words at which a bar of the length chart begins; the last has no end.
LENGTH_STEPS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
# Probability of Spanish from which a row counts into a step of the language mix.
CONFIDENCE_STEPS = (0.99, 0.9, 0.8, 0.5, 0.0)
# How far a threshold is moved to see what it would cost.
THRESHOLD_STEPS = (-0.2, -0.1, -0.05, 0.0, 0.05, 0.1, 0.2)


def statistics(
    rows: pl.DataFrame,
    ledger: pl.DataFrame,
    findings: pl.DataFrame | None = None,
    rules: Mapping[str, Mapping[str, Any]] | None = None,
    languages: pl.DataFrame | None = None,
) -> dict[str, Any]:
    """Counts and lengths of a version.

    rows: `instruction`, `input`, `output`, `origin`, `split`. ledger: `status`, `stage`, `rule`, `flags`, `edits`, one row per
    source row. findings, rules: see `overlap` and `sensitivity`. languages: see `language_mix`; its `row` is a place in the
    ledger.
    Returns plain values, ready for JSON: rows per split and origin, share with input, characters and words per field (mean,
    percentiles, largest, sum, how many rows begin at each step), drops by stage and rule, flags, edits; with findings, the
    rules' overlap and sensitivity; with languages, the language mix.
    """
    kept = ledger["status"] == "kept"
    return {
        "rows": rows.height,
        **describe(rows),
        "splits": counts(rows["split"]),
        "dropped": {
            stage: counts(ledger.filter(pl.col("stage") == stage)["rule"])
            for stage in ledger["stage"].drop_nulls().unique(maintain_order=True).sort().to_list()
        },
        "flags": counts(ledger.filter(kept)["flags"].explode().drop_nulls()),
        "edits": counts(ledger["edits"].explode().drop_nulls()),
        "overlap": overlap(findings) if findings is not None else {},
        "sensitivity": sensitivity(findings, rules or {}) if findings is not None else {},
        "language": language_mix(languages, kept) if languages is not None else {},
    }


def describe(rows: pl.DataFrame) -> dict[str, Any]:
    """What can be said of any rows: `origins`, `with_input`, `length` and `length_steps` per field, `asks`.

    rows: `instruction`, `input`, `output`, `origin`.
    """
    sizes = {field: _sizes(rows[field]) for field in FIELDS}
    return {
        "origins": counts(rows["origin"]),
        "with_input": round(float((rows["input"] != "").mean() or 0.0), 4),  # type: ignore[arg-type]
        "length": {field: {name: summary(size[name]) for name in size.columns} for field, size in sizes.items()},
        "length_steps": {field: _steps(size["words"]) for field, size in sizes.items()},
        "asks": asks(rows["instruction"]),
    }


def overlap(findings: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """What each rule would drop by itself, among the rows that reached the quality stage.

    findings: `row`, `order`, `rule`, `action`. Returns for each rule `drops` (rows that it would drop), `first` (that the
    ledger names it for), `alone` (that no other rule would drop) and `with` (rows that another rule would drop too, by rule).
    """
    drops = findings.filter(pl.col("action") == "drop").select("row", "order", "rule")
    drops = drops.with_columns(
        (pl.len().over("row") == 1).alias("alone"),
        (pl.col("order") == pl.col("order").min().over("row")).alias("first"),
    )
    shared = drops.filter(~pl.col("alone")).select("row", "rule")
    pairs = shared.join(shared.rename({"rule": "other"}), on="row").filter(pl.col("rule") != pl.col("other"))
    both = pairs.group_by("rule", "other").len().sort("rule", "len", "other", descending=[False, True, False])
    counted = drops.group_by("rule").agg(pl.len().alias("drops"), pl.col("first").sum(), pl.col("alone").sum())
    return {
        str(one["rule"]): {
            **{name: int(one[name]) for name in ("drops", "first", "alone")},
            "with": dict(both.filter(pl.col("rule") == one["rule"]).select("other", "len").iter_rows()),
        }
        for one in counted.sort("drops", "rule", descending=[True, False]).to_dicts()
    }


def sensitivity(findings: pl.DataFrame, rules: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """How many rows reach each rule's threshold, and how many would if it were moved by THRESHOLD_STEPS.

    findings: `rule`, `score`. rules: `threshold` by name. Returns rows by threshold, for each rule whose scores differ
    within those steps; a rule that knows only yes and no has nothing to move.
    """
    found = {}
    for name, rule in sorted(rules.items()):
        scores = findings.filter(pl.col("rule") == name)["score"]
        moved = [round(float(rule["threshold"]) + step, 4) for step in THRESHOLD_STEPS]
        reached = {f"{at:.2f}": int((scores >= at).sum()) for at in moved if 0 < at <= 1}
        if len(set(reached.values())) > 1:
            found[name] = reached
    return found


def language_mix(languages: pl.DataFrame, kept: pl.Series) -> dict[str, Any]:
    """The languages of questions and answers, and how sure the decision was of Spanish.

    languages: `row` (a place in `kept`), `question`, `answer` (a language or "undetermined"), `question_score` and
    `answer_score` (0 sure Spanish … 1 sure foreign). Returns `question` and `answer`: rows by language, of kept and of
    dropped rows (by whatever rule); `confidence`: kept Spanish rows by the probability that the decision gave to Spanish.
    """
    statuses = languages.with_columns(kept.gather(languages["row"]).alias("kept"))
    parts = {"kept": statuses.filter("kept"), "dropped": statuses.filter(~pl.col("kept"))}
    return {
        **{side: {status: counts(part[side]) for status, part in parts.items()} for side in ("question", "answer")},
        "confidence": {
            side: _confidence(parts["kept"].filter(pl.col(side) == SPANISH)[f"{side}_score"])
            for side in ("question", "answer")
        },
    }


def counts(values: pl.Series) -> dict[str, int]:
    """How often each value occurs, most frequent first, then by name."""
    table = values.alias("value").to_frame().group_by("value").len().sort(["len", "value"], descending=[True, False])
    return {str(value): int(count) for value, count in table.iter_rows()}


def summary(sizes: pl.Series) -> dict[str, Any]:
    """Mean, percentiles (nearest), largest and sum of sizes; zeros for none."""
    ordered = sizes.sort()
    return {
        "mean": _round(ordered.mean()),
        **{f"p{p}": _round(ordered.quantile(p / 100, "nearest")) for p in PERCENTILES},
        "max": int(ordered[-1]) if len(ordered) else 0,
        "sum": int(ordered.sum()),
    }


def _sizes(texts: pl.Series) -> pl.DataFrame:
    """`characters` and `words` of the texts that are not empty."""
    texts = texts.filter(texts != "")
    return pl.DataFrame({"characters": texts.str.len_chars(), "words": texts.str.count_matches(r"\S+")})


def _steps(words: pl.Series) -> dict[str, int]:
    """How many texts have as many words as each step, and fewer than the next."""
    reached = [int((words >= step).sum()) for step in LENGTH_STEPS] + [0]
    return {str(step): reached[at] - reached[at + 1] for at, step in enumerate(LENGTH_STEPS)}


def _confidence(scores: pl.Series) -> dict[str, int]:
    """How many rows are Spanish with at least each step's probability, and less than the step before."""
    sure = (1 - scores).round(4)
    reached = [0] + [int((sure >= step).sum()) for step in CONFIDENCE_STEPS]
    return {f"{step:.2f}": reached[at + 1] - reached[at] for at, step in enumerate(CONFIDENCE_STEPS)}


def _round(value: Any) -> float:
    return 0.0 if value is None else round(float(value), 1)
