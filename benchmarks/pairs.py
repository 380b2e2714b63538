"""How many pairs of rows a build looks at for near-duplicates, and what the whole build takes.

    python -m benchmarks.pairs rows.jsonl.gz [more.jsonl.gz …]

Builds the recipe `mix` from each file in a process of its own, and prints the rows that are read for pairs, the pairs that
share a bucket (compared as numbers), those whose texts are compared, those that are near-duplicates, seconds of the stage
and of the build, and peak memory.
"""

import argparse
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

import aguila
from builders.stages import near


def built(source: str) -> str:
    """One line about a build of the recipe `mix` from a file."""
    proposed, compared, rows = 0, [], []
    fitting, resembling, sketch = near.fitting, near.resembling, near.sketch

    def counted_fitting(left, right, *rest):
        nonlocal proposed
        proposed += len(left)
        return fitting(left, right, *rest)

    near.fitting = counted_fitting
    near.resembling = lambda texts, left, *rest: compared.append(len(left)) or resembling(texts, left, *rest)
    near.sketch = lambda count, *rest: rows.append(count) or sketch(count, *rest)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        recipe = aguila.load_recipe("mix")
        path = Path(folder)
        # The gold rows, which every build measures, are counted with the others: 480 rows, and a few pairs.
        result = aguila.build(aguila.with_source(recipe, source, path), path)
    seconds = time.perf_counter() - start
    stage = next(one.seconds for one in result.built.stages if one.stage == "dedup")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    total, kept = result.version.manifest.source_rows, result.version.manifest.kept
    dropped = int((result.built.ledger["rule"] == "near_duplicate").sum())
    return (
        f"{total:,} rows, {kept:,} kept: {max(rows):,} read for pairs; {proposed:,} pairs looked at as numbers "
        f"({proposed / total:.1f} a row), {sum(compared):,} compared as texts ({sum(compared) / total:.2f} a row), "
        f"{dropped:,} rows dropped; dedup {stage:.1f} s, build {seconds:.1f} s, peak {peak:,.0f} MiB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="+")
    for source in parser.parse_args().sources:
        with multiprocessing.get_context("spawn").Pool(1) as process:  # so that peaks do not add up
            print(process.apply(built, (str(Path(source).resolve()),)), flush=True)


if __name__ == "__main__":
    main()
