"""Checkpoints of a run: marked when they are whole, found again, and never taken for another run's."""

import hashlib
import json
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from builders.errors import Conflict, NotFound
from builders.records import plain
from train.run.plan import Plan, processes

COMPLETE = "complete.json"  # written into a checkpoint when everything else in it is


class Mark(Struct, frozen=True):
    """What complete.json says: the step, the run that it belongs to (see `identity`), and the other files with their bytes."""

    step: Annotated[int, Meta(ge=0)]
    run: str
    files: dict[str, int]


def identity(plan: Plan) -> str:
    """Hash of what must be the same for a run to be continued."""
    parts = {
        "method": plan.method.kind,
        "recipe": plan.recipe.sha256(),
        "data": plain(plan.data.pin),
        "base": plain(plan.checkpoint.pin),
        "engine": [plan.engine.name, plan.engine.device, plan.precision, plan.attention],
        "processes": processes(),
        **({"adapter": plan.start.record.weights_sha256} if plan.start else {}),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def folder_of(work: Path, step: int) -> Path:
    """Where transformers' trainer puts the checkpoint after a step."""
    return work / f"checkpoint-{step}"


def mark(folder: Path, step: int, run: str) -> None:
    """Mark a checkpoint as whole."""
    text = json.dumps(plain(Mark(step, run, _sizes(folder))))
    (folder / COMPLETE).write_text(text + "\n", "utf-8")


def read_mark(folder: Path) -> Mark | None:
    """The mark of a checkpoint; None for one that was cut off, which has no mark or lacks what its mark names."""
    try:
        found = msgspec.json.decode((folder / COMPLETE).read_bytes(), type=Mark)
    except (OSError, ValueError):  # msgspec's own errors are ValueErrors
        return None
    return found if found.files == _sizes(folder) and folder == folder_of(folder.parent, found.step) else None


def _sizes(folder: Path) -> dict[str, int]:
    """The files of a checkpoint, its mark apart, with their bytes."""
    found = {path.relative_to(folder).as_posix(): path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    return {name: found[name] for name in sorted(found) if name != COMPLETE}


def checkpoints(work: Path) -> dict[Path, Mark]:
    """Whole checkpoints of a run with their marks, oldest first."""
    found = {folder: read_mark(folder) for folder in work.glob("checkpoint-*")}
    whole = [(folder, one) for folder, one in found.items() if one]
    return dict(sorted(whole, key=lambda one: one[1].step))


def last_checkpoint(plan: Plan, work: Path) -> tuple[Path, Mark]:
    """The checkpoint to go on from. Raises NotFound where there is none, and Conflict for another run's."""
    found = checkpoints(work)
    if not found:
        raise NotFound(f"{work}: no checkpoint to go on from", "run without --resume")
    folder, last = list(found.items())[-1]
    if last.run != identity(plan):
        raise Conflict(
            f"{folder}: belongs to another run (method, recipe, data, base, adapter, engine or number of processes)",
            "use the same, or run without --resume into another --out",
        )
    return folder, last


def evaluation_is_due(plan: Plan, folder: Path, step: int) -> bool:
    """Whether a run ended between a checkpoint at an epoch's end and the evaluation that belongs to it: that comes after."""
    if plan.recipe.train.eval_steps is not None or step % plan.epoch_steps:
        return False
    history = json.loads((folder / "trainer_state.json").read_text("utf-8"))["log_history"]
    return not any(one["step"] == step and "eval_loss" in one for one in history)
