"""How long each rule takes, and a hash of what it finds: a change for speed must leave the hash as it is.

    python -m benchmarks.rules ROWS [--only refusal,cut_off] [--times 3]

ROWS: JSON Lines, packed by gzip or not. They are repaired first, as in a build. Prints for each rule nanoseconds of
processor time for a character of the rows (the least of so many times), how many rows it says something of, and the hash.
"""

import argparse
import gzip
import hashlib
import os
import time
from pathlib import Path

import polars as pl

from builders.recipes.model import Repair
from builders.stages.outcome import BATCH
from builders.stages.repair import repair
from filters import rules_of
from filters.rule import Rule
from filters.window import windowed


def rows_of(path: str) -> pl.DataFrame:
    """The rows of a file, in the order of their ids, repaired."""
    data = Path(path).read_bytes()
    rows = pl.read_ndjson(gzip.decompress(data) if path.endswith(".gz") else data)
    rows = rows.select("id", "instruction", "input", "output").sort("id").with_row_index("row")
    return repair(rows, Repair())[0]


def measured(rule: Rule, parts: list[pl.DataFrame], times: int) -> tuple[float, pl.DataFrame]:
    """The least processor seconds that a rule takes for all parts, one after the other, and what it finds."""
    rule.find(parts[0].head(50))  # patterns are compiled once
    least, found = float("inf"), pl.DataFrame()
    for _ in range(times):
        start = time.process_time()
        found = pl.concat([rule.find(part) for part in parts])
        least = min(least, time.process_time() - start)
    return least, found.sort("row")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows")
    parser.add_argument("--only", default="")
    parser.add_argument("--times", type=int, default=3)
    asked = parser.parse_args()
    rows = rows_of(asked.rows)
    characters = rows.select(pl.sum_horizontal(pl.col("instruction", "input", "output").str.len_chars()).sum()).item()
    parts = [windowed(part) for part in rows.iter_slices(BATCH)]
    chosen = set(asked.only.split(",")) - {""}
    rules = {name: rule for name, rule in rules_of("es").items() if not rule.needs and (not chosen or name in chosen)}
    whole, every = 0.0, hashlib.sha256()
    for name, rule in rules.items():
        seconds, found = measured(rule, parts, asked.times)
        told = hashlib.sha256(found.select("row", "score", "evidence").write_csv().encode()).hexdigest()
        every.update(told.encode())
        whole += seconds
        print(f"{name:24} {seconds / characters * 1e9:7.2f} ns  {found.height:7,}  {told[:12]}", flush=True)
    print(
        f"{'all':24} {whole / characters * 1e9:7.2f} ns  {whole:.2f} s for {rows.height:,} rows, {characters:,} characters"
    )
    print(f"findings {every.hexdigest()[:12]}, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
