from xml.etree import ElementTree

from cards.shared.histogram import HEIGHT, STEP, histogram_svg

SVG = "{http://www.w3.org/2000/svg}"
ROWS = (0,) * 9 + (100, 1, 25) + (0,) * 7


def drawn(threshold=0.8, flag_from=0.5):
    return ElementTree.fromstring(histogram_svg(ROWS, threshold, flag_from))


def test_a_bar_for_each_step_as_high_as_the_root_of_its_rows():
    bars = drawn().findall(f"{SVG}rect")

    assert [float(bars[place].get("height")) for place in (8, 9, 11)] == [0, HEIGHT, HEIGHT / 2]
    assert [bar.get("x") for bar in bars][:2] == [f"{STEP + 1}", f"{2 * STEP + 1}"], "the first begins at 0.05"
    assert bars[9].find(f"{SVG}title").text == "0.50: 100 rows"


def test_one_row_can_be_seen():
    assert float(drawn().findall(f"{SVG}rect")[10].get("height")) >= 1


def test_the_lines_stand_where_the_rule_acts_and_flags():
    lines = [path for path in drawn().findall(f"{SVG}path") if "line" in path.get("class")]

    assert [path.get("d").split(" ")[0] for path in lines] == [f"M{16 * STEP}", f"M{10 * STEP}"]
    assert [text.text for text in drawn().findall(f"{SVG}text")][:1] == ["threshold 0.8"]


def test_a_rule_that_flags_nothing_below_its_threshold_has_one_line():
    lines = [path for path in drawn(0.8, 0.8).findall(f"{SVG}path") if "line" in path.get("class")]

    assert len(lines) == 1
