"""How hard a model finds the answers: the spread of scores that were made of a version's rows."""

from collections.abc import Iterable

import polars as pl
from msgspec import Struct

from cards.shared.records import Count
from cards.shared.tables import Table

PERCENTILES = (1, 5, 25, 50, 75, 95, 99)
NAMES = {"loss": "loss with the instruction", "loss_alone": "loss without it", "ratio": "ratio (IFD)"}


class Spread(Struct, frozen=True):
    """How numbers are spread: mean and percentiles (nearest), to four decimals."""

    mean: float
    p1: float
    p5: float
    p25: float
    p50: float
    p75: float
    p95: float
    p99: float


class ScoreSpread(Struct, frozen=True):
    """Scores of a version's rows. base: the model that scored. rows: how many are scored. from_one: how many have a ratio of 1 or
    more, so that the instruction did not help."""

    base: str
    rows: Count
    loss: Spread
    loss_alone: Spread
    ratio: Spread
    from_one: Count


def score_spread(base: str, scores: pl.DataFrame) -> ScoreSpread | None:
    """The spread of scores (`loss`, `loss_alone`, `ratio`); None where there are none."""
    if scores.is_empty():
        return None
    parts = {name: _spread(scores[name]) for name in NAMES}
    return ScoreSpread(base, scores.height, **parts, from_one=int((scores["ratio"] >= 1).sum()))


def _spread(values: pl.Series) -> Spread:
    at = {f"p{one}": round(float(values.quantile(one / 100, "nearest") or 0.0), 4) for one in PERCENTILES}
    return Spread(mean=round(float(values.sort().mean() or 0.0), 4), **at)  # type: ignore[arg-type]


def scores_table(found: ScoreSpread) -> Iterable[Table]:
    """Mean and percentiles of each score."""
    columns = Spread.__struct_fields__
    rows = [(said, *(getattr(getattr(found, name), one) for one in columns)) for name, said in NAMES.items()]
    note = f"{found.rows:,} rows by {found.base}; for {found.from_one:,} the instruction does not help (ratio of 1 or more)."
    yield Table("How hard answers are for a model", ("score", *columns), rows, note)
