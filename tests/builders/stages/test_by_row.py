import polars as pl
import pytest

from builders.recipes.loading import load_recipe
from builders.recipes.model import DemoSource
from builders.sources.demo import read_demo
from builders.stages.by_row import RowWork
from builders.stages.quality import recipe_settings

RECIPE = load_recipe("demo")
ROWS = read_demo(DemoSource()).rows
TABLES = ("rows", "drops", "flags", "edits", "findings", "languages", "hashes")


@pytest.fixture(scope="module")
def work():
    return RowWork(RECIPE, recipe_settings(RECIPE))


def through(rows, work):
    """What each stage made of rows."""
    outcomes = {}
    for name, stage in work.stages():
        outcomes[name] = stage(rows)
        rows = outcomes[name].rows
    return outcomes


def test_parts_taken_one_by_one_give_what_all_rows_give(work):
    whole = through(ROWS, work)
    parts = [through(part, work) for part in (ROWS[:1], ROWS[1:200], ROWS[200:])]

    assert list(whole) == ["read", "repair", "language", "quality"]
    for stage, outcome in whole.items():
        for table in TABLES:
            found = [getattr(part[stage], table) for part in parts]
            expected = getattr(outcome, table)
            assert (expected is None) == (found[0] is None)
            assert expected is None or pl.concat(found).equals(expected), (stage, table)
