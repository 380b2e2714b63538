import polars as pl

from cards.shared.records import RuleCounts
from cards.statistics.histograms import Histogram, histograms
from cards.statistics.statistic import Counted
from tests.cards.statistics.rows import LEDGER, ROWS


def of(scores, rule="echo"):
    findings = pl.DataFrame({"rule": [rule] * len(scores), "score": scores})
    rules = {rule: RuleCounts(1, "drop", 0.8, 0, 0, 0)}
    return histograms(Counted(ROWS, LEDGER, findings, rules, flag_from={rule: 0.6}))


def test_scores_are_counted_in_steps_from_one_twentieth():
    found = of([0.01, 0.0499, 0.05, 0.15, 0.1501, 0.7999, 0.8, 0.95, 1.0, 1.0])["echo"]

    assert found == Histogram(0.8, 0.6, (1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 3))
    assert found.reach(0) == 8 and found.reach(15) == 4, "0.8 is the sixteenth step"


def test_a_rule_that_knows_yes_and_no_has_none():
    assert of([1.0] * 50 + [0.5] * 20) == {}


def test_every_tenth_falls_into_its_own_step():
    found = of([step / 20 for step in range(1, 20)])["echo"]

    assert found.rows == (1,) * 19
