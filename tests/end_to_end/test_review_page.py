"""A queue judged in a real browser, by keyboard alone: verdicts stay, are saved as labels, and change what is built."""

import json

import pytest

from tests.browser import chromium
from tests.builders.rows import ROWS, small_recipe, write_rows
from tests.command import aguila

HOSTILE = [
    ("\u202ea-1", "Di una cosa.", "", "Una cosa <script>window.pwned = 1</script><img src=x onerror='window.pwned = 2'>."),
    *((f"más-{number}", f"Di algo bonito del número {number}.", "", f"El {number} es un número muy bonito de verdad.") for number in range(20)),
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("revisión")
    source = write_rows(folder / "filas.jsonl", [*ROWS, *HOSTILE])
    recipe = small_recipe(source).model_dump(mode="json", exclude={"labels", "decontaminate"})
    recipe["source"] = {"kind": "file", "path": "filas.jsonl"}
    (folder / "receta.yaml").write_text(json.dumps(recipe), "utf-8")
    built = aguila("build", "receta.yaml", "--out", "versions", cwd=folder)
    assert built.returncode == 0, built.stderr
    drawn = aguila("review", "filas@1.0.0", "--html", "cola.html", cwd=folder)
    assert (drawn.returncode, drawn.stderr) == (
        0,
        "33 rows to judge in cola.html: open it, press k, d or f for each row, and s to save the labels\n",
    )
    return folder


@pytest.fixture(scope="module")
def browser():
    with chromium() as one:
        yield one


@pytest.fixture
def page(browser, folder):
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto((folder / "cola.html").as_uri())
    yield page
    context.close()


def saved(page, file):
    """Press s, and what the browser saves."""
    with page.expect_download() as download:
        page.keyboard.press("s")
    download.value.save_as(file)
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_thirty_rows_judged_by_keyboard_change_a_build(page, folder):
    for place in range(30):
        page.keyboard.press("d" if page.locator("#row").inner_text().endswith("fila-1") else "kf"[place % 7 == 6])
    assert page.locator("#state").inner_text() == "30 of 33 rows judged."
    page.wait_for_timeout(500)  # a browser writes its storage down a moment later
    page.reload()
    assert page.locator("#state").inner_text() == "30 of 33 rows judged."
    while page.locator("#row").inner_text() != "All rows are judged: save the labels":
        page.keyboard.press("d" if page.locator("#row").inner_text().endswith("fila-1") else "k")

    labels = saved(page, folder / "labels.jsonl")

    assert {label["id"]: label["verdict"] for label in labels}["fila-1"] == "drop"
    assert "\u202ea-1" in {label["id"] for label in labels}
    built = aguila("build", "receta.yaml", "--labels", "labels.jsonl", "--out", "versions", cwd=folder)
    assert built.returncode == 0, built.stderr
    told = aguila("explain", "filas@1.1.0", "fila-1", cwd=folder)
    assert "review" in told.stdout, built.stderr + told.stderr
    assert aguila("verify", "filas@1.1.0", cwd=folder).returncode == 0
    assert page.asked and all(url.startswith(("file:", "blob:")) for url in page.asked)
    assert page.evaluate("window.pwned") is None


def test_undo_note_and_the_way_back(page, folder):
    page.keyboard.press("k")
    page.keyboard.press("d")
    page.keyboard.press("u")
    assert page.locator("#row").inner_text().startswith("2. ")
    page.keyboard.press("n")
    page.keyboard.type("kdf: dudosa")
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    page.keyboard.press("ArrowLeft")
    assert page.locator("#note").input_value() == "kdf: dudosa"
    assert page.locator("[data-key=f]").get_attribute("aria-pressed") == "true"

    labels = saved(page, folder / "dos.jsonl")

    assert [(label["verdict"], label["note"]) for label in labels] == [("keep", ""), ("fix", "kdf: dudosa")]


def test_why_a_row_is_here_is_shown_only_when_asked_for(page):
    assert not page.locator("#part").is_visible()

    page.keyboard.press("e")

    assert page.locator("#part").inner_text().startswith("drawn from ")
