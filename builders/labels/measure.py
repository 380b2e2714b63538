"""How good each decision on a version is, by labels: shares with Wilson intervals, weighted by how the labels were drawn.

Of a part of n rows from which m were judged, each label speaks for n / m rows (Horvitz and Thompson 1952; Hájek's ratio). The
interval is Wilson's (1927) for as many equal labels as those weights are worth (Kish 1965). It takes no account of parts that
were judged whole, and so errs to the wide side. A label that does not say how it was drawn speaks for its own row.
"""

from collections.abc import Mapping
from math import sqrt

import polars as pl

from builders.labels.records import BAD, Labels
from builders.versions.version import Version
from cards.audit.evidence import MORE, Estimate, Evidence, RuleEvidence

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
    ledger = version.ledger()
    given, used = matched(ledger, labels)
    absent = given.join(ledger, on="id", how="anti").height
    dropped, kept = (used.filter(pl.col("status") == status) for status in ("dropped", "kept"))
    acted = {*dropped["rule"].drop_nulls(), *kept["flags"].explode().drop_nulls(), *version.manifest.rules} - {"review"}
    rules = {name: one for name in sorted(acted) if (one := _of_rule(name, used))}
    return Evidence(
        labels=given.height,
        used=used.height,
        changed=given.height - used.height - absent,
        absent=absent,
        drawn=_drawn(used),
        rules=rules,
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
