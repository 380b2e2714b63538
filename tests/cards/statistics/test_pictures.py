from xml.etree import ElementTree

import msgspec
import polars as pl
import pytest

from cards.shared.charts import MOST_BARS
from cards.shared.records import StageCounts
from cards.shared.svg import svg
from cards.statistics.listed import pictures
from tests.cards.statistics.rows import counted

ROWS = pl.DataFrame(
    {
        "id": ["f-1", "f-2", "f-3"],
        "instruction": ["Resume el texto en una frase.", "Escribe un saludo breve.", "Escribe un poema sobre el río."],
        "input": ["Érase una vez un río muy largo.", "", ""],
        "output": ["Un río.", "Hola, ¿qué tal estás?", "El río baja, el río canta, el río nunca se cansa."],
        "origin": ["dolly", "alpaca", "alpaca"],
    }
)
NUMBERS = msgspec.structs.replace(
    counted(ROWS.with_columns(split=pl.lit("train"))),
    dropped={"quality": {"refusal": 1_200, "echo": 34}, "dedup": {"near_duplicate": 5}},
)
STAGES = [
    StageCounts("read", 0, 9_000),
    StageCounts("repair", 9_000, 9_000),
    StageCounts("quality", 9_000, 7_766),
    StageCounts("dedup", 7_766, 7_761),
]


def drawn(numbers=NUMBERS, stages=STAGES):
    """What each picture shows, by its name."""
    return {picture.name: picture.drawing for picture in pictures(numbers, stages)}


DRAWN = drawn()


def texts(picture):
    """What is written in a picture."""
    return [
        "".join(node.itertext()) for node in ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")
    ]


def test_the_pictures_of_a_version():
    assert set(DRAWN) == {"funnel", "dropped", "lengths", "verbs"}


def test_the_funnel_shows_each_stage_that_lost_rows():
    words = texts(svg(DRAWN["funnel"]))

    assert {"source", "after quality", "after dedup"} <= set(words)
    assert "after repair" not in words
    assert {"9,000", "7,766  (−1,234)", "7,761  (−5)"} <= set(words)


def test_bars_are_in_order_of_their_numbers():
    words = texts(svg(DRAWN["dropped"]))

    assert [word for word in words if word in ("refusal", "echo", "near_duplicate")] == [
        "refusal",
        "echo",
        "near_duplicate",
    ]
    assert {"1,200", "34", "5"} <= set(words)


def test_beyond_a_dozen_bars_the_rest_is_one():
    rules = {f"rule_{at:02}": 100 - at for at in range(20)}
    words = texts(svg(drawn(msgspec.structs.replace(NUMBERS, dropped={"quality": rules}))["dropped"]))

    rest = sum(sorted(rules.values())[: 20 - (MOST_BARS - 1)])
    assert "9 others" in words and f"{rest:,}" in words
    assert sum(word.startswith("rule_") for word in words) == MOST_BARS - 1


def test_the_lengths_are_shares_of_the_texts_of_each_field():
    lengths = DRAWN["lengths"]
    labels = {tick.at: tick.label for tick in lengths.x_ticks}
    shares = {(line.name, labels[point.x]): point.y for line in lengths.lines for point in line.points}

    assert shares["instruction", "4"] == 1.0
    assert shares["output", "2"] == shares["output", "4"] == shares["output", "8"] == 0.3333
    assert {field: sum(share for (one, _), share in shares.items() if one == field) for field in ("instruction", "input")} == {
        "instruction": 1.0,
        "input": 1.0,
    }  # fmt: skip


def test_verbs_are_counted():
    assert DRAWN["verbs"].description == "Rows by the verb that their instruction begins with: escribir 2, resumir 1."


def test_a_picture_with_nothing_to_show_is_left_out():
    empty = ROWS.with_columns(pl.lit("").alias(field) for field in ("instruction", "input", "output"))

    assert drawn(msgspec.structs.replace(counted(empty.with_columns(split=pl.lit("train"))), dropped={}), []) == {}


@pytest.mark.parametrize("name", DRAWN)
def test_the_same_numbers_have_the_same_bytes(name):
    assert svg(DRAWN[name]) == svg(drawn()[name])
