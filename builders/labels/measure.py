"""How good each decision on a version is, by labels: shares with Wilson intervals, weighted by how the labels were drawn.

Of a part of n rows from which m were judged, each label speaks for n / m rows (Horvitz and Thompson 1952; Hájek's ratio). The
interval is Wilson's (1927) for as many equal labels as those weights are worth (Kish 1965). It takes no account of parts that
were judged whole, and so errs to the wide side. A label that does not say how it was drawn speaks for its own row.
"""

from collections.abc import Mapping, Sequence
from math import sqrt

import polars as pl

from builders.labels.records import BAD, Labels
from builders.versions.version import Version
from cards.audit.evidence import MORE, Estimate, Evidence, RuleEvidence
from cards.shared.records import RuleCounts

REVIEW = "review"  # what the ledger calls a decision by a label
DROPPED_PART = r"^(?:drop|near):(.+)$"  # a part of dropped rows, and the rule that dropped them (see `queue.py`)
Z = 1.959963984540054  # of 95 %
COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "id": pl.String,
    "row_sha256": pl.String,
    "bad": pl.Boolean,
    "defects": pl.List(pl.String),
    "stratum": pl.String,
    "of": pl.UInt64,
}


def wilson(share: float, labels: float) -> tuple[float, float]:
    """The 95 % interval of a share that was seen in so many labels (Wilson 1927); (0, 1) for none."""
    if labels <= 0:
        return 0.0, 1.0
    spread = Z * sqrt(share * (1 - share) / labels + Z * Z / (4 * labels * labels))
    middle, whole = share + Z * Z / (2 * labels), 1 + Z * Z / labels
    return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)


def estimate(rows: pl.DataFrame, true: str) -> Estimate | None:
    """The weighted share of rows where a column is true. rows: that column and `weight`. None of no rows."""
    if rows.is_empty():
        return None
    weights, hits = rows["weight"].to_numpy(), rows[true].to_numpy()
    share = float((weights * hits).sum() / weights.sum())
    low, high = wilson(share, float(weights.sum() ** 2 / (weights**2).sum()))
    return Estimate(round(share, 4), round(low, 4), round(high, 4), rows.height)


def evidence(version: Version, labels: Labels) -> Evidence:
    """What labels say of a version's decisions. Raises Problem for a version that is not whole."""
    return evidence_in(version.ledger(), version.manifest.rules, labels)


def evidence_in(ledger: pl.DataFrame, rules: Mapping[str, RuleCounts], labels: Labels) -> Evidence:
    """What labels say of the decisions in a ledger, as rules take them without labels. rules: how each one was applied."""
    given, used = matched(ledger, labels)
    used = without_review(used, [name for name, one in rules.items() if one.verdict == "drop"])
    absent = given.join(ledger, on="id", how="anti").height
    dropped, kept = (used.filter(pl.col("status") == status) for status in ("dropped", "kept"))
    acted = {*dropped["rule"].drop_nulls(), *kept["flags"].explode().drop_nulls(), *rules} - {REVIEW}
    found = {name: one for name in sorted(acted) if (one := _of_rule(name, used))}
    return Evidence(
        labels=given.height,
        used=used.height,
        changed=given.height - used.height - absent,
        absent=absent,
        drawn=_drawn(used),
        rules=found,
        dropped=estimate(dropped, "bad"),
        kept=estimate(kept, "bad"),
    )


def matched(ledger: pl.DataFrame, labels: Labels) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The labels, and those of rows that are as they were judged, with the row's entry in the ledger and their `weight`."""
    rows = [
        (one.id, one.row_sha256, one.verdict in BAD, list(one.defects), one.stratum, one.of) for one in labels.labels
    ]
    given = pl.DataFrame(rows, schema=COLUMNS, orient="row")
    entries = ledger.select("id", "row_sha256", "status", "stage", "rule", "score", "flags")
    used = given.join(entries, on=["id", "row_sha256"], how="inner", maintain_order="left")
    drawn = (pl.col("of") > 0) & (pl.col("stratum") != "")
    weight = pl.when(drawn).then(pl.col("of") / pl.len().over("stratum")).otherwise(1.0)
    return given, used.with_columns(weight.cast(pl.Float64).alias("weight"), drawn.alias("drawn"))


def without_review(used: pl.DataFrame, dropping: Sequence[str]) -> pl.DataFrame:
    """Judged rows with what the rules alone decide of them: where a label drops a row, or keeps one that a rule would drop, what
    labels say would else prove itself.

    used: see `matched`. What the rules decided is told by the part that a row was drawn from; of a row that was not drawn, by
    its flags, for there the rules that drop yield to a label. dropping: these rules. Duplicates are not told by flags.
    """
    said = pl.col("flags").list.contains(REVIEW).fill_null(False)
    by_label = (pl.col("rule") == REVIEW).fill_null(False) | ((pl.col("status") == "kept") & said & ~pl.col("bad"))
    yielded = pl.col("flags").list.set_intersection(pl.lit(list(dropping), pl.List(pl.String))).list.first()
    of_part = pl.col("stratum").str.extract(DROPPED_PART, 1)
    named = pl.when(pl.col("stratum") == "").then(yielded).otherwise(of_part)
    status = pl.when(named.is_null()).then(pl.lit("kept")).otherwise(pl.lit("dropped"))
    return used.with_columns(
        rule=pl.when(by_label).then(named).otherwise("rule"),
        status=pl.when(by_label).then(status).otherwise("status"),
    )


def _of_rule(name: str, used: pl.DataFrame) -> RuleEvidence | None:
    flagged = pl.col("flags").list.contains(name)
    caught = used.filter((pl.col("rule") == name) | ((pl.col("status") == "kept") & flagged))
    defective = used.filter(pl.col("defects").list.contains(name) & pl.col("bad"))
    stopped = ((pl.col("status") == "dropped") | flagged).alias("stopped")
    precision, recall = estimate(caught, "bad"), estimate(defective.with_columns(stopped), "stopped")
    if precision is None and recall is None:
        return None
    wide = any(one is None or one.wide for one in (precision, recall))
    return RuleEvidence(precision, recall, MORE if wide else "")


def _drawn(used: pl.DataFrame) -> str:
    """How the labels were drawn, in words."""
    known = int(used["drawn"].sum())
    strata: Mapping[bool, str] = {
        True: f"drawn by hash from {used.filter('drawn')['stratum'].n_unique()} parts of the rows, and weighted by their sizes",
        False: "not drawn from all rows as far as they say, so they speak for themselves alone",
    }
    if known and known < used.height:
        return f"{known:,} {strata[True]}; {used.height - known:,} {strata[False]}"
    return strata[known > 0]
