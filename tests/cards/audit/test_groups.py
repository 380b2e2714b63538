import polars as pl

from cards.audit.groups import (
    DuplicateGroups,
    Group,
    Leaks,
    Prompt,
    PromptGroups,
    Removed,
    duplicate_groups,
    leaks,
    prompt_groups,
)

LEDGER = pl.DataFrame(
    {
        "rule": [None, "exact_duplicate", "near_duplicate", "exact_duplicate", "same_prompt", "refusal"],
        "duplicate_of": [None, "a-1", "a-1", "b-2", "a-1", None],
    }
)


def test_duplicate_groups_count_the_kept_row():
    assert duplicate_groups(LEDGER) == DuplicateGroups(
        groups=2,
        rows=4,
        sizes={"2": 1, "4": 1},
        rules={
            "exact_duplicate": Removed(rows=2, groups=2),
            "near_duplicate": Removed(rows=1, groups=1),
            "same_prompt": Removed(rows=1, groups=1),
        },
        largest=[Group("a-1", 4), Group("b-2", 2)],
    )


def test_no_duplicates():
    assert duplicate_groups(LEDGER.head(1)) == DuplicateGroups(groups=0, rows=0, sizes={}, rules={}, largest=[])


KEYS = pl.DataFrame(
    {
        "id": ["a-1", "a-2", "a-3", "a-4", "a-5", "a-6"],
        "prompt": [1, 1, 1, 2, 2, 3],
        "text": [10, 11, 10, 20, 20, 30],
        "split": ["train", "validation", "train", "train", "test", "train"],
    }
)


def test_prompts_with_several_answers():
    assert prompt_groups(KEYS) == PromptGroups(groups=1, rows=3, largest=[Prompt("a-1", rows=3, answers=2)])


def test_the_same_answer_twice_is_no_conflict():
    assert prompt_groups(KEYS.filter(pl.col("prompt") == 2)) == PromptGroups(groups=0, rows=0, largest=[])


def test_leaks_between_splits():
    duplicates = pl.DataFrame({"split": ["train", "train"], "duplicate_split": ["train", "test"]})

    assert leaks(KEYS, duplicates) == Leaks(ids=0, prompts=2, texts=1, near_duplicates=1)


def test_an_id_in_two_splits_leaks():
    twice = pl.concat([KEYS, KEYS.head(1).with_columns(pl.lit("test").alias("split"))])

    assert leaks(twice, pl.DataFrame({"split": [], "duplicate_split": []})).ids == 1
