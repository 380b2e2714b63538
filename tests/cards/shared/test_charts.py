import json
import re
from xml.etree import ElementTree

import polars as pl
import pytest
import vl_convert

from cards.shared.charts import MOST_BARS, THEMES, VEGA_LITE, charts, config, svg
from cards.shared.statistics import describe

ROWS = pl.DataFrame(
    {
        "instruction": ["Resume el texto en una frase.", "Escribe un saludo breve.", "Escribe un poema sobre el río."],
        "input": ["Érase una vez un río muy largo.", "", ""],
        "output": ["Un río.", "Hola, ¿qué tal estás?", "El río baja, el río canta, el río nunca se cansa."],
        "origin": ["dolly", "alpaca", "alpaca"],
    }
)
NUMBERS = {**describe(ROWS), "dropped": {"quality": {"refusal": 1_200, "echo": 34}, "dedup": {"near_duplicate": 5}}}
STAGES = [
    {"stage": "read", "rows_in": 0, "rows_out": 9_000},
    {"stage": "repair", "rows_in": 9_000, "rows_out": 9_000},
    {"stage": "quality", "rows_in": 9_000, "rows_out": 7_766},
    {"stage": "dedup", "rows_in": 7_766, "rows_out": 7_761},
]
DRAWN = charts(NUMBERS, STAGES)


def texts(picture):
    """What is written in a picture."""
    return [
        "".join(node.itertext()) for node in ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")
    ]


def test_the_pictures_of_a_version():
    assert list(DRAWN) == ["funnel", "dropped", "lengths", "verbs"]


def test_the_funnel_shows_each_stage_that_lost_rows():
    told = texts(svg(DRAWN["funnel"]))

    assert {"source", "after quality", "after dedup"} <= set(told)
    assert "after repair" not in told
    assert {"9,000", "7,766  (−1,234)", "7,761  (−5)"} <= set(told)


def test_bars_are_in_order_of_their_numbers():
    told = texts(svg(DRAWN["dropped"]))

    assert [word for word in told if word in ("refusal", "echo", "near_duplicate")] == [
        "refusal",
        "echo",
        "near_duplicate",
    ]
    assert {"1,200", "34", "5"} <= set(told)


def test_beyond_a_dozen_bars_the_rest_is_one():
    rules = {f"rule_{at:02}": 100 - at for at in range(20)}
    told = texts(svg(charts({**NUMBERS, "dropped": {"quality": rules}}, STAGES)["dropped"]))

    rest = sum(sorted(rules.values())[: 20 - (MOST_BARS - 1)])
    assert "9 others" in told and f"{rest:,}" in told
    assert sum(word.startswith("rule_") for word in told) == MOST_BARS - 1


def test_the_lengths_are_shares_of_the_texts_of_each_field():
    shares = {(one["field"], one["words"]): one["share"] for one in DRAWN["lengths"]["data"]["values"]}

    assert shares["instruction", "4"] == 1.0
    assert shares["output", "2"] == shares["output", "4"] == shares["output", "8"] == 0.3333
    assert {field: sum(share for (one, _), share in shares.items() if one == field) for field in ("instruction", "input")} == {
        "instruction": 1.0,
        "input": 1.0,
    }  # fmt: skip


def test_verbs_are_counted():
    assert (
        DRAWN["verbs"]["description"] == "Rows by the verb that their instruction begins with: escribir 2, resumir 1."
    )


def test_a_picture_with_nothing_to_show_is_left_out():
    empty = ROWS.with_columns(pl.lit("").alias(field) for field in ("instruction", "input", "output"))

    assert charts({**describe(empty), "dropped": {}}, []) == {}


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_has_words_for_those_who_do_not_see_it(name):
    root = ElementTree.fromstring(svg(DRAWN[name]))

    assert root.findtext("{http://www.w3.org/2000/svg}title") == DRAWN[name]["description"]


@pytest.mark.parametrize("name", DRAWN)
def test_the_same_picture_has_the_same_bytes(name):
    assert svg(DRAWN[name]) == svg(json.loads(json.dumps(DRAWN[name])))


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_is_laid_out_alike_in_any_font(name):
    """So its bytes do not depend on which fonts a machine has: nothing is placed by the width of a text."""

    def drawn(font):
        themed = {**DRAWN[name], "config": {**config("light"), "font": font}}
        return vl_convert.vegalite_to_svg(json.dumps(themed), vl_version=VEGA_LITE).replace(font, "")

    assert drawn("DejaVu Sans Mono") == drawn("Liberation Sans Narrow")


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_fetches_and_runs_nothing(name):
    picture = svg(DRAWN[name])

    assert not re.search(r"<(?:script|image|use|style|foreignObject)|href=|url\(|@import", picture)


def luminance(colour):
    """Relative luminance of `#rrggbb` (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("part", "least"), [("ink", 7), ("soft", 4.5), ("one", 3), ("two", 3), ("three", 3)])
def test_every_colour_stands_out_from_its_page(theme, part, least):
    light, dark = sorted((luminance(THEMES[theme][part]), luminance(THEMES[theme]["page"])), reverse=True)

    assert (light + 0.05) / (dark + 0.05) >= least
