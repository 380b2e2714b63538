"""What stages share: parts that are judged side by side."""

import threading

import polars as pl

from builders.stages.outcome import BATCH, side_by_side


def test_parts_come_back_in_the_order_of_the_rows() -> None:
    rows = pl.DataFrame({"row": range(2 * BATCH + 7)})
    second_is_done = threading.Event()

    def judge(part: pl.DataFrame) -> pl.DataFrame:
        if part["row"][0] == 0:
            second_is_done.wait(1)  # where there is one core the second waits for the first
        elif part["row"][0] == BATCH:
            second_is_done.set()
        return part.with_columns(size=pl.lit(part.height))

    judged = side_by_side(judge, rows)

    assert judged["row"].to_list() == rows["row"].to_list()
    assert judged["size"].unique(maintain_order=True).to_list() == [BATCH, 7]


def test_no_row_is_judged_too_so_that_the_columns_are_there() -> None:
    assert side_by_side(lambda part: part.select("row"), pl.DataFrame({"row": [], "text": []})).columns == ["row"]
