"""What people judged goes before what rules say.

A row judged *drop* leaves at this stage by `review`; one judged *keep* stays whatever a quality rule says, with the rule's
evidence as a flag; one judged *fix* stays, flagged. A label is of a row as it is after repair: of one that has changed since,
it says nothing. Language, evaluation sets and duplicates are no matter of taste, and no label overrides them.
"""

from dataclasses import dataclass

import polars as pl

from builders.labels.records import Labels, LabelUse
from builders.ledger import row_hashes

RULE = "review"
JUDGED = {"row": pl.UInt32, "verdict": pl.String, "defects": pl.String}


@dataclass(frozen=True)
class Reviewed:
    """Labels beside the rows that they are of. rows: `row`, `verdict`, `defects` (text). use: what became of the labels."""

    rows: pl.DataFrame
    use: LabelUse


def reviewed(rows: pl.DataFrame, labels: Labels) -> Reviewed:
    """The labels of rows that are as they were judged. rows: `row`, `id`, `instruction`, `input`, `output`, after repair."""
    given = labels.frame()
    there = rows.join(given.select("id").unique(), on="id", how="semi", maintain_order="left")
    now = there.select("row", "id").with_columns(row_hashes(there).alias("row_sha256"))
    used = now.join(given, on=["id", "row_sha256"], how="inner", maintain_order="left")
    absent = given.join(there, on="id", how="anti").height
    use = LabelUse(given.height, used.height, given.height - used.height - absent, absent)
    return Reviewed(used.select(*JUDGED).cast(JUDGED), use)  # type: ignore[arg-type]


def yielding(findings: pl.DataFrame, judged: pl.DataFrame) -> pl.DataFrame:
    """The findings of rules, where none drops a row that was judged keep or drop: there a person decided."""
    decided = judged.filter(pl.col("verdict").is_in(["keep", "drop"]))["row"]
    yields = (pl.col("action") == "drop") & pl.col("row").is_in(decided.implode())
    return findings.with_columns(pl.when(yields).then(pl.lit("flag")).otherwise("action").alias("action"))


def judged_drops(judged: pl.DataFrame) -> pl.DataFrame:
    """`row`, `rule`, `score`, `evidence` of the rows that were judged drop."""
    found = judged.filter(pl.col("verdict") == "drop")
    return found.select("row", pl.lit(RULE).alias("rule"), pl.lit(None, pl.Float64).alias("score"), _said("drop"))


def judged_flags(findings: pl.DataFrame, judged: pl.DataFrame) -> pl.DataFrame:
    """`row`, `flag`, `evidence`: rows judged fix, and those judged keep that a rule would have dropped.

    findings: what the rules said before they yielded.
    """
    against = findings.filter(pl.col("action") == "drop").select("row").unique()
    kept = judged.filter(pl.col("verdict") == "keep").join(against, on="row", how="semi", maintain_order="left")
    parts = [kept.select("row", _said("keep")), judged.filter(pl.col("verdict") == "fix").select("row", _said("fix"))]
    return pl.concat(parts).select("row", pl.lit(RULE).alias("flag"), "evidence")


def _said(verdict: str) -> pl.Expr:
    more = pl.when(pl.col("defects") != "").then(pl.lit(": ") + pl.col("defects")).otherwise(pl.lit(""))
    return (pl.lit(f"judged {verdict}") + more).alias("evidence")
