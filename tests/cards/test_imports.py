"""Cards and filters know nothing of how versions are built: of `builders` they import the schema alone.

What a type checker alone reads (`if TYPE_CHECKING`) is no import: the adapter's card names the trainer's record.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    path.relative_to(ROOT).as_posix() for room in ("cards", "filters") for path in (ROOT / room).rglob("*.py")
)


def imported(path):
    tree = ast.parse(path.read_text("utf-8"))
    checked = [
        node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    types = {inner for block in checked for inner in ast.walk(block)}
    for node in ast.walk(tree):
        if node in types:
            continue
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_nothing_of_the_builders_but_the_schema(module):
    names = [name for name in imported(ROOT / module) if name.split(".")[0] in ("builders", "train", "aguila")]

    assert set(names) <= {"builders.schema"}
