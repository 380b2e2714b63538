"""The mean loss of a model over rows that are only measured."""

from typing import Any

from train.run.examples import IGNORED, Examples
from train.run.packing import Collator, alone


def mean_loss(model: Any, examples: Examples, pad: int, batch: int) -> tuple[float, int]:
    """Mean loss over all answer tokens of some rows, and how many there are. The same for every batch size but rounding."""
    import torch

    windows, collate = alone(examples), Collator(pad)
    training = model.training
    model.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for at in range(0, len(windows), batch):
            tensors = {
                key: value.to(model.device)
                for key, value in collate(
                    [windows[index] for index in range(at, min(at + batch, len(windows)))]
                ).items()
            }
            answers = int((tensors["labels"][:, 1:] != IGNORED).sum())
            total += float(model(**tensors, use_cache=False).loss) * answers
            count += answers
    model.train(training)
    return total / max(count, 1), count
