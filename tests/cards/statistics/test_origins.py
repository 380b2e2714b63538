import polars as pl

from cards.statistics.origins import Origin
from cards.statistics.splits import Split, by_split
from tests.cards.statistics.rows import counted, measured_of

ORIGINS = pl.Series(["alpaca", "alpaca", "dolly", "", "alpaca", "dolly", "dolly", "dolly", "dolly"])


def test_each_origin_with_its_rows_and_what_dropped_them():
    assert counted(origins=ORIGINS).by_origin == {
        "dolly": Origin(5, {"empty_answer": 1, "exact_duplicate": 1, "near_duplicate": 1, "refusal": 1}),
        "alpaca": Origin(3, {"refusal": 1}),
        "": Origin(1, {}),
    }
    assert counted().by_origin is None, "nobody knows where dropped rows come from"


def test_what_left_for_the_sample_is_not_unfit():
    assert Origin(9, {"not_sampled": 4, "echo": 2}).unfit == 2


def test_kept_rows_with_a_flag_are_counted_once():
    assert counted().flagged == 2


def test_each_split_with_what_is_in_it():
    assert counted().by_split == {
        "train": Split(3, 2, 2.0, {"": 1, "alpaca": 1, "dolly": 1}, 0),
        "validation": Split(1, 0, 0.0, {"alpaca": 1}, 0),
    }


def test_answers_that_are_longer_than_most_are_counted_split_by_split():
    outputs = ["uno", "uno dos", "uno dos tres", "uno dos tres cuatro", "uno dos tres cuatro cinco"]
    rows = pl.DataFrame({"output": outputs, "split": ["train", "train", "train", "train", "test"]})
    found = by_split(measured_of(rows.with_columns(origin=pl.lit("a"))))

    assert {name: (one.words, one.longer) for name, one in found.items()} == {"train": (3.0, 1), "test": (5.0, 1)}
