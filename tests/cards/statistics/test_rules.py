import msgspec
import polars as pl

from cards.statistics.rules import Overlap, overlap, sensitivity

FINDINGS = pl.DataFrame(
    [
        (0, 0, "refusal", 1.0, "drop"),
        (1, 0, "refusal", 0.9, "drop"),
        (1, 1, "echo", 0.85, "drop"),
        (2, 1, "echo", 0.8, "drop"),
        (2, 2, "cut_off", 0.7, "flag"),
        (3, 1, "echo", 0.75, "none"),
        (4, 0, "refusal", 0.85, "drop"),
        (4, 1, "echo", 0.95, "drop"),
        (4, 2, "cut_off", 0.9, "drop"),
    ],
    schema={"row": pl.UInt32, "order": pl.UInt32, "rule": pl.String, "score": pl.Float64, "action": pl.String},
    orient="row",
)


def test_overlap_tells_what_only_one_rule_drops_and_which_others_would():
    assert overlap(FINDINGS) == {
        "echo": Overlap(drops=3, first=1, alone=1, others={"refusal": 2, "cut_off": 1}),
        "refusal": Overlap(drops=3, first=3, alone=1, others={"echo": 2, "cut_off": 1}),
        "cut_off": Overlap(drops=1, first=0, alone=0, others={"echo": 1, "refusal": 1}),
    }


def test_the_rows_that_rules_claim_first_are_the_dropped_ones():
    assert sum(rule.first for rule in overlap(FINDINGS).values()) == 4


def test_sensitivity_counts_the_rows_that_reach_each_threshold():
    thresholds = {
        "echo": 0.8,
        "refusal": 0.8,
        "cut_off": 0.95,
        "never": 0.8,
    }

    found = sensitivity(FINDINGS, thresholds)

    assert found["echo"] == {"0.60": 4, "0.70": 4, "0.75": 4, "0.80": 3, "0.85": 2, "0.90": 1, "1.00": 0}
    assert found["cut_off"] == {"0.75": 1, "0.85": 1, "0.90": 1, "0.95": 0, "1.00": 0}
    assert "never" not in found


def test_a_rule_that_knows_only_yes_and_no_has_nothing_to_move():
    sure = FINDINGS.with_columns(pl.lit(1.0).alias("score"))

    assert sensitivity(sure, {"echo": 0.8}) == {}


def test_the_other_rules_are_called_with_in_json():
    assert msgspec.to_builtins(Overlap(drops=2, first=1, alone=1, others={"echo": 1})) == {
        "drops": 2,
        "first": 1,
        "alone": 1,
        "with": {"echo": 1},
    }
