"""Checkpoints: whole or passed over, and of this very run. Nothing is trained here."""

import json
from dataclasses import replace

import pytest

from tests.installed import TRAINER, needs

needs("torch", TRAINER)

from builders.errors import Conflict, NotFound
from builders.recipes.model import Split
from tests.train.models import make_version, planned
from train.run.checkpoints import COMPLETE, checkpoints, folder_of, identity, last_checkpoint, mark


@pytest.fixture(scope="module")
def plan(aguila_base, registry, cache):
    return planned(aguila_base, registry, cache)


@pytest.fixture
def saved(tmp_path):
    """Write a checkpoint as the trainer does, whole or without its mark."""

    def save(step, run="esta", whole=True):
        folder = folder_of(tmp_path, step)
        (folder / "rng").mkdir(parents=True)
        (folder / "optimizer.pt").write_bytes(b"0123456789")
        (folder / "rng" / "state").write_bytes(b"01")
        if whole:
            mark(folder, step, run)
        return folder

    return save


# ---- which are whole -------------------------------------------------------------------------------------------------


def test_whole_checkpoints_come_oldest_first_by_number(saved, tmp_path):
    for step in (10, 9, 100):
        saved(step)
    saved(200, whole=False)

    found = checkpoints(tmp_path)
    assert [folder.name for folder in found] == ["checkpoint-9", "checkpoint-10", "checkpoint-100"]
    assert [one.step for one in found.values()] == [9, 10, 100] and {one.run for one in found.values()} == {"esta"}
    assert json.loads((folder_of(tmp_path, 9) / COMPLETE).read_text("utf-8")) == {
        "step": 9,
        "run": "esta",
        "files": {"optimizer.pt": 10, "rng/state": 2},
    }


DAMAGE = {
    "cut off": lambda folder: (folder / "optimizer.pt").write_bytes(b"half"),
    "a file missing": lambda folder: (folder / "rng" / "state").unlink(),
    "a file too many": lambda folder: (folder / "scheduler.pt").write_bytes(b"x"),
    "no mark": lambda folder: (folder / COMPLETE).unlink(),
    "a mark that is no JSON": lambda folder: (folder / COMPLETE).write_bytes(b"x"),
    "a mark of another shape": lambda folder: (folder / COMPLETE).write_text('{"run": "esta", "files": {}}'),
    "another checkpoint's name": lambda folder: folder.rename(folder.with_name("checkpoint-7")),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_checkpoint_is_passed_over(saved, tmp_path, damage):
    saved(3)
    DAMAGE[damage](saved(6))

    assert [folder.name for folder in checkpoints(tmp_path)] == ["checkpoint-3"]


# ---- whose they are --------------------------------------------------------------------------------------------------


def test_a_run_goes_on_from_its_last_checkpoint(saved, plan, tmp_path):
    saved(3, identity(plan))
    last = saved(6, identity(plan))

    folder, found = last_checkpoint(plan, tmp_path)
    assert (folder, found.step) == (last, 6)


def test_a_checkpoint_of_another_run_is_refused(saved, plan, tmp_path):
    with pytest.raises(NotFound, match=r"no checkpoint to go on from; run without --resume$"):
        last_checkpoint(plan, tmp_path)
    saved(3, identity(plan))
    saved(6, "otra")
    with pytest.raises(
        Conflict, match=r"checkpoint-6: belongs to another run .*; use the same, or run without --resume"
    ):
        last_checkpoint(plan, tmp_path)


def test_everything_that_decides_the_losses_tells_runs_apart(
    plan, aguila_base, llama_base, registry, cache, tmp_path, monkeypatch
):
    """Data of another version above all: the same name and number, other rows."""
    make_version(tmp_path, split=Split(validation=0.3, seed=7))
    other_data = planned(aguila_base, tmp_path / "versions", cache)
    others = {
        "method": replace(plan, method=replace(plan.method, kind="otro")),
        "recipe": planned(aguila_base, registry, cache, "train.weight_decay=0.5"),
        "data": replace(plan, data=other_data.data),
        "base": replace(plan, checkpoint=planned(llama_base, registry, cache).checkpoint),
        "engine": replace(plan, engine=replace(plan.engine, name="otro")),
        "device": replace(plan, engine=replace(plan.engine, device="cuda")),
        "precision": replace(plan, precision="bf16"),
    }
    assert other_data.data.pin.reference == plan.data.pin.reference
    assert identity(planned(aguila_base, registry, cache)) == identity(plan)
    assert [name for name, other in others.items() if identity(other) == identity(plan)] == []

    alone = identity(plan)
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert identity(plan) != alone
