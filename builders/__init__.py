"""A recipe becomes a dataset version.

    from builders import build, load_recipe

    result = build(load_recipe("demo"), Path("versions"))
    result.version.rows()

The names below are imported when they are first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import Any

from aguila.own_packages import require_own_packages

require_own_packages()  # `filters` and `cards` are common names: a user's file must not be taken for one of them

_HOMES = {
    "audit": "builders.reading.audit",
    "build": "builders.versions.registry",
    "change": "builders.versions.registry",
    "diff": "builders.versions.diff",
    "explain": "builders.reading.explain",
    "load_recipe": "builders.recipes.loading",
    "open_version": "builders.versions.version",
    "Problem": "builders.errors",
    "Recipe": "builders.recipes.model",
    "resolve": "builders.versions.references",
    "select": "builders.reading.select",
    "verify": "builders.versions.verify",
    "Version": "builders.versions.version",
    "with_source": "builders.sources.reading",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'builders' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
