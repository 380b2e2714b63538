"""The tests that the newest libraries of the Hub are tried with are all that they could break."""

import ast
from pathlib import Path

import pytest

from tests.hub_libraries import LEFT_OUT, ROOMS, ROOT, file_depends

LIBRARIES = {"datasets", "huggingface_hub"}


def imports(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.split(".")[0]


@pytest.fixture(scope="module")
def users():
    return [
        path.relative_to(ROOT).as_posix()
        for room in ("aguila", "builders", "cards", "filters")
        for path in (ROOT / room).rglob("*.py")
        if LIBRARIES & {*imports(path)}
    ]


def test_somebody_uses_them(users):
    assert len(users) > 5


def test_modules_that_use_them_have_their_tests_among_the_rooms(users):
    places = {module: Path("tests", module).parent.as_posix() + "/" for module in users}
    unnamed = [
        module
        for module, place in places.items()
        if not any(room.startswith(place) or place.startswith(room) for room in ROOMS)
    ]

    assert unnamed == [], "name their tests in tests/hub_libraries.py"
    assert all((ROOT / room).exists() for room in ROOMS)


def test_no_fixture_that_several_files_share_hides_the_hub():
    """A file whose tests use the hub through a fixture of a conftest would not name it, and not be looked at."""
    hidden = []
    for path in (ROOT / "tests").rglob("conftest.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and "hub" in [argument.arg for argument in node.args.args]:
                hidden.append(f"{path.relative_to(ROOT)}: {node.name}")

    assert [one for one in hidden if not one.startswith(LEFT_OUT)] == []


def test_every_test_file_that_imports_them_is_looked_at():
    files = [path for path in (ROOT / "tests").rglob("test_*.py") if LIBRARIES & {*imports(path)}]
    left_out = [path for path in files if not file_depends(path)]

    assert files
    assert [path for path in left_out if not path.relative_to(ROOT).as_posix().startswith(LEFT_OUT)] == []
