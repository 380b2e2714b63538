"""The command line as a user meets it: help, README, streams and exit codes."""

import json
import shlex
import shutil
import subprocess
import sys

import click
import pytest

from aguila.commands.command import Group, commands_in
from aguila.commands.main import cli
from aguila.commands.output import STEERING, print_json, splits
from tests.end_to_end.transcript import README, ROOT, transcripts

SHOWN = "".join(page.read_text("utf-8") for page in (README, ROOT / "docs" / "howto.md"))
TRANSCRIPTS = transcripts()
COMMANDS = {command.path: command for command in commands_in("aguila.commands")}


# ---- which there are -------------------------------------------------------------------------------------------------


def test_help_lists_the_commands_as_one_meets_them(aguila):
    shown = aguila("--help")

    listed = [line.split()[0] for line in shown.out.split("Commands:\n")[1].splitlines() if line.startswith("  ")]
    assert (shown.code, shown.err) == (0, "")
    assert listed == [
        *(
            "inspect",
            "build",
            "verify",
            "explain",
            "rows",
            "audit",
            "diff",
            "rules",
            "review",
            "labels",
            "calibrate",
            "export",
            "publish",
            "versions",
            "yank",
        ),
        *(
            "train",
            "generate",
            "answers",
            "evaluate",
            "score",
            "compare",
            "experiment",
            "merge",
            "publish-adapter",
            "publish-model",
        ),
    ]


def test_a_command_that_nobody_has_placed_comes_last_by_its_name():
    group = Group("nada")
    for name in ("zeta", "verify", "alfa", "build"):
        group.add_command(click.Command(name))

    assert group.list_commands(click.Context(group)) == ["build", "verify", "alfa", "zeta"]


def test_a_command_is_found_by_being_a_module_of_the_folder(tmp_path, monkeypatch):
    folder = tmp_path / "ordenes"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "sin_orden.py").write_text("import click\nfrom aguila.commands.command import command\n")
    (folder / "cuenta.py").write_text(
        "from aguila.commands.command import command\n\n"
        '@command("nuevo cuenta", "aguila nuevo cuenta")\ndef cuenta() -> None:\n    """Count."""\n'
    )
    monkeypatch.syspath_prepend(tmp_path)

    (found,) = commands_in("ordenes")
    assert (found.path, found.name, found.help, found.example) == (
        *("nuevo cuenta", "cuenta", "Count.", "aguila nuevo cuenta"),
    )


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_has_help_with_an_example_and_a_place_in_readme_or_howto(aguila, path):
    command = COMMANDS[path]
    assert command.help and command.help.strip().endswith(".")
    assert command.example.startswith(f"aguila {path}")
    assert f"aguila {path}" in SHOWN
    for option in command.params:
        assert isinstance(option, click.Argument) or option.help, f"{path} {option.name} has no help"
    shown = aguila(*path.split(), "--help")
    assert shown.code == 0
    assert all(line in shown.out for line in command.example.splitlines())


def test_a_group_has_help_with_an_example(aguila):
    shown = aguila("train", "--help")

    assert "Fine-tune a model on exactly one dataset version." in shown.out
    assert "aguila train sft aguila-7b --dataset OWNER/NAME@v1.0.0" in shown.out


@pytest.mark.parametrize("path", COMMANDS)
def test_the_examples_are_commands_that_parse(path):
    command = COMMANDS[path]
    for line in command.example.splitlines():
        words = shlex.split(line)[1:]
        assert words[: len(path.split())] == path.split()
        command.make_context(path, words[len(path.split()) :]).close()


def test_help_imports_nothing_heavy():
    heavy = {"polars", "datasets", "pyarrow", "torch", "pydantic", "huggingface_hub", "rich", "numpy", "yaml"}
    code = f"""
import atexit, sys
atexit.register(lambda: print(*sorted({heavy!r} & set(sys.modules)), file=sys.stderr))
from aguila.__main__ import main
sys.argv = ["aguila", "--help"]
main()
"""
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "Commands:" in shown.stdout and shown.stderr.strip() == ""


def test_the_version_is_that_of_the_software(aguila):
    assert aguila("--version").out.startswith("aguila, version 0.")


# ---- README and docs -------------------------------------------------------------------------------------------------


def test_the_readme_has_transcripts():
    assert len([name for name in TRANSCRIPTS if name.startswith("README")]) >= 3


@pytest.mark.parametrize(("command", "output"), TRANSCRIPTS.values(), ids=TRANSCRIPTS)
def test_a_transcript_is_true(aguila, place, tmp_path, monkeypatch, command, output):
    monkeypatch.chdir(tmp_path)
    if "build" not in command:
        shutil.copytree(place / "versions" / "demo" / "v1.0.0", tmp_path / "versions" / "demo" / "v1.0.0")

    shown = aguila(*shlex.split(command)[1:])

    assert shown.code == 0, shown.err
    assert shown.out == output


# ---- streams and exit codes ------------------------------------------------------------------------------------------


