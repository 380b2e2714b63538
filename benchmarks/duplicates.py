"""Are planted duplicates found, and is nothing else removed? On a composed corpus with labels (id, kind, detail).

    python benchmarks/duplicates.py corpus.jsonl.gz labels.tsv

The true Jaccard index is computed here, on Python sets of word 3-grams, apart from the builder's own code.
"""

import gzip
import json
import re
import sys
from pathlib import Path

import polars as pl

from builders.recipes.model import Dedup
from builders.schema import FIELDS
from builders.sources.order import in_natural_order
from builders.stages.dedup import duplicates
from builders.stages.preference import WORTH

NOTHING_SAID = pl.DataFrame(schema=WORTH)


def grams(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[^\W_]+", text.lower())
    return {tuple(words[at : at + 3]) for at in range(max(1, len(words) - 2))}


def jaccard(a: dict[str, str], b: dict[str, str]) -> float:
    left, right = (grams(" ".join(row[field] for field in FIELDS)) for row in (a, b))
    return len(left & right) / len(left | right)


def main(corpus: str, labels: str) -> None:
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        rows = {row["id"]: row for row in map(json.loads, lines)}
    table = in_natural_order(pl.DataFrame(list(rows.values())), corpus)
    found = duplicates(table, NOTHING_SAID, Dedup())
    ids = table["id"].to_list()
    removed = {
        ids[row]: (rule, ids[duplicate_of])
        for row, rule, duplicate_of in found.select("row", "rule", "duplicate_of").iter_rows()
    }
    kept = set(ids) - removed.keys()
    exact = near = near_found = exact_found = missed_same = 0
    with Path(labels).open(encoding="utf-8") as lines:
        for line in lines:
            row, kind, duplicate_of = line.rstrip("\n").split("\t")
            gone = row in removed or duplicate_of in removed  # one of the two, whichever comes first in the fixed order
            if kind == "exact_dup":
                exact, exact_found = exact + 1, exact_found + gone
            elif kind == "near_dup" and jaccard(rows[row], rows[duplicate_of]) >= 0.8:
                near, near_found = near + 1, near_found + gone
                missed_same += not gone
    wrong = [
        (row, rule, duplicate_of)
        for row, (rule, duplicate_of) in removed.items()
        if duplicate_of not in kept
        or (rule == "near_duplicate" and jaccard(rows[row], rows[duplicate_of]) < 0.8)
        or (
            rule == "same_prompt"
            and any(
                rows[row][f].lower().split() != rows[duplicate_of][f].lower().split() for f in ("instruction", "input")
            )
        )
    ]
    print(
        f"{len(rows):,} rows, {len(removed):,} removed: {dict(found.group_by('rule').len().sort('rule').iter_rows())}"
    )
    print(f"planted exact duplicates found: {exact_found} of {exact}")
    print(
        f"planted near-duplicates (Jaccard >= 0.8) found: {near_found} of {near} ({100 * near_found / max(1, near):.2f} %)"
    )
    print(f"removed without resembling a kept row: {len(wrong)}", *wrong[:10], sep="\n  ")


if __name__ == "__main__":
    main(*sys.argv[1:])
