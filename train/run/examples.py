"""Rows as token ids, in an order that follows from the seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from train.recipes.model import Train
from train.run.record import TokenCounts

MEGABATCH = 128  # batches whose rows are sorted by length together
IGNORED = -100  # the label that every loss of torch and transformers leaves out


@dataclass(frozen=True)
class Examples:
    """Rows as token ids, one after the other.

    ids: (n,) row ids. tokens: all tokens, flat. starts: (n + 1,) where each row's tokens begin. prompts: (n,) how many of
    a row's tokens are its prompt. truncated: ids of rows whose answer is cut at the window. left_out: ids of rows whose
    prompt alone fills the window, so that nothing of them can be learnt. together: rows that are learnt as one, side by
    side: 2 for pairs of answers. reference: (n,) the log-probability of each answer before the run, where a loss needs it.
    """

    ids: tuple[str, ...]
    tokens: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]
    prompts: npt.NDArray[np.int64]
    truncated: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    together: int = 1
    reference: npt.NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """(n,) tokens of each row."""
        return np.diff(self.starts)

    @property
    def answers(self) -> npt.NDArray[np.int64]:
        """(n,) how many of each row's tokens are learnt: its answer's, but for one that is a row's first."""
        return self.lengths - np.maximum(self.prompts, 1)

    @property
    def items(self) -> int:
        """What a loss is the mean of: answer tokens; or pairs, where rows are learnt together."""
        return int(self.answers.sum()) if self.together == 1 else len(self) // self.together

    def row(self, index: int) -> npt.NDArray[np.int32]:
        """One row's tokens: prompt, answer, end of text."""
        return self.tokens[self.starts[index] : self.starts[index + 1]]

    def labels(self, index: int) -> npt.NDArray[np.int32]:
        """One row's tokens with the prompt's replaced by IGNORED."""
        labels = self.row(index).copy()
        labels[: self.prompts[index]] = IGNORED
        return labels

    def every(self, step: int, first: int) -> "Examples | None":
        """Each `step`-th row (or rows that are learnt together) from `first`, or None where there is none."""
        size = self.together
        rows = [row for at in range(first, len(self) // size, step) for row in range(at * size, (at + 1) * size)]
        if not rows:
            return None
        sizes = self.lengths[rows]
        return Examples(
            ids=tuple(self.ids[row] for row in rows),
            tokens=np.concatenate([self.row(row) for row in rows]),
            starts=np.concatenate(([0], np.cumsum(sizes))),
            prompts=self.prompts[rows],
            together=size,
            reference=None if self.reference is None else self.reference[rows],
        )

    def counts(self) -> TokenCounts:
        """Counts of rows and tokens."""
        lengths = self.lengths
        return TokenCounts(
            rows=len(self) // self.together,
            tokens=int(lengths.sum()),
            answer_tokens=int((lengths - self.prompts).sum()),
            median=int(np.median(lengths)),
            longest=int(lengths.max()),
            truncated=len(self.truncated),
        )


def order(count: int, seed: int, epoch: int) -> npt.NDArray[np.int64]:
    """A permutation of `count` things, the same for a seed and epoch on every machine."""
    keys = np.random.PCG64([seed, epoch]).random_raw(count)
    return np.argsort(keys, kind="stable")


def grouped(lengths: npt.NDArray[np.int64], batch: int, seed: int, epoch: int) -> npt.NDArray[np.int64]:
    """An order in which each `batch` things are of about one length, the same for a seed and epoch on every machine.

    The shuffled order is cut into megabatches (Transformers' LengthGroupedSampler does so, too), each is sorted by length, and
    its batches are shuffled, so that no length has a place of its own in an epoch. The longest come first, once: what does
    not fit into memory is seen at the first step.
    """
    shuffled = order(len(lengths), seed, epoch)
    block = np.arange(len(shuffled)) // (batch * MEGABATCH)
    by_length = shuffled[np.lexsort((-lengths[shuffled], block))]
    whole = len(by_length) // batch
    batches = by_length[: whole * batch].reshape(whole, batch)
    first = int(np.argmax(lengths[batches].max(axis=1))) if whole else 0
    turns = order(whole, seed, epoch)
    turns = np.concatenate(([first], turns[turns != first])) if whole else turns
    return np.concatenate((batches[turns].ravel(), by_length[whole * batch :]))


def epoch_order(lengths: npt.NDArray[np.int64], train: Train, processes: int, epoch: int) -> npt.NDArray[np.int64]:
    """The order in which a recipe's run sees windows of these lengths."""
    if not train.group_by_length:
        return order(len(lengths), train.seed, epoch)
    return grouped(lengths, train.per_device_train_batch_size * processes, train.seed, epoch)


def padded_share(lengths: npt.NDArray[np.int64], batch: int, seed: int, by_length: bool = False) -> float:
    """Share of the first epoch's tokens that only fill up short rows. lengths: (n,), or (n, k) of rows that are together."""
    units = lengths.reshape(len(lengths), -1)
    ordered = units[grouped(units.sum(axis=1), batch, seed, 0) if by_length else order(len(units), seed, 0)]
    cells = sum(int(part.max()) * part.size for part in _parts(ordered, batch))
    return 1 - int(lengths.sum()) / cells


def _parts(values: npt.NDArray[np.int64], size: int) -> Iterator[npt.NDArray[np.int64]]:
    return (values[at : at + size] for at in range(0, len(values), size))


def shown(examples: Examples, index: int, tokenizer: Any) -> tuple[str, str]:
    """One row as the model sees it: the part that is masked, and the part that is learnt."""
    row, size = examples.row(index), int(examples.prompts[index])
    return str(tokenizer.decode(row[:size].tolist())), str(tokenizer.decode(row[size:].tolist()))
