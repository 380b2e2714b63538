"""What a version is made of: columns with their types and meanings, splits, and names of files. The one place that knows.

Everything that shows, compares, selects or documents columns takes them from here; `filters` and `cards` import nothing
else of `builders`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl
import polars.selectors as cs

# What a version is written in. A version in another format is refused by name.
FORMAT = 2

FIELDS = ("instruction", "input", "output")
SOURCE_COLUMNS = ("id", *FIELDS)
# The question of a row's English parallel, for the rules that compare.
PARALLEL_FIELDS = ("instruction_en", "input_en")

SPLITS = ("train", "validation", "test")
Split = Literal["train", "validation", "test"]
Status = Literal["kept", "dropped"]
Kind = Literal["instructions", "preferences"]  # what a version's rows are
STAGES = ("read", "repair", "language", "quality", "dedup", "sample", "split", "template")


@dataclass(frozen=True)
class Column:
    """One column of a version's files: its name, its type in polars, and what it holds, in one sentence."""

    name: str
    dtype: pl.DataType
    meaning: str


TEXT = pl.String()
MESSAGES = pl.List(pl.Struct({"role": pl.String, "content": pl.String}))

ROW_COLUMNS = (
    Column("id", TEXT, "Identifier of the row, unique in its source."),
    Column("instruction", TEXT, "What is asked."),
    Column("input", TEXT, "What the instruction is about; empty where it needs nothing."),
    Column("output", TEXT, "The answer."),
    Column("origin", TEXT, "What the id begins with, where many ids of the source begin alike; else empty."),
    Column("prompt", TEXT, "The question in the version's template: what a model reads."),
    Column("completion", TEXT, "The answer in the version's template: what a model learns to write."),
)
PAIR_COLUMNS = (
    Column("id", TEXT, "Identifier of the pair, unique in its source."),
    Column("parent", TEXT, "The id of the row that the pair came from; the pair's own where it came as a pair."),
    Column("instruction", TEXT, "What is asked."),
    Column("input", TEXT, "What the instruction is about; empty where it needs nothing."),
    Column("output", TEXT, "The better answer."),
    Column("rejected_output", TEXT, "The worse answer."),
    Column("chosen_origin", TEXT, "Where the better answer comes from, such as source, version or rated."),
    Column(
        "rejected_origin", TEXT, "Where the worse answer comes from; of a model, its adapter, seed and temperature."
    ),
    Column("margin", pl.Float64(), "The better answer's score less the other's; null where nobody scored them."),
    Column("reason", TEXT, "Why the better answer is better, where that is known; else empty."),
    Column("origin", TEXT, "What the id begins with, where many ids of the source begin alike; else empty."),
    Column("prompt", TEXT, "The question in the version's template: what a model reads."),
    Column("chosen", TEXT, "The better answer in the version's template."),
    Column("rejected", TEXT, "The worse answer in the version's template."),
)
# What a source of pairs has beside SOURCE_COLUMNS.
PAIR_FIELDS = ("rejected_output", "parent", "chosen_origin", "rejected_origin", "margin", "reason")
LEDGER_COLUMNS = (
    Column("id", TEXT, "Identifier of the source row; every source row is here once."),
    Column("status", TEXT, "kept or dropped."),
    Column("stage", TEXT, "The stage that dropped it; null for a kept row."),
    Column("rule", TEXT, "The rule that dropped it; null for a kept row."),
    Column(
        "score",
        pl.Float64(),
        "How sure the rule was, between 0 and 1; the Jaccard index of a near-duplicate; of a kept row, its highest flag's.",
    ),
    Column("evidence", TEXT, "What the rule saw; for a kept row, what its flags saw."),
    Column("duplicate_of", TEXT, "The id of the row that was kept instead."),
    Column("edits", pl.List(pl.String), "Repairs made, as field:edit."),
    Column("flags", pl.List(pl.String), "Rules that noted the row without dropping it."),
    Column("split", TEXT, "train, validation or test; null for a dropped row."),
    Column("source_sha256", TEXT, "Hash of the row as it was read (canonical JSON)."),
    Column("row_sha256", TEXT, "Hash of the row after repair (canonical JSON)."),
)
COLUMNS = tuple(column.name for column in ROW_COLUMNS)
# Rows of several languages say theirs, in a column that others lack; their ids begin with it (`ca-alpaca-17`), once.
LANGUAGE = Column("language", TEXT, "The language that the row is meant to be in, by its code; its id begins with it.")
SPOKEN = cs.by_name(LANGUAGE.name, require_all=False)
TEMPLATE_COLUMNS = ("prompt", "completion")  # text, or MESSAGES where the template is a chat
PAIR_TEMPLATE_COLUMNS = ("prompt", "chosen", "rejected")
LEDGER_SCHEMA = {column.name: column.dtype for column in LEDGER_COLUMNS}
# Who decided on a row, and why: what is shown and compared of the ledger's entry.
DECISION = ("status", "stage", "rule", "score", "evidence", "duplicate_of")
ENTRY = (*DECISION, "edits", "flags", "split")


