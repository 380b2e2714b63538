import pytest

from cards.shared.tables import in_order, listed, ranked, right_of, share, tidy


@pytest.mark.parametrize(("part", "whole", "said"), [(123, 1_000, "12.3 %"), (0, 4, "0.0 %"), (0, 0, "–")])
def test_a_share(part, whole, said):
    assert share(part, whole) == said


@pytest.mark.parametrize(("right", "whole", "said"), [(30, 31, "0.97 (30/31)"), (0, 4, "0.00 (0/4)"), (0, 0, "–")])
def test_right_of_all(right, whole, said):
    assert right_of(right, whole) == said


def test_the_most_frequent_come_first_then_by_name():
    counts = {"b": 2, "a": 2, "c": 1_009}

    assert ranked(counts) == [("c", 1_009), ("a", 2), ("b", 2)]
    assert listed(counts) == "c 1,009, a 2, b 2"
    assert listed({}) == "–"


def test_what_is_not_named_comes_last():
    assert in_order(["new", "b", "newer", "a"], ("a", "missing", "b")) == ["a", "b", "new", "newer"]


@pytest.mark.parametrize(("number", "shown"), [(35.0, "35"), (35.7, "35.7"), (407, "407")])
def test_a_whole_number_has_no_decimal(number, shown):
    assert str(tidy(number)) == shown
