"""The rules as they are listed."""

import os

from builders.gold import measure
from builders.reading.rules import list_rules
from builders.sources.reading import with_source
from builders.versions.registry import build
from filters import all_rules
from tests.builders.files import write_file
from tests.builders.publications import recipe

SORRY = {"id": "fila-9", "instruction": "Di algo.", "input": "", "output": "Lo siento, no puedo ayudarte con eso."}


def made(folder, name, quality, rows):
    chosen = recipe(name=name, quality=quality, split={"validation": 0.0})
    return build(
        with_source(chosen, str(write_file(folder / f"{name}.jsonl", rows)), folder), folder / "versions"
    ).version


def test_every_rule_is_listed_in_its_order_as_it_is(tmp_path):
    listing = list_rules(tmp_path)

    assert [rule.name for rule in listing.rules] == list(all_rules())
    (refusal,) = [rule for rule in listing.rules if rule.name == "refusal"]
    rule = all_rules()["refusal"]
    assert (refusal.version, refusal.defect, refusal.verdict, refusal.threshold) == (
        *(rule.version, rule.defect, rule.verdict, rule.threshold),
    )
    assert (refusal.fields, refusal.languages, refusal.reason) == (tuple(rule.fields), ("es",), rule.reason)


def test_rules_are_measured_on_the_gold_rows(tmp_path, monkeypatch):
    assert {rule.name: rule.gold for rule in list_rules(tmp_path).rules} == {
        name: measure().get(name) for name in all_rules()
    }

    monkeypatch.setattr("builders.reading.rules.measure", dict)
    assert {rule.gold for rule in list_rules(tmp_path).rules} == {None}


def test_nothing_was_built(tmp_path):
    listing = list_rules(tmp_path / "versions")

    assert listing.last_build is None
    assert {rule.last_build for rule in listing.rules} == {None}


def test_what_rules_did_is_that_of_the_last_build_whatever_its_name(tmp_path):
    rows = [SORRY, {**SORRY, "id": "fila-10", "output": "Algo."}, {**SORRY, "id": "fila-11", "output": "Hola."}]
    first = made(tmp_path, "zeta", {"rules": {"refusal": False}}, rows)
    last = made(tmp_path, "alfa", {"rules": {"echo": False}}, rows)
    later = (first.path / "manifest.json").stat().st_mtime_ns + 10**9
    os.utime(last.path / "manifest.json", ns=(later, later))

    listing = list_rules(tmp_path / "versions")
    did = {rule.name: rule.last_build for rule in listing.rules}

    assert listing.last_build == "alfa@1.0.0"
    assert (did["refusal"].drops, did["refusal"].flags) == (1, 0)
    assert did["echo"] is None

    os.utime(first.path / "manifest.json", ns=(later + 1, later + 1))
    again = list_rules(tmp_path / "versions")
    assert again.last_build == "zeta@1.0.0"
    assert [rule.last_build for rule in again.rules if rule.name == "refusal"] == [None]
