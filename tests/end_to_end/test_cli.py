"""The command line as a user meets it: help, README, streams and exit codes."""

import json
import shlex
import subprocess
import sys

import click
import pytest

from aguila.commands.main import cli as group
from tests.end_to_end.transcript import BLOCK, README, ROOT, aguila

TEXT = README.read_text("utf-8")
TRANSCRIPT = [(block["command"], block["output"]) for block in BLOCK.finditer(TEXT)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    assert aguila("build", "demo", cwd=folder).returncode == 0
    return folder


@pytest.mark.parametrize("name", sorted(group.commands))
def test_every_command_has_help_with_an_example_and_a_place_in_the_readme(name):
    command = group.commands[name]
    assert command.help and command.help.strip().endswith(".")
    assert command.example.startswith(f"aguila {name}")
    assert f"aguila {name}" in TEXT
    for option in command.params:
        assert isinstance(option, click.Argument) or option.help, f"{name} {option.name} has no help"


@pytest.mark.parametrize("name", sorted(group.commands))
def test_help_shows_the_example(name, tmp_path):
    shown = aguila(name, "--help", cwd=tmp_path)
    assert shown.returncode == 0
    assert all(line in shown.stdout for line in group.commands[name].example.splitlines())


@pytest.mark.parametrize("name", sorted(group.commands))
def test_the_examples_are_commands_that_parse(name):
    command = group.commands[name]
    for line in command.example.splitlines():
        command.make_context(name, shlex.split(line)[2:]).close()


def test_help_imports_nothing_heavy():
    code = (
        "import sys, aguila; print(*sorted({'polars', 'datasets', 'pyarrow', 'torch', 'pydantic'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == ""


def test_the_readme_has_a_transcript():
    assert len(TRANSCRIPT) >= 3


@pytest.mark.parametrize(("command", "output"), TRANSCRIPT, ids=[command for command, _ in TRANSCRIPT])
def test_the_readmes_transcript_is_true(command, output, tmp_path):
    if "build" not in command:
        assert aguila("build", "demo", cwd=tmp_path).returncode == 0
    shown = aguila(*shlex.split(command)[1:], cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout == output


def test_json_is_all_that_stands_on_stdout(tmp_path):
    shown = aguila("build", "demo", "--json", cwd=tmp_path)
    result = json.loads(shown.stdout)
    assert result["name"] == "demo" and result["version"] == "1.0.0" and result["path"] == "versions/demo/v1.0.0"
    assert result["kept"] + result["dropped"] == result["source_rows"] == 480
    assert [stage["stage"] for stage in result["stages"]] == [
        *("read", "repair", "language", "quality", "dedup", "sample", "split", "template")
    ]
    assert {"stage", "rows_in", "rows_out", "seconds"} <= result["stages"][0].keys()
    assert "read" in shown.stderr


def test_json_of_the_other_commands(demo):
    checks = json.loads(aguila("verify", "demo@1.0.0", "--json", cwd=demo).stdout)
    assert checks["ok"] is True and {"check", "ok", "detail"} == checks["checks"][0].keys()
    story = json.loads(aguila("explain", "demo@1.0.0", "demo-1", "--json", cwd=demo).stdout)
    assert {
        "id",
        "status",
        "stage",
        "rule",
        "score",
        "evidence",
        "duplicate_of",
        "edits",
        "flags",
        "split",
        "source",
        "row",
    } <= story.keys()
    versions = json.loads(aguila("versions", "--json", cwd=demo).stdout)
    assert {"version", "commit", "rows", "content_sha256"} <= versions[0].keys()
    rules = json.loads(aguila("rules", "--json", cwd=demo).stdout)["rules"]
    assert {"rule", "version", "verdict", "gold", "last_build"} <= rules[0].keys()


@pytest.mark.parametrize(
    ("arguments", "status", "start"),
    [
        (["nope"], 2, "Usage:"),
        (["build"], 2, "Usage:"),
        (["build", "demo", "--nope"], 2, "Usage:"),
        (["build", "demos"], 1, "error: recipe demos:"),
        (["verify", "demo@9.9.9"], 1, "error: demo@9.9.9: no such version"),
        (["verify", "demo"], 1, "error: demo: name a version"),
        (["verify", "demo@main"], 1, "error: demo@main: not a version number"),
        (["explain", "demo@1.0.0", "demo-9999"], 1, "error: 'demo-9999': no such row"),
        (["versions", "nothing"], 1, "error: nothing: no versions"),
        (["build", "demo", "--version", "one"], 1, "error: 'one' is not a version number"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_errors_are_one_line_and_have_a_status(demo, arguments, status, start):
    shown = aguila(*arguments, cwd=demo)
    assert shown.returncode == status
    assert shown.stdout == ""
    told = shown.stderr.splitlines()
    assert told[0].startswith(start) or told[-1].startswith(start), shown.stderr
    assert "Traceback" not in shown.stderr
    if status == 1:
        assert sum(line.startswith("error: ") for line in told) == 1


def test_a_version_that_does_not_verify_gives_status_one(tmp_path):
    assert aguila("build", "demo", cwd=tmp_path).returncode == 0
    card = tmp_path / "versions/demo/v1.0.0/README.md"
    card.write_text(card.read_text("utf-8") + "\nOne line more.\n", "utf-8")
    shown = aguila("verify", "demo@1.0.0", "--quick", cwd=tmp_path)
    assert shown.returncode == 1
    assert "FAIL  files: README.md: changed" in shown.stdout


def test_tables_are_tab_separated_where_nobody_looks(demo):
    shown = aguila("versions", cwd=demo).stdout.splitlines()
    assert shown[0].split("\t") == ["version", "rows", "content", "folder"]
    assert shown[1].startswith("demo@1.0.0\t")
