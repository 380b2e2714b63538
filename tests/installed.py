"""What is not part of every environment: skipped by name where it is missing, and imported by the first test that uses it.

`pytest.importorskip` imports at once: each worker would import torch, which takes seconds, to collect tests that run in another.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest

TRAINER = "the trainer is not installed (extra: train)"


class _Later:
    """A package that is imported when something of it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._name), attribute)


def needs(package: str, reason: str = "") -> Any:
    """The package, to be imported later; skips the module that asks for it where there is none."""
    if find_spec(package) is None:
        pytest.skip(reason or f"{package} is not installed", allow_module_level=True)
    return _Later(package)
