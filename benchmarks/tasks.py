"""How well the kinds of task are told apart, on 420 instructions that were judged by hand (`benchmarks/labels/tasks.jsonl`).

    python benchmarks/tasks.py es.jsonl.gz

The labels are of 290 rows of that file and of 130 demo rows. An instruction may have been judged to be of several kinds:
each is right. Prints, for the half that the patterns were tuned on and for the other, how many of the rows that were named a
kind are of it, and how many of the rows that are of one kind alone were named it.
"""

import argparse
import gzip
from pathlib import Path

import polars as pl

from cards.audit.tasks import tasks

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    asked = parser.parse_args()
    labels = pl.read_ndjson(HERE / "labels/tasks.jsonl")
    sources = gzip.decompress(asked.source.read_bytes()), (HERE.parent / "builders/demo/rows.jsonl").read_bytes()
    rows = pl.concat(pl.read_ndjson(one).select("id", "instruction") for one in sources)
    judged = labels.join(rows, on="id", how="inner", validate="1:1")
    judged = judged.with_columns(named=tasks(judged["instruction"]))
    print(f"{judged.height} of {labels.height} labelled rows are there")
    for half in ("tuned", "held_out"):
        print(f"\n{half:<16} right of those named   found of those that are")
        part = judged.filter(pl.col("half") == half)
        for kind in sorted(set(part["named"])):
            named = part.filter(pl.col("named") == kind)
            right = named.filter(pl.col("tasks").list.contains(kind)).height
            alone = part.filter(pl.col("tasks") == [kind])
            found = alone.filter(pl.col("named") == kind).height
            print(
                f"{kind:<16} {right:>4} of {named.height:<4} {right / named.height:.2f}   {found:>8} of {alone.height}"
            )


if __name__ == "__main__":
    main()
