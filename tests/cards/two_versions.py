"""Two small versions that differ in every way, as `cards.diff.comparison` takes them."""

import msgspec
import polars as pl

from cards.diff.comparison import compare
from cards.diff.records import Side, Worth
from cards.shared.records import RuleCounts
from cards.statistics.listed import Statistics, count, measured
from cards.statistics.statistic import Counted

ROW = ("id", "instruction", "input", "output", "prompt", "completion", "split")
ENTRY = {
    **dict.fromkeys(("id", "status", "stage", "rule"), pl.String),
    "score": pl.Float64,
    **dict.fromkeys(("evidence", "duplicate_of"), pl.String),
    **dict.fromkeys(("edits", "flags"), pl.List(pl.String)),
    **dict.fromkeys(("split", "source_sha256"), pl.String),
}
RECORDED = {
    "label": "filas@1.0.0",
    "kept": 3,
    "source_rows": 5,
    "columns": ("id", "output"),
    "template": {"name": "instruccion", "sha256": "t"},
    "recipe": {"name": "filas", "split": {"validation": 0.5}, "card": {"tags": ["a"]}},
    "source": {"kind": "demo", "sha256": "s"},
    "rules": {"refusal": RuleCounts(1, "drop", 0.8, drops=1, flags=0, signals=0)},
    "software": {"polars": "1"},
    "models": {"fasttext": "f"},
}
NO_ROWS = pl.DataFrame(schema=dict.fromkeys(("id", "instruction", "input", "output", "origin", "split"), pl.String))
NOTHING = msgspec.to_builtins(count(Statistics, Counted(measured(Statistics, NO_ROWS), pl.DataFrame(schema=ENTRY))))
COUNTED = {"rows": 3, "splits": {"train": 2, "validation": 1}, "with_input": 0.25}
WORTH = Worth(same_name=True, bump="minor", reason="the rows changed", deserves="1.1.0", number_fits=True)


def side(kept, dropped=(), /, counted=COUNTED, **recorded):
    """A version of kept rows (id, output, split) and dropped ones (id, stage, rule).

    counted: its statistics, as statistics.json has them; those that are not given count nothing.
    """
    rows = [(id, "Di algo.", "", output, f"<{output}>", output, split) for id, output, split in kept]
    ledger = [(id, "kept", None, None, None, None, None, [], [], split, output) for id, output, split in kept]
    ledger += [(id, "dropped", stage, rule, 1.0, "aquí", None, [], [], None, "x") for id, stage, rule in dropped]
    return Side(
        rows=pl.DataFrame(rows, schema=dict.fromkeys(ROW, pl.String), orient="row"),
        ledger=pl.DataFrame(ledger, schema=ENTRY, orient="row"),
        statistics=msgspec.convert({**NOTHING, **counted}, Statistics),
        **(RECORDED | recorded),
    )


OLD = side(
    [("fila-1", "Uno.", "train"), ("fila-2", "Dos.", "validation"), ("fila-10", "Diez.", "train")],
    [("fila-11", "quality", "refusal"), ("fila-12", "dedup", "near_duplicate")],
)
NEW = side(
    [("fila-1", "Uno.", "validation"), ("fila-2", "Dos y pico.", "train"), ("fila-11", "Once.", "train")],
    [("fila-10", "dedup", "same_prompt"), ("fila-12", "dedup", "exact_duplicate"), ("fila-13", "quality", "refusal")],
    label="filas@1.1.0",
    source_rows=6,
)


def compared(old=OLD, new=NEW, examples=5, worth=WORTH):
    """What differs between them."""
    return compare(old, new, worth, examples)
