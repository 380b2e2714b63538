import os
import pty
import re
import subprocess
import sys
import tempfile

import pytest

from cards.shared import terminal
from cards.shared.tables import Table
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


def on_a_terminal(code):
    """What code of `cards.shared.terminal` shows on a terminal of 80 columns."""
    master, slave = pty.openpty()
    environment = {**os.environ, "COLUMNS": "80", "TERM": "xterm"}
    with tempfile.TemporaryFile() as errors:
        code = f"from cards.shared.terminal import *; {code}"
        subprocess.run([sys.executable, "-c", code], stdout=slave, stderr=errors, env=environment, check=True)
    os.close(slave)
    shown = os.read(master, 10_000).decode()
    os.close(master)
    return shown


def test_a_table_on_a_terminal_reads_no_markup():
    shown = on_a_terminal(f"table(['uno', 'dos', 'tres'], {CELLS!r})")

    assert "[red]rojo[/]" in shown and "a\\tb" in shown
    assert "\\x1b[2J" in shown and "\x1b[2J" not in shown


def test_a_narrow_terminal_breaks_other_columns_before_it_cuts_a_name_and_draws_shares():
    name, long = "regla_de_nombre_bastante_largo", "una explicación que no cabe en lo que queda de la línea"
    rows = [(name, long, "50.0 %"), ("otra", "corta", "–")]
    code = f"from cards.shared.tables import Table; tables([Table('Reglas', ('regla', 'qué', 'share'), {rows!r})])"
    shown = re.sub(r"\x1b\[[\d;]*m", "", on_a_terminal(code))

    assert name in shown and long not in shown and "█" * 8 + " " in shown and "█" * 9 not in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_which_column_is_a_share():
    assert Table("", ("what", "share"), [("a", "12.5 %"), ("b", "–"), ("c", "")]).shares() == [0.125, 0.0, 0.0]
    assert Table("", ("what", "share of questions"), [("a", "12.5 %")]).shares() == []
