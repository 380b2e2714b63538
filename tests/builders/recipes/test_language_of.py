"""The key language.of: which languages there are, and that a recipe which does not use it is the recipe that it was."""

import json

import pytest

from builders.errors import Problem
from builders.recipes.loading import load_recipe, recipe_from_yaml, shipped_recipes
from builders.recipes.model import Language, Recipe, Repair

BACTRIAN = [
    *("af", "ar", "az", "bn", "cs", "de", "en", "es", "et", "fa", "fi", "fr", "gl", "gu", "he", "hi", "hr", "id"),
    *("it", "ja", "ka", "kk", "km", "ko", "lt", "lv", "mk", "ml", "mn", "mr", "my", "ne", "nl", "pl", "ps", "pt"),
    *("ro", "ru", "si", "sl", "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "vi", "xh", "zh"),
]


@pytest.mark.parametrize("code", BACTRIAN)
def test_every_language_of_bactrian_x_may_be_asked_for_and_is_recorded(code):
    recipe = load_recipe("demo", [f"language.of={code}"])
    assert (recipe.language.of, recipe.language.pack.code) == (code, code)
    assert recipe_from_yaml(recipe.to_yaml(), "here") == recipe
    assert recipe.language.decides == (code == "es")


def test_there_are_52():
    assert len(BACTRIAN) == 52


@pytest.mark.parametrize("name", [name for name in shipped_recipes() if name != "bactrian-x"])
def test_spanish_is_the_default_and_leaves_no_trace_in_a_recipe(name):
    plain, said = load_recipe(name), load_recipe(name, ["language.of=es"])
    assert said == plain and said.sha256() == plain.sha256()
    assert "of" not in json.loads(plain.canonical())["language"]
    assert load_recipe(name, ["language.of=pt"]).sha256() != plain.sha256()


def test_quiet_keys_are_left_out_at_their_default_and_recorded_elsewhere():
    assert "personal_data" not in Repair().model_dump()
    assert Repair(personal_data=True).model_dump()["personal_data"] is True
    assert Language(of="pt").model_dump()["of"] == "pt"
    assert "decontaminate" not in Recipe(name="una").model_dump()


@pytest.mark.parametrize("code", ["eu", "ES", "español", "", "es "])
def test_another_language_is_refused_and_those_that_exist_are_named(code):
    with pytest.raises(Problem) as problem:
        load_recipe("demo", [f"language.of={json.dumps(code)}"])
    start = "recipe demo: language.of: must be a language of Bactrian-X (af, ar, az, "
    assert str(problem.value).startswith(start) and str(problem.value).endswith(f", zh), not {code!r}")


def test_a_code_that_yaml_reads_as_something_else_is_refused():
    with pytest.raises(
        Problem, match=r"language\.of: must be a code such as es, a list of codes, or all, .*, not False"
    ):
        load_recipe("demo", ["language.of=no"])


@pytest.mark.parametrize("of", ["[pt, es, ca]", "[pt, es, gl, pt]", "[]", "{es: 1}", "[es, no]"])
def test_a_list_names_each_language_of_bactrian_x_once(of):
    with pytest.raises(Problem, match=r"recipe mix: language\.of: must (be|name) "):
        load_recipe("mix", [f"language.of={of}"])


def test_an_empty_list_is_told_that_one_is_needed():
    with pytest.raises(Problem, match=r"language\.of: must name at least one language, not \[\]"):
        load_recipe("mix", ["language.of=[]"])


def test_several_languages_are_recorded_in_the_order_of_their_letters_and_a_list_of_one_is_that_one():
    recipe = load_recipe("mix", ["language.of=[pt, es, gl]"])
    assert recipe.language.codes == ("es", "gl", "pt") and recipe.language.several
    assert recipe.sha256() == load_recipe("mix", ["language.of=[gl, pt, es]"]).sha256()
    assert recipe_from_yaml(recipe.to_yaml(), "here") == recipe
    assert load_recipe("mix", ["language.of=[es]"]) == load_recipe("mix")
    assert load_recipe("mix", ["language.of=all"]).language.codes == tuple(BACTRIAN)
    assert [one.of for one in recipe.language.each()] == ["es", "gl", "pt"]


def test_pairs_of_answers_are_of_one_language():
    with pytest.raises(Problem, match="pairs of answers are of one language"):
        load_recipe("demo-preferences", ["language.of=[es, pt]"])


def test_personal_data_is_masked_in_known_languages_alone():
    assert load_recipe("demo", ["repair.personal_data=true"]).repair.personal_data
    with pytest.raises(Problem) as problem:
        load_recipe("demo", ["repair.personal_data=true", "language.of=pt"])
    assert str(problem.value) == (
        "recipe demo: the recipe: repair.personal_data knows no personal data in Portuguese yet; leave one of the two out"
    )
