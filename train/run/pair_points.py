"""How pairs of answers stand in the course of a run."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from train.run.record import PairMeasures


class PairPoint(NamedTuple):
    """How pairs of answers stand: after which step, of which split (train or validation), and the measures."""

    split: str
    measures: PairMeasures


def pair_points(history: Sequence[Mapping[str, Any]]) -> list[PairPoint]:
    """The measures of pairs in a trainer's log, in its order; none where none were learnt."""
    names = [name for name in PairMeasures.__struct_fields__ if name != "step"]
    return [
        PairPoint(split, PairMeasures(step=int(entry["step"]), **{one: float(entry[key + one]) for one in names}))
        for entry in history
        for key, split in (("", "train"), ("eval_", "validation"))
        if f"{key}margin" in entry
    ]


def pairs_table(found: Sequence[PairPoint]) -> str:
    """CSV: step, split, and each measure."""
    names = [name for name in PairMeasures.__struct_fields__ if name != "step"]
    lines = [[str(one.step), split, *(repr(getattr(one, name)) for name in names)] for split, one in found]
    return "".join(",".join(line) + "\n" for line in [["step", "split", *names], *lines])
