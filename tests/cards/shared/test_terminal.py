import io
import json
import os
import pty
import subprocess
import sys
import tempfile

import pytest
from rich.console import Console

from cards.audit.story import row_lines, story_lines, story_view
from cards.shared import terminal
from cards.shared.terminal import plain, safe, safe_line, styled

ESCAPE = "\x1b[2J\x1b]0;título\x07"
MARKUP = "[bold red]no es formato[/] [link=x]ni esto"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("¿Qué tal, Ñandú? 👍🏽", "¿Qué tal, Ñandú? 👍🏽"),
        ("a\tb\nc", "a\tb\nc"),
        ("\x1b[31mrojo\x07", "\\x1b[31mrojo\\x07"),
        ("\x9b31m y \x7f y \r", "\\x9b31m y \\x7f y \\r"),
        ("al \u202erevés\u2066 y \u200bnada", "al \\u202erevés\\u2066 y \\u200bnada"),
        ("línea\u2028otra\x85otra", "línea\\u2028otra\\x85otra"),
        ("familia 👨‍👩‍👧, espacio\xa0duro", "familia 👨‍👩‍👧, espacio\xa0duro"),
        ("etiqueta \U000e0041", "etiqueta \\U000e0041"),
    ],
)
def test_text_cannot_steer_a_terminal(text, shown):
    assert safe(text) == shown


def test_on_one_line_breaks_and_tabs_are_shown_too():
    assert safe_line("a\tb\nc") == "a\\tb\\nc"


def test_pieces_without_colours_have_marks():
    assert plain([("same", "El "), ("old", "sol"), ("new", "mar\x1b"), ("evidence", ".")]) == "El [-sol-]{+mar\\x1b+}."


def test_pieces_in_colours_are_not_read_as_markup():
    text = styled([("old", MARKUP), ("", ESCAPE)])

    assert text.plain == MARKUP + "\\x1b[2J\\x1b]0;título\\x07"
    assert [span.style for span in text.spans] == [terminal.STYLES["old"]]


def story(**changes):
    row = {"id": "fila-1", "instruction": "Di algo.", "input": "", "output": "Lo siento, no puedo."}
    nothing = dict.fromkeys(("duplicate_of", "split", "note", "duplicate_row", "language", "rules", "row"))
    decision = {"id": "fila-1", "status": "dropped", "stage": "quality", "rule": "refusal", "score": 1.0}
    return (
        nothing
        | decision
        | {"evidence": "lo siento", "edits": [], "flags": [], "source": row, "repaired": row}
        | changes
    )


def on_terminal(parts):
    """What a terminal 100 columns wide receives."""
    file = io.StringIO()
    console = Console(
        file=file, force_terminal=True, color_system="standard", width=100, highlight=False, no_color=False
    )
    for part in parts:
        console.print(part)
    return file.getvalue()


def test_evidence_is_highlighted_in_the_source():
    shown = on_terminal(story_view(story()))

    assert "\x1b[30;43mLo siento\x1b[0m, no puedo." in shown


def test_source_and_repair_stand_side_by_side_with_what_changed():
    source = story()["source"] | {"output": "pan &amp; queso"}
    edited = story(edits=["output:entities"], source=source, repaired=source | {"output": "pan & queso"}, status="kept",
                   stage=None, rule=None, split="train")  # fmt: skip

    shown = on_terminal(story_view(edited))
    row = next(line for line in shown.splitlines() if "queso" in line)

    assert "\x1b[9;31m&amp;\x1b[0m" in row or "\x1b[9;31mamp;\x1b[0m" in row
    assert row.count("pan") == row.count("queso") == 2
    assert "  output, word by word: pan &[-amp;-] queso" in list(story_lines(edited))


def test_duplicates_stand_side_by_side_with_the_words_that_both_have():
    duplicate_of = story()["source"] | {"id": "fila-2", "output": "Lo lamento, no puedo."}
    dropped = story(
        stage="dedup",
        rule="near_duplicate",
        evidence="resembles the duplicate",
        duplicate_of="fila-2",
        duplicate_row=duplicate_of,
    )

    shown = on_terminal(story_view(dropped))

    assert "the kept row, fila-2" in shown
    assert "\x1b[1mLo \x1b[0m\x1b[31msiento\x1b[0m\x1b[1m, no puedo.\x1b[0m" in shown
    assert "\x1b[1mLo \x1b[0m\x1b[32mlamento\x1b[0m\x1b[1m, no puedo.\x1b[0m" in shown
    assert "  output, word by word: Lo [-siento-]{+lamento+}, no puedo." in list(story_lines(dropped))


