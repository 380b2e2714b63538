"""The chain that a model was made by: each part by its hash, verified where it is at hand, here or on the Hub."""

import json

import pytest
from msgspec import structs

from tests.installed import TRAINER, needs

needs("torch", TRAINER)

from builders.errors import Problem
from tests.train.pairs import make_pairs, pairs_of, planned_pairs
from train.adapters.lineage import _start, lineage
from train.adapters.publishing import publish_adapter
from train.methods.sft import train

REPO = "ana/aguila-tiny-es"
ONE_STEP = ("train.max_steps=1", "train.eval_steps=0", "train.save_steps=0")


@pytest.fixture(scope="module")
def aligned(aguila_base, paired, cache, mine, tmp_path_factory):
    plan = planned_pairs(aguila_base, paired, cache, mine.path, *ONE_STEP)
    return train(plan, tmp_path_factory.mktemp("aligned") / "dpo")


def shown(found):
    return [(one.what, one.name, one.state) for one in found.links]


def test_every_part_that_is_at_hand_is_verified(aligned, mine, paired):
    found = lineage(aligned.path, paired, [mine.path.parent])

    assert shown(found) == [
        ("base", "aguila-tiny", "recorded"),
        ("source", "filas.jsonl", "recorded"),
        ("version of instructions", "filas@1.0.0", "verified"),
        ("adapter (sft)", "tiny", "verified"),
        ("source", "pares.jsonl", "recorded"),
        ("version of preferences", "pares@1.0.0", "verified"),
        ("adapter (dpo)", "tiny", "verified"),
    ]
    by_name = {one.what: one.hash for one in found.links}
    assert by_name["adapter (sft)"] == f"weights sha256 {mine.record.weights_sha256}"
    assert by_name["version of preferences"] == f"content sha256 {aligned.record.data.content_sha256}"


def test_what_is_nowhere_is_recorded_and_what_is_another_is_named(aligned, tmp_path):
    make_pairs(tmp_path, pairs_of(4))  # pares@1.0.0, of other pairs
    found = lineage(aligned.path, tmp_path / "versions")

    assert shown(found)[1:] == [
        ("version", "filas@1.0.0", "recorded"),
        ("adapter (sft)", "tiny", "recorded"),
        ("source", "pares.jsonl", "recorded"),
        ("version of preferences", "pares@1.0.0", "differs"),
        ("adapter (dpo)", "tiny", "verified"),
    ]
    assert not found.ok


def test_a_merged_model_says_as_much_as_it_knows_without_its_adapter(merged, taught, registry):
    assert shown(lineage(merged.path, registry))[1:] == [
        ("version of instructions", "filas@1.0.0", "verified"),
        ("adapter", "tiny", "recorded"),
        ("merged model (fp32)", "modelo", "verified"),
    ]
    whole = [*shown(lineage(merged.path, registry, [taught.path.parent]))]
    assert whole[-2:] == [("adapter (sft)", "tiny", "verified"), ("merged model (fp32)", "modelo", "verified")]
    assert shown(lineage(taught.path, registry, [merged.path.parent])) == whole


def test_an_adapter_on_the_hub_is_compared_with_what_is_there(hub, mine, registry):
    done = publish_adapter(mine.path, REPO)
    pin = structs.replace(mine.pin, repo=REPO, commit=done.commit)

    def state(pin):
        return list(_start(pin, registry, []))[-1].state

    assert state(pin) == "verified"
    assert state(structs.replace(pin, weights_sha256="0" * 64)) == "differs"
    assert state(structs.replace(pin, training_sha256="0" * 64)) == "differs"
    assert state(structs.replace(pin, commit="f" * 40)) == "recorded"


def test_the_command_and_what_is_no_model(aguila, aligned, paired, mine, tmp_path):
    words = ("explain", aligned.path, "--registry", paired, "--among", mine.path.parent)
    done = aguila(*words, "--json")
    assert (done.status, json.loads(done.out)["ok"], len(json.loads(done.out)["links"])) == (0, True, 7)

    make_pairs(tmp_path, pairs_of(4))
    bad = aguila(*words[:2], "--registry", tmp_path / "versions")
    assert bad.status == 1 and "version of preferences pares@1.0.0: differs" in bad.out
    with pytest.raises(Problem, match="not an adapter"):
        lineage(tmp_path, paired)
