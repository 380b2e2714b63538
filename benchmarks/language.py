"""The language decision on rows of known language, as a Markdown table.

    python benchmarks/language.py DATA

DATA holds `es.jsonl.gz`, `contamination.jsonl.gz` (with a field `language`), `mismatch.jsonl.gz` (Spanish question, English
answer) and MANIFEST.tsv, which names the source of each range of ids.
"""

import gzip
import re
import sys
from pathlib import Path

import polars as pl

from filters.detectors.language import Thresholds, decide


def rows_of(path: Path) -> pl.DataFrame:
    with gzip.open(path) as file:
        return pl.read_ndjson(file.read()).with_row_index("row")


def sources(data: Path) -> pl.Expr:
    """The source of an id, by the ranges in the manifest."""
    prefix = pl.col("id").str.extract(r"^(\w+)-")
    number = pl.col("id").str.extract(r"(\d+)$").cast(pl.Int64)
    named = pl.lit("?")
    for line in (data / "MANIFEST.tsv").read_text("utf-8").splitlines()[1:]:
        name, *_ = cells = line.split("\t")
        for kind, first, last in re.findall(r"(\w+)-(\d+)\.\.(\d+)", cells[4]):
            inside = (prefix == kind) & number.is_between(int(first), int(last))
            named = pl.when(inside).then(pl.lit(name)).otherwise(named)
    return named.alias("what")


def main(folder: str) -> None:
    data = Path(folder)
    spanish = rows_of(data / "es.jsonl.gz").with_columns(sources(data))
    foreign = rows_of(data / "contamination.jsonl.gz").with_columns(pl.col("language").alias("what"))
    mismatch = rows_of(data / "mismatch.jsonl.gz").with_columns(
        pl.lit("Spanish question, English answer").alias("what")
    )
    for title, parts in (("Spanish rows", [spanish]), ("other rows", [foreign, mismatch])):
        print(f"| {title} | rows | {'lost' if len(parts) == 1 else 'through'} |\n| --- | ---: | ---: |")
        for part in parts:
            other = decide(part, Thresholds()).select(
                ((pl.col("question") == "other") | (pl.col("answer") == "other")).alias("other")
            )
            table = pl.concat([part.select("what"), other], how="horizontal")
            for what, count, share in (
                table.group_by("what").agg(pl.len(), pl.col("other").mean()).sort("what").iter_rows()
            ):
                shown = share if part is spanish else 1 - share
                print(f"| {what} | {count:,} | {100 * shown:.2f} % |")
        print()


if __name__ == "__main__":
    main(sys.argv[1])
