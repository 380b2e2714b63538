"""`aguila diff`, `aguila rows` and `aguila explain` as a user meets them, on a terminal and in a pipe."""

import json
import re

import pytest

from tests.builders.rows import ROWS, write_rows
from tests.command import aguila
from tests.processes import on_a_terminal

NEXT = [
    *ROWS[:10],
    (*ROWS[10][:3], "La capital de Chile es Santiago. [bold]Fin[/]"),
    ("fila-13", "Di un color.", "", "El azul del cielo."),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with two versions: other rows, and a rule less."""
    folder = tmp_path_factory.mktemp("diff")
    (folder / "filas.yaml").write_text(
        "name: filas\nsource: {kind: file, path: filas.jsonl}\nsplit: {validation: 0.3}\n", "utf-8"
    )
    write_rows(folder / "filas.jsonl")
    assert aguila("build", "filas.yaml", cwd=folder).returncode == 0
    write_rows(folder / "nuevas.jsonl", NEXT)
    built = aguila("build", "filas.yaml", "--from", "nuevas.jsonl", "--set", "quality.rules.refusal=false", cwd=folder)
    assert built.returncode == 0, built.stderr
    return folder


def test_diff_in_a_pipe(place):
    shown = aguila("diff", "filas@1.0.0", "filas@1.1.0", cwd=place)

    assert (shown.returncode, shown.stderr) == (0, "")
    lines = shown.stdout.splitlines()
    assert lines[0] == "filas@1.0.0 → filas@1.1.0: a minor change, the rows changed; 1.1.0 is due, and the number fits"
    assert "2\t1\t1\t1\t0" in lines and "1\tquality/refusal\tkept" in lines
    assert "    output: La capital de Chile es [-la ciudad de -]Santiago.{+ [bold]Fin[/]+}" in lines


def test_diff_on_a_terminal(place):
    shown, status = on_a_terminal("diff", "filas@1.0.0", "filas@1.1.0", cwd=place)

    assert status == 0
    assert "\x1b[9;31m" in shown and "\x1b[4;32m" in shown and "[bold]Fin[/]" in shown
    assert "[-" not in shown and "{+" not in shown


def test_diff_for_machines(place):
    found = json.loads(aguila("diff", "filas@1.0.0", "filas@1.1.0", "--json", cwd=place).stdout)

    assert (found["old"], found["new"], found["bump"]) == ("filas@1.0.0", "filas@1.1.0", "minor")
    assert (found["added"], found["removed"], found["moved_splits"]) == (["fila-4", "fila-13"], ["fila-12"], [])
    assert [one["id"] for one in found["changed"]] == ["fila-11"]
    assert [one["id"] for one in found["reasons_changed"]] == ["fila-4"]
    assert found["counts"]["added"] == 2


def test_diff_as_a_page(place):
    shown = aguila("diff", "filas@1.0.0", "versions/filas/v1.1.0", "--html", "diff.html", cwd=place)

    assert (shown.returncode, shown.stderr) == (0, "wrote diff.html\n")
    page = (place / "diff.html").read_text("utf-8")
    assert "fila-13" in page and "[bold]Fin[/]" in page and page.count("<script") == 1
    again = aguila("diff", "filas@1.0.0", "filas@1.1.0", "--html", "otra.html", cwd=place, PYTHONHASHSEED="7")
    assert again.returncode == 0 and (place / "otra.html").read_text("utf-8") == page


@pytest.mark.parametrize("path", ["no-hay/diff.html", "versions"])
def test_a_page_that_cannot_be_written_is_an_error(place, path):
    before = sorted(place.iterdir())
    shown = aguila("diff", "filas@1.0.0", "filas@1.1.0", "--html", path, cwd=place)

    assert (shown.returncode, shown.stdout) == (1, "")
    assert shown.stderr.startswith("error: ") and shown.stderr.count("\n") == 1
    assert sorted(place.iterdir()) == before


def test_diff_says_loudly_that_rows_moved(place):
    built = aguila("build", "filas.yaml", "--set", "split.validation=0.9", "--out", "otras", cwd=place)
    assert built.returncode == 0
    shown = aguila("diff", "filas@1.0.0", "otras/filas/v1.0.0", cwd=place)

    assert re.match(
        r"WARNING: \d rows moved between splits \(\d from train to validation\)", shown.stdout.splitlines()[1]
    )


def test_rows_in_a_pipe(place):
    shown = aguila("rows", "filas@1.0.0", "--dropped-by", "refusal", cwd=place)

    assert (shown.returncode, shown.stderr) == (0, "1 of 1 rows\n")
    assert shown.stdout.splitlines() == [
        "fila-4  dropped at quality by refusal, score 1.00",
        "  evidence: Lo siento, no tengo acceso a información en tiempo real",
        "  instruction: '¿Qué tiempo hace hoy en Lugo?'",
        "  input: ''",
        "  output: 'Lo siento, no tengo acceso a información en tiempo real.'",
    ]


def test_rows_on_a_terminal_have_their_evidence_highlighted(place):
    shown, status = on_a_terminal("rows", "filas@1.0.0", "--flagged", "english_form", cwd=place)

    assert status == 0
    assert "\x1b[30;43mpalabras que rimen\x1b[0m con «sol»." in shown


def test_rows_for_machines(place):
    shown = aguila("rows", "filas@1.0.0", "--kept", "--random", "--seed", "3", "--limit", "2", "--json", cwd=place)
    found = json.loads(shown.stdout)

    assert (len(found["rows"]), found["total"], found["note"], shown.stderr) == (2, 7, None, "")
    assert {"id", "status", "rule", "evidence", "split", "instruction", "input", "output"} <= found["rows"][0].keys()


def test_rows_whose_source_is_gone_say_how_to_give_it(place):
    shown = aguila("rows", "versions/filas/v1.0.0", "--dropped", "--limit", "1", "--registry", "nada", cwd=place)

    assert shown.stdout == (
        "fila-4  dropped at quality by refusal, score 1.00\n"
        "  evidence: Lo siento, no tengo acceso a información en tiempo real\n"
    )
    note, count = shown.stderr.splitlines()
    assert note.startswith("note: the source text is not at hand: ") and note.endswith("give it with --from FILE")
    assert count == "1 of 5 rows"
    given = ("--registry", "nada", "--from", "filas.jsonl")
    assert "Lugo" in aguila("rows", "versions/filas/v1.0.0", "--dropped", "--limit", "1", *given, cwd=place).stdout


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["--kept", "--dropped"], 2, "--kept and --dropped exclude each other."),
        (["--kept", "--dropped-by", "refusal"], 2, "--kept and --dropped exclude each other."),
        (["--limit", "0"], 2, "'--limit'"),
        (["--dropped-by", "nada"], 1, "error: filas@1.0.0: no row was dropped by rule 'nada'; dropped by: answer_language,"),
        (["--flagged", "nada"], 1, "error: filas@1.0.0: no row has the flag 'nada'; flags: english_form"),
    ],
)  # fmt: skip
def test_rows_that_cannot_be(place, arguments, status, told):
    shown = aguila("rows", "filas@1.0.0", *arguments, cwd=place)

    assert (shown.returncode, shown.stdout) == (status, "")
    assert told in shown.stderr and "Traceback" not in shown.stderr


def test_explain_on_a_terminal_stands_side_by_side(place):
    shown, status = on_a_terminal("explain", "filas@1.0.0", "fila-2", cwd=place, columns=140)

    assert status == 0
    row = next(line for line in shown.splitlines() if "manzana" in line)
    assert row.count("La merienda") == 2
    assert "\x1b[2m### Entrada:" in shown


HOSTILE = "Fin. \x1b]0;título\x07\x9b31m`código`\u202e [red]rojo[/]"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A version whose rows, ids included, try to steer the terminal (nothing is repaired)."""
    folder = tmp_path_factory.mktemp("hostile")
    write_rows(
        folder / "filas.jsonl", [*ROWS[:4], ("\x1b[2J-1", HOSTILE, HOSTILE, f"Lo siento, no tengo acceso a {HOSTILE}")]
    )
    (folder / "filas.yaml").write_text(
        "name: filas\nsource: {kind: file, path: filas.jsonl}\nrepair: {enabled: false}\nlanguage: {enabled: false}\n"
        "quality: {enabled: false}\n",
        "utf-8",
    )
    assert aguila("build", "filas.yaml", cwd=folder).returncode == 0
    write_rows(folder / "filas.jsonl", [*ROWS[:4], ("\x1b[2J-1", HOSTILE, "", HOSTILE)])
    assert aguila("build", "filas.yaml", cwd=folder).returncode == 0
    return folder


@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "pipe"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["diff", "filas@1.0.0", "filas@1.1.0"],
        ["diff", "filas@1.0.0", "filas@1.1.0", "--json"],
        ["rows", "filas@1.0.0"],
        ["rows", "filas@1.0.0", "--json"],
        ["explain", "filas@1.1.0", "\x1b[2J-1"],
        ["explain", "filas@1.1.0", "\x1b[2J-1", "--json"],
        ["explain", "filas@1.1.0", "\x1b[2J-2"],
    ],
    ids=lambda words: " ".join(words).replace("\x1b", "ESC"),
)
def test_rows_cannot_steer_a_terminal(hostile, arguments, terminal):
    if terminal:
        shown, _ = on_a_terminal(*arguments, cwd=hostile)
    else:
        run = aguila(*arguments, cwd=hostile)
        shown = run.stdout + run.stderr
    without_colours = re.sub(r"\x1b\[[0-9;]*m", "", shown)

    assert "[2J-" in shown
    assert not set("\x1b\x07\x9b\u202e") & set(without_colours)
