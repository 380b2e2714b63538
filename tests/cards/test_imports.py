"""Cards and filters know nothing of how versions are built: of `builders` they import the schema alone."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    path.relative_to(ROOT).as_posix() for room in ("cards", "filters") for path in (ROOT / room).rglob("*.py")
)


def imported(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_nothing_of_the_builders_but_the_schema(module):
    names = [name for name in imported(ROOT / module) if name.split(".")[0] in ("builders", "train", "aguila")]

    assert set(names) <= {"builders.schema"}
