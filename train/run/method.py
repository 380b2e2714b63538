"""What a training method decides; the run takes it as it is and knows no method by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from train.run.examples import Examples


class Encode(Protocol):
    """What the rows of a split become."""

    def __call__(self, rows: pl.DataFrame, tokenizer: Any, length: int, where: str) -> Examples:
        """Examples of at most `length` tokens; `where` names the split in messages."""


class Loss(Protocol):
    """What is made small."""

    def __call__(self, logits: Any, batch: Mapping[str, Any], count: Any) -> Any:
        """The loss of a batch, or a part of it.

        logits: (answers, vocabulary), of the tokens before those that are learnt. batch: what the collator made, on the
        same device; `shift_labels` and `rows` are (answers,). count: how many tokens the whole step learns, a number, a
        tensor, or None for those of this batch.
        """


@dataclass(frozen=True)
class Method:
    """A training method. Data, base, batches, order, steps, checkpoints and files are the run's, whatever the method.

    kind: its name, in records and on cards. chunk: tokens whose logits its loss holds in fp32 at a time.
    """

    kind: str
    encode: Encode
    loss: Loss
    chunk: int
