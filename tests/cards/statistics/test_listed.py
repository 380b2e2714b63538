import json

import msgspec
import pytest

from cards.statistics.listed import RowStatistics, Statistics, captions, count, counted, listed, read_statistics
from tests.cards.statistics.rows import LEDGER, ROWS, measured_of
from tests.cards.statistics.rows import counted as statistics


def test_numbers_do_not_depend_on_the_order_of_rows():
    assert statistics(ROWS.reverse(), LEDGER.reverse()) == statistics()


def test_every_statistic_says_what_it_means():
    for name, one in listed(Statistics).items():
        assert one.meaning.endswith(".") and one.meaning[0].isupper(), name


def test_a_raw_file_has_those_that_need_no_ledger():
    found = count(RowStatistics, measured_of(ROWS))

    assert found.rows == 4
    assert listed(Statistics).keys() - listed(RowStatistics).keys() == {
        "splits",
        "dropped",
        "flags",
        "edits",
        "preferences",
        "flagged",
        "by_origin",
        "by_language",
        "shared_ids",
        "by_split",
    }


@pytest.mark.parametrize("key", ["overlap", "sensitivity", "language"])
def test_what_was_not_looked_at_is_empty(key):
    assert msgspec.to_builtins(statistics())[key] == {}


def test_what_is_written_is_read_back():
    found = statistics()

    assert read_statistics(msgspec.json.encode(found)) == found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rows": None}, r"\$\.rows"),
        ({"splits": {"train": "4"}}, r"\$\.splits"),
        ({"length": {"output": {"characters": 7}}}, r"\$\.length"),
        ({"asks": {"questions": -1, "recognised": 0, "neither": 0, "verbs": {}}}, r"\$\.asks\.questions"),
    ],
)
def test_a_wrong_field_is_named(change, said):
    document = msgspec.to_builtins(statistics()) | change

    with pytest.raises(msgspec.DecodeError, match=said):
        read_statistics(json.dumps(document).encode())


def test_a_field_that_is_missing_is_named():
    document = msgspec.to_builtins(statistics())
    del document["with_input"]

    with pytest.raises(msgspec.DecodeError, match="with_input"):
        read_statistics(json.dumps(document).encode())


def test_every_statistic_has_its_value():
    # Rows have one answer each, in one language; nobody said where dropped rows come from.
    absent = {"preferences", "by_origin", "by_language", "shared_ids"}
    names = [name for name in Statistics.__struct_fields__ if name not in absent]

    assert [name for name, _, _ in counted(statistics())] == names


def test_every_picture_has_a_caption():
    assert captions() == {
        "funnel": "From source to version",
        "lengths": "How long texts are",
        "verbs": "What instructions ask for",
        "dropped": "Why rows were dropped",
    }
