import msgspec
import pytest

from builders.reading.audit import audited
from builders.reading.rules import explained_rules
from cards.audit.page import audit_page, heat
from cards.statistics.histograms import Histogram
from filters import all_rules
from tests.builders.rows import small_version


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reglas")
    version = small_version(folder)
    return audited(version.label, folder / "versions", with_rows=True)


def test_every_rule_is_explained_with_a_row_that_it_catches_and_one_that_it_spares():
    explained = explained_rules()

    assert explained.keys() == all_rules().keys()
    one = explained["refusal"]
    assert one.reason.startswith("The answer declines") and one.version == all_rules()["refusal"].version
    assert (one.caught.instruction, one.caught.output) == (
        "¿Qué tiempo hace hoy en Lugo?",
        "Lo siento, no tengo acceso a información en tiempo real.",
    )
    assert one.spared.output and one.spared != one.caught


def test_the_page_explains_the_rules_that_did_something(found):
    page = audit_page(found.numbers, found.rows, found.explained)
    version = all_rules()["refusal"].version

    assert f"dropped 1; verdict drop from 0.80, version {version}" in page
    assert "The answer declines, or says what" in page and "an example that it spares" in page
    assert 'id="rule-refusal"' in page and 'id="rule-echo"' not in page
    assert '"same_prompt":"Another row asks the same' in page, "a row's own decision is explained where it opens"


def test_a_rule_that_is_another_now_has_no_example(found):
    older = msgspec.structs.replace(found.numbers.rules["refusal"], version=0)
    page = audit_page(msgspec.structs.replace(found.numbers, rules={"refusal": older}), found.rows, found.explained)

    assert f"This software has version {all_rules()['refusal'].version} of it." in page
    assert "an example that it spares" not in page


def test_graded_scores_are_drawn_with_a_slider_at_the_threshold(found):
    spread = {"refusal": Histogram(0.8, 0.5, (0,) * 9 + (4, 3, 2) + (1,) * 7)}
    statistics = msgspec.structs.replace(found.numbers.statistics, histograms=spread)
    page = audit_page(msgspec.structs.replace(found.numbers, statistics=statistics), found.rows, found.explained)

    assert 'max="18" value="15" data-rule="refusal" data-now="15"' in page
    assert '"scores":{"refusal":[0,0,0,0,0,0,0,0,0,4,3,2,1,1,1,1,1,1,1]}' in page
    assert 'data-rule="' not in audit_page(found.numbers, found.rows, found.explained)


def test_the_page_names_source_recipe_licence_and_version(found):
    page = audit_page(found.numbers, found.rows)

    assert "<h1>filas@1.0.0 " in page
    assert (
        f"recipe sha256 {found.numbers.recipe_sha256[:12]}…, licence apache-2.0. Source: file, filas.jsonl, sha256"
        in page
    )
    stated = msgspec.structs.replace(found.numbers, license=None)
    assert "licence not stated" in audit_page(stated, found.rows)


@pytest.mark.parametrize(
    ("cell", "warmth"), [("0.0 %", 0), ("1.0 %", 1), ("25.0 %", 5), ("100.0 %", 9), ("echo", 0), (7, 0)]
)
def test_a_larger_share_is_warmer(cell, warmth):
    assert heat(cell) == warmth
