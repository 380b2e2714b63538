"""What a run that goes on from an adapter is compared with: the log-probability of each answer under that adapter.

It is computed once, before the first step, and kept beside the run, so that no step needs a second model or pass:

reference.safetensors   train, validation: (rows,) summed log-probability of each row's answer
reference.json          which adapter and rows they are of, and the file's hash; written last
"""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from builders.errors import Changed, Conflict
from builders.records import to_json
from builders.versions.fingerprint import file_fingerprint
from train.run.examples import Examples
from train.run.loss import row_losses
from train.run.packing import Windows
from train.run.plan import Plan

VALUES, RECORD = "reference.safetensors", "reference.json"


class ReferenceRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """Which adapter's log-probabilities of which rows are in the file beside it, and the file's hash."""

    adapter: str
    rows: str
    sha256: str


def with_reference(plan: Plan, model: Any, work: Path) -> Plan:
    """The plan with each row's log-probability under the adapter that it starts from; `model` has that adapter's weights.

    Those that an interrupted run left are taken. Raises Conflict for those of another adapter or other rows, and Changed for a
    file that is not what its record says.
    """
    assert plan.start is not None, "a run without a start has no reference"
    wanted = (plan.start.record.weights_sha256, _rows_sha256(plan))
    found = _kept(work, wanted)
    if found is None:
        pad, batch = plan.tokenizer.pad_token_id, plan.recipe.train.eval_batch
        parts = {"train": plan.train.examples, "validation": plan.validation}
        found = {name: -row_losses(model, one, pad, batch) for name, one in parts.items() if one}
        _keep(found, work, wanted)
    train = Windows(replace(plan.train.examples, reference=found["train"]), plan.train.packs)
    validation = replace(plan.validation, reference=found["validation"]) if plan.validation else None
    return replace(plan, train=train, validation=validation)


def forget(work: Path) -> None:
    """Remove what was kept beside a run that has ended."""
    for name in (RECORD, VALUES):
        (work / name).unlink(missing_ok=True)


def _rows_sha256(plan: Plan) -> str:
    digest = hashlib.sha256()
    for examples in (plan.train.examples, plan.validation):
        for part in _parts(examples):
            digest.update(part.tobytes())
    return digest.hexdigest()


def _parts(examples: Examples | None) -> tuple[npt.NDArray[Any], ...]:
    return () if examples is None else (examples.starts, examples.prompts, examples.tokens)


def _kept(work: Path, wanted: tuple[str, str]) -> dict[str, npt.NDArray[np.float64]] | None:
    """The log-probabilities beside a run, or None where there are none."""
    from safetensors.numpy import load_file

    path, hint = work / RECORD, f"remove {work / RECORD}, and they are computed again"
    if not path.is_file():
        return None
    try:
        record = msgspec.json.decode(path.read_bytes(), type=ReferenceRecord)
    except (OSError, ValueError):  # msgspec's own errors are ValueErrors
        raise Changed(f"{path}: cannot be read", hint) from None
    if (record.adapter, record.rows) != wanted:
        what = "adapter" if record.adapter != wanted[0] else "rows"
        raise Conflict(f"{path}: these reference log-probabilities are of another {what}", hint)
    values = work / VALUES
    if not values.is_file() or file_fingerprint(values).sha256 != record.sha256:
        raise Changed(f"{values}: not what {RECORD} says", hint)
    found: dict[str, npt.NDArray[np.float64]] = load_file(values)
    return found


def _keep(found: dict[str, npt.NDArray[np.float64]], work: Path, wanted: tuple[str, str]) -> None:
    from safetensors.numpy import save_file

    work.mkdir(parents=True, exist_ok=True)
    save_file(found, work / VALUES)
    record = ReferenceRecord(*wanted, file_fingerprint(work / VALUES).sha256)
    (work / RECORD).write_text(to_json(record), "utf-8")
