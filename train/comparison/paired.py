"""Two models on the same rows: how far apart their losses are, and how sure that is."""

import numpy as np
import numpy.typing as npt
from msgspec import Struct

RESAMPLES = 2000
BLOCK = 2**22  # numbers that are drawn at once

Losses = npt.NDArray[np.float64]


class Difference(Struct, frozen=True, kw_only=True):
    """How two models differ on the same rows.

    nats: the other's mean loss per answer token minus one's, so that less is better for the other. low, high: the interval
    that holds 95 % of the resampled differences. wins: rows on which the other has the lower loss; losses: one has; the rest
    are ties.
    """

    one: str
    other: str
    nats: float
    low: float
    high: float
    wins: int
    losses: int

    @property
    def sure(self) -> bool:
        """Does the interval leave out zero?"""
        return self.low > 0 or self.high < 0


def difference(names: tuple[str, str], one: Losses, other: Losses, tokens: Losses, seed: int = 0) -> Difference:
    """The difference of two models, by a paired bootstrap over rows (Efron and Tibshirani 1993, section 8.3).

    one, other: (rows,) the summed loss of each row's answer. tokens: (rows,) how many tokens that answer has. Rows are drawn
    and both models' losses on them are taken, so what makes a row hard for both cancels out.
    """
    apart = other - one
    drawn = np.concatenate(
        [apart[rows].sum(axis=1) / tokens[rows].sum(axis=1) for rows in _resamples(len(apart), seed)]
    )
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Difference(
        one=names[0],
        other=names[1],
        nats=round(float(apart.sum() / tokens.sum()), 6),
        low=round(float(low), 6),
        high=round(float(high), 6),
        wins=int((apart < 0).sum()),
        losses=int((apart > 0).sum()),
    )


def _resamples(rows: int, seed: int) -> list[npt.NDArray[np.int64]]:
    """RESAMPLES draws of as many rows as there are, in blocks."""
    generator = np.random.Generator(np.random.PCG64(seed))
    at_once = max(1, min(RESAMPLES, BLOCK // rows))
    sizes = [min(at_once, RESAMPLES - at) for at in range(0, RESAMPLES, at_once)]
    return [generator.integers(0, rows, (size, rows)) for size in sizes]
