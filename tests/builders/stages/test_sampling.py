import hashlib

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.errors import Problem
from builders.recipes.model import Sample, Split
from builders.stages.sampling import places, sample, split

id_lists = st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=40, unique=True)
shares = st.floats(0, 0.45)


def rows(ids):
    """Rows as they come out of dedup: `row` is the place in the source, `position` the line of its file."""
    numbers = range(len(ids))
    return pl.DataFrame(
        {"row": numbers, "position": numbers, "id": ids},
        schema={"row": pl.UInt32, "position": pl.UInt32, "id": pl.String},
    )


def sampled(table, size, **settings):
    return set(sample(table, Sample(rows=size, shortfall="all", **settings))["id"])


def splits(ids, **settings):
    return dict(zip(ids, split(rows(ids), Split(**settings)), strict=True))


@given(ids=id_lists, data=st.data())
def test_a_smaller_sample_is_inside_a_larger_one(ids, data):
    smaller, larger = sorted(data.draw(st.tuples(st.integers(1, len(ids)), st.integers(1, len(ids)))))

    small, large = sampled(rows(ids), smaller), sampled(rows(ids), larger)

    assert (len(small), len(large)) == (smaller, larger)
    assert small <= large


@given(ids=id_lists, data=st.data())
def test_one_filter_more_takes_out_its_rows_and_lets_as_many_others_in(ids, data):
    table, size = rows(ids), data.draw(st.integers(1, len(ids)))
    filtered_out = data.draw(st.sets(st.sampled_from(ids)))

    before = sampled(table, size)
    after = sampled(table.filter(~pl.col("id").is_in(filtered_out)), size)

    assert before - filtered_out <= after
    assert len(after) == min(size, len(ids) - len(filtered_out))


@given(ids=id_lists, data=st.data())
def test_a_sample_and_a_split_do_not_depend_on_the_order_of_rows(ids, data):
    table, size = rows(ids), data.draw(st.integers(1, len(ids)))
    shuffled = table[data.draw(st.permutations(range(len(ids))))]

    assert sampled(shuffled, size) == sampled(table, size)
    assert dict(zip(shuffled["id"], split(shuffled, Split()), strict=True)) == splits(ids)


@given(ids=id_lists, data=st.data())
def test_a_sample_keeps_the_order_that_it_is_given(ids, data):
    chosen = sample(rows(ids), Sample(rows=data.draw(st.integers(1, len(ids)))))

    assert chosen["row"].is_sorted()
    assert chosen.columns == ["row", "position", "id"]


@given(ids=id_lists, seed=st.integers(-5, 5))
def test_the_split_of_an_id_does_not_depend_on_other_rows(ids, seed):
    together = splits(ids, validation=0.3, test=0.3, seed=seed)

    assert together == {id: splits([id], validation=0.3, test=0.3, seed=seed)[id] for id in ids}


@given(ids=id_lists, validation=shares, other=shares, test=shares)
def test_another_validation_share_moves_ids_between_train_and_validation_only(ids, validation, other, test):
    smaller, larger = sorted((validation, other))

    before, after = splits(ids, validation=smaller, test=test), splits(ids, validation=larger, test=test)

    moved = {(before[id], after[id]) for id in ids if before[id] != after[id]}
    assert moved <= {("train", "validation")}


@given(ids=id_lists, test=shares, other=shares, validation=shares)
def test_another_test_share_moves_ids_between_train_and_test_only(ids, test, other, validation):
    smaller, larger = sorted((test, other))

    before, after = splits(ids, validation=validation, test=smaller), splits(ids, validation=validation, test=larger)

    moved = {(before[id], after[id]) for id in ids if before[id] != after[id]}
    assert moved <= {("train", "test")}


def test_splits_have_about_the_size_that_was_asked_for_also_within_a_sample():
    ids = [f"alpaca-{number}" for number in range(20_000)]
    table = rows(ids).with_columns(split(rows(ids), Split(validation=0.05, test=0.1)))
    inner = sample(table, Sample(rows=4_000))

    # Four standard deviations of a binomial count: the hash is as good as chance, and sample and split are independent.
    for rows_of, expected in ((table, (1_000, 2_000)), (inner, (200, 400))):
        for name, count in zip(("validation", "test"), expected, strict=True):
            share = count / rows_of.height
            assert abs((rows_of["split"] == name).sum() - count) < 4 * (count * (1 - share)) ** 0.5


def test_no_share_means_no_row():
    ids = [f"dolly-{number}" for number in range(1_000)]

    assert set(splits(ids, validation=0.0, test=0.0).values()) == {"train"}


def test_another_seed_is_another_sample_and_another_split():
    ids = [f"alpaca-{number}" for number in range(200)]

    assert sampled(rows(ids), 50, seed=1) != sampled(rows(ids), 50, seed=2)
    assert splits(ids, validation=0.3, seed=1) != splits(ids, validation=0.3, seed=2)


def test_places_are_the_first_53_bits_of_a_sha256():
    # Published versions rest on these numbers: an id must never move because the hash was rewritten.
    found = places(pl.Series(["alpaca-1", "ñandú-2"]), 2024, "split").to_list()

    expected = [int(hashlib.sha256(f"split:2024:{id}".encode()).hexdigest()[:16], 16) for id in ("alpaca-1", "ñandú-2")]
    assert found == [(number >> 11) / 2**53 for number in expected]
    assert [round(place, 6) for place in found] == [0.774634, 0.106535]


def test_the_first_rows_are_those_of_the_file_not_those_of_the_ids():
    table = rows(["a", "b", "c", "d"]).with_columns(pl.Series("position", [3, 1, 2, 0], dtype=pl.UInt32))

    assert sample(table, Sample(rows=2, method="first"))["id"].to_list() == ["b", "d"]


def test_without_a_size_every_row_stays():
    table = rows(["a", "b"])

    assert sample(table, Sample()).equals(table)


def test_a_sample_larger_than_what_is_left_is_an_error_that_says_what_to_do():
    with pytest.raises(Problem) as problem:
        sample(rows(["a", "b"]), Sample(rows=1_000))

    assert str(problem.value) == (
        "sample.rows asks for 1,000 rows but only 2 are left after the filters; "
        "lower sample.rows, or take all that is left with --set sample.shortfall=all"
    )


def test_a_sample_larger_than_what_is_left_takes_all_where_the_recipe_says_so():
    assert sampled(rows(["a", "b"]), 1_000) == {"a", "b"}
