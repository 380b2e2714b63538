"""How a recipe's settings reach the rules, and which of several rules a dropped row leaves by."""

import pytest

from builders.pipeline import run
from builders.recipes.model import Quality, RuleSetting
from builders.sources.reading import read_source
from builders.stages.quality import rule_settings
from filters import all_rules
from filters.rule import Setting
from tests.builders.rows import small_recipe, write_rows


def settings(**changes):
    return rule_settings(Quality(rules={"refusal": RuleSetting(**changes)}), parallel=False)["refusal"]


@pytest.mark.parametrize(
    ("threshold", "flag_from"),
    [(None, 0.5), (0.9, 0.5), (0.6, 0.5), (0.5, 0.5), (0.4, 0.4), (0.0, 0.0)],
)
def test_a_threshold_below_the_doubtful_range_leaves_none(threshold, flag_from):
    rule = all_rules()["refusal"]
    assert (rule.threshold, rule.flag_from) == (0.8, 0.5)
    assert settings(threshold=threshold) == Setting("drop", 0.8 if threshold is None else threshold, flag_from)


def test_a_verdict_is_the_rules_own_unless_the_recipe_says_another():
    assert settings().verdict == "drop"
    assert settings(verdict="flag") == Setting("flag", 0.8, 0.5)


def test_rules_that_are_switched_off_or_lack_their_columns_or_are_of_another_language_are_not_applied():
    everything = rule_settings(Quality(), parallel=True)
    assert set(everything) - set(rule_settings(Quality(), parallel=False)) == {
        name for name, rule in all_rules().items() if rule.needs
    }
    off = Quality(rules={"refusal": RuleSetting(enabled=False)})
    assert set(everything) - set(rule_settings(off, parallel=True)) == {"refusal"}
    assert rule_settings(Quality(enabled=False), parallel=True) == {}
    assert "refusal" not in rule_settings(Quality(), True, "pt")
    # A setting for a rule of another language is no mistake: recipes extend each other across languages.
    assert "refusal" not in rule_settings(off, False, "pt")


@pytest.fixture
def ledger(tmp_path):
    """The ledger of rows that several rules have something to say about, by id."""
    looping = "La sierra es alta y fría. " * 4 + "[insertar nombre]"
    rows = [
        ("uno", "…", "", "Sin salida."),
        ("dos", "Habla de la sierra.", "", looping),
        ("tres", "Di la capital de Perú.", "", "La capital de Perú es la ciudad de Lima."),
        ("cuatro", "Di la capital de Chile.", "", "La capital de Chile es la ciudad de Santiago."),
    ]
    recipe = small_recipe(write_rows(tmp_path / "filas.jsonl", rows))
    built = run(recipe, lambda: read_source(recipe, tmp_path))
    return {row["id"]: row for row in built.ledger.to_dicts()}


def test_a_row_that_two_rules_drop_leaves_by_the_first_and_keeps_the_second_as_a_flag(ledger):
    names = list(all_rules())
    assert names.index("empty_answer") < names.index("empty_instruction")
    assert (ledger["uno"]["rule"], ledger["uno"]["flags"]) == ("empty_answer", ["empty_instruction"])
    assert ledger["uno"]["evidence"] == "Sin salida."


def test_what_a_rule_flags_in_a_dropped_row_is_a_flag_too(ledger):
    assert (ledger["dos"]["rule"], ledger["dos"]["flags"]) == ("repetition", ["placeholder"])
    assert [ledger[id]["status"] for id in ("tres", "cuatro")] == ["kept", "kept"]
