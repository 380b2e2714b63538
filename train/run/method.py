"""What a training method decides; the run takes it as it is and knows no method by name."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from train.run.data import TrainingData, open_data
from train.run.examples import Examples


class Open(Protocol):
    """What a reference is opened as."""

    def __call__(self, reference: str, registry: Path, template: str | None, yanked: bool) -> TrainingData:
        """The version that a reference pins, checked; see `train.run.data.open_data`."""


class Encode(Protocol):
    """What the rows of a split become."""

    def __call__(self, rows: pl.DataFrame, tokenizer: Any, length: int, where: str) -> Examples:
        """Examples of at most `length` tokens; `where` names the split in messages."""


class Loss(Protocol):
    """What is made small."""

    def __call__(self, logits: Any, batch: dict[str, Any], count: Any) -> Any:
        """The loss of a batch, or a part of it. What it measures beside it, it puts into the batch (see `Method`).

        logits: (answers, vocabulary), of the tokens before those that are learnt. batch: what the collator made, on the
        same device; `shift_labels` and `rows` are (answers,). count: how many tokens the whole step learns, or pairs where
        rows are learnt together; a number, a tensor, or None for those of this batch.
        """


@dataclass(frozen=True)
class Method:
    """A training method. Data, base, batches, order, steps, checkpoints and files are the run's, whatever the method.

    kind: its name, in records and on cards. chunk: tokens whose logits its loss holds in fp32 at a time. measures: names of
    the numbers that its loss puts into the batch beside itself, as `measured`: (pairs, names), without gradients. together:
    rows that are learnt as one (see `Examples`). open: how a version is opened for it.
    """

    kind: str
    encode: Encode
    loss: Loss
    chunk: int
    measures: tuple[str, ...] = ()
    together: int = 1
    open: Open = open_data
