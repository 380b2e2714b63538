"""Rows as token ids: their order, some of them, and what fills up short ones."""

import numpy as np

from tests.installed import TRAINER, needs

needs("transformers", TRAINER)

from tests.train.models import rows, tokenizer
from train.methods.sft import encode
from train.run.examples import grouped, order, padded_share


def test_every_nth_row():
    made = encode(rows(*[(f"Di {word}.", word) for word in ("uno", "dos", "tres", "cuatro")]), tokenizer(), 200, "x")

    part = made.every(2, 1)
    assert part.ids == ("fila-2", "fila-4")
    assert part.row(1).tolist() == made.row(3).tolist() and part.labels(0).tolist() == made.labels(1).tolist()
    assert made.every(5, 4) is None


# ---- order -----------------------------------------------------------------------------------------------------------


def test_the_order_follows_from_seed_and_epoch_alone():
    assert order(8, 2024, 0).tolist() == [6, 5, 7, 1, 2, 0, 3, 4]
    assert order(8, 2024, 1).tolist() != order(8, 2024, 0).tolist() != order(8, 1, 0).tolist()
    assert sorted(order(1000, 7, 3).tolist()) == list(range(1000))


def test_the_share_of_filling_is_that_of_the_first_epochs_batches():
    lengths = np.array([1, 2, 3, 4])
    ordered = lengths[order(4, 5, 0)]
    cells = 2 * ordered[:2].max() + 2 * ordered[2:].max()

    assert padded_share(lengths, 2, 5) == 1 - 10 / cells
    assert padded_share(lengths, 1, 5) == 0


# ---- rows of about one length ----------------------------------------------------------------------------------------


def drawn_lengths(count):
    return np.minimum(np.random.default_rng(1).lognormal(5.2, 0.7, count).astype(int) + 8, 2048)


def test_batches_of_one_length_hold_every_row_once_and_follow_from_seed_and_epoch():
    lengths = drawn_lengths(1003)
    made = grouped(lengths, 4, 7, 0)

    assert sorted(made.tolist()) == list(range(1003))
    assert made.tolist() == grouped(lengths, 4, 7, 0).tolist()
    assert made.tolist() != grouped(lengths, 4, 7, 1).tolist() != grouped(lengths, 4, 8, 1).tolist()
    assert grouped(lengths[:3], 4, 7, 0).shape == (3,) and grouped(lengths[:0], 4, 7, 0).shape == (0,)


def test_batches_of_one_length_hardly_fill_up_and_stay_in_random_order():
    lengths = drawn_lengths(4000)
    assert padded_share(lengths, 4, 3) > 0.35
    assert padded_share(lengths, 4, 3, by_length=True) < 0.05

    means = lengths[grouped(lengths, 4, 3, 0)].reshape(-1, 4).mean(axis=1)
    assert lengths[grouped(lengths, 4, 3, 0)[:4]].max() == lengths.max()
    assert abs(np.corrcoef(means[1:-1], means[2:])[0, 1]) < 0.1
