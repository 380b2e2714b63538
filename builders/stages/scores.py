"""What scores of rows lead to: findings like those of a rule, under its name `scores`."""

import polars as pl

from builders.ledger import row_hashes
from builders.recipes.scores import Bounds, ScoreFile

RULE = "scores"
LAST = 1 << 20  # its place among the rules: after every one of them


def scored(rows: pl.DataFrame, scores: pl.DataFrame, asked: ScoreFile) -> pl.DataFrame:
    """Findings (see `filters.rule.judge`) of the rows whose scores are meant; a drop goes before a flag.

    rows: `row`, `id`, `instruction`, `input`, `output`, after repair. scores: `id`, `row_sha256`, `loss`, `loss_alone`, `ratio`.
    A row that is not as it was scored has no score.
    """
    there = rows.join(scores.select("id"), on="id", how="semi", maintain_order="left")
    now = there.select("row", "id").with_columns(row_hashes(there).alias("row_sha256"))
    found = now.join(scores, on=["id", "row_sha256"], how="inner", maintain_order="left")
    action = pl.when(_meant(asked.drop)).then(pl.lit("drop")).when(_meant(asked.flag)).then(pl.lit("flag"))
    return found.select(
        "row",
        pl.lit(LAST, pl.UInt32).alias("order"),
        pl.lit(RULE).alias("rule"),
        pl.lit(None, pl.Float64).alias("score"),
        pl.format("loss {} with the instruction, {} without it (ratio {})", "loss", "loss_alone", "ratio").alias(
            "evidence"
        ),
        action.alias("action"),
    ).drop_nulls("action")


def _meant(bounds: Bounds) -> pl.Expr:
    asked = bounds.model_dump()
    tests = [
        pl.col(name) >= asked[f"{name}_from"] for name in ("ratio", "loss") if asked[f"{name}_from"] is not None
    ] + [pl.col(name) < asked[f"{name}_below"] for name in ("ratio", "loss") if asked[f"{name}_below"] is not None]
    return pl.any_horizontal(*tests) if tests else pl.lit(False)
