"""Two models on the same rows: what is different is found, what is not is not."""

import numpy as np

from cards.comparison.paired import Interval, difference, gap_of, share_of


def rows(count=400):
    drawn = np.random.default_rng(3)
    tokens = drawn.integers(5, 80, count).astype(float)
    return drawn, tokens, tokens * drawn.lognormal(0, 0.5, count)  # rows differ far more than models


def test_a_small_difference_on_every_row_is_found_because_rows_are_paired():
    drawn, tokens, one = rows()
    found = difference(("a", "b"), one, one - tokens * drawn.normal(0.02, 0.02, 400), tokens)

    assert -0.025 < found.low < found.nats < found.high < -0.015 and found.sure
    assert found.wins > 300 and found.wins + found.losses == 400


def test_noise_is_not_taken_for_a_difference():
    drawn, tokens, one = rows()
    found = difference(("a", "b"), one, one + tokens * drawn.normal(0, 0.05, 400), tokens)

    assert found.low < 0 < found.high and not found.sure


def test_the_interval_is_that_of_the_means_spread_and_comes_out_the_same_each_time():
    drawn, _, one = rows()
    apart = drawn.normal(0.1, 1.0, 400)
    found = difference(("a", "b"), one, one + apart, np.ones(400))

    assert found == difference(("a", "b"), one, one + apart, np.ones(400))
    assert found.nats == round(apart.mean(), 6)
    half = 1.96 * apart.std() / 20
    assert abs(found.high - apart.mean() - half) < 0.1 * half and abs(apart.mean() - found.low - half) < 0.1 * half


def test_a_model_does_not_differ_from_itself():
    _, tokens, one = rows(7)
    found = difference(("a", "b"), one, one, tokens)

    assert (found.nats, found.low, found.high, found.wins, found.losses) == (0, 0, 0, 0, 0) and not found.sure


def test_a_share_has_wilsons_interval_even_where_all_rows_hit():
    assert share_of(np.array([True] * 9 + [False])) == Interval(0.9, 0.595844, 0.982124)
    assert share_of(np.ones(10, bool)) == Interval(1.0, 0.722460, 1.0)


def test_a_gap_of_shares_is_paired():
    one = np.arange(100) % 2 == 0
    other = one | (np.arange(100) < 30)

    found = gap_of(one, other)
    assert found.value == 0.15 and 0.05 < found.low < 0.1 and 0.2 < found.high < 0.25
    assert gap_of(one, one) == Interval(0.0, 0.0, 0.0)
    assert found.points == f"+15.0 (+{100 * found.low:.1f} … +{100 * found.high:.1f})"
