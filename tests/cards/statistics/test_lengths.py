import polars as pl

from cards.statistics.counting import Summary
from cards.statistics.lengths import length_steps
from tests.cards.statistics.rows import ROWS, counted, measured_of


def test_lengths_are_of_the_texts_that_are_not_empty():
    found = counted().length

    # 7, 5 and 9 characters; 2, 1 and 2 words.
    assert found["output"].characters == Summary(
        mean=7.0, p5=5.0, p25=7.0, p50=7.0, p75=9.0, p95=9.0, p99=9.0, max=9, sum=21
    )
    assert found["output"].words == Summary(mean=1.7, p5=1.0, p25=2.0, p50=2.0, p75=2.0, p95=2.0, p99=2.0, max=2, sum=5)
    assert found["input"].characters.mean == 12.0


def test_letters_are_counted_not_bytes():
    output = counted(ROWS.with_columns(pl.lit("¿Qué? Ñandú 😀").alias("output"))).length["output"]

    assert (output.characters.p50, output.words.p50) == (13.0, 3.0)


def test_each_step_of_lengths_counts_the_texts_up_to_the_next():
    texts = [" ".join(["voz"] * words) for words in (1, 2, 3, 4, 7, 8, 1023, 1024, 3000)]
    rows = pl.DataFrame({"instruction": texts, "input": [""] * 9, "output": texts, "origin": [""] * 9})

    steps = length_steps(measured_of(rows))

    assert {step: count for step, count in steps["output"].items() if count} == {
        "1": 1,
        "2": 2,
        "4": 2,
        "8": 1,
        "512": 1,
        "1024": 2,
    }
    assert set(steps["input"].values()) == {0}
