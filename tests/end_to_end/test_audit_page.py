"""The audit's page in a real browser: headless Chromium, by name on this machine (Debian's package `chromium`)."""

import json

import msgspec
import pytest
from playwright.sync_api import expect

from builders.reading.audit import audited
from builders.versions.registry import build
from cards.audit.page import audit_page
from cards.shared.svg import THEMES
from cards.statistics.histograms import Histogram
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
    found = audited(version.label, folder / "versions", with_rows=True)
    spread = {"refusal": Histogram(0.8, 0.5, (0,) * 9 + (4, 3, 2, 0, 0, 0, 0, 3, 1, 2))}
    statistics = msgspec.structs.replace(found.numbers.statistics, histograms=spread)
    numbers = msgspec.structs.replace(found.numbers, statistics=statistics)
    page = folder / "audit.html"
    cuts = {"refusal": [*[""] * 9, "By labels: precision 0.50 (0.15 to 0.85; 4).", *[""] * 9]}
    page.write_text(audit_page(numbers, found.rows, found.explained, cuts), "utf-8")
    return page


class Opened:
    """A page and what happened while it was open."""

    def __init__(self, browser, file, hash="", **settings):
        self.context = browser.new_context(**settings)
        self.page = self.context.new_page()
        self.page.set_default_timeout(5000)
        self.told, self.asked, self.refused = [], [], []
        self.page.on("console", lambda message: self.told.append(message.text))
        self.page.on("pageerror", lambda error: self.told.append(str(error)))
        self.page.on("dialog", lambda dialog: self.told.append(dialog.message))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("requestfailed", lambda request: self.refused.append((request.url, request.failure)))
        self.page.goto(file.as_uri() + hash)

        self.page.locator("#rows details").first.wait_for()

    def unfold(self):
        self.page.locator("#rows summary").first.click()
        self.page.locator("#rows .inside :is(dl, .prompt)").first.wait_for()

    def search(self, text):
        self.page.locator("#rows input").fill(text)

    def choose(self, facet, value):
        self.page.locator(f"#rows select[name={facet}]").select_option(f'"{value}"')

    def count(self):
        return self.page.locator("#rows [aria-live]").inner_text()

    def ids(self):
        return self.page.locator("#rows details summary .id").all_inner_texts()


@pytest.fixture
def opened(browser, file):
    one = Opened(browser, file, viewport={"width": 1280, "height": 900}, color_scheme="light")
    yield one
    one.context.close()


def test_the_page_loads_draws_and_asks_for_nothing(opened, file):
    assert opened.page.locator("h1").inner_text() == "filas@1.0.0 audit"
    assert opened.page.locator("figure[data-chart] svg").count() == 4
    assert opened.page.locator("figure svg .bar").count() > 5
    assert "after quality" in opened.page.locator("figure[data-chart=funnel] svg").text_content()
    assert opened.told == []
    assert opened.asked == [file.as_uri()]


def test_rows_are_shown_fifty_at_a_time(opened):
    opened.choose("is", "dropped")
    assert opened.count() == "75 of 85 rows match; 50 shown."

    opened.page.locator("#rows .more").click()

    assert opened.count() == "75 of 85 rows match; 75 shown."
    assert not opened.page.locator("#rows .more").is_visible()


def test_search_folds_accents_and_case_in_any_field(opened):
    opened.search("NÓMBRE numero 70")
    assert opened.ids() == ["nada-70"]

    opened.search("no hay tal cosa")
    assert opened.count() == "0 of 85 rows match; 0 shown."


def test_a_search_for_an_id_finds_its_group(opened):
    """fila-6 says the same as fila-1, fila-9 asks the same: the kept row and all that were dropped for it."""
    for id in ("fila-9", "fila-6", "fila-1"):
        opened.search(id)
        assert opened.ids() == ["fila-6", "fila-9", "fila-1"]


