import msgspec
import pytest

from builders.versions.version_number import bump
from tests.builders.rows import small_version

OTHER = {
    "columns": {"columns": ("id", "instruction", "output", "prompt", "completion")},
    "template": {"template": {"sha256": "0" * 64, "name": "otra"}},
    "rows": {"content_sha256": "0" * 64},
    "the rest": {"recipe_sha256": "0" * 64, "gold_rows": 7, "software": {"polars": "1.0.0"}, "name": "otro"},
}


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    return small_version(tmp_path_factory.mktemp("número")).manifest


def changed(old, *what):
    """The manifest with what is named changed, and nothing else."""
    for one in what:
        for field, value in OTHER[one].items():
            value = msgspec.structs.replace(old.template, **value) if field == "template" else value
            old = msgspec.structs.replace(old, **{field: value})
    return old


@pytest.mark.parametrize(
    ("what", "step", "reason"),
    [
        ((), None, "nothing changed"),
        (("the rest",), None, "nothing changed"),
        (("rows",), "minor", "the rows changed"),
        (("template",), "major", "the template changed (instruccion → otra)"),
        (("columns",), "major", "the columns changed"),
        (("rows", "template"), "major", "the template changed (instruccion → otra)"),
        (("rows", "columns"), "major", "the columns changed"),
        (("template", "columns", "rows", "the rest"), "major", "the columns changed"),
    ],
)
def test_the_largest_change_decides(old, what, step, reason):
    assert bump(changed(old, *what), old) == (step, reason)


def test_columns_in_another_order_are_other_columns(old):
    assert bump(msgspec.structs.replace(old, columns=old.columns[::-1]), old)[0] == "major"


def test_a_change_of_the_recipe_alone_is_named(old):
    recipe = old.recipe.model_copy(update={"card": old.recipe.card.model_copy(update={"summary": "Otro resumen."})})
    new = msgspec.structs.replace(old, recipe=recipe)

    assert bump(new, old) == (None, "the rows are the same; in the recipe card changed")
