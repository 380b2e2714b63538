"""What either language detector would decide alone, beside the decision of both, on rows of known language: a Markdown table.

    python benchmarks/detectors.py DATA          # DATA as for benchmarks/language.py

Alone, a detector reads the first 120 characters of the row's prose and drops the row when its likeliest language is not
Spanish; a row of fewer than 25 letters is spared, as the decision spares it.
"""

import os
import sys
from pathlib import Path

import fasttext
import langdetect_rs
import polars as pl
from language import rows_of, sources

from filters.detectors.fasttext_model import model_path
from filters.detectors.language import READ, SHORT, Thresholds, decide
from filters.text import prose

FIELDS = ("instruction", "input", "output")


def alone(rows: pl.DataFrame) -> pl.DataFrame:
    """`fastText`, `langdetect`: whether each drops the row."""
    whole = rows.select(prose(pl.concat_str(FIELDS, separator=" ")).str.head(READ)).to_series()
    model = fasttext.load_model(os.fspath(model_path()))
    langdetect_rs.DetectorFactory.seed = 0
    named = [model.predict(text, k=1)[0] for text in whole.str.to_lowercase().to_list()]
    found = langdetect_rs.detect_langs_batch(whole.to_list())
    enough = whole.str.count_matches(r"\p{L}") >= SHORT
    drops = {
        "fastText": [bool(one) and one[0] != "__label__es" for one in named],
        "langdetect": [bool(one) and one[0].lang != "es" for one in found],
    }
    return pl.DataFrame({name: pl.Series(one) & enough for name, one in drops.items()})


def main(folder: str) -> None:
    data = Path(folder)
    spanish = rows_of(data / "es.jsonl.gz").with_columns(sources(data))
    foreign = rows_of(data / "contamination.jsonl.gz").with_columns(pl.col("language").alias("what"))
    ways = ("fastText", "langdetect", "both")
    for title, part in (("Spanish rows", spanish), ("other rows", foreign)):
        print(f"| {title}, {'lost' if part is spanish else 'through'} | rows | {' | '.join(ways)} |")
        print("| --- | ---: | ---: | ---: | ---: |")
        both = decide(part, Thresholds()).select(
            ((pl.col("question") == "other") | (pl.col("answer") == "other")).alias("both")
        )
        table = pl.concat([part.select("what"), alone(part), both], how="horizontal")
        for what, count, *shares in table.group_by("what").agg(pl.len(), pl.col(*ways).mean()).sort("what").iter_rows():
            shown = [100 * (one if part is spanish else 1 - one) for one in shares]
            print(f"| {what} | {count:,} | {' | '.join(f'{one:.2f} %' for one in shown)} |")
        print()


if __name__ == "__main__":
    main(sys.argv[1])
