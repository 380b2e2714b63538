"""How good each decision is on the gold rows: the demo's rows and the labels written beside them."""

from collections.abc import Collection, Iterable
from functools import cache
from importlib import resources

import msgspec

from builders.pipeline import run
from builders.recipes.loading import load_recipe
from builders.recipes.model import DemoSource
from builders.schema import Status
from builders.sources.demo import read_demo
from builders.versions.write import Gold
from cards.shared.records import Measure


class Label(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What should happen to one demo row, and why.

    id: the row's id. status: what must become of it. stage: the stage that must drop it; null for a kept row. rule: the rule
    that must drop it; null for a kept row. duplicate_of: the id of the row that must be kept instead. edits: repairs that
    must be made. flags: rules that must flag it. why: the reason, in words.
    """

    id: str
    status: Status
    stage: str | None
    rule: str | None
    duplicate_of: str | None
    edits: tuple[str, ...]
    flags: tuple[str, ...]
    why: str


@cache
def labels() -> dict[str, Label]:
    """The label of each demo row, by id."""
    data = (resources.files("builders") / "demo" / "labels.jsonl").read_bytes()
    return {label.id: label for label in msgspec.json.Decoder(Label).decode_lines(data)}


@cache
def measure() -> dict[str, Measure]:
    """Every drop rule, flag and edit, measured by building the demo with the shipped recipe's thresholds.

    A drop is right where the label names the same rule; a flag where the label lists it; an edit by its name.
    """
    ledger = run(load_recipe("demo"), lambda: read_demo(DemoSource())).ledger
    truth = labels()
    caught: dict[str, set[str]] = {}
    meant: dict[str, set[str]] = {}
    for row in ledger.select("id", "status", "rule", "flags", "edits").iter_rows(named=True):
        label = truth[row["id"]]
        for name in _names(row["rule"], row["flags"] if row["status"] == "kept" else [], row["edits"]):
            caught.setdefault(name, set()).add(row["id"])
        for name in _names(label.rule, label.flags, label.edits):
            meant.setdefault(name, set()).add(row["id"])
    measures = {}
    for name in sorted(caught.keys() | meant.keys()):
        found, wanted = caught.get(name, set()), meant.get(name, set())
        measures[name] = Measure(len(found & wanted), len(found - wanted), len(wanted - found))
    return measures


def gold(languages: Collection[str]) -> Gold:
    """The measures as a version of rows in these languages records them: none where that of the gold rows is not among them."""
    if load_recipe("demo").language.of not in languages:
        return Gold({}, 0)
    return Gold(measure(), len(labels()))


def _names(rule: str | None, flags: Iterable[str], edits: Iterable[str]) -> set[str]:
    """Every decision on a row; edits are recorded as `field:edit` and labelled by edit."""
    return {*([rule] if rule else []), *flags, *(edit.split(":")[-1] for edit in edits)}