@pytest.mark.parametrize("chat", [False, True])
def test_the_prompt_is_dim_and_the_completion_is_not(chat):
    row = {"prompt": "### Pregunta\n", "completion": "Respuesta."}
    if chat:
        row = {
            "prompt": [{"role": "user", "content": "Pregunta"}],
            "completion": [{"role": "assistant", "content": "Respuesta."}],
        }
    kept = story(status="kept", stage=None, rule=None, split="train", row=row)

    shown = on_terminal(story_view(kept))

    assert ("\x1b[2muser: Pregunta\x1b[0m" if chat else "\x1b[2m### Pregunta\x1b[0m") in shown
    assert shown.endswith("assistant: Respuesta.\n" if chat else "\nRespuesta.\n")
    assert list(story_lines(kept))[-1] == (
        "user: Pregunta\nassistant: Respuesta." if chat else "### Pregunta\nRespuesta."
    )


HOSTILE = f"{ESCAPE}{MARKUP}\u202e"


def hostile_story():
    row = {
        "id": HOSTILE,
        "instruction": HOSTILE,
        "input": HOSTILE,
        "output": HOSTILE,
        "prompt": HOSTILE,
        "completion": HOSTILE,
    }
    rules = [{"rule": "refusal", "score": 1.0, "threshold": 0.8, "action": "drop", "evidence": HOSTILE}]
    language = {f"{part}{end}": HOSTILE for part in ("question", "answer") for end in ("", "_evidence")}
    return story(id=HOSTILE, evidence=HOSTILE, duplicate_of=HOSTILE, note=HOSTILE, source=row, repaired=row | {"output": "x"},
                 duplicate_row=row, row=row, rules=rules, language=language, edits=[HOSTILE], flags=[HOSTILE])  # fmt: skip


def test_a_hostile_row_does_not_reach_the_terminal_as_it_is():
    received = on_terminal(story_view(hostile_story()))

    assert "título" in received and "[bold red]" in received.replace("\n", "")
    assert not set("\x07\u202e") & set(received)
    assert "\x1b[2J" not in received and "\x1b]" not in received


def test_nor_does_it_pass_a_pipe():
    told = "\n".join(story_lines(hostile_story()))
    told += "\n".join(plain(line) for line in row_lines(hostile_story() | hostile_story()["source"], terminal=False))

    assert "título" in told and MARKUP in told
    assert not set("\x07\x1b\u202e") & set(told)


def test_a_list_of_rows_shows_a_long_text_as_far_as_its_evidence():
    long = story()["source"] | {"output": "palabra " * 200 + "lo siento" + " y sigue" * 200}
    lines = [plain(line) for line in row_lines(story() | long, terminal=True)]

    assert lines[:2] == ["fila-1  dropped at quality by refusal, score 1.00", "  evidence: lo siento"]
    assert lines[-1] == "  output: " + "palabra " * 200 + "lo siento … 1,600 characters more"


def test_a_row_whose_text_is_not_at_hand_is_its_facts():
    lines = [
        plain(line) for line in row_lines(story() | dict.fromkeys(("instruction", "input", "output")), terminal=False)
    ]

    assert lines == ["fila-1  dropped at quality by refusal, score 1.00", "  evidence: lo siento"]


CELLS = [["[red]rojo[/]", "a\tb", "\x1b[2J"]]


def test_a_table_elsewhere_is_one_line_per_row(capsys):
    terminal.table(["uno", "dos", "tres"], CELLS)

    assert capsys.readouterr().out == "uno\tdos\ttres\n[red]rojo[/]\ta\\tb\t\\x1b[2J\n"


def test_a_table_on_a_terminal_reads_no_markup():
    master, slave = pty.openpty()
    code = f"import json; from cards.shared.terminal import table; table(['uno', 'dos', 'tres'], json.loads({json.dumps(CELLS)!r}))"
    environment = {**os.environ, "COLUMNS": "80", "TERM": "xterm"}
    with tempfile.TemporaryFile() as errors:
        subprocess.run([sys.executable, "-c", code], stdout=slave, stderr=errors, env=environment, check=True)
    os.close(slave)
    shown = os.read(master, 10_000).decode()
    os.close(master)

    assert "[red]rojo[/]" in shown and "a\\tb" in shown
    assert "\\x1b[2J" in shown and "\x1b[2J" not in shown
