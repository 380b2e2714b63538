"""Precision and recall by labels: Wilson intervals, weights of strata, and labels that are not used."""

import polars as pl
import pytest

from builders.labels.applied import with_labels
from builders.labels.calibrate import at_cuts, calibrated
from builders.labels.file import read_labels, written
from builders.labels.measure import estimate, evidence, matched, wilson
from builders.labels.records import Label, Labels
from builders.recipes.loading import load_recipe
from builders.versions.registry import build


@pytest.mark.parametrize(
    ("share", "labels", "low", "high"),
    [
        (1.0, 4, 0.5101, 1.0),
        (0.5, 10, 0.2366, 0.7634),
        (0.0, 30, 0.0, 0.1135),
        (0.97, 100, 0.9155, 0.9897),
        (0.3, 0, 0.0, 1.0),
    ],
)
def test_wilson(share, labels, low, high):
    assert wilson(share, labels) == pytest.approx((low, high), abs=5e-5)


def test_a_weighted_share_has_the_interval_of_as_many_labels_as_its_weights_are_worth():
    rows = pl.DataFrame({"bad": [True, True, False, False], "weight": [90.0, 90.0, 10.0, 10.0]})

    found = estimate(rows, "bad")

    assert (found.value, found.labels) == (0.9, 4)
    assert (found.low, found.high) == pytest.approx(wilson(0.9, 200**2 / (2 * 90**2 + 2 * 10**2)), abs=5e-5)
    assert estimate(rows.head(0), "bad") is None


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return build(load_recipe("demo"), tmp_path_factory.mktemp("demo")).version


def label(row, verdict, **more):
    return Label(id=row["id"], row_sha256=row["row_sha256"], verdict=verdict, **more)


def test_what_labels_say_of_a_rule_and_of_all_rows(demo):
    ledger = demo.ledger_by_id()
    refused = ledger.filter(rule="refusal").to_dicts()
    kept = ledger.filter(pl.col("flags").list.len() == 0, status="kept").to_dicts()
    given = [
        label(refused[0], "drop", defects=("refusal",), stratum="drop:refusal", of=4),
        label(refused[1], "keep", stratum="drop:refusal", of=4),
        label(kept[0], "fix", defects=("refusal",), stratum="kept", of=400),
        label(kept[1], "keep", stratum="kept", of=400),
        Label(id=kept[2]["id"], row_sha256="0" * 64, verdict="drop"),
        Label(id="nadie", row_sha256="0" * 64, verdict="drop"),
    ]

    found = evidence(demo, Labels(tuple(given)))

    rule = found.rules["refusal"]
    assert (rule.precision.value, rule.precision.labels, rule.advice) == (0.5, 2, "label 30 more")
    assert rule.recall.value == pytest.approx(2 / 202, abs=5e-5)
    assert (found.dropped.value, found.kept.value) == (0.5, 0.5)
    assert (found.labels, found.used, found.changed, found.absent) == (6, 4, 1, 1)
    assert found.drawn == "drawn by hash from 2 parts of the rows, and weighted by their sizes"
    assert "empty_answer" not in found.rules


def test_labels_that_a_version_was_built_with_do_not_prove_themselves(demo, tmp_path):
    ledger = demo.ledger_by_id()
    refused, near = (ledger.filter(rule=rule).to_dicts() for rule in ("refusal", "near_duplicate"))
    kept = ledger.filter(pl.col("flags").list.len() == 0, status="kept").to_dicts()
    given = [
        label(refused[0], "drop", defects=("refusal",), stratum="drop:refusal", of=4),
        label(refused[1], "keep", stratum="near:refusal", of=4),
        label(refused[2], "drop"),
        label(near[0], "drop", stratum="drop:near_duplicate", of=4),
        label(kept[0], "drop", stratum="kept", of=400),
        label(kept[1], "drop"),
        label(kept[2], "fix"),
    ]
    (tmp_path / "labels.jsonl").write_bytes(written(given))

    made = build(with_labels(load_recipe("demo"), str(tmp_path / "labels.jsonl")), tmp_path / "versions").version
    labels = read_labels(tmp_path / "labels.jsonl")

    assert made.ledger().filter(rule="review").height == 5
    assert evidence(made, labels) == evidence(demo, labels)
    card = (made.path / "README.md").read_text("utf-8")
    shown = evidence(made, labels).rules["refusal"]
    assert f"| refusal | {shown.precision} | {shown.recall} | label 30 more |" in card
    assert "| labels used | 7 of 7 |" in card


def test_labels_that_do_not_say_how_they_were_drawn_speak_for_themselves(demo):
    rows = demo.ledger().filter(rule="refusal").to_dicts()
    given = Labels((label(rows[0], "drop", stratum="drop:refusal", of=4), label(rows[1], "keep")))

    assert matched(demo.ledger(), given)[1]["weight"].to_list() == [4.0, 1.0]
    assert evidence(demo, given).drawn.startswith("1 drawn by hash from 1 parts")


def test_a_threshold_is_moved_to_where_precision_holds_at_the_best_recall(demo):
    scored = pl.DataFrame(
        {"score": [0.9] * 40 + [0.7] * 20 + [0.6] * 20, "bad": [True] * 40 + [True] * 20 + [False] * 20}
    )

    found = calibrated("refusal", scored.with_columns(weight=pl.lit(1.0)), 0.8, 0.97)

    assert (found.threshold, found.precision.value, found.recall.value, found.labels) == (0.7, 1.0, 1.0, 80)


def test_what_labels_say_of_each_cut_of_a_histogram():
    scored = pl.DataFrame({"score": [0.05, 0.5, 0.5, 0.9], "bad": [False, True, False, True], "weight": [1.0] * 4})

    said = at_cuts(scored)

    assert len(said) == 19
    assert said[0] == "By labels: precision 0.50 (0.15 to 0.85; 4), recall 1.00 (0.34 to 1.00; 2)."
    assert said[9] == "By labels: precision 0.67 (0.21 to 0.94; 3), recall 1.00 (0.34 to 1.00; 2)."
    assert said[10] == said[17] == "By labels: precision 1.00 (0.21 to 1.00; 1), recall 0.50 (0.09 to 0.91; 2)."
    assert said[18] == ""


def test_no_threshold_is_moved_on_fewer_than_thirty_labels_nor_where_none_is_precise_enough():
    few = pl.DataFrame({"score": [0.9] * 29, "bad": [True] * 29, "weight": [1.0] * 29})
    wrong = pl.DataFrame({"score": [0.9] * 40, "bad": [True, False] * 20, "weight": [1.0] * 40})

    assert calibrated("refusal", few, 0.8, 0.97).threshold is None
    assert calibrated("refusal", few, 0.8, 0.97).why == "29 labels; label 1 more"
    assert calibrated("refusal", wrong, 0.8, 0.97).why == "no threshold is that precise"
