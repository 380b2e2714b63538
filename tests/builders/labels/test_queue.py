"""Which rows are drawn to be judged: disjoint parts of known size, nearest the threshold first, the same for the same seed."""

from collections import Counter

import pytest

from builders.errors import Conflict
from builders.labels.file import labels_in, write_labels, written
from builders.labels.queue import queue, strata
from builders.recipes.loading import load_recipe
from builders.versions.registry import build


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    registry = tmp_path_factory.mktemp("demo")
    return build(load_recipe("demo"), registry).version, registry


def test_every_row_that_was_decided_on_is_in_one_part(demo):
    parts = strata(demo[0], 6)

    assert parts.height == parts["id"].n_unique() == 480
    assert parts.filter(stratum="kept", status="dropped").is_empty()


def test_parts_have_the_rows_asked_for_and_say_of_how_many(demo):
    version, registry = demo
    drawn = queue(version, registry, per_rule=3, random=20).labels

    parts, counted = Counter(one.stratum for one in drawn), Counter(strata(version, 3)["stratum"])
    assert parts["kept"] == 20
    assert all(count <= 3 for name, count in parts.items() if name != "kept")
    assert {one.stratum: one.of for one in drawn} == {name: counted[name] for name in parts}
    assert parts["drop:refusal"] + parts["near:refusal"] == 3
    assert {one.verdict for one in drawn} == {None}


def test_the_nearest_drops_have_the_lowest_scores(demo):
    parts = strata(demo[0], 4).join(demo[0].ledger().select("id", "score"), on="id")

    for rule in parts.filter("near", status="dropped")["rule"].unique():
        of_rule = parts.filter(rule=rule, status="dropped")
        assert of_rule.filter("near")["score"].max() <= of_rule.filter(~of_rule["near"])["score"].min()


def test_the_same_seed_draws_the_same_rows_and_another_others(demo):
    version, registry = demo

    first = queue(version, registry, random=30, seed=1)
    assert queue(version, registry, random=30, seed=1) == first
    assert queue(version, registry, random=30, seed=2).labels != first.labels


def test_texts_are_those_of_the_row_that_the_hash_is_of(demo):
    version, registry = demo
    found = queue(version, registry, per_rule=2, random=2, texts=True)

    gone = {row["id"]: row for row in version.ledger().filter(status="dropped").to_dicts()}
    assert found.note is None and any(one.id in gone and one.output for one in found.labels)
    assert labels_in(written(found.labels), "cola.jsonl") == found.labels


def test_a_queue_is_never_written_over_verdicts(tmp_path):
    write_labels(tmp_path / "cola.jsonl", [])

    with pytest.raises(Conflict, match="exists, and may hold verdicts; choose another --out"):
        write_labels(tmp_path / "cola.jsonl", [])
