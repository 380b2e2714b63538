import base64
import hashlib
import json
import re
import zlib
from dataclasses import replace
from html.parser import HTMLParser

import msgspec
import polars as pl
import pytest

from builders.reading.audit import audit, audited
from builders.reading.audit_rows import rows_of_file, rows_to_read
from builders.sources.reading import read_source
from cards.audit.diversity import Repeated, RepeatedText
from cards.audit.page import audit_page
from cards.audit.rows import packed
from tests.builders.rows import small_recipe, small_version

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> {{ 7*7 }} &lt; \u2028 \x1b[31m \u202e"


class Page(HTMLParser):
    """Elements with their attributes, and the text of scripts and styles."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.inside = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag in ("script", "style"):
            self.inside.append((tag, dict(attrs), ""))

    def handle_data(self, data):
        if self.lasttag in ("script", "style") and self.inside:
            tag, attrs, text = self.inside[-1]
            self.inside[-1] = (tag, attrs, text + data)

    def handle_endtag(self, tag):
        self.lasttag = None


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("página")


@pytest.fixture(scope="module")
def version(place):
    return small_version(place)


@pytest.fixture(scope="module")
def numbers(version):
    return audit(version)


@pytest.fixture(scope="module")
def rows(version, place):
    return rows_to_read(version, place / "versions")


@pytest.fixture(scope="module")
def hostile(numbers, rows):
    """A page on which every text is hostile."""
    texts = [name for name, dtype in rows.rows.schema.items() if dtype == pl.String]
    shown = rows.rows.with_columns(pl.lit(HOSTILE).alias(name) for name in texts)
    repeated = Repeated(texts=1, rows=2, most=[RepeatedText(HOSTILE, 2)])
    return audit_page(
        msgspec.structs.replace(numbers, version=HOSTILE, repeated_answers=repeated),
        replace(rows, rows=shown, blocks=packed(shown), note=HOSTILE),
    )


def again(record):
    """The record, from JSON."""
    return msgspec.json.decode(msgspec.json.encode(record), type=type(record))


def scripts(page):
    return [(attrs, text) for tag, attrs, text in Page(page).inside if tag == "script"]


def charts(page):
    return [attributes["data-chart"] for tag, attributes in Page(page).elements if "data-chart" in attributes]


def blocks(page):
    """The packed rows of a page, unpacked."""
    texts = [text for attributes, text in scripts(page) if attributes.get("id", "").startswith("rows-")]
    return [json.loads(zlib.decompress(base64.b64decode(text))) for text in texts]


def test_the_page_holds_the_rows_and_the_pictures(numbers, rows):
    page = audit_page(numbers, rows)
    listed, texts = blocks(page)
    ((_, data), *_) = scripts(page)

    assert (listed["id"], texts["output"]) == (rows.rows["id"].to_list(), rows.rows["output"].to_list())
    assert (json.loads(data)["rows"], json.loads(data)["blocks"]) == (12, 2)
    assert charts(page) == ["funnel", "dropped", "lengths", "verbs"] and page.count("<svg ") == 4


def test_hostile_text_begins_no_element(numbers, rows, hostile):
    plain, odd = Page(audit_page(numbers, rows)), Page(hostile)

    names = [[tag for tag, _ in page.elements] for page in (plain, odd)]
    assert set(names[0]) == set(names[1])
    assert [names[1].count(tag) for tag in ("script", "style", "img")] == [4, 1, 0]
    assert not [name for _, attributes in odd.elements for name in attributes if name.startswith("on")]


def test_hostile_text_is_data_that_no_markup_ends(hostile):
    (attributes, data), *others = scripts(hostile)
    shown = "</script><script>alert(1)</script><img src=x onerror=alert(2)> {{ 7*7 }} &lt; \\u2028 \\x1b[31m \\u202e"

    assert attributes == {"type": "application/json", "id": "data"}
    assert not set("<>&\u2028\u2029") & set(data)
    assert [attributes for attributes, _ in others] == [
        {"type": "text/plain", "id": "rows-0"},
        {"type": "text/plain", "id": "rows-1"},
        {},
    ]
    assert not set("<>&") & set(others[0][1] + others[1][1])
    assert {*blocks(hostile)[1]["completion"]} == {shown}


def test_the_script_makes_no_markup_of_text(hostile):
    script = scripts(hostile)[-1][1]

    assert "textContent" in script
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment", script
    )


def test_the_policy_admits_these_scripts_and_this_style_alone(hostile):
    page = Page(hostile)
    (policy,) = (
        attributes["content"] for tag, attributes in page.elements if tag == "meta" and "http-equiv" in attributes
    )
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))

    def named(kind):
        texts = [text for tag, attributes, text in page.inside if tag == kind and "type" not in attributes]
        return " ".join(
            f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in texts
        )

    assert rules == {
        "default-src": "'none'",
        "script-src": named("script"),
        "style-src": named("style"),
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
    }


def test_the_page_asks_for_nothing(hostile):
    page = Page(hostile)

    assert not [
        attributes for _, attributes in page.elements if {"src", "srcset", "data", "action"} & attributes.keys()
    ]
    assert {attributes["href"][0] for tag, attributes in page.elements if "href" in attributes} == {"#"}
    assert not re.search(r"url\(|@import", next(text for tag, _, text in page.inside if tag == "style"))


def test_the_same_audit_is_the_same_page(numbers, rows):
    assert audit_page(numbers, rows) == audit_page(again(numbers), rows)


def test_the_page_says_which_rows_it_holds(numbers, rows):
    assert "5 of 5 dropped rows, 1 kept ones with a flag" in audit_page(numbers, rows)
    some = replace(rows, rows=rows.rows.filter(pl.col("rule").ne_missing("refusal")), most=1)
    page = audit_page(numbers, some)
    assert "4 of 5 dropped rows" in page
    assert "1 rows are left out, for size: of what each rule dropped, and of each flag, at most 1 rows are here" in page
    assert "left out" not in audit_page(numbers, rows)


def test_the_page_says_when_the_source_is_not_at_hand(numbers, rows):
    assert "It is gone." in audit_page(numbers, replace(rows, note="It is gone."))


def test_an_id_that_a_shell_does_not_take_as_it_is_comes_quoted(numbers, rows):
    odd = rows.rows.with_columns(
        pl.when(pl.col("id") == "fila-4").then(pl.lit("la fila '4'")).otherwise("id").alias("id")
    )
    ((_, data), *_) = scripts(audit_page(numbers, replace(rows, rows=odd)))

    assert json.loads(data)["quoted"] == {"0": "'la fila '\"'\"'4'\"'\"''"}
    assert json.loads(data)["reference"] == "filas@1.0.0"


def test_a_raw_file_has_a_page_without_dropped_rows(place, version):
    numbers = audited(None, place, str(place / "filas.jsonl")).numbers
    rows = rows_of_file(read_source(small_recipe(place / "filas.jsonl"), place).rows)

    page = audit_page(numbers, rows)

    assert "before any recipe" in page and "12 of 12 rows, chosen by a hash" in page
    assert blocks(page)[0]["here"] == [["sample"]] * 12
    assert charts(page) == ["lengths", "verbs"]
