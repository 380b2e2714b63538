"""`aguila audit` as a shell sees it."""

import json
import re

import pytest

from tests.command import aguila


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with the demo, built."""
    folder = tmp_path_factory.mktemp("audit")
    assert aguila("build", "demo", cwd=folder).returncode == 0
    return folder


@pytest.fixture(scope="module")
def rows(place):
    """Two rows as a file."""
    lines = [
        {"id": "a-1", "instruction": "Di hola.", "input": "", "output": "¡Hola!"},
        {"id": "a-2", "instruction": "Di adiós.", "input": "", "output": "Adiós."},
    ]
    (place / "filas.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return "filas.jsonl"


def test_json_has_every_number_and_stands_alone(place):
    shown = aguila("audit", "demo@1.0.0", "--json", cwd=place)
    numbers = json.loads(shown.stdout)

    assert (numbers["source_rows"], numbers["kept"], numbers["dropped"]) == (480, 408, 72)
    assert {
        *("version", "source_rows", "kept", "dropped", "content_sha256", "recipe_sha256", "source", "stages", "rules"),
        *(
            "gold",
            "template",
            "statistics",
            "openings",
            "kinds",
            "distinct",
            "repeated_answers",
            "prompts",
            "duplicates",
        ),
        *("near_duplicate_threshold", "leaks", "looks", "license"),
    } == numbers.keys()
    assert shown.stderr == ""


def test_json_is_the_same_every_time(place):
    first, second = (aguila("audit", "demo@1.0.0", "--json", cwd=place).stdout for _ in range(2))

    assert first == second


def test_tables_where_they_are_piped(place):
    shown, full = (aguila("audit", "demo@1.0.0", *options, cwd=place) for options in ((), ("--full",)))
    lines = shown.stdout.splitlines()

    assert lines[0].startswith("demo@1.0.0: 408 of 480 source rows kept (recipe ")
    assert lines[1:6] == [
        "",
        "What to look at",
        "- 27 kept rows (6.6 %) carry a flag, most often placeholder (7).",
        "  aguila rows demo@1.0.0 --kept --flagged",
        "",
    ]
    assert lines[6:10] == ["# Rows", "what\trows\tshare", "source rows\t480\t", "kept\t408\t85.0 %"]
    assert "read\t–\t480\t0" in lines
    first_look = {"# Rows", "# Rules", "# Languages", "# In more than one split"}
    assert first_look <= set(lines) and not {"# Duplicates", "# Diversity"} & set(lines)
    assert {*first_look, "# Duplicates", "# Diversity"} <= set(full.stdout.splitlines())
    more = full.stdout.count("# ") - shown.stdout.count("# ")
    assert (shown.stderr, full.stderr) == (f"{more} more tables with --full, rows to read with --html FILE\n", "")


def test_a_page_is_written_and_nothing_else_is_printed(place):
    shown = aguila("audit", "demo@1.0.0", "--html", "audit.html", cwd=place)

    assert (shown.returncode, shown.stdout, shown.stderr) == (0, "", "wrote audit.html\n")
    page = (place / "audit.html").read_text("utf-8")
    assert page.startswith("<!doctype html>") and page.rstrip().endswith("</html>")
    assert not re.search(re.escape(str(place)), page)


def test_a_page_and_json(place):
    shown = aguila("audit", "demo@1.0.0", "--html", "both.html", "--json", cwd=place)

    assert json.loads(shown.stdout)["kept"] == 408
    assert (place / "both.html").is_file()


def test_a_raw_file(place, rows):
    numbers = json.loads(aguila("audit", "--from", rows, "--json", cwd=place).stdout)

    assert (numbers["file"], numbers["rows"], numbers["statistics"]["rows"]) == ("filas.jsonl", 2, 2)
    assert aguila("audit", "--from", rows, "--html", "raw.html", cwd=place).returncode == 0
    assert "before any recipe" in (place / "raw.html").read_text("utf-8")


def test_neither_a_version_nor_a_file_is_wrong_usage(place):
    shown = aguila("audit", cwd=place)

    assert (shown.returncode, shown.stdout) == (2, "")
    assert "Give REF, or a raw file with --from." in shown.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["demo@9.9.9"], "error: demo@9.9.9: no such version"),
        (["demo"], "error: demo: name a version"),
        (["--from", "nada.jsonl"], "error: --from nada.jsonl: no such file"),
        (["demo@1.0.0", "--tokenizer", "nada.json"], "error: --tokenizer nada.json: no such file or folder"),
        (["demo@1.0.0", "--html", "nada/audit.html"], "error: "),
    ],
)
def test_errors_are_one_line(place, arguments, told):
    shown = aguila("audit", *arguments, cwd=place)

    assert (shown.returncode, shown.stdout) == (1, "")
    assert shown.stderr.startswith(told) and len(shown.stderr.splitlines()) == 1
