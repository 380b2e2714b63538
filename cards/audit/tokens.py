"""Real tokens: what a tokenizer makes of prompts and completions."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from cards.shared.statistics import summary

if TYPE_CHECKING:
    from tokenizers import Tokenizer

LIMITS = (512, 1024, 2048)
BATCH = 2_000  # texts encoded at once


def token_counts(texts: Mapping[str, pl.Series], tokenizer: "Tokenizer") -> dict[str, Any]:
    """Tokens of the parts of every row (without special tokens) and of their sum.

    texts: by part ("prompt", "completion"), one text a row. Returns for each part and for `row` mean, percentiles, largest
    and sum; and `over`: the share of rows that have more tokens than each of LIMITS.
    """
    sizes = pl.DataFrame({part: _sizes(column, tokenizer) for part, column in texts.items()})
    rows = sizes.sum_horizontal()
    over = {str(limit): round(float((rows > limit).mean() or 0.0), 4) for limit in LIMITS}  # type: ignore[arg-type]
    return {**{part: summary(sizes[part]) for part in texts}, "row": summary(rows), "over": over}


def _sizes(texts: pl.Series, tokenizer: "Tokenizer") -> pl.Series:
    counts: list[int] = []
    for part in texts.to_frame().iter_slices(BATCH):
        encoded = tokenizer.encode_batch_fast(part.to_series().to_list(), add_special_tokens=False)
        counts += [len(one) for one in encoded]
    return pl.Series(counts, dtype=pl.Int64)
