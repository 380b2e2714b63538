"""Which room imports which: read from the code, for the table in architecture.md. Which may: `tests/test_architecture.py`."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("aguila", "builders", "filters", "cards", "train")


@cache
def modules() -> dict[str, Path]:
    """Every module of the project by its dotted name; a package by its own."""
    paths = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


def room_of(module: str) -> str:
    """The room that a module lies in: a top-level package, or a package within one."""
    parts = module.split(".")
    return "/".join(parts[:2]) if len(parts) > 1 and (ROOT / parts[0] / parts[1]).is_dir() else parts[0]


def rooms() -> dict[str, set[str]]:
    """Each room with the other rooms that its modules import, wherever in a module; imports for type checkers not counted."""
    found: dict[str, set[str]] = {}
    for module, path in modules().items():
        room = room_of(module)
        found.setdefault(room, set()).update(room_of(name) for name in imported(path))
    return {room: used - {room} for room, used in sorted(found.items())}


def imported(path: Path) -> set[str]:
    """The project's modules that a module imports, in functions too."""
    known, found = modules(), set()
    for node in _nodes(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (inside & known.keys()) | ({node.module} if inside - known.keys() else set())
    return found & known.keys()


def _nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Every node but what stands under `if TYPE_CHECKING:`."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        yield from _nodes(child)
