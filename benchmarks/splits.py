"""How many rows change split, or leave a sample, when one row in a hundred is gone: by hash of the id, and by seeded shuffle.

python benchmarks/splits.py
"""

import random
import sys
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).parent.parent))

from builders.recipes.model import Sample, Split
from builders.stages.sampling import sample, split

ROWS, VALIDATION, SAMPLED, SEED = 67_017, 0.05, 10_000, 2024


def by_hash(ids: list[str]) -> tuple[set[str], set[str]]:
    """Ids of validation, and of a sample."""
    rows = pl.DataFrame({"id": ids}).with_row_index("row")
    chosen = sample(rows, Sample(rows=SAMPLED, seed=SEED))
    held_out = rows.filter(split(rows, Split(validation=VALIDATION, seed=SEED)) == "validation")
    return set(held_out["id"]), set(chosen["id"])


def by_shuffle(ids: list[str]) -> tuple[set[str], set[str]]:
    """The same as `train_test_split(seed=…)` and `random.sample` choose: by place in a shuffled list."""
    shuffled = ids.copy()
    random.Random(SEED).shuffle(shuffled)
    return set(shuffled[: int(len(ids) * VALIDATION)]), set(shuffled[:SAMPLED])


def main() -> None:
    before = [f"alpaca-{number}" for number in range(ROWS)]
    after = [one for at, one in enumerate(before) if at % 100]
    left = set(after)
    for name, chosen in (("hash", by_hash), ("shuffle", by_shuffle)):
        (held_out, sampled), (held_out_after, sampled_after) = chosen(before), chosen(after)
        moved = (held_out & left) ^ held_out_after
        stayed = sampled & sampled_after
        print(
            f"{name:<8} {len(moved):6,} of {len(after):,} rows changed between train and validation; "
            f"{len(stayed):,} of the {len(sampled & left):,} sampled rows that are left are sampled again"
        )


if __name__ == "__main__":
    main()
