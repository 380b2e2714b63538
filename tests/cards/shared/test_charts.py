import pytest

from cards.shared.charts import MOST_BARS, THEMES, bars


def shown(spec):
    return [(value["name"], value["rows"]) for value in spec["data"]["values"]]


def test_bars_are_the_longest_first_and_then_by_name():
    assert shown(bars([("b", 2), ("c", 9), ("a", 2)], "Letters")) == [("c", 9), ("a", 2), ("b", 2)]


def test_a_picture_is_told_in_words():
    assert bars([("b", 2), ("c", 1_900)], "Letters")["description"] == "Letters: c 1,900, b 2."


def test_no_bars_are_no_picture():
    assert bars([], "Letters") is None


def test_beyond_a_dozen_the_others_are_one_bar_or_left_out():
    counted = [(f"n{at:02}", 100 - at) for at in range(20)]

    assert shown(bars(counted, "Numbers"))[MOST_BARS - 1] == ("9 others", sum(100 - at for at in range(11, 20)))
    assert shown(bars(counted, "Numbers", others=False)) == counted[:MOST_BARS]


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