def columns_of(kind: Kind, several_languages: bool = False) -> tuple[Column, ...]:
    """The columns of a version's rows: of instructions, in one language or in several, or of pairs of answers."""
    if several_languages:
        written = COLUMNS.index(TEMPLATE_COLUMNS[0])
        return (*ROW_COLUMNS[:written], LANGUAGE, *ROW_COLUMNS[written:])
    return PAIR_COLUMNS if kind == "preferences" else ROW_COLUMNS


def several_languages(rows: pl.DataFrame) -> bool:
    """Whether rows are of several languages, and say which."""
    return LANGUAGE.name in rows.columns


def language_id(id: pl.Expr) -> pl.Expr:
    """A row's id among those of several languages: its language, a hyphen, then its id in that, unless it begins so already."""
    before = pl.concat_str(LANGUAGE.name, pl.lit("-"))
    return pl.when(id.str.starts_with(before)).then(id).otherwise(before + id)


def language_of(id: pl.Expr) -> pl.Expr:
    """The language of a row of several, by its id."""
    return id.str.extract(r"^([a-z]+)-")


def plain_id(rows: pl.DataFrame) -> pl.Expr:
    """The id that each row has among those of its own language."""
    id = pl.col("id")
    return without_language(id, pl.col(LANGUAGE.name)) if several_languages(rows) else id


def without_language(id: pl.Expr, language: pl.Expr) -> pl.Expr:
    """The id of a row of several languages in its own."""
    return id.str.strip_prefix(language + "-")


def template_columns_of(columns: Sequence[str]) -> tuple[str, ...]:
    """Those of a version's columns that its template writes."""
    return PAIR_TEMPLATE_COLUMNS if "rejected" in columns else TEMPLATE_COLUMNS


# ---- files -----------------------------------------------------------------------------------------------------------

CARD = "README.md"
MANIFEST = "manifest.json"
RECIPE = "recipe.yaml"
STATISTICS = "statistics.json"
CROISSANT = "croissant.json"
# In a repository's main branch: which of its versions were withdrawn, and why.
YANKED = "yanked.json"
# Folders that belong to a version: `load_dataset` would read whatever stands in them.
OWN_FOLDERS = ("data/", "ledger/", "charts/")


def data_file(split: str, place: int = 0, shards: int = 1) -> str:
    """Path of a split's rows within a version: of one of its shards."""
    return f"data/{split}-{place:05}-of-{shards:05}.parquet"


def ledger_file(place: int = 0, shards: int = 1) -> str:
    """Path of the ledger within a version: of one of its shards."""
    return f"ledger/train-{place:05}-of-{shards:05}.parquet"


def chart_file(name: str) -> str:
    """Path of a picture within a version."""
    return f"charts/{name}.svg"


def split_of(path: str) -> str | None:
    """The split whose rows a file holds, None for any other file."""
    if not path.startswith("data/"):
        return None
    return path.removeprefix("data/").split("-")[0]


def is_ledger(path: str) -> bool:
    """Whether a file is a shard of the ledger."""
    return path.startswith("ledger/")
