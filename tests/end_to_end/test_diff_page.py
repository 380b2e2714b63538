"""The page of a comparison in a real browser, from a file, offline."""

import pytest

from cards.diff.page import comparison_page
from tests.browser import chromium
from tests.cards.two_versions import compared, side

pytest.importorskip("playwright", reason="needs playwright")


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    old = side([("fila-1", "Uno.", "train")], [("fila-2", "quality", "refusal"), ("fila-3", "dedup", "same_prompt")])
    new = side([("fila-1", "Uno.", "train"), ("fila-2", "La canción.", "train"), ("fila-3", "El río.", "train")])
    path = tmp_path_factory.mktemp("diff") / "diff.html"
    path.write_text(comparison_page(compared(old, new, 20), 20), "utf-8")
    with chromium() as browser:
        page = browser.new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(error))
        page.goto(path.as_uri())
        yield page, errors


@pytest.mark.parametrize(
    ("words", "found"),
    [("cancion", ["fila-2"]), ("REFUSAL", ["fila-2"]), ("rio same_prompt", ["fila-3"]), ("", ["fila-3", "fila-2"])],
)
def test_the_search_leaves_the_rows_that_have_all_words(opened, words, found):
    page, errors = opened
    page.get_by_label("Search the rows below").fill(words)

    assert page.locator("details.row:visible summary b").all_inner_texts() == found
    assert errors == []


def test_sections_are_linked(opened):
    page, _ = opened
    page.get_by_role("navigation").get_by_text("added").click()

    assert page.locator("#added").is_visible() and page.url.endswith("#added")
