"""`import aguila`: every name that is exported exists, is documented, is ours, and has types."""

import ast
import inspect
from pathlib import Path

import pytest

import aguila as facade
from aguila.own_packages import NAMES

SOURCE = Path(facade.__file__).read_text("utf-8")


@pytest.mark.parametrize("name", facade.__all__)
def test_every_exported_name_exists_is_documented_and_is_ours(name):
    exported = getattr(facade, name)

    assert exported.__module__.split(".")[0] in NAMES
    assert inspect.getdoc(exported)
    assert name in dir(facade)


@pytest.mark.parametrize("name", facade.__all__)
def test_every_exported_function_is_typed(name):
    exported = getattr(facade, name)
    if inspect.isclass(exported):
        return
    signature = inspect.signature(exported)

    untyped = [one.name for one in signature.parameters.values() if one.annotation is inspect.Parameter.empty]
    assert untyped == [] and signature.return_annotation is not inspect.Signature.empty


def test_type_checkers_see_the_names_that_programs_get():
    """mypy itself looks at `typed_use.py`, in `make lint`."""
    (block,) = [
        node for node in ast.parse(SOURCE).body if isinstance(node, ast.If) and not isinstance(node.test, ast.UnaryOp)
    ]
    seen = {}
    for node in block.body:
        if isinstance(node, ast.ImportFrom):
            seen |= {alias.asname: node.module for alias in node.names if alias.asname == alias.name}
    homes = {name: home for name, home in facade._HOMES.items() if ":" not in home}

    assert seen == homes
    assert facade.__all__ == sorted(facade._HOMES)


def test_what_has_another_name_at_home():
    from train.engines import choose
    from train.recipes.loading import load_recipe

    assert (facade.choose_engine, facade.load_train_recipe) == (choose, load_recipe)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'aguila' has no attribute 'bild'"):
        facade.bild  # noqa: B018


def test_the_package_says_that_it_is_typed():
    assert Path(facade.__file__).with_name("py.typed").is_file()
