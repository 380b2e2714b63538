"""Two small versions that differ in every way, as `cards.comparison` takes them."""

import polars as pl

from cards.diff.comparison import Side

ROW = ("id", "instruction", "input", "output", "prompt", "completion", "split")
ENTRY = {
    **dict.fromkeys(("id", "status", "stage", "rule"), pl.String),
    "score": pl.Float64,
    **dict.fromkeys(("evidence", "duplicate_of"), pl.String),
    **dict.fromkeys(("edits", "flags"), pl.List(pl.String)),
    **dict.fromkeys(("split", "source_sha256"), pl.String),
}
MANIFEST = {
    "kept": 3,
    "source_rows": 5,
    "columns": ["id", "output"],
    "template": {"name": "instruccion", "sha256": "t"},
    "recipe": {"name": "filas", "source": {"kind": "demo"}, "split": {"validation": 0.5}, "card": {"tags": ["a"]}},
    "source": {"kind": "demo", "sha256": "s"},
    "rules": {"refusal": {"version": 1, "verdict": "drop", "threshold": 0.8, "drops": 1}},
    "software": {"polars": "1"},
    "models": {"fasttext": "f"},
}
STATISTICS = {"rows": 3, "splits": {"train": 2, "validation": 1}, "with_input": 0.25}


def side(kept, dropped=(), /, statistics=STATISTICS, **manifest):
    """A version of kept rows (id, output, split) and dropped ones (id, stage, rule)."""
    rows = [(id, "Di algo.", "", output, f"<{output}>", output, split) for id, output, split in kept]
    ledger = [(id, "kept", None, None, None, None, None, [], [], split, output) for id, output, split in kept]
    ledger += [(id, "dropped", stage, rule, 1.0, "aquí", None, [], [], None, "x") for id, stage, rule in dropped]
    return Side(
        pl.DataFrame(rows, schema=dict.fromkeys(ROW, pl.String), orient="row"),
        pl.DataFrame(ledger, schema=ENTRY, orient="row"),
        MANIFEST | manifest,
        statistics,
    )


OLD = side(
    [("fila-1", "Uno.", "train"), ("fila-2", "Dos.", "validation"), ("fila-10", "Diez.", "train")],
    [("fila-11", "quality", "refusal"), ("fila-12", "dedup", "near_duplicate")],
)
NEW = side(
    [("fila-1", "Uno.", "validation"), ("fila-2", "Dos y pico.", "train"), ("fila-11", "Once.", "train")],
    [("fila-10", "dedup", "same_prompt"), ("fila-12", "dedup", "exact_duplicate"), ("fila-13", "quality", "refusal")],
    source_rows=6,
)
