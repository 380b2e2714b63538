"""What makes a row unfit: rules over rows, and the language decision."""

import importlib
import pkgutil
from functools import cache

from filters import rules
from filters.rule import Rule, Setting


@cache
def all_rules() -> dict[str, Rule]:
    """Every rule in this package by name, in the order of the table of defects.

    A rule is found by being there: a module-level Rule in a module of this package. So adding one touches one file.
    """
    found = {}
    for module in sorted(pkgutil.iter_modules(rules.__path__), key=lambda entry: entry.name):
        for value in vars(importlib.import_module(f"filters.rules.{module.name}")).values():
            if isinstance(value, Rule):
                found[value.name] = value
    return dict(sorted(found.items(), key=lambda item: (item[1].defect, item[0])))


__all__ = ["Rule", "Setting", "all_rules"]
