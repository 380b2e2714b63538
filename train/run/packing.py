"""What a step draws from: single rows, or rows packed into windows (see `train/run/batches.py` for how they are kept apart)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from train.run.examples import Examples, order


@dataclass(frozen=True)
class Windows:
    """What a training step draws from, by index: single rows, or packs of them."""

    examples: Examples
    packs: tuple[tuple[int, ...], ...]

    def __len__(self) -> int:
        return len(self.packs)

    def __getitem__(self, index: int) -> list[tuple[Any, ...]]:
        """The tokens and labels of each row of one pack, and its reference where there is one."""
        of, known = self.examples, self.examples.reference
        return [(of.row(row), of.labels(row), *(() if known is None else (known[row],))) for row in self.packs[index]]

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """(packs,) tokens of each."""
        return self._summed(self.examples.lengths)

    @property
    def answers(self) -> npt.NDArray[np.int64]:
        """(packs,) answer tokens of each."""
        return self._summed(self.examples.lengths - self.examples.prompts)

    def _summed(self, sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        return np.array([sizes[list(pack)].sum() for pack in self.packs], np.int64)


def alone(examples: Examples) -> Windows:
    """Every row by itself, but for those that are learnt together."""
    size = examples.together
    return Windows(examples, tuple(tuple(range(at, at + size)) for at in range(0, len(examples), size)))


def packed(examples: Examples, length: int, seed: int) -> Windows:
    """Rows packed into windows of `length` tokens: first fit, longest first, rows of equal length in the seed's order.

    Rows that are learnt together stay side by side, in windows that have room for each of them.
    """
    size, single = examples.together, alone(examples)
    lengths = single.lengths
    shuffled = order(len(single), seed, 0)
    rows = shuffled[np.argsort(-lengths[shuffled], kind="stable")]
    room = np.full(len(rows), length * size, np.int64)
    packs: list[list[int]] = []
    for row in rows.tolist():
        open_packs = room[: len(packs) + 1]
        at = int(np.argmax(open_packs >= lengths[row]))
        if at == len(packs):
            packs.append([])
        packs[at] += single.packs[row]
        room[at] -= lengths[row]
    return Windows(examples, tuple(tuple(pack) for pack in packs))
