"""Whatever is printed goes through one function, so nothing in a name can begin a line or steer a terminal."""

import ast
import dataclasses
import logging
import shutil
from pathlib import Path

import pytest

from aguila.commands.main import Notes, fail
from aguila.commands.output import made, note
from builders.versions.references import resolve
from builders.versions.registry import Result
from cards.shared.terminal import put, say

ROOT = Path(__file__).parents[2]
FORGED = "x\nok    files: 11 files have their recorded hashes\r\x1b[2J\u2028ok    content: 407 rows\x85"
SHOWN = r"x\nok    files: 11 files have their recorded hashes\r\x1b[2J\u2028ok    content: 407 rows\x85"


def prints(path):
    """Lines of a module that print by themselves."""
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    return [call.lineno for call in calls if ast.unparse(call.func) in ("print", "click.echo", "click.secho", "sys.stdout.write")]  # fmt: skip


@pytest.mark.parametrize("folder", ["aguila", "builders", "cards"])
def test_only_one_function_prints(folder):
    found = {path.relative_to(ROOT).as_posix(): prints(path) for path in (ROOT / folder).rglob("*.py")}

    # What starts before the project's packages may be imported has a line of its own.
    exempt = {"aguila/__main__.py": 1, "cards/shared/terminal.py": 1}
    assert {path: len(lines) for path, lines in found.items() if lines} == {
        path: count for path, count in exempt.items() if path.startswith(folder)
    }


@pytest.mark.parametrize("printed", [say, note, lambda text: Notes().emit(logging.makeLogRecord({"msg": text}))])
def test_a_line_is_one_line(printed, capsys):
    printed(FORGED)

    shown = "".join(capsys.readouterr())
    assert shown.removeprefix("note: ") == f"{SHOWN}\n"


def test_an_error_is_one_line_of_bounded_length(capsys):
    with pytest.raises(SystemExit):
        fail(f"{FORGED} {'a' * 100_000}; check it")

    shown = capsys.readouterr().err
    assert shown.startswith("error: x ok files") and shown.endswith("; check it\n")
    assert len(shown.splitlines()) == 1 and len(shown) < 2_100


def test_a_text_keeps_its_breaks_and_steers_nothing(capsys):
    put(FORGED)

    assert capsys.readouterr().out == SHOWN.replace(r"\n", "\n") + "\n"


def test_no_file_name_forges_a_line_of_verify(aguila, demo, tmp_path):
    version = tmp_path / "v1.0.0"
    shutil.copytree("versions/demo/v1.0.0", version)
    (version / FORGED.replace("/", "")).write_text("x")

    shown = aguila("verify", version, "--quick")

    assert shown.code == 1 and shown.out.startswith("FAIL  files: ")
    assert sum(line.startswith("ok    files") for line in shown.out.splitlines()) == 0
    assert len(shown.out.splitlines()) == 6


def test_no_folder_forges_a_line_of_build(aguila, demo, monkeypatch):
    import aguila as library

    version = resolve("demo@1.0.0", Path("versions"))
    placed = dataclasses.replace(version, path=Path(FORGED))
    stages = type("Built", (), {"stages": ()})()
    monkeypatch.setattr(library, "build", lambda *_: Result(placed, stages, True, FORGED), raising=False)

    shown = aguila("build", "demo")

    assert shown.code == 0 and shown.out.splitlines() == [
        f"built demo@1.0.0 ({SHOWN})",
        "  408 of 480 rows kept: train 375, validation 33",
        f"  {SHOWN}",
    ]


def test_a_note_of_what_was_made_is_one_line(monkeypatch, capsys):
    monkeypatch.setattr("aguila.commands.output.forget_stdout", lambda: None)
    with made(FORGED):
        raise OSError(32, "Broken pipe")

    assert len(capsys.readouterr().err.splitlines()) == 1
