"""Which of several duplicates is worth keeping: the least defect, then the fewest flags, then the longest sane answer.

`SEVERITY`, `FLAGS` and `WORDS` make the order; what still ties is decided by the id, so no order of rows changes a choice.
"""

import polars as pl

# A row of which nothing is said has neither: `row`, `severity` (0 none … 1), `flags` (their number).
WORTH = {"row": pl.UInt32, "severity": pl.Float64, "flags": pl.UInt32}
DOUBTFUL = 0.5  # a language score below says that the row is rather in the language; such scores differ by chance
SANE_WORDS = 300  # a longer answer is worth no more: beyond, length is as often rambling as substance


def worth(findings: pl.DataFrame, languages: pl.DataFrame | None) -> pl.DataFrame:
    """What speaks against each row, in the columns of WORTH; rows without a finding or doubt are left out.

    findings: `row`, `score`, `action`, as `filters.rule.judge` gives them. languages: `row`, `question_score`, `answer_score`
    (1 surely foreign), or None. The severity is the highest score of a flag or of a doubt of the language, to one decimal.
    """
    noted = findings.filter(pl.col("action").is_in(["drop", "flag"])).select(
        "row", pl.col("score").alias("severity"), pl.lit(1, pl.UInt32).alias("flags")
    )
    told = [noted.cast({"row": pl.UInt32, "severity": pl.Float64})]
    if languages is not None:
        doubt = pl.max_horizontal("question_score", "answer_score").cast(pl.Float64)
        doubted = languages.select(
            pl.col("row").cast(pl.UInt32), doubt.alias("severity"), pl.lit(0, pl.UInt32).alias("flags")
        )
        told.append(doubted.filter(pl.col("severity") >= DOUBTFUL))
    return pl.concat(told).group_by("row").agg(pl.col("severity").max().round(1), pl.col("flags").sum()).cast(WORTH)  # type: ignore[arg-type]


def in_order_of_worth(rows: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    """Rows, the one to keep first. rows: `row` (a place in natural id order), `answer_words`. said: see WORTH.

    Adds `severity`, `flags` and `sane_words`.
    """
    known = rows.join(said, on="row", how="left", maintain_order="left").with_columns(
        pl.col("severity").fill_null(0.0),
        pl.col("flags").fill_null(0),
        pl.col("answer_words").clip(0, SANE_WORDS).cast(pl.Int64).alias("sane_words"),
    )
    return known.sort("severity", "flags", -pl.col("sane_words"), "row")


def why_kept(pairs: pl.DataFrame) -> pl.Expr:
    """Why the kept row of each pair goes before the dropped one, in a few words.

    pairs: `severity`, `flags` and `sane_words` of the dropped row, and with the ending `_kept` of the kept one.
    """
    assert set(WORTH) - {"row"} <= set(pairs.columns), "the pairs tell what speaks against each row"
    differs = {name: pl.col(name) != pl.col(f"{name}_kept") for name in ("severity", "flags", "sane_words")}
    return (
        pl.when(differs["severity"])
        .then(pl.format("kept for its lighter defects (severity {}, here {})", "severity_kept", "severity"))
        .when(differs["flags"])
        .then(pl.format("kept for its fewer flags ({}, here {})", "flags_kept", "flags"))
        .when(differs["sane_words"])
        .then(pl.format("kept for its longer answer ({} words, here {})", "sane_words_kept", "sane_words"))
        .otherwise(pl.lit("kept for its id, the first of equals"))
    )
