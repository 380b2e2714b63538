"""The loss of a batch on answers alone, and the losses of rows."""

import numpy as np
import pytest

from tests.installed import TRAINER, needs

torch = needs("torch", TRAINER)

from tests.train.models import falcon
from train.methods.sft import answer_loss
from train.run.batches import Collator, read
from train.run.examples import Examples
from train.run.loss import batch_loss, mean_loss, row_losses
from train.run.packing import alone, packed

SIZES, PROMPTS = np.array([9, 3, 17, 5, 12]), np.array([2, 1, 9, 3, 4])


def examples():
    return Examples(
        ids=tuple("abcde"),
        tokens=(np.arange(SIZES.sum()) % 250).astype(np.int32),
        starts=np.concatenate(([0], np.cumsum(SIZES))),
        prompts=PROMPTS,
    )


def test_the_mean_does_not_depend_on_the_batch():
    by_batch = [mean_loss(falcon(), examples(), 3, batch) for batch in (1, 2, 5)]

    assert [count for _, count in by_batch] == [27, 27, 27]
    assert by_batch[1][0] == pytest.approx(by_batch[0][0], rel=1e-5)
    assert by_batch[2][0] == pytest.approx(by_batch[0][0], rel=1e-5)


def test_losses_of_rows_are_those_of_each_row_by_itself():
    found = row_losses(falcon(), examples(), 3, batch=2)

    for row in range(5):
        ids, labels = (
            torch.from_numpy(part.astype(np.int64))[None] for part in (examples().row(row), examples().labels(row))
        )
        with torch.no_grad():
            mean = falcon()(input_ids=ids, labels=labels).loss.item()
        assert found[row] == pytest.approx(mean * (SIZES - PROMPTS)[row], rel=1e-5)


@pytest.mark.parametrize("packing", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_the_head_computes_answers_alone_and_nothing_changes(packing, dtype):
    """Loss and gradients against transformers' own, with all logits; in fp16, on a CPU, as far as fp16 goes."""
    import copy

    model = copy.deepcopy(falcon()).to(getattr(torch, dtype)).train()
    windows = packed(examples(), 20, 0) if packing else alone(examples())
    batch = Collator(3, packing)([windows[index] for index in range(len(windows))])
    weights, seen = list(model.parameters()), []
    hook = model.lm_head.register_forward_hook(lambda head, given, logits: seen.append(tuple(logits.shape)))

    loss = batch_loss(model, model, batch, answer_loss, None)
    ours = torch.autograd.grad(loss, weights)
    whole = model(**read(batch), labels=batch["labels"])
    theirs = torch.autograd.grad(whole.loss, weights)
    hook.remove()

    assert seen == [(1, 27, 400), (*batch["input_ids"].shape, 400)]
    assert whole.logits is not None  # nothing of ours is left on the model
    close = {"rtol": 1e-5, "atol": 1e-6} if dtype == "float32" else {"rtol": 2e-2, "atol": 2e-2}
    torch.testing.assert_close(loss, whole.loss, check_dtype=False, **close)
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, **close)


def test_a_forward_that_does_not_call_the_head_gives_the_same_loss():
    """What an engine does whose own kernel computes the logits."""
    import copy

    model = copy.deepcopy(falcon())
    head, batch = model.lm_head, Collator(3)([alone(examples())[0], alone(examples())[1]])
    expected = batch_loss(model, model, batch, answer_loss, None)

    class Beside(torch.nn.Module):
        def __call__(self, hidden):
            return torch.nn.functional.linear(hidden, head.weight)

    model.get_output_embeddings = lambda: head
    model.lm_head = Beside()
    torch.testing.assert_close(batch_loss(model, model, batch, answer_loss, None), expected)
