"""Batches as tensors: rows padded to the longest, or packed so that they cannot see each other.

A native Falcon builds its causal mask without looking at position ids, so positions that start again do not keep packed
rows apart under sdpa. A 4-D mask does: each row sees itself, causally, and nothing else. It is made on the device from the
number of each token's row, which is a thousandth of its size. Flash attention takes no mask: there a batch is one long row,
and positions that start again are where its kernel begins another sequence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from train.run.examples import IGNORED

if TYPE_CHECKING:
    import torch

READ = ("input_ids", "attention_mask", "position_ids")  # what a model is given of a batch


@dataclass(frozen=True)
class Collator:
    """Windows (the tokens and labels of each of their rows) to a batch.

    input_ids, labels: (batch, longest). attention_mask: (batch, longest), where rows are padded. position_ids, segments:
    (batch, longest), where they are packed: the place in its row, and the number of the row, -1 for filling. With `flat`,
    for flash attention, all windows are one line without filling, and there are no segments.
    With rows that have a reference, reference: (rows,).
    answers: (answers,) where in the flattened batch a next token is learnt; shift_labels: (answers,) those tokens; rows:
    (answers,) the number of the row in the batch. tokens: how many are no filling, counted here because asking the device
    would wait for it. `multiple` rounds the longest up.
    """

    pad: int
    packing: bool = False
    multiple: int = 1
    flat: bool = False

    def __call__(self, windows: Sequence[Sequence[tuple[Any, ...]]]) -> Mapping[str, Any]:
        """The batch of some windows."""
        import torch

        lines = windows if self.packing else [[row] for window in windows for row in window]
        lines = [[row for window in windows for row in window]] if self.flat else lines
        longest = max(sum(len(row[0]) for row in line) for line in lines)
        shape = (len(lines), longest if self.flat else -(-longest // self.multiple) * self.multiple)
        ids, labels = np.full(shape, self.pad, np.int64), np.full(shape, IGNORED, np.int64)
        positions, segments, row = np.zeros(shape, np.int64), np.full(shape, -1, np.int64), 0
        for at_line, line in enumerate(lines):
            at = 0
            for tokens, wanted, *_ in line:
                here = slice(at, at + len(tokens))
                ids[at_line, here], labels[at_line, here] = tokens, wanted
                labels[at_line, at] = IGNORED  # nothing before it in its own row predicts a row's first token
                positions[at_line, here], segments[at_line, here] = np.arange(len(tokens)), row
                at, row = at + len(tokens), row + 1
        answers = np.flatnonzero(np.pad(labels[:, 1:] != IGNORED, ((0, 0), (0, 1))))
        arrays = {"input_ids": ids, "labels": labels, "answers": answers, "shift_labels": labels.ravel()[answers + 1]}
        arrays |= {"rows": segments.ravel()[answers]}
        if known := [float(row[2]) for line in lines for row in line if len(row) > 2]:
            arrays |= {"reference": np.array(known, np.float32)}
        if self.packing:
            arrays |= {"position_ids": positions} | ({} if self.flat else {"segments": segments})
        else:
            arrays |= {"attention_mask": (segments >= 0).astype(np.int64)}
        tensors: dict[str, Any] = {name: torch.from_numpy(array) for name, array in arrays.items()}
        return tensors | {"tokens": int((segments >= 0).sum())}


def isolating_mask(segments: "torch.Tensor") -> "torch.Tensor":
    """(batch, 1, length, length) bool mask from (batch, length) row numbers: True within a row and not ahead."""
    import torch

    length = segments.shape[1]
    same = segments[:, :, None] == segments[:, None, :]
    return (same & torch.ones(length, length, dtype=torch.bool, device=segments.device).tril())[:, None]


def read(batch: Mapping[str, Any]) -> dict[str, Any]:
    """What a model is given of a batch that is on its device."""
    given = {name: batch[name] for name in READ if name in batch}
    return given | ({"attention_mask": isolating_mask(batch["segments"])} if "segments" in batch else {})


def on_device(batch: Mapping[str, Any], device: Any) -> dict[str, Any]:
    """A batch with its tensors on a device."""
    return {name: value.to(device) if hasattr(value, "to") else value for name, value in batch.items()}
