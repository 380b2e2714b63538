"""Pictures as they are drawn: what is in them, and what is not."""

import re
from xml.etree import ElementTree

import pytest

from cards.shared.charts import Bar, Bars, Line, Lines, Point, Tick
from cards.shared.svg import LONGEST_BAR, THEMES, WIDTH, inline_svg, style, svg

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "a</title><script>alert(1)</script>&\x1b[2J\u202e\n"
BARS = Bars("Rows: source 9,000, after <quality> 4,500.", (Bar("source", 9_000, "9,000"), Bar("after <quality>", 4_500, "4,500  (−1,500)", 6_000)))  # fmt: skip
LINES = Lines(
    "Words of the texts.",
    (
        Line("instruction", (Point(0, 0.25, "instruction, 1 words: 1 texts"), Point(1, 0.75, "three")), "one"),
        Line("input", (Point(0, 1.0, "all"), Point(1, 0.0, "none")), "two"),
        Line("output", (Point(0, 0.5, "half"), Point(1, 0.5, "half")), "three", dots=False),
    ),
    *("words", "share"),
    (Tick(0, "1"), Tick(1, "2")),
    (Tick(0, "0%"), Tick(1, "100%")),
)
DRAWINGS = {"bars": BARS, "lines": LINES}


def parts(picture, name):
    return list(ElementTree.fromstring(picture).iter(f"{SVG}{name}"))


def words(picture):
    return ["".join(text.itertext()) for text in parts(picture, "text")]


def test_a_bar_has_its_name_its_number_and_what_was_lost():
    bars = [float(one.get("width")) for one in parts(svg(BARS), "rect") if "bar" in one.get("class")]

    assert words(svg(BARS)) == ["source", "9,000", "after <quality>", "4,500  (−1,500)"]
    assert bars == [LONGEST_BAR, LONGEST_BAR / 2, round(LONGEST_BAR / 6, 2)]
    assert [one.text for one in parts(svg(BARS), "title")][1:] == ["source: 9,000", "after <quality>: 4,500  (−1,500)"]


def test_one_row_of_many_can_be_seen():
    few = svg(Bars("Rows.", (Bar("many", 1_000_000, "1,000,000"), Bar("one", 1, "1"), Bar("none", 0, "0"))))

    assert [one.get("width") for one in parts(few, "rect")[1:]] == ["304", "1", "0"]


def test_a_long_name_is_cut_and_whole_in_its_note():
    name = "una_regla_con_un_nombre_que_no_cabe"
    picture = svg(Bars("Rows.", (Bar(name, 1, "1"),)))

    assert words(picture)[0] == "una_regla_con_un_nombre_que…"
    assert parts(picture, "title")[1].text == f"{name}: 1"


def test_lines_have_axes_names_and_signs_that_need_no_colour():
    picture = svg(LINES)

    assert words(picture) == ["0%", "100%", "1", "2", "share", "words", "instruction", "input", "output"]
    assert len(parts(picture, "circle")) == 3 and picture.count("h7v7h-7z") == 3
    assert [one.get("stroke-width") for one in parts(picture, "path") if "line" in one.get("class")][:3] == [
        *("2.5", "2.5", "1.5"),
    ]


def test_a_point_is_where_its_numbers_say():
    circles = [(float(one.get("cx")), float(one.get("cy"))) for one in parts(svg(LINES), "circle")]

    assert circles[:2] == [(48, 34 + 190 * 0.75), (420, 34 + 190 * 0.25)]


@pytest.mark.parametrize("drawing", DRAWINGS.values(), ids=DRAWINGS)
def test_a_picture_has_words_for_those_who_do_not_see_it(drawing):
    root = ElementTree.fromstring(svg(drawing))

    assert root.get("role") == "img" and root.findtext(f"{SVG}title") == drawing.description


@pytest.mark.parametrize("drawing", DRAWINGS.values(), ids=DRAWINGS)
def test_a_picture_fits_a_telephone_and_both_looks(drawing):
    root, picture = ElementTree.fromstring(svg(drawing)), svg(drawing)

    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}" and int(root.get("width")) <= WIDTH
    assert WIDTH * 9 / 13 <= 320, "text of 13 pixels is 9 or more on a telephone of 320"
    light, dark = picture.split("@media (prefers-color-scheme: dark)")
    assert THEMES["light"]["one"] in light and THEMES["dark"]["one"] in dark and THEMES["light"]["one"] not in dark


def test_names_and_numbers_stand_above_their_bars_which_have_the_width_of_a_telephone():
    (name, number), (bar, *_) = parts(svg(BARS), "text")[:2], parts(svg(BARS), "rect")[1:]

    assert ElementTree.fromstring(svg(BARS)).get("width") == "320"
    assert float(name.get("y")) == float(number.get("y")) < float(bar.get("y"))
    assert (name.get("x"), number.get("x"), number.get("text-anchor")) == ("8", "312", "end")


@pytest.mark.parametrize("drawing", DRAWINGS.values(), ids=DRAWINGS)
def test_nothing_leaves_the_picture(drawing):
    picture = svg(drawing)
    for one in parts(picture, "rect")[1:]:
        assert float(one.get("x")) + float(one.get("width")) <= WIDTH
    for one in parts(picture, "text"):
        assert 0 <= float(one.get("x")) <= WIDTH


@pytest.mark.parametrize("draw", [svg, inline_svg])
def test_a_picture_fetches_and_runs_nothing_whatever_a_name_holds(draw):
    hostile = Bars(HOSTILE, (Bar(HOSTILE, 1, HOSTILE),))
    for picture in (draw(hostile), draw(BARS), draw(LINES)):
        root = ElementTree.fromstring(picture)

        assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {"svg", "title", "style", "rect", "g", "text", "path", "circle"}  # fmt: skip
        assert not re.search(r"href=|url\(|@import|[\x00-\x08\x1b\u202e]", picture)
        assert not any(name.startswith("on") for one in root.iter() for name in one.attrib)


def test_within_a_page_it_has_the_style_of_the_page():
    assert not parts(inline_svg(BARS), "style") and "prefers-color-scheme" not in inline_svg(BARS)
    assert "figure svg .one{fill:#0072b2}" in style("light", "figure") and ".one{fill:#56b4e9}" in style("dark")


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
