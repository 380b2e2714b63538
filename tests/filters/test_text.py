"""Rows are narrowed by loosened patterns, and no row that matches is lost by it."""

import polars as pl
import pytest

from filters import rules_of
from filters.languages.spanish.absent import POINTING
from filters.languages.spanish.context import ASKS_BACK, NEED_MORE, NOT_GIVEN, PLEASE
from filters.languages.spanish.markers import FILL_IN, OPEN_SLOT, STAND_IN
from filters.languages.spanish.refusals import REFUSAL
from filters.languages.spanish.tasks import CODE_TASK, VOICE_TASK
from filters.rule import findings
from filters.text import first_match, loosened, matching, narrowed, with_match, without_matching

TEXT = pl.col("text")
PATTERN = r"(?i)\b(?:según|la) \p{L}{2,4}\b"
ROWS = pl.DataFrame(
    [(0, "Según Ana, llueve."), (1, "la casita"), (2, "hala yo"), (3, "La luz y la mar"), (4, "nada")],
    ["row", "text"],
    orient="row",
)


@pytest.fixture(scope="module")
def texts():
    """All texts of the examples of all rules."""
    examples = [example for rule in rules_of("es").values() for example in (*rule.caught, *rule.spared)]
    return pl.Series("text", [text for one in examples for text in (one.instruction, one.input, one.output)])


def test_a_loosened_pattern_has_no_boundaries_and_no_bounds():
    assert loosened(r"\ba{2,3}b{0,9}c{1,}d{4}[^.\n]{0,60}\b") == r"a+b*c+d{4}[^.\n]*"


@pytest.mark.parametrize(
    "pattern",
    [REFUSAL, NOT_GIVEN, PLEASE, NEED_MORE, ASKS_BACK, POINTING, FILL_IN, OPEN_SLOT, STAND_IN, CODE_TASK, VOICE_TASK],
)
def test_a_loosened_pattern_matches_wherever_the_pattern_does(texts, pattern):
    hits = texts.filter(texts.str.contains(pattern))

    assert hits.len() > 0
    assert hits.str.contains(loosened(pattern)).all()


def test_rows_that_match_and_those_that_do_not_make_up_all():
    assert matching(ROWS, TEXT, PATTERN)["row"].to_list() == [0, 3]
    assert without_matching(ROWS, TEXT, PATTERN)["row"].to_list() == [1, 2, 4]


def test_the_first_match_is_the_whole_match_or_nothing():
    assert ROWS.select(first_match(TEXT, PATTERN))["text"].to_list() == ["Según Ana", None, None, "La luz", None]
    assert with_match(ROWS, TEXT, PATTERN, "hit")["hit"].to_list() == ["Según Ana", None, None, "La luz", None]


def test_no_pattern_is_compiled_for_no_rows():
    none, broken = ROWS.clear(), TEXT.str.contains("(")

    assert narrowed(none, broken).schema == ROWS.schema
    assert with_match(none, TEXT, PATTERN, "hit").schema == {**ROWS.schema, "hit": pl.String}
    assert findings(none, when=broken, evidence=TEXT).schema == {
        "row": pl.UInt32,
        "score": pl.Float64,
        "evidence": pl.String,
    }
    with pytest.raises(pl.exceptions.ComputeError):
        narrowed(ROWS, broken)
