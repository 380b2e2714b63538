"""Two models on the same rows: how far apart their losses, and their preferences, are, and how sure that is."""

import numpy as np
import numpy.typing as npt
from msgspec import Struct

RESAMPLES = 2000
BLOCK = 2**22  # numbers that are drawn at once

NORMAL95 = 1.96

Losses = npt.NDArray[np.float64]
Hits = npt.NDArray[np.bool_]


class Interval(Struct, frozen=True):
    """A share, or a difference of two, with the interval that holds it in 95 of 100 cases."""

    value: float
    low: float
    high: float

    @property
    def points(self) -> str:
        """A difference in points of a hundred: `+12.5 (+3.1 … +21.9)`."""
        value, low, high = (f"{100 * one:+.1f}" for one in (self.value, self.low, self.high))
        return f"{value} ({low} … {high})"


class Difference(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How two models differ on the same rows.

    nats: the other's mean loss per answer token minus one's, so that less is better for the other. low, high: the interval
    that holds 95 % of the resampled differences. wins: rows on which the other has the lower loss; losses: one has; the rest
    are ties. accuracy: on pairs of answers, the other's share of pairs whose better answer it prefers minus one's.
    """

    one: str
    other: str
    nats: float
    low: float
    high: float
    wins: int
    losses: int
    accuracy: Interval | None = None

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


def share_of(hits: Hits) -> Interval:
    """The share of hits, with Wilson's score interval (1927), which few rows and shares near 1 do not mislead."""
    rows, share = len(hits), float(hits.mean())
    weight = NORMAL95**2 / rows
    middle = (share + weight / 2) / (1 + weight)
    width = NORMAL95 / (1 + weight) * float(np.sqrt(share * (1 - share) / rows + weight / (4 * rows)))
    return Interval(round(share, 6), round(max(0.0, middle - width), 6), round(min(1.0, middle + width), 6))


def gap_of(one: Hits, other: Hits, seed: int = 0) -> Interval:
    """The other's share of hits minus one's on the same rows, by the same paired bootstrap as `difference`."""
    apart = other.astype(float) - one
    drawn = np.concatenate([apart[rows].mean(axis=1) for rows in _resamples(len(apart), seed)])
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Interval(round(float(apart.mean()), 6), round(float(low), 6), round(float(high), 6))


def _resamples(rows: int, seed: int) -> list[npt.NDArray[np.int64]]:
    """RESAMPLES draws of as many rows as there are, in blocks."""
    generator = np.random.Generator(np.random.PCG64(seed))
    at_once = max(1, min(RESAMPLES, BLOCK // rows))
    sizes = [min(at_once, RESAMPLES - at) for at in range(0, RESAMPLES, at_once)]
    return [generator.integers(0, rows, (size, rows)) for size in sizes]


# Student's t that holds 95 % on both sides, by degrees of freedom; beyond, the normal distribution's.
T95 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)


class Effect(Struct, frozen=True, kw_only=True):
    """How two versions of data differ over several seeds: nats an answer token, and the half width of its 95 % interval.

    The width is made of both: which rows are in the test split, and what another seed would have given.
    """

    one: str
    other: str
    nats: float
    width: float
    seeds: int

    @property
    def sentence(self) -> str:
        """The result in a sentence."""
        seeds = f"{self.seeds} seed{'s' if self.seeds > 1 else ''}"
        better, worse = (self.other, self.one) if self.nats < 0 else (self.one, self.other)
        size = f"{abs(self.nats):.4f} ± {self.width:.4f} nats"
        if abs(self.nats) <= self.width:
            return f"{better} cannot be told from {worse} ({size}, {seeds})"
        return f"{better} beats {worse} by {size}, {seeds}"


def effect(names: tuple[str, str], ones: list[Losses], others: list[Losses], tokens: Losses) -> Effect:
    """The difference of two versions: `ones` and `others` are (rows,) losses of their models, a seed each, in one order."""
    mean = difference(names, np.mean(ones, axis=0), np.mean(others, axis=0), tokens)
    by_seed = [float((other - one).sum() / tokens.sum()) for one, other in zip(ones, others, strict=True)]
    width, count = (mean.high - mean.low) / 2, len(by_seed)
    if count > 1:
        quantile = T95[count - 2] if count - 2 < len(T95) else NORMAL95
        width = float(np.hypot(width, quantile * np.std(by_seed, ddof=1) / np.sqrt(count)))
    return Effect(one=names[0], other=names[1], nats=mean.nats, width=round(width, 6), seeds=count)
