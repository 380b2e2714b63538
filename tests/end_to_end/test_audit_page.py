"""The audit's page in a real browser: headless Chromium, by name on this machine (Debian's package `chromium`)."""

import json

import pytest

from builders.reading.audit import audit
from builders.reading.audit_rows import rows_to_read
from builders.versions.registry import build
from cards.audit.page import audit_page
from cards.shared.svg import THEMES
from tests.browser import chromium
from tests.builders.rows import ROWS, small_recipe, write_rows

ATTACK = "<script>window.pwned = 1</script></script><img src=x onerror='window.pwned = 2'>"
HOSTILE = [
    ("<b>a-1</b>", "Escribe en HTML una etiqueta que abra un aviso.", "", f"Hola. {ATTACK} {{{{ 7 * 7 }}}} ${{1}}"),
    ("a-2", f"¿Qué tiempo hace hoy en Lugo? {ATTACK}", ATTACK, f"Lo siento, no tengo acceso a información en tiempo real. {ATTACK}"),
    ("a-3", "Escribe esto al revés.", "\u202eodatcer\u202c", "El texto ya viene al revés, y no hay más que hacer con él."),
]  # fmt: skip
MANY = [(f"nada-{number}", f"Di el nombre número {number}.", "", "") for number in range(1, 71)]


@pytest.fixture(scope="module")
def browser():
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """The page of a version with ordinary, hostile and many rows."""
    folder = tmp_path_factory.mktemp("auditoría con espacios")
    source = write_rows(folder / "filas.jsonl", [*ROWS, *HOSTILE, *MANY])
    recipe = small_recipe(source, language={"enabled": False}, repair={"enabled": False})  # attacks are no Spanish
    version = build(recipe, folder / "versions").version
    page = folder / "audit.html"
    page.write_text(audit_page(audit(version), rows_to_read(version, folder / "versions")), "utf-8")
    return page


class Opened:
    """A page and what happened while it was open."""

    def __init__(self, browser, file, **settings):
        self.context = browser.new_context(**settings)
        self.page = self.context.new_page()
        self.told, self.asked, self.refused = [], [], []
        self.page.on("console", lambda message: self.told.append(message.text))
        self.page.on("pageerror", lambda error: self.told.append(str(error)))
        self.page.on("dialog", lambda dialog: self.told.append(dialog.message))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("requestfailed", lambda request: self.refused.append((request.url, request.failure)))
        self.page.goto(file.as_uri())

    def unfold(self, name):
        self.page.locator(f"#{name} summary").first.click()
        self.page.locator(f"#{name} .inside").first.wait_for()

    def count(self, name):
        return self.page.locator(f"#{name} [aria-live]").inner_text()

    def ids(self, name):
        return self.page.locator(f"#{name} details .id").all_inner_texts()


@pytest.fixture
def opened(browser, file):
    one = Opened(browser, file, viewport={"width": 1280, "height": 900}, color_scheme="light")
    yield one
    one.context.close()


def test_the_page_loads_draws_and_asks_for_nothing(opened, file):
    assert opened.page.locator("h1").inner_text() == "filas@1.0.0 audit"
    assert opened.page.locator("figure svg").count() == 4
    assert opened.page.locator("figure svg .bar").count() > 5
    assert "after quality" in opened.page.locator("figure[data-chart=funnel] svg").text_content()
    assert opened.told == []
    assert opened.asked == [file.as_uri()]


def test_rows_are_shown_fifty_at_a_time(opened):
    assert opened.count("dropped") == "75 of 75 rows match; 50 shown."

    opened.page.locator("#dropped button").click()

    assert opened.count("dropped") == "75 of 75 rows match; 75 shown."
    assert not opened.page.locator("#dropped button").is_visible()


def test_search_finds_words_of_any_field_whatever_the_case(opened):
    opened.page.locator("#dropped input").fill("TIEMPO lugo")

    assert opened.ids("dropped") == ["a-2", "fila-4"]
    assert opened.count("dropped") == "2 of 75 rows match; 2 shown."

    opened.page.locator("#dropped input").fill("no hay tal cosa")
    assert opened.count("dropped") == "0 of 75 rows match; 0 shown."


def test_search_finds_ids_and_duplicates(opened):
    opened.page.locator("#dropped input").fill("delgadas")

    assert opened.ids("dropped") == ["fila-8"]


def test_the_filter_shows_one_rule(opened):
    options = opened.page.locator("#dropped option").all_inner_texts()
    assert options[:2] == ["every rule", "quality: empty_answer (70)"]

    opened.page.locator("#dropped select").select_option("near_duplicate")

    assert opened.ids("dropped") == ["fila-8"]


def test_search_and_filter_hold_together(opened):
    opened.page.locator("#dropped select").select_option("refusal")
    opened.page.locator("#dropped input").fill("fila")

    assert opened.ids("dropped") == ["fila-4"]


