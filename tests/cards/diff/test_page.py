import base64
import hashlib
from html.parser import HTMLParser

import polars as pl
import pytest

from cards.diff.comparison import Side, compare
from cards.diff.page import comparison_page, write_page
from cards.diff.text import moved, shift, show_comparison, verdict
from tests.cards.two_versions import NEW, OLD, side

SAID = {
    "old": "filas@1.0.0",
    "new": "filas@1.1.0",
    "same_name": True,
    "bump": "minor",
    "reason": "the rows changed",
    "deserves": "1.1.0",
    "number_fits": True,
}
HOSTILE = '</dd></details><script src="https://example.org/x.js">alert("¡ay!")</script><img src=x onerror=alert(1)> {{ 7 * 7 }} \x1b[2J\u202e'


def hostile(side, text=HOSTILE):
    """The same version, this text in every text of its rows and its ledger but the ids."""
    fields = [pl.col(name) + text for name in ("instruction", "input", "output")]
    evidence = pl.when(pl.col("evidence").is_not_null()).then(pl.col("evidence") + text).alias("evidence")
    manifest = side.manifest | {"recipe": side.manifest["recipe"] | {"card": {"title": text + str(side is OLD)}}}
    return Side(side.rows.with_columns(fields), side.ledger.with_columns(evidence), manifest, side.statistics)


class Page(HTMLParser):
    """What a browser makes of a page: elements with their attributes, and the text."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.text, self.within = [], "", []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.within.append(tag)

    def handle_endtag(self, tag):
        while self.within and self.within.pop() != tag:
            pass

    def handle_data(self, data):
        self.text += "" if "style" in self.within else data


def page(old=OLD, new=NEW, **said):
    return comparison_page({**SAID, **said, **compare(old, new, 100)})


def test_the_page_says_what_differs():
    text = Page(page()).text

    for told in (
        "filas@1.0.0 → filas@1.1.0",
        "a minor change, the rows changed; 1.1.0 is due, and the number fits",
        "WARNING: 2 rows moved between splits (1 from train to validation, 1 from validation to train)",
        "Dos y pico.",
        "dropped at quality by refusal: «aquí»",
        "dedup/same_prompt",
    ):
        assert told in text, told


def test_words_that_changed_are_marked_up():
    assert "<dd>Dos<ins> y pico</ins>.</dd>" in page()


def test_hostile_text_stays_text():
    shown = Page(page(hostile(OLD), hostile(NEW)))

    tags = {tag for tag, _ in shown.elements}
    assert not tags & {"script", "img", "iframe", "object", "embed", "link", "form", "base"}
    assert not [
        name
        for _, attributes in shown.elements
        for name in attributes
        if name.startswith("on") or name in ("src", "href")
    ]
    assert '<script src="https://example.org/x.js">' in shown.text and "{{ 7 * 7 }}" in shown.text
    assert not set("\x1b\u202e") & set(shown.text) and "\\x1b[2J\\u202e" in shown.text


def test_the_policy_admits_nothing_but_the_pages_own_style():
    text = page()
    policies = [one["content"] for _, one in Page(text).elements if one.get("http-equiv") == "Content-Security-Policy"]
    style = text.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert policies == [f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"]
    assert "url(" not in style and "@import" not in style


def test_the_page_fits_a_phone_and_knows_light_and_dark():
    text = page()

    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in text
    assert "prefers-color-scheme: dark" in text


def test_of_many_rows_so_many_are_shown():
    many = side([(f"fila-{number}", "Sí.", "train") for number in range(1, 151)])
    found = SAID | compare(side([]), many, 20)

    shown = Page(comparison_page(found, 20))

    assert "added 150, the first 20 shown" in shown.text
    assert [tag for tag, _ in shown.elements].count("details") == 20


def test_two_versions_that_do_not_differ_make_a_page():
    assert "nothing changed" in Page(page(OLD, OLD, bump=None, reason="nothing changed")).text


def test_a_page_is_written_whole_or_not_at_all(tmp_path):
    write_page(tmp_path / "diff.html", "uno")
    write_page(tmp_path / "diff.html", "dos ñ")
    with pytest.raises(UnicodeEncodeError):
        write_page(tmp_path / "diff.html", "tres \ud800")

    assert [path.name for path in tmp_path.iterdir()] == ["diff.html"]
    assert (tmp_path / "diff.html").read_text("utf-8") == "dos ñ"


@pytest.mark.parametrize(("place", "fault"), [("nada/diff.html", FileNotFoundError), ("carpeta", IsADirectoryError)])
def test_a_page_that_cannot_be_written_is_named_as_it_was_asked_for(tmp_path, place, fault):
    (tmp_path / "carpeta").mkdir()

    with pytest.raises(fault) as told:
        write_page(tmp_path / place, "uno")

    assert told.value.filename == str(tmp_path / place)
    assert [path.name for path in tmp_path.rglob("*")] == ["carpeta"]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, "a minor change, the rows changed; 1.1.0 is due, and the number fits"),
        ({"number_fits": False}, "a minor change, the rows changed; the number is too small, due is 1.1.0"),
        ({"number_fits": None}, "a minor change, the rows changed; after the first comes 1.1.0"),
        ({"same_name": False, "deserves": None, "number_fits": None}, "a minor change, the rows changed; two datasets of different names, whose numbers do not compare"),
    ],
)  # fmt: skip
def test_what_a_change_is_worth(said, told):
    assert verdict(SAID | said | compare(OLD, NEW)) == told


def test_rows_that_went_from_a_held_out_split_into_training_are_told_apart():
    warning = moved(compare(OLD, NEW))

    assert "; 1 rows that OLD holds out are trained on in NEW;" in warning
    assert moved(compare(OLD, OLD)) is None


def test_how_far_a_statistic_shifted():
    one = {"statistic": "with_input", "old": 0.25, "new": 0.4, "change": 0.15, "relative": 0.6, "points": 15.0}

    assert shift(one) == ["with_input", "0.25", "0.4", "+15.00 points, +60.0 %"]
    assert shift(one | {"old": None, "relative": None, "points": None}) == ["with_input", "–", "0.4", "–"]


def test_where_it_is_piped_the_comparison_is_plain_lines(capsys):
    show_comparison(SAID | compare(hostile(OLD, " \x1b[2J[bold]"), hostile(NEW, " \x1b[2J[bold]")), 1)

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "filas@1.0.0 → filas@1.1.0: a minor change, the rows changed; 1.1.0 is due, and the number fits"
    assert lines[1].startswith("WARNING: 2 rows moved between splits")
    assert "added\tremoved\tchanged\tother decision\tmoved splits" in lines and "1\t1\t1\t3\t2" in lines
    assert "    output: Dos{+ y pico+}. \\x1b[2J[bold]" in lines
    assert "other decision (the first 1 of 3)" in lines
    assert "\x1b" not in "".join(lines)


def test_two_versions_that_do_not_differ_are_one_line(capsys):
    show_comparison(SAID | {"bump": None, "reason": "nothing changed"} | compare(OLD, OLD), 5)

    assert capsys.readouterr().out == "filas@1.0.0 → filas@1.1.0: nothing changed\n"
