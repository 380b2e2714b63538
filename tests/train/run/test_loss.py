import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the trainer is not installed (extra: train)")

from tests.train.models import falcon
from train.run import loss as losses
from train.run.examples import IGNORED, Examples
from train.run.loss import answer_loss, mean_loss


def drawn(batch=3, length=11, vocabulary=50):
    torch.manual_seed(1)
    logits = torch.randn(batch, length, vocabulary, requires_grad=True)
    labels = torch.randint(0, vocabulary, (batch, length))
    labels[:, :4] = IGNORED
    labels[1, 8:] = IGNORED
    return logits, labels


@pytest.mark.parametrize("count", [None, 40])
def test_loss_and_gradient_are_those_of_transformers(monkeypatch, count):
    from transformers.loss.loss_utils import ForCausalLMLoss

    monkeypatch.setattr(losses, "CHUNK", 5)  # several chunks, the last one short
    logits, labels = drawn()
    ours = answer_loss(logits, labels, 50, num_items_in_batch=count)
    (ours_gradient,) = torch.autograd.grad(ours, logits)
    theirs = ForCausalLMLoss(logits, labels, 50, num_items_in_batch=count)
    (their_gradient,) = torch.autograd.grad(theirs, logits)

    torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(ours_gradient, their_gradient)


def test_a_batch_without_answers_has_no_loss_and_a_gradient():
    logits, labels = drawn()
    found = answer_loss(logits, torch.full_like(labels, IGNORED), 50)

    assert found.item() == 0
    assert torch.autograd.grad(found, logits)[0].abs().sum() == 0


def test_half_precision_logits_are_summed_in_full_precision():
    logits, labels = drawn()
    half = answer_loss(logits.bfloat16(), labels, 50)

    assert half.dtype == torch.float32
    torch.testing.assert_close(half, answer_loss(logits.bfloat16().float(), labels, 50))


def test_the_mean_does_not_depend_on_the_batch():
    sizes = np.array([9, 3, 17, 5, 12])
    examples = Examples(
        ids=tuple("abcde"),
        tokens=(np.arange(sizes.sum()) % 250).astype(np.int32),
        starts=np.concatenate(([0], np.cumsum(sizes))),
        prompts=np.array([2, 1, 9, 3, 4]),
    )
    by_batch = [mean_loss(falcon(), examples, 3, batch) for batch in (1, 2, 5)]

    assert [count for _, count in by_batch] == [27, 27, 27]
    assert by_batch[1][0] == pytest.approx(by_batch[0][0], rel=1e-5)
    assert by_batch[2][0] == pytest.approx(by_batch[0][0], rel=1e-5)
