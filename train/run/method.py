"""What a training method decides; the run takes it as it is and knows no method by name."""

from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from train.run.examples import Examples


class Encode(Protocol):
    """What the rows of a split become."""

    def __call__(self, rows: pl.DataFrame, tokenizer: Any, length: int, where: str) -> Examples:
        """Examples of at most `length` tokens; `where` names the split in messages."""


class Loss(Protocol):
    """What is made small. It takes the place of transformers' own `loss_function` of the model."""

    def __call__(self, logits: Any, labels: Any, vocab_size: int, num_items_in_batch: Any = None, **more: Any) -> Any:
        """The loss of a batch: logits (batch, length, vocabulary), labels (batch, length), of a step with so many items."""


@dataclass(frozen=True)
class Method:
    """A training method. Data, base, batches, order, steps, checkpoints and files are the run's, whatever the method.

    kind: its name, in records and on cards. chunk: tokens whose logits its loss holds in fp32 at a time.
    """

    kind: str
    encode: Encode
    loss: Loss
    chunk: int
