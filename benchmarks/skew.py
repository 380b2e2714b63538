"""What one prompt that is repeated many times costs: rows that ask the same and nearly answer the same.

    python benchmarks/skew.py [--rows 10000 100000]

Prints, for each number of rows, the pairs that were looked at, CPU seconds and peak memory: they must grow with the rows.
"""

import argparse
import resource
import time

import polars as pl

from builders.recipes.model import Dedup
from builders.stages import buckets
from builders.stages.dedup import duplicates
from builders.stages.preference import WORTH

ANSWER = (
    "Pela las patatas, córtalas en rodajas finas y fríelas a fuego lento en abundante aceite durante un buen rato, hasta "
    "que estén tiernas pero no doradas; bate los huevos con una pizca de sal y cuaja la tortilla por los dos lados, dijo {}."
)
LETTERS = "abcdefghij"


def rows_of(count: int) -> pl.DataFrame:
    names = ("".join(LETTERS[int(digit)] for digit in str(number)) for number in range(count))
    answers = [ANSWER.format(name) for name in names]
    asked = pl.lit("Explica cómo se hace una tortilla.").alias("instruction")
    return pl.DataFrame({"output": answers}).with_row_index("row").with_columns(asked, input=pl.lit(""))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    proposed = 0
    pairs = buckets.Buckets.pairs

    def counted(bucket: buckets.Buckets):
        nonlocal proposed
        for left, right in pairs(bucket):
            proposed += len(left)
            yield left, right

    buckets.Buckets.pairs = counted  # type: ignore[method-assign]
    for count in parser.parse_args().rows:
        proposed, start = 0, time.process_time()
        found = duplicates(rows_of(count), pl.DataFrame(schema=WORTH), Dedup())
        kinds = dict(found.group_by("rule").len().sort("rule").iter_rows())
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{count:,} rows: {proposed:,} pairs looked at ({proposed / count:.0f} a row, all would be {count**2 / 2:,.0f}), "
            f"{time.process_time() - start:.1f} s of CPU, peak {peak:,.0f} MiB; removed: {kinds}",
            flush=True,
        )


if __name__ == "__main__":
    main()
