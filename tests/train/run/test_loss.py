import numpy as np
import pytest

pytest.importorskip("torch", reason="the trainer is not installed (extra: train)")

from tests.train.models import falcon
from train.run.examples import Examples
from train.run.loss import mean_loss


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
