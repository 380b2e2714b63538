"""Real tokens: what a tokenizer makes of prompts and completions."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import polars as pl
from msgspec import UNSET, Struct, UnsetType

from cards.shared.tables import Table, tidy
from cards.statistics.counting import Summary, summary

if TYPE_CHECKING:
    from tokenizers import Tokenizer

LIMITS = (512, 1024, 2048)
BATCH = 2_000  # texts encoded at once


class Tokens(Struct, frozen=True, kw_only=True):
    """Tokens of the parts of every row (without special tokens), and of whole rows.

    A version has the parts prompt and completion, a raw file instruction, input and output. over: the share of rows that
    have more tokens than each of LIMITS.
    """

    tokenizer: str
    prompt: Summary | UnsetType = UNSET
    completion: Summary | UnsetType = UNSET
    instruction: Summary | UnsetType = UNSET
    input: Summary | UnsetType = UNSET
    output: Summary | UnsetType = UNSET
    row: Summary
    over: dict[str, float]

    def parts(self) -> dict[str, Summary]:
        """The parts that were counted, and the row."""
        named = {name: getattr(self, name) for name in self.__struct_fields__ if name not in ("tokenizer", "over")}
        return {name: sizes for name, sizes in named.items() if sizes is not UNSET}


def token_counts(texts: Mapping[str, pl.Series], tokenizer: "Tokenizer", name: str) -> Tokens:
    """Tokens of the parts of every row. texts: by part, one text a row. name: what the tokenizer is called."""
    sizes = pl.DataFrame({part: _sizes(column, tokenizer) for part, column in texts.items()})
    rows = sizes.sum_horizontal()
    over = {str(limit): round(float((rows > limit).mean() or 0.0), 4) for limit in LIMITS}  # type: ignore[arg-type]
    parts = {part: summary(sizes[part]) for part in texts}
    return Tokens(tokenizer=name, **parts, row=summary(rows), over=over)


def tokens_table(found: Tokens) -> Iterable[Table]:
    """Tokens of each part and of the row, and how many rows are longer than the usual limits."""
    columns = Summary.__struct_fields__
    rows = [(part, *(tidy(getattr(sizes, column)) for column in columns)) for part, sizes in found.parts().items()]
    note = f"{found.tokenizer}, without special tokens; an empty text counts as 0."
    over = ", ".join(f"{100 * part:.1f} % over {int(limit):,}" for limit, part in found.over.items())
    yield Table("Tokens", ("part", *columns), rows, f"{note} Rows: {over}.")


def _sizes(texts: pl.Series, tokenizer: "Tokenizer") -> pl.Series:
    counts: list[int] = []
    for part in texts.to_frame().iter_slices(BATCH):
        encoded = tokenizer.encode_batch_fast(part.to_series().to_list(), add_special_tokens=False)
        counts += [len(one) for one in encoded]
    return pl.Series(counts, dtype=pl.Int64)