def test_json_is_all_that_stands_on_stdout(aguila, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = aguila("build", "demo", "--json")

    result = json.loads(shown.out)
    assert result["kept"] + result["dropped"] == result["source_rows"] == 480
    assert [stage["stage"] for stage in result["stages"]] == [
        *("read", "repair", "language", "quality", "dedup", "sample", "split", "template")
    ]
    assert [line.split()[0] for line in shown.err.splitlines()] == [stage["stage"] for stage in result["stages"]]


@pytest.mark.parametrize(
    ("arguments", "status", "start"),
    [
        (["nope"], 2, "Usage:"),
        (["build"], 2, "Usage:"),
        (["build", "demo", "--nope"], 2, "Usage:"),
        (["train", "nope"], 2, "Usage:"),
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
def test_errors_are_one_line_and_have_a_status(aguila, demo, arguments, status, start):
    shown = aguila(*arguments)

    assert (shown.code, shown.out) == (status, "")
    lines = shown.err.splitlines()
    assert lines[0].startswith(start) or lines[-1].startswith(start), shown.err
    assert "Traceback" not in shown.err
    if status == 1:
        assert sum(line.startswith("error: ") for line in lines) == 1


def test_an_error_of_the_system_names_the_file_and_says_what_to_check(aguila, demo):
    shown = aguila("audit", "demo@1.0.0", "--html", "versions")

    assert (shown.code, shown.out) == (1, "")
    assert shown.err.startswith("error: versions: ") and shown.err.count("\n") == 1


def test_a_defect_keeps_its_traceback(aguila, demo, monkeypatch):
    def broken(*words):
        raise ZeroDivisionError

    monkeypatch.setattr("builders.reading.explain.explain", broken)
    with pytest.raises(ZeroDivisionError):
        aguila("explain", "demo@1.0.0", "demo-1")


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("", "interrupted; nothing is left half-written, run again"),
        ("saved in a.run: go on with --resume", "saved in a.run: go on with --resume"),
    ],
)
def test_an_interruption_is_status_130(aguila, demo, monkeypatch, reason, said):
    def interrupted(*words):
        raise KeyboardInterrupt(reason)

    monkeypatch.setattr("builders.reading.explain.explain", interrupted)
    shown = aguila("explain", "demo@1.0.0", "demo-1")

    assert (shown.code, shown.out, shown.err.splitlines()[-1]) == (130, "", said)


def test_a_reader_that_leaves_early_is_no_error(demo):
    """`aguila … | head -1`, in processes of their own, because it is about what the system does with a pipe."""
    words = [sys.executable, "-m", "aguila", "rows", "demo@1.0.0", "--limit", "400"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout.readline()
        child.stdout.close()
        _, err = child.communicate(timeout=60)

    assert "Traceback" not in err and "error" not in err


def test_a_version_that_does_not_verify_gives_status_one(aguila, demo, tmp_path):
    copy = tmp_path / "versions" / "demo" / "v1.0.0"
    shutil.copytree(demo / "versions" / "demo" / "v1.0.0", copy)
    (copy / "README.md").write_text((copy / "README.md").read_text("utf-8") + "\nOne line more.\n", "utf-8")

    shown = aguila("verify", copy, "--quick")

    assert shown.code == 1
    assert "FAIL  files: README.md: changed" in shown.out


def test_tables_are_tab_separated_where_they_are_piped(aguila, demo):
    lines = [line.split("\t") for line in aguila("versions").out.splitlines()]

    assert lines[0] == ["version", "rows", "content", "folder"]
    assert [line[0] for line in lines[1:]] == ["demo@1.0.0", "demo@2.0.0"]


def test_rules_as_a_table(aguila, demo):
    shown = aguila("rules")

    lines = {line.split("\t")[0]: line.split("\t")[1:] for line in shown.out.splitlines()}
    assert lines["rule"] == ["v", "languages", "verdict", "from", "precision", "recall", "last build", "reason"]
    assert lines["refusal"][:7] == ["4", "es", "drop", "0.8", "1.00 (4/4)", "1.00 (4/4)", "4 drops"]
    assert lines["blank_answer"][:7] == ["1", "any but es", "drop", "0.8", "not measured", "not measured", "–"]
    assert lines["broken_text"][1] == "any"
    assert shown.err == "Precision and recall on the gold rows (right/all). Last build: demo@2.0.0.\n"


def test_rules_where_nothing_was_built(aguila, tmp_path):
    shown = aguila("rules", "--registry", tmp_path)

    assert {line.split("\t")[7] for line in shown.out.splitlines()[1:]} == {"–"}
    assert shown.err.endswith("Last build: none.\n")


# ---- words -----------------------------------------------------------------------------------------------------------


def test_what_could_steer_a_terminal_is_escaped_in_json(capsys):
    print_json({"texto": "a\x9bb\u202ec\x1bd\x7fñ"}, None)
    shown = capsys.readouterr().out

    assert shown == '{"texto": "a\\u009bb\\u202ec\\u001bd\\u007fñ"}\n'
    assert json.loads(shown) == {"texto": "a\x9bb\u202ec\x1bd\x7fñ"}
    assert not STEERING.search(shown)


def test_splits_in_words():
    assert splits({"train": 1_380, "validation": 23}) == "train 1,380, validation 23"


def test_no_command_is_hidden():
    assert {path.split()[0] for path in COMMANDS} == cli.commands.keys()
