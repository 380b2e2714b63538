"""Streams that are closed, full, left by their reader or unable to show a letter; few open files."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from aguila.commands import output
from builders.versions.verify import verify
from builders.versions.version import open_version
from tests.builders.rows import write_rows

ROOT = Path(__file__).parents[2]
AGUILA = f"{sys.executable} -m aguila"


@pytest.fixture
def shell(demo):
    """Run a line of bash in which `aguila` is the command line: its ended process."""

    def run(line, **environment):
        known = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1", **environment}
        words = ["bash", "-o", "pipefail", "-c", f'aguila() {{ {AGUILA} "$@"; }}; {line}']
        return subprocess.run(words, cwd=demo, env=known, capture_output=True, timeout=120)

    return run


@pytest.fixture
def build(demo):
    """The words that build a version of few rows; and the version's folder."""
    write_rows(demo / "pocas.jsonl")
    (demo / "pocas.yaml").write_text("name: pocas\nsource: {kind: file, path: pocas.jsonl}\nsplit: {validation: 0.3}\n")
    registry = demo / "nuevas"
    yield f"aguila build pocas.yaml --out {registry}", registry / "pocas" / "v1.0.0"
    shutil.rmtree(registry, ignore_errors=True)


# ---- closed and full -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("closed", ["2>&-", ">&- 2>&-"])
def test_a_build_is_a_build_whatever_stream_is_closed(shell, build, closed):
    command, version = build
    ended = shell(f"{command} {closed}")

    assert (ended.returncode, ended.stderr) == (0, b"")
    # The first file that was opened would otherwise have taken the stream's number, and have lines of ours in it.
    assert [one for one in verify(open_version(version), version.parents[1], quick=True) if not one.ok] == []


@pytest.mark.parametrize("closed", [">&-", "<&- >&- 2>&-", "2>/dev/full"])
def test_a_listing_does_its_work_whatever_stream_is_closed(shell, closed):
    ended = shell(f"aguila versions {closed}")

    assert (ended.returncode, ended.stderr) == (0, b"")
    assert ended.stdout.startswith(b"version\trows") or ">&-" in closed.split()


def test_a_build_whose_summary_and_stages_cannot_be_printed_is_a_build(shell, build):
    command, version = build
    ended = shell(f"{command} >/dev/full 2>/dev/full")

    assert ended.returncode == 0
    assert (version / "manifest.json").is_file()


def test_what_was_made_is_said_where_its_summary_cannot_be_printed(monkeypatch, capsys):
    def full(value):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(output, "forget_stdout", lambda: None)
    with output.made("demo@1.0.0 is there, in versions/demo/v1.0.0"):
        full({})

    assert capsys.readouterr().err == (
        "note: demo@1.0.0 is there, in versions/demo/v1.0.0; its summary cannot be printed (No space left on device)\n"
    )


def test_a_listing_that_cannot_be_printed_is_an_error(shell):
    ended = shell("aguila versions >/dev/full")

    assert ended.returncode == 1
    assert ended.stderr.decode().splitlines() == [
        "error: No space left on device; check that it can be read or written and has space, then run again"
    ]


# ---- readers that leave ----------------------------------------------------------------------------------------------


def test_a_command_ends_as_others_do_when_its_reader_has_left(shell):
    ended = shell("aguila rows demo@1.0.0 --limit 400 | head -1; echo ${PIPESTATUS[0]}")

    first, status = ended.stdout.decode().splitlines()
    assert first.startswith("demo-") and status == "141", "as of `seq 1000000 | head -1`"
    assert ended.stderr == b""


def test_a_build_goes_on_when_its_reader_has_left(shell, build):
    command, version = build
    ended = shell(f"{command} 2>&1 | head -1; echo ${{PIPESTATUS[0]}}")

    assert ended.stdout.decode().splitlines()[1:] == ["0"]
    assert (version / "manifest.json").is_file()


# ---- encodings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["ascii:strict", "latin-1", "cp1252"])
def test_what_cannot_be_encoded_is_escaped(shell, encoding):
    ended = shell("aguila explain demo@1.0.0 demo-7; aguila versions", PYTHONIOENCODING=encoding)

    text = ended.stdout.decode(encoding.split(":")[0])
    assert (ended.returncode, b"Error" in ended.stderr) == (0, False)
    assert ("form\\xf3" if encoding.startswith("ascii") else "formó") in text
    assert "\\u2192 drop" in text and "\nversion\trows" in text


@pytest.mark.parametrize("encoding", ["ascii"])
def test_json_is_json_in_any_encoding(shell, encoding):
    ended = shell("aguila explain demo@1.0.0 demo-7 --json", PYTHONIOENCODING=encoding)

    assert "cómo se formó" in json.loads(ended.stdout.decode(encoding))["source"]["instruction"]


# ---- open files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [12, 23])
def test_too_few_open_files_are_one_line(shell, most):
    ended = shell(f"ulimit -n {most}; aguila build demo")

    assert (ended.returncode, ended.stdout) == (1, b"")
    assert ended.stderr.decode() == (
        f"error: only {most} files may be open at once here; allow 24 or more, as with `ulimit -n 256`\n"
    )


@pytest.mark.parametrize("most", [24])
def test_few_open_files_are_enough(shell, build, most):
    ended = shell(f"ulimit -n {most}; {build[0]}")

    assert ended.returncode == 0, ended.stderr


def test_as_many_files_are_allowed_as_may_be(shell):
    ended = shell(
        "ulimit -Sn 32; "
        f'{sys.executable} -c "import resource as r; from aguila.process import require_open_files as f; f(); '
        'print(r.getrlimit(r.RLIMIT_NOFILE)[0])"'
    )

    assert int(ended.stdout) > 32


# ---- little memory ---------------------------------------------------------------------------------------------------


def test_a_build_needs_no_more_addresses_than_a_small_machine_has(shell, build):
    command, version = build
    ended = shell(f"ulimit -v {8 << 20}; {command}")

    assert ended.returncode == 0, ended.stderr
    assert {path.name for path in (version / "charts").iterdir()} == {
        *("dropped.svg", "funnel.svg", "lengths.svg", "verbs.svg"),
    }
