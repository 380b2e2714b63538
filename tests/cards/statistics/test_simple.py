import polars as pl

from tests.cards.statistics.rows import LEDGER, ROWS, counted


def test_counts_of_rows_splits_and_origins():
    found = counted()

    assert found.rows == 4
    assert found.splits == {"train": 3, "validation": 1}
    assert list(found.origins.items()) == [("alpaca", 2), ("", 1), ("dolly", 1)]
    assert found.with_input == 0.5


def test_flags_are_those_of_kept_rows_and_edits_those_of_all():
    found = counted()

    assert found.flags == {"placeholder": 2, "cut_off": 1}
    assert found.edits == {"input:nfc": 3, "output:entities": 1}


def test_where_nothing_was_dropped_flagged_edited_or_given():
    found = counted(ROWS.with_columns(pl.lit("").alias("input")), LEDGER.head(0))

    assert (found.dropped, found.flags, found.edits, found.with_input) == ({}, {}, {}, 0.0)
    assert found.length["input"].words.sum == found.length["input"].words.p50 == 0


def test_no_rows():
    found = counted(ROWS.head(0), LEDGER.head(0))

    assert (found.rows, found.with_input, found.origins) == (0, 0.0, {})