def test_a_row_opens_with_its_evidence_marked(opened):
    opened.page.locator("#dropped input").fill("fila-4")
    opened.unfold("dropped")

    assert opened.page.locator("#dropped mark").all_inner_texts() == [
        "Lo siento, no tengo acceso a información en tiempo real"
    ]


def test_a_duplicate_stands_side_by_side(opened):
    opened.page.locator("#dropped input").fill("fila-8")
    opened.unfold("dropped")
    sides = [box.bounding_box() for box in opened.page.locator("#dropped .side").all()]

    assert opened.page.locator("#dropped ins").all_inner_texts() == ["delgadas"]
    assert opened.page.locator("#dropped del").all_inner_texts() == ["finas"]
    assert sides[0]["y"] == sides[1]["y"] and sides[0]["x"] < sides[1]["x"]


def test_hostile_rows_stay_text(opened):
    page = opened.page
    page.locator("#dropped input").fill("a-2")
    opened.unfold("dropped")
    page.locator("#kept input").fill("7 * 7")
    opened.unfold("kept")

    assert page.locator("#dropped dd").all_inner_texts() == list(HOSTILE[1][1:])
    assert page.locator("#kept .id").inner_text() == "<b>a-1</b>"
    assert page.locator("#kept .completion").inner_text() == HOSTILE[0][3]
    assert page.evaluate("[window.pwned, document.querySelectorAll('main img, main b:not(.tiles b)').length]") == [
        None,
        0,
    ]
    assert opened.told == []


def test_what_turns_the_reading_direction_is_shown(opened):
    opened.page.locator("#kept input").fill("a-3")
    opened.unfold("kept")

    assert "\\u202eodatcer\\u202c" in opened.page.locator("#kept .prompt").inner_text()


def test_the_policy_stops_a_script_that_got_in(opened):
    """Were text ever taken for markup, the browser would refuse to run it and to ask for anything."""
    opened.page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<img src=\"http://127.0.0.1:9/x\" onerror=\"window.pwned = 3\">')"
    )
    opened.page.wait_for_function("document.querySelector('body > img').complete")

    assert opened.page.evaluate("window.pwned") is None
    assert opened.refused == [("http://127.0.0.1:9/x", "csp")]
    assert opened.told and all("Content Security Policy" in told for told in opened.told)


def test_the_kept_rows_are_as_the_model_sees_them(opened):
    opened.page.locator("#kept input").fill("fila-11")
    opened.unfold("kept")

    assert opened.page.locator("#kept .prompt").inner_text().startswith("### Instrucción:\nNombra la capital de Chile.")
    assert opened.page.locator("#kept .completion").inner_text() == "La capital de Chile es la ciudad de Santiago."


# ---- looks -----------------------------------------------------------------------------------------------------------


def channels(colour):
    """`#0f1318` as the browser tells it."""
    return "rgb({}, {}, {})".format(*(int(colour[at : at + 2], 16) for at in (1, 3, 5)))


def bar(opened):
    return opened.page.locator("figure[data-chart=funnel] .bar").first.evaluate("node => getComputedStyle(node).fill")


def test_dark_where_the_machine_is_dark(browser, file):
    opened = Opened(browser, file, color_scheme="dark")

    assert opened.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(11, 14, 18)"
    assert bar(opened) == channels(THEMES["dark"]["one"])
    opened.context.close()


def test_the_button_turns_the_page_and_the_pictures(opened):
    assert bar(opened) == channels(THEMES["light"]["one"])
    light = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")

    opened.page.locator("#theme").click()

    assert opened.page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    assert bar(opened) == channels(THEMES["dark"]["one"])
    opened.page.locator("#theme").click()
    assert bar(opened) == channels(THEMES["light"]["one"])
    assert opened.told == []


@pytest.mark.parametrize("width", [320, 390, 820])
def test_a_phone_needs_no_sideways_scrolling(browser, file, width):
    opened = Opened(browser, file, viewport={"width": width, "height": 800}, color_scheme="light")

    for name in ("dropped", "kept"):
        opened.unfold(name)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    assert all(box.bounding_box()["width"] <= width for box in opened.page.locator("figure svg").all())
    opened.context.close()


def test_every_control_can_be_reached_and_used_by_keyboard(opened):
    page = opened.page
    page.locator("#dropped input").focus()
    page.keyboard.type("fila-4")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SELECT"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("Enter")
    page.locator("#dropped mark").wait_for()


def test_the_numbers_of_the_page_are_those_of_the_audit(opened):
    data = json.loads(opened.page.locator("#data").text_content())
    tiles = dict(reversed(text.split("\n")) for text in opened.page.locator(".tiles li").all_inner_texts())

    assert tiles["source rows"] == "85" and len(data["dropped"]) == 75
    assert next(value for name, value in tiles.items() if name.startswith("dropped")) == "75"
