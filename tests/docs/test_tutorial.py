"""docs/tutorial.ipynb: every cell runs, and prints what the committed notebook shows."""

import json
import re

import pytest

from docs.notebook import NOTEBOOK, as_text, run

TEXT = NOTEBOOK.read_text("utf-8")
CELLS = json.loads(TEXT)["cells"]


def test_the_cells_run_and_print_what_is_shown():
    assert run(CELLS) == CELLS


def test_it_is_written_as_jupyter_writes_it():
    notebook = json.loads(TEXT)

    assert as_text(notebook) == TEXT
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in CELLS}) == len(CELLS)


def test_no_output_tells_of_a_machine_or_a_clock():
    shown = json.dumps([cell.get("outputs") for cell in CELLS])

    assert not re.search(
        r"/(?:home|tmp|Users|root|work|private)/|\b20\d\d-\d\d-\d\d|\d\d:\d\d:\d\d|0x[0-9a-f]{6,}", shown
    )


def cell(source):
    return {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": None, "outputs": [], "source": [source]}


def test_a_cell_that_fails_is_named():
    with pytest.raises(ZeroDivisionError) as caught:
        run([cell("x = 0"), cell("1 / x")])

    assert caught.value.__notes__ == ["in cell 2 of tutorial.ipynb"]


def test_what_a_cell_prints_comes_before_its_value():
    (first, second) = run([cell("x = 2\nprint('dos')\nx + 1"), cell("x;\nNone")])

    assert [one["output_type"] for one in first["outputs"]] == ["stream", "execute_result"]
    assert first["outputs"][0]["text"] == ["dos\n"]
    assert first["outputs"][1]["data"] == {"text/plain": ["3"]}
    assert second["outputs"] == [] and second["execution_count"] == 2
