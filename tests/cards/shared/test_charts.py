import pytest

from cards.shared.charts import MOST_BARS, bars, ticks


def shown(drawing):
    return [(bar.name, bar.rows) for bar in drawing.bars]


def test_bars_are_the_longest_first_and_then_by_name():
    assert shown(bars([("b", 2), ("c", 9), ("a", 2)], "Letters")) == [("c", 9), ("a", 2), ("b", 2)]


def test_a_picture_is_told_in_words():
    assert bars([("b", 2), ("c", 1_900)], "Letters").description == "Letters: c 1,900, b 2."


def test_no_bars_are_no_picture():
    assert bars([], "Letters") is None


def test_beyond_a_dozen_the_others_are_one_bar_or_left_out():
    counted = [(f"n{at:02}", 100 - at) for at in range(20)]

    assert shown(bars(counted, "Numbers"))[MOST_BARS - 1] == ("9 others", sum(100 - at for at in range(11, 20)))
    assert shown(bars(counted, "Numbers", others=False)) == counted[:MOST_BARS]


@pytest.mark.parametrize(
    ("low", "high", "form", "labels"),
    [
        (0, 0.5, ".0%", "0% 10% 20% 30% 40% 50%"),
        (0, 0.28, ".0%", "0% 10% 20% 30%"),
        (0.91, 3.2, ",.10g", "0.5 1 1.5 2 2.5 3 3.5"),
        (0, 12_345, ",.10g", "0 5,000 10,000 15,000"),
        (0, 0, ",.10g", "0"),
        (2.5, 2.5, ",.10g", "2.5"),
        (-1, 1, ",.10g", "-1 -0.5 0 0.5 1"),
    ],
)
def test_ticks_are_round_numbers_around_what_is_shown(low, high, form, labels):
    assert [tick.label for tick in ticks(low, high, form)] == labels.split()


@pytest.mark.parametrize("high", [10.0**power * factor for power in range(-9, 10) for factor in (1, 2, 5, 9.99)])
def test_ticks_enclose_any_numbers_and_are_few(high):
    found = [tick.at for tick in ticks(0, high)]

    assert found[0] == 0 and found[-1] >= high * (1 - 1e-9) and 2 <= len(found) <= 7
