"""What makes a row unfit: rules over rows, the language decision, and a room for what is of one language."""

import importlib
import pkgutil
from functools import cache

from filters import rules
from filters.rule import Rule, Setting


@cache
def all_rules() -> dict[str, Rule]:
    """Every rule by name, whatever its language, in the order of the table of defects.

    A rule is found by being there: a module-level Rule in a module of `filters/rules/`. So adding one touches one file.
    """
    found = {}
    for module in sorted(pkgutil.iter_modules(rules.__path__), key=lambda entry: entry.name):
        for value in vars(importlib.import_module(f"filters.rules.{module.name}")).values():
            if isinstance(value, Rule):
                found[value.name] = value
    return dict(sorted(found.items(), key=lambda item: (item[1].defect, item[0])))


def rules_of(*languages: str) -> dict[str, Rule]:
    """The rules that apply to rows in a language (a code, such as "es"), or in any of several, in the same order."""
    return {name: rule for name, rule in all_rules().items() if set(languages) & set(rule.languages)}


__all__ = ["Rule", "Setting", "all_rules", "rules_of"]