@pytest.mark.parametrize(
    ("facet", "value", "ids"),
    [
        ("rule", "dedup: near_duplicate", ["fila-8"]),
        ("flag", "english_form", ["fila-3"]),
        ("length", "1", ["fila-3", "fila-10", "fila-11", "fila-12"]),
        ("origin", "", ["<b>a-1</b>"]),
        ("split", "validation", ["fila-2", "fila-11", "fila-12"]),
        ("is", "twin", ["fila-1", "fila-7"]),
    ],
)
def test_each_facet_chooses(opened, facet, value, ids):
    opened.choose(facet, value)
    assert opened.ids() == ids


def test_search_and_facets_hold_together(opened):
    opened.choose("rule", "quality: refusal")
    opened.search("fila")

    assert opened.ids() == ["fila-4"]
    opened.page.locator("#rows .clear").click()
    assert opened.count().startswith("85 of 85 rows match")


def test_what_is_asked_for_stands_in_the_address(opened, browser, file):
    opened.choose("rule", "quality: refusal")
    opened.search("Lugo")
    hash = opened.page.evaluate("location.hash")
    assert hash == "#q=Lugo&rule=quality%3A+refusal"

    other = Opened(browser, file, hash)
    expect(other.page.locator("#rows [aria-live]")).to_contain_text("2 of")
    assert other.ids() == ["a-2", "fila-4"]
    other.page.evaluate("location.hash = '#rule=dedup%3A+near_duplicate'")
    expect(other.page.locator("#rows details")).to_have_count(1)
    assert other.ids() == ["fila-8"] and other.page.locator("#rows input").input_value() == ""
    other.context.close()


def test_a_row_opens_with_its_evidence_marked(opened):
    opened.search("acceso a informacion")
    opened.choose("rule", "quality: refusal")
    opened.page.locator("#rows summary").nth(1).click()

    assert opened.page.locator("#rows mark").all_inner_texts() == [
        "Lo siento, no tengo acceso a información en tiempo real"
    ]


def test_a_row_has_the_command_that_explains_it(opened):
    opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened.search("acceso a informacion <img")
    opened.unfold()
    opened.page.locator("#rows .command button").click()
    opened.page.get_by_text("Copied").wait_for()

    assert opened.page.evaluate("navigator.clipboard.readText()") == "aguila explain filas@1.0.0 a-2"
    opened.search("{{ 7")
    opened.unfold()
    assert opened.page.locator("#rows code").inner_text() == "aguila explain filas@1.0.0 '<b>a-1</b>'"


def test_a_twin_stands_side_by_side_with_what_differs_marked(opened):
    opened.choose("rule", "dedup: near_duplicate")
    opened.unfold()
    sides = [box.bounding_box() for box in opened.page.locator("#rows .side").all()]

    assert opened.page.locator("#rows mark").all_inner_texts() == ["delgadas", "finas"]
    assert opened.page.locator("#rows .side .id").all_inner_texts() == ["fila-8", "fila-7"]
    assert sides[0]["y"] == sides[1]["y"] and sides[0]["x"] < sides[1]["x"]
    assert opened.page.locator("#rows dd").first.get_attribute("lang") == "es"


def test_hostile_rows_stay_text(opened):
    page = opened.page
    opened.search("a-2")
    opened.unfold()

    assert page.locator("#rows dd").all_inner_texts() == list(HOSTILE[1][1:])
    opened.search("{{ 7 * 7")
    opened.unfold()
    assert page.locator("#rows summary .id").inner_text() == "<b>a-1</b>"
    assert page.locator("#rows .completion").inner_text() == HOSTILE[0][3]
    assert page.evaluate("[window.pwned, document.querySelectorAll('main img, #rows b').length]") == [
        None,
        0,
    ]
    assert opened.told == []


def test_what_turns_the_reading_direction_is_shown(opened):
    opened.search("odatcer")
    opened.unfold()

    assert "\\u202eodatcer\\u202c" in opened.page.locator("#rows .prompt").inner_text()


def test_a_browser_that_cannot_unpack_says_so_and_what_to_do(browser, file):
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script("delete window.DecompressionStream")
    page.goto(file.as_uri())
    said = page.locator("#rows [aria-live]").inner_text()

    assert said.startswith("This browser cannot unpack the rows: it has no DecompressionStream")
    assert said.endswith("In a terminal: aguila rows filas@1.0.0 --dropped")
    context.close()


