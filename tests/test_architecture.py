"""Who may import whom, read from the code itself: rooms know only what lies beneath them, and no module goes round in circles.

    aguila → train → builders → filters, cards (of builders these two know the schema)

What a type checker alone reads (`if TYPE_CHECKING`) is no import here: it never runs.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST = 300  # lines of a module
# For each package, what its modules may import of the others: packages, or single modules.
MAY_IMPORT = {
    "aguila": ("train", "builders", "filters", "cards"),
    "train": ("builders", "filters", "cards"),
    "builders": ("filters", "cards"),
    "filters": ("builders.schema",),
    "cards": ("builders.schema",),
}
# Each package asks, when it is imported first, whether a user's file of its name is in the way.
ASKED_BY_ALL = "aguila.own_packages"


# Modules that name each other, one way within a function: the package chooses an engine, the story a way to show itself.
KNOWN_CIRCLES = [
    ["cards.rows.story", "cards.rows.view"],
    ["train.engines", "train.engines.loading", "train.engines.plain", "train.engines.unsloth"],
]


@dataclass(frozen=True)
class Import:
    """One name that a module imports: the module that it is or comes from, and whether that waits for a call."""

    module: str
    of: str
    line: int
    late: bool


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {name_of(path): path for package in MAY_IMPORT for path in (ROOT / package).rglob("*.py")}


def imports_in(name: str, tree: ast.AST) -> Iterator[Import]:
    """Every import of this project's modules, in the order of the text."""
    package = name if FILES.get(name, Path()).name == "__init__.py" else name.rpartition(".")[0]

    def visit(node: ast.AST, late: bool) -> Iterator[Import]:
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            for inner in node.orelse:
                yield from visit(inner, late)
            return
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(name, alias.name, node.lineno, late)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(filter(None, [".".join(package.split(".")[: 1 - node.level or None]), node.module]))
            start = base if node.level else str(node.module)
            for alias in node.names:
                inner = f"{start}.{alias.name}"
                yield Import(name, inner if inner in FILES else start, node.lineno, late)
        late = late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for inner in ast.iter_child_nodes(node):
            yield from visit(inner, late)

    for one in visit(tree, False):
        if one.of.split(".")[0] in MAY_IMPORT:
            yield one


@cache
def all_imports() -> tuple[Import, ...]:
    return tuple(
        one for name, path in sorted(FILES.items()) for one in imports_in(name, ast.parse(path.read_text("utf-8")))
    )


def circles(edges: list[tuple[str, str]]) -> list[list[str]]:
    """The strongly connected components of more than one node, or of one that names itself (Tarjan's algorithm)."""
    graph: dict[str, set[str]] = defaultdict(set)
    for start, end in edges:
        graph[start].add(end)
    place: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def connect(node: str) -> None:
        place[node] = low[node] = len(place)
        stack.append(node)
        for other in sorted(graph[node]):
            if other not in place:
                connect(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], place[other])
        if low[node] == place[node]:
            component = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(component) > 1 or node in graph[node]:
                found.append(sorted(component))

    for node in sorted(graph):
        if node not in place:
            connect(node)
    return sorted(found)


# ---- the house -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_room_imports_only_what_lies_beneath_it(package):
    wrong = []
    for one in all_imports():
        if one.module.split(".")[0] != package:
            continue
        allowed = (package, *MAY_IMPORT[package])
        if any(one.of == name or one.of.startswith(f"{name}.") for name in allowed):
            continue
        if one.of == ASKED_BY_ALL and one.module == package:
            continue
        wrong.append(f"{FILES[one.module].relative_to(ROOT)}:{one.line} imports {one.of}")

    assert wrong == []


def test_no_module_is_imported_while_it_is_being_imported():
    assert circles([(one.module, one.of) for one in all_imports() if not one.late]) == []


def test_nor_do_modules_need_each_other_when_they_are_called():
    assert circles([(one.module, one.of) for one in all_imports()]) == KNOWN_CIRCLES


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_no_module_is_too_long_to_be_read_in_one_sitting(package):
    lines = {
        path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines())
        for name, path in FILES.items()
        if name.split(".")[0] == package
    }

    assert {path: count for path, count in lines.items() if count > LONGEST} == {}


# ---- the means -------------------------------------------------------------------------------------------------------


def test_every_module_is_read():
    assert len(FILES) > 150
    assert {"aguila.commands.main", "builders", "builders.schema", "filters.rule", "cards.dataset.card"} <= FILES.keys()
    assert len(all_imports()) > 500


def test_imports_are_found_wherever_they_stand():
    tree = ast.parse(
        "import os, builders.errors\n"
        "from builders import schema, nothing\n"
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from train.recipes import model\nelse:\n    import cards\n"
        "try:\n    from . import gold\nexcept ImportError:\n    from .stages.dedup import BATCH\n"
        "class A:\n    import filters\n    def b(self):\n        from builders.pipeline import run\n"
    )

    assert [(one.of, one.line, one.late) for one in imports_in("builders.pipeline", tree)] == [
        ("builders.errors", 1, False),
        ("builders.schema", 2, False),
        ("builders", 2, False),
        ("cards", 7, False),
        ("builders.gold", 9, False),
        ("builders.stages.dedup", 11, False),
        ("filters", 13, False),
        ("builders.pipeline", 15, True),
    ]


@pytest.mark.parametrize(
    ("edges", "found"),
    [
        ([], []),
        ([("a", "b"), ("b", "c"), ("a", "c")], []),
        ([("a", "a")], [["a"]]),
        ([("a", "b"), ("b", "a"), ("c", "a")], [["a", "b"]]),
        ([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("d", "e"), ("e", "d")], [["a", "b", "c"], ["d", "e"]]),
    ],
)
def test_circles(edges, found):
    assert circles(edges) == found
