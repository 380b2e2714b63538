"""The processes that tests fork are what a shell would start."""

import os
import signal
import subprocess
import sys

import pytest

from tests.command import aguila
from tests.processes import ROOT, in_a_process, on_a_terminal, processes


@pytest.mark.parametrize(
    "words", [["--version"], ["build", "demos"], ["versions", "nada"], ["rules", "--json"]], ids=" ".join
)
def test_a_command_is_the_same_in_this_process_in_a_forked_one_and_in_a_started_one(tmp_path, words):
    started = subprocess.run(
        [sys.executable, "-m", "aguila", *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"},
        capture_output=True,
        text=True,
    )

    for run in (aguila, in_a_process):
        shown = run(*words, cwd=tmp_path)
        assert (shown.returncode, shown.stdout, shown.stderr) == (started.returncode, started.stdout, started.stderr)


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("sys.exit()", 0, ""),
        ("sys.exit(7)", 7, ""),
        ("sys.exit('so')", 1, "so\n"),
        ("import os; os.kill(os.getpid(), 15)", -signal.SIGTERM, ""),
        ("print(sys.stdin.read())", 0, ""),
    ],
)
def test_how_a_process_ends(tmp_path, code, status, said):
    with processes(tmp_path) as start:
        process = start("--version", first=f"import sys; {code}")
        _, errors = process.communicate()

    assert (process.returncode, errors) == (status, said)


def test_an_error_of_the_code_is_a_traceback_and_status_1(tmp_path):
    with processes(tmp_path) as start:
        process = start("--version", first="1 / 0")
        out, errors = process.communicate()

    assert (process.returncode, out, errors.splitlines()[-1]) == (1, "", "ZeroDivisionError: division by zero")


def test_it_has_the_folder_and_the_environment_that_it_is_given_and_has_imported_no_client_of_the_hub(tmp_path):
    code = (
        "import os, sys; print(os.getcwd(), os.environ['NUEVO'], 'huggingface_hub' in sys.modules, 'datasets' in sys.modules,"
        " 'polars' in sys.modules); os.environ.clear(); sys.exit()"
    )
    with processes(tmp_path, NUEVO="ñ") as start:
        assert start(first=code).communicate() == (f"{tmp_path} ñ False False True\n", "")
        assert start(first=code).communicate() == (f"{tmp_path} ñ False False True\n", "")


def test_a_process_that_still_runs_is_killed_at_the_end(tmp_path):
    with processes(tmp_path) as start:
        process = start(first="print('here', flush=True); input()")
        assert process.stdout.readline() == "here\n"

    assert process.returncode == -signal.SIGKILL
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_a_terminal_is_one(tmp_path):
    shown, status = on_a_terminal("--version", cwd=tmp_path)

    assert (shown, status) == ("aguila, version 0.1.0\n", 0)