def test_the_policy_stops_markup_and_scripts_that_got_in(opened):
    """Were text ever taken for markup, the browser would refuse it, and refuse to run it and to ask for anything."""
    refused = "try { document.body.insertAdjacentHTML('beforeend', '<b>x</b>'); 'taken' } catch (error) { error.name }"
    assert opened.page.evaluate(refused) == "TypeError"
    opened.page.evaluate(
        "document.body.append(Object.assign(document.createElement('img'), { src: 'http://127.0.0.1:9/x' }))"
    )
    waits = "node => new Promise((done) => node.complete ? done() : node.addEventListener('error', done))"
    opened.page.locator("body > img").evaluate(waits)

    assert opened.refused == [("http://127.0.0.1:9/x", "csp")]
    assert opened.told and all("Content Security Policy" in told or "TrustedHTML" in told for told in opened.told)


def test_the_sample_is_as_the_model_sees_it(opened):
    opened.search("Nombra la capital de Chile")
    opened.unfold()

    assert opened.page.locator("#rows .prompt").inner_text().startswith("### Instrucción:\nNombra la capital de Chile.")
    assert opened.page.locator("#rows .completion").inner_text() == "La capital de Chile es la ciudad de Santiago."


def test_a_sentence_of_what_to_look_at_leads_to_its_rows(opened):
    opened.page.locator("#looks a").first.click()
    expect(opened.page.locator("#rows details")).to_have_count(1)

    assert opened.ids() == ["fila-3"]
    assert opened.page.locator("#looks code").first.inner_text() == "aguila rows filas@1.0.0 --kept --flagged"


def test_a_rule_is_explained_where_a_row_says_it(opened):
    opened.choose("rule", "quality: refusal")
    opened.unfold()

    assert "refusal: The answer declines" in opened.page.locator("#rows .facts").inner_text()
    assert opened.page.locator("#rule-refusal").count() == 1


def test_the_slider_says_what_another_cut_would_do_and_shows_the_rows_there(opened):
    opened.page.locator("#rule-refusal summary").click()
    slider, told = opened.page.locator("#rule-refusal input"), opened.page.locator("#rule-refusal .told")
    assert told.inner_text() == "From 0.80: 6 rows would be caught, as it is now; 0 lie at the cut."

    slider.fill("9")
    assert told.inner_text() == (
        "From 0.50: 15 rows would be caught, 9 more than from 0.80; 4 lie at the cut. By labels: precision 0.50 (0.15 to 0.85; 4)."
    )
    slider.fill("18")
    assert told.inner_text() == "From 0.95: 2 rows would be caught, 4 fewer than from 0.80; 2 lie at the cut."
    opened.page.locator("#rule-refusal button").click()
    assert opened.ids() == ["a-2", "fila-4"]
    assert opened.told == []


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

    opened.choose("rule", "dedup: near_duplicate")
    opened.unfold()
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    assert all(box.bounding_box()["width"] <= width for box in opened.page.locator("figure svg").all())
    opened.context.close()


def test_every_control_can_be_reached_and_used_by_keyboard(opened):
    page = opened.page
    page.locator("#rows input").focus()
    page.keyboard.type("acceso a la informacion fila")
    for _ in range(3):
        page.keyboard.press("Control+Backspace")
    page.keyboard.type("informacion en tiempo")
    reached = []
    while not reached or (reached[-1] != "SUMMARY" and len(reached) < 12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.tagName"))
    assert reached == ["SELECT"] * 6 + ["BUTTON", "SUMMARY"]
    page.keyboard.press("Enter")
    page.locator("#rows mark").wait_for()


def test_the_numbers_of_the_page_are_those_of_the_audit(opened):
    data = json.loads(opened.page.locator("#data").text_content())
    tiles = dict(reversed(text.split("\n")) for text in opened.page.locator(".tiles li").all_inner_texts())

    assert tiles["source rows"] == "85" and data["rows"] == 85
    assert next(value for name, value in tiles.items() if name.startswith("dropped")) == "75"
