import base64
import hashlib
from dataclasses import replace
from html.parser import HTMLParser

import polars as pl
import pytest

from cards.diff.page import comparison_page
from cards.diff.records import Shift, Worth
from cards.diff.text import describe_shift, moved, show_comparison, verdict
from tests.cards.two_versions import NEW, OLD, WORTH, compared, side

HOSTILE = '</dd></details><script src="https://example.org/x.js">alert("¡ay!")</script><img src=x onerror=alert(1)> {{ 7 * 7 }} \x1b[2J\u202e'


def hostile(side, text=HOSTILE):
    """The same version, this text in every text of its rows and its ledger but the ids."""
    fields = [pl.col(name) + text for name in ("instruction", "input", "output")]
    evidence = pl.when(pl.col("evidence").is_not_null()).then(pl.col("evidence") + text).alias("evidence")
    recipe = {"card": {"title": text + str(side is OLD)}}
    return replace(side, rows=side.rows.with_columns(fields), ledger=side.ledger.with_columns(evidence), recipe=recipe)


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
        self.text += "" if {"style", "script"} & {*self.within} else data


SAME = Worth(same_name=True, bump=None, reason="nothing changed", deserves="1.0.0", number_fits=None)


def page(old=OLD, new=NEW, worth=WORTH):
    return comparison_page(compared(old, new, 100, worth))


def test_the_page_says_what_differs():
    text = Page(page()).text

    for said in (
        "filas@1.0.0 → filas@1.1.0",
        "a minor change, the rows changed; 1.1.0 is due, and the number fits",
        "WARNING: 2 rows moved between splits (1 from train to validation, 1 from validation to train)",
        "Dos y pico.",
        "dropped at quality by refusal: «aquí»",
        "dedup/same_prompt",
    ):
        assert said in text, said


def test_words_that_changed_are_marked_up():
    assert '<dd lang="es">Dos<ins> y pico</ins>.</dd>' in page()


def test_hostile_text_stays_text():
    shown = Page(page(hostile(OLD), hostile(NEW)))

    tags = {tag for tag, _ in shown.elements}
    assert [attributes for tag, attributes in shown.elements if tag == "script"] == [
        {}
    ]  # the page's own, which loads nothing
    assert not tags & {"img", "iframe", "object", "embed", "link", "form", "base"}
    assert not [
        name
        for _, attributes in shown.elements
        for name in attributes
        if name.startswith("on") or name == "src" or (name == "href" and not attributes[name].startswith("#"))
    ]
    assert '<script src="https://example.org/x.js">' in shown.text and "{{ 7 * 7 }}" in shown.text
    assert not set("\x1b\u202e") & set(shown.text) and "\\x1b[2J\\u202e" in shown.text


def test_the_policy_admits_nothing_but_the_pages_own_style_and_script():
    text = page()
    policies = [one["content"] for _, one in Page(text).elements if one.get("http-equiv") == "Content-Security-Policy"]
    style, script = (text.rpartition(f"<{tag}>")[2].partition(f"</{tag}>")[0] for tag in ("style", "script"))
    looks, acts = (base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in (style, script))

    assert policies == [
        f"default-src 'none'; script-src 'sha256-{acts}'; style-src 'sha256-{looks}'; base-uri 'none'; form-action 'none'"
    ]
    assert "url(" not in style and "@import" not in style


def test_the_page_fits_a_phone_and_knows_light_and_dark():
    text = page()

    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in text
    assert "prefers-color-scheme: dark" in text


def test_of_many_rows_so_many_are_shown():
    many = side([(f"fila-{number}", "Sí.", "train") for number in range(1, 151)])
    shown = Page(comparison_page(compared(side([]), many, 20), 20))

    assert "added 150, 20 shown" in shown.text
    assert [tag for tag, _ in shown.elements].count("details") == 20


def test_two_versions_that_do_not_differ_make_a_page():
    assert "nothing changed" in Page(page(OLD, OLD, SAME)).text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "a minor change, the rows changed; 1.1.0 is due, and the number fits"),
        ({"number_fits": False}, "a minor change, the rows changed; the number is too small, 1.1.0 is due"),
        ({"number_fits": None}, "a minor change, the rows changed; the number after the first is 1.1.0"),
        ({"same_name": False, "deserves": None, "number_fits": None}, "a minor change, the rows changed; the datasets have different names, so their numbers cannot be compared"),
        ({"bump": None, "reason": "the rows are the same"}, "no new number is due (the rows are the same)"),
    ],
)  # fmt: skip
def test_what_a_change_is_worth(change, said):
    assert verdict(compared(worth=replace(WORTH, **change))) == said


def test_rows_that_went_from_a_held_out_split_into_training_are_counted_apart():
    warning = moved(compared())

    assert "; NEW trains on 1 row that OLD holds out;" in warning
    assert moved(compared(OLD, OLD)) is None


def test_how_far_a_statistic_shifted():
    one = Shift("with_input", 0.25, 0.4, change=0.15, relative=0.6, points=15.0)

    assert describe_shift(one) == ["with input", "0.25", "0.4", "+15.00 points, +60.0 %"]
    assert describe_shift(Shift("with_input", None, 0.4)) == ["with input", "–", "0.4", "–"]


def test_where_it_is_piped_the_comparison_is_plain_lines(capsys):
    show_comparison(compared(hostile(OLD, " \x1b[2J[bold]"), hostile(NEW, " \x1b[2J[bold]")), 1)

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "filas@1.0.0 → filas@1.1.0: a minor change, the rows changed; 1.1.0 is due, and the number fits"
    assert lines[1].startswith("WARNING: 2 rows moved between splits")
    assert "added\tremoved\tchanged\tother decision\tmoved splits" in lines and "1\t1\t1\t3\t2" in lines
    assert "    output: Dos{+ y pico+}. \\x1b[2J[bold]" in lines
    assert "other decision (1 of 3)" in lines
    assert "\x1b" not in "".join(lines)


def test_each_kind_of_example_has_its_title(capsys):
    show_comparison(compared(), 5)

    lines = capsys.readouterr().out.splitlines()
    for title in ("added", "removed", "changed", "other decision", "moved splits"):
        assert lines[lines.index(title) - 1] == "" and lines[lines.index(title) + 1].startswith("  fila-")


def test_no_examples_have_no_titles(capsys):
    show_comparison(compared(examples=0), 0)

    assert "other decision" not in capsys.readouterr().out.splitlines()


def test_two_versions_that_do_not_differ_are_one_line(capsys):
    show_comparison(compared(OLD, replace(OLD, label="filas@1.1.0"), worth=SAME), 5)

    assert capsys.readouterr().out == "filas@1.0.0 → filas@1.1.0: nothing changed\n"
