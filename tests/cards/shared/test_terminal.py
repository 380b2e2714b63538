import json
import os
import pty
import subprocess
import sys
import tempfile

import pytest

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
