"""The loss of a batch, for which the head computes the tokens that are learnt and no others; and losses of rows."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from train.run.batches import Collator, on_device, read
from train.run.examples import Examples
from train.run.method import Loss, Method
from train.run.packing import alone

CHUNK = 1024  # tokens whose logits are held in fp32 at a time


def batch_loss(model: Any, inner: Any, batch: dict[str, Any], loss: Loss, count: Any) -> Any:
    """The loss of a batch that is on the model's device. inner: the model without what accelerate wraps around it."""
    with answers_alone(inner, batch, loss, count):
        return model(**read(batch), labels=batch["labels"], use_cache=False).loss


@contextmanager
def answers_alone(model: Any, batch: dict[str, Any], loss: Loss, count: Any) -> Iterator[None]:
    """While this lasts, the head computes the answers of a batch alone, and the model hands out its loss and no logits.

    transformers' own `logits_to_keep` takes the same places of every row, and accelerate would copy all logits that a model
    hands out to fp32 (1.5 GiB for 4 × 2048 × 50257). An engine whose forward does not call the head gives all logits, of
    which the answers' are taken.
    """
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    answers = batch["answers"]

    def chosen(head: Any, given: tuple[Any, ...]) -> tuple[Any, ...]:
        return given[0].flatten(0, 1)[answers][None], *given[1:]

    def measured(logits: Any, *_: Any, **__: Any) -> Any:
        flat = logits.flatten(0, 1)
        return loss(flat if len(flat) == len(answers) else flat[answers], batch, count)

    def bare(model: Any, given: Any, output: Any) -> Any:
        return type(output)(loss=output.loss)

    hooks = [base.get_output_embeddings().register_forward_pre_hook(chosen), base.register_forward_hook(bare)]
    before, base.loss_function = base.loss_function, measured
    try:
        yield
    finally:
        base.loss_function = before
        for hook in hooks:
            hook.remove()


def row_losses(model: Any, examples: Examples, pad: int, batch: int) -> npt.NDArray[np.float64]:
    """(rows,) the summed loss of each row's answer. The same for every batch size but rounding."""
    import torch

    def by_row(logits: Any, batch: Mapping[str, Any], count: Any) -> Any:
        sums = torch.zeros(int(batch["rows"].max()) + 1, dtype=torch.float64, device=logits.device)
        parts = (logits.split(CHUNK), batch["shift_labels"].split(CHUNK), batch["rows"].split(CHUNK))
        for chunk, wanted, rows in zip(*parts, strict=True):
            losses = torch.nn.functional.cross_entropy(chunk.float(), wanted, reduction="none")
            sums.index_add_(0, rows, losses.double())
        return sums

    found = np.zeros(len(examples))
    for rows, losses in _measured(model, examples, pad, batch, by_row):
        found[rows] = losses.cpu().numpy()
    return found


def mean_loss(model: Any, examples: Examples, pad: int, batch: int) -> tuple[float, int]:
    """Mean loss over all answer tokens of some rows, and how many there are."""
    count = int(examples.answers.sum())
    return float(row_losses(model, examples, pad, batch).sum()) / max(count, 1), count


def summed_loss(model: Any, examples: Examples, pad: int, batch: int, method: Method) -> npt.NDArray[np.float64]:
    """A method's own loss on some rows, summed; and the sums of what it measures."""
    total = np.zeros(1 + len(method.measures))

    def with_measures(logits: Any, batch: dict[str, Any], count: Any) -> Any:
        loss = method.loss(logits, batch, count)
        total[1:] += np.zeros(0) if not method.measures else batch["measured"].double().sum(dim=0).cpu().numpy()
        return loss

    for _, one in _measured(model, examples, pad, batch, with_measures):
        total[0] += float(one)
    return total


def _measured(
    model: Any, examples: Examples, pad: int, batch: int, loss: Loss
) -> Iterator[tuple[npt.NDArray[np.int64], Any]]:
    """The loss of each batch, summed, with the rows that are in it."""
    import torch

    windows, collate = alone(examples), Collator(pad)
    longest_first = np.argsort(-windows.lengths, kind="stable")  # little filling, and no memory that comes too late
    training = model.training
    model.eval()
    with torch.no_grad():
        for at in range(0, len(windows), batch):
            drawn = longest_first[at : at + batch].tolist()
            rows = np.array([row for one in drawn for row in windows.packs[one]], np.int64)
            tensors = on_device(collate([windows[one] for one in drawn]), model.device)
            yield rows, batch_loss(model, model, tensors, loss, 1)
    model.train(training)
