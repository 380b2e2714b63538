"""The packages `builders`, `filters`, `cards` and `train` are this project's own, whatever else has such a name.

These are common words: a folder of a user's may well hold a `train.py`. So the command line imports nothing from the folder where
it runs, and a program that imports the library gets an error that names the file in the way. This module is imported before any
of those packages, so it needs the standard library alone.
"""

import sys
from functools import cache
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

NAMES = ("builders", "filters", "cards", "train")
HOME = Path(__file__).parent.parent  # where this project's packages lie side by side


def leave_current_folder() -> None:
    """Take the current folder off `sys.path`, where `python -m` puts it first, unless this project lies there."""
    if not _same(HOME, "."):
        sys.path[:] = [entry for entry in sys.path if not _same(entry, ".")]


@cache
def require_own_packages() -> None:
    """Raise ImportError, naming the file, when Python finds another module under the name of one of these packages."""
    for name in NAMES:
        spec = _spec(name)
        if spec is None:  # not there at all: the import will say so
            continue
        place = _place(spec)
        if not _same(place, HOME / name):
            raise ImportError(
                f"{place} is in the way: aguila-data has a package `{name}`, and Python finds this under that name first; "
                "rename it or move it to another folder, then start Python again",
                name=name,
                path=str(place),
            )


def _spec(name: str) -> ModuleSpec | None:
    """What Python imports, or has imported, under a name."""
    loaded = sys.modules.get(name)
    if loaded is None:
        return find_spec(name)
    return loaded.__spec__ or ModuleSpec(name, None, origin=getattr(loaded, "__file__", None))


def _place(spec: ModuleSpec) -> Path:
    """A package's folder, or a module's file."""
    folders = list(spec.submodule_search_locations or ())
    return Path(folders[0] if folders else spec.origin or f"a module `{spec.name}` that is loaded")


def _same(one: str | Path, other: str | Path) -> bool:
    try:
        return Path(one).samefile(other)
    except OSError:  # not in a file system, such as what lies in a ZIP archive
        return Path(one) == Path(other)
