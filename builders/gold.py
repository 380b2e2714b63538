"""How good each decision is on the gold rows: the demo's rows and the labels written beside them."""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from builders.pipeline import run
from builders.recipes.loading import load_recipe
from builders.versions.references import read_source


@dataclass(frozen=True)
class Measure:
    """Counts of one rule on the gold rows.

    right: rows with the defect that the rule caught. wrong: rows without it that the rule caught. missed: rows with it
    that it did not catch.
    """

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float | None:
        """Share of what was caught that has the defect; None when nothing was caught."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None

    @property
    def recall(self) -> float | None:
        """Share of the rows with the defect that were caught; None when no row has it."""
        return self.right / (self.right + self.missed) if self.right + self.missed else None


def labels() -> dict[str, dict[str, Any]]:
    """What should happen to each demo row and why: id → status, stage, rule, duplicate_of, edits, flags, why."""
    text = (resources.files("builders") / "demo" / "labels.jsonl").read_text("utf-8")
    return {label["id"]: label for label in map(json.loads, text.splitlines())}


@cache
def measure() -> dict[str, Measure]:
    """Every drop rule, flag and edit, measured by building the demo with the shipped recipe's thresholds.

    A drop is right where the label names the same rule; a flag where the label lists it; an edit by its name.
    """
    ledger = run(load_recipe("demo"), lambda: read_source(load_recipe("demo"), Path())).ledger
    truth = labels()
    caught: dict[str, set[str]] = {}
    meant: dict[str, set[str]] = {}
    for row in ledger.select("id", "status", "rule", "flags", "edits").iter_rows(named=True):
        label = truth[row["id"]]
        for name in _names(row["rule"], row["flags"] if row["status"] == "kept" else [], row["edits"]):
            caught.setdefault(name, set()).add(row["id"])
        for name in _names(label["rule"], label["flags"], label["edits"]):
            meant.setdefault(name, set()).add(row["id"])
    measures = {}
    for name in sorted(caught.keys() | meant.keys()):
        found, wanted = caught.get(name, set()), meant.get(name, set())
        measures[name] = Measure(len(found & wanted), len(found - wanted), len(wanted - found))
    return measures


def _names(rule: str | None, flags: list[str], edits: list[str]) -> set[str]:
    """Every decision on a row; edits are recorded as `field:edit` and labelled by edit."""
    return {*([rule] if rule else []), *flags, *(edit.split(":")[-1] for edit in edits)}
