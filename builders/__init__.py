"""A recipe becomes a dataset version.

    from builders import build, load_recipe

    result = build(load_recipe("demo"), Path("versions"))
    result.version.rows()

The names below are imported when they are first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "audit": "builders.auditing",
    "build": "builders.registry",
    "change": "builders.registry",
    "diff": "builders.difference",
    "explain": "builders.explanation",
    "load_recipe": "builders.recipe_file",
    "open_version": "builders.version",
    "Problem": "builders.errors",
    "Recipe": "builders.recipe",
    "resolve": "builders.reference",
    "select": "builders.selection",
    "verify": "builders.verification",
    "Version": "builders.version",
    "with_source": "builders.reference",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'builders' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
