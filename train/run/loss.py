"""The loss on answers: the mean over answer tokens, whatever the batch, computed where there is an answer only."""

from typing import Any

from train.run.examples import IGNORED, Examples
from train.run.packing import Collator, alone

CHUNK = 1024  # tokens whose logits are held in fp32 at a time


def answer_loss(logits: Any, labels: Any, vocab_size: int, num_items_in_batch: Any = None, **_: Any) -> Any:
    """Cross-entropy of the next token, summed over answer tokens and divided by how many of them a whole step has.

    logits: (batch, length, vocabulary). labels: (batch, length), IGNORED where nothing is learnt. It is what
    transformers' own loss gives, with less memory: that one turns every logit into fp32 and keeps three copies (4.5 GiB
    for 4 × 2048 × 50257); this one takes the answers' logits, a chunk at a time, and computes them again for the gradient.
    """
    import torch
    from torch.utils.checkpoint import checkpoint

    wanted = labels[:, 1:].to(logits.device)
    asked = wanted != IGNORED
    found, wanted = logits[:, :-1][asked], wanted[asked]

    def summed(chunk: Any, target: Any) -> Any:
        return torch.nn.functional.cross_entropy(chunk.float(), target, reduction="sum")

    total = logits.sum() * 0.0 if not len(wanted) else 0.0
    for chunk, target in zip(found.split(CHUNK), wanted.split(CHUNK), strict=True):
        total = total + checkpoint(summed, chunk, target, use_reentrant=False)
    count = max(len(wanted), 1) if num_items_in_batch is None else num_items_in_batch
    return total / (count.to(logits.device) if hasattr(count, "to") else count)


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
