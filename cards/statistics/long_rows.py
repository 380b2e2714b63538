"""Rows that cannot fit a training window, told without a tokenizer: a token is never longer than a word."""

import polars as pl
from msgspec import Struct

from builders.schema import FIELDS
from cards.shared.records import Count
from cards.statistics.counting import sizes
from cards.statistics.statistic import Counted, Statistic

WINDOW = 2048  # tokens of a window: the trainer's default (`train.max_length`), held to it by a test
SHOWN = 20


class LongRows(Struct, frozen=True):
    """Rows with more words than a window has tokens. window: its tokens. ids: the longest of them."""

    window: Count
    rows: Count
    ids: list[str]


def long_rows(data: Counted) -> LongRows:
    """Words of instruction, input and answer together; the template's own come on top."""
    words = pl.sum_horizontal(f"{field}_words" for field in FIELDS)
    long = data.rows.select("id", words.alias("words")).filter(pl.col("words") > WINDOW)
    longest = long.sort("words", "id", descending=[True, False])["id"].head(SHOWN)
    return LongRows(WINDOW, long.height, longest.to_list())


LONG_ROWS = Statistic[LongRows](
    "Rows with more words than a training window has tokens, so that they cannot fit.", long_rows, sizes
)
