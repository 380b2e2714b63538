"""The command line as a shell sees it, and builds that must be refused."""

import os
import signal
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from aguila.commands import main as command_line

ROOT = Path(__file__).parents[2]
Outcome = namedtuple("Outcome", "code out err")


@pytest.fixture
def aguila(monkeypatch, capsys):
    """Run `aguila WORDS…` in this process: exit status, stdout, stderr."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["aguila", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            command_line.main()
        return Outcome(ended.value.code or 0, *capsys.readouterr())

    return run


@pytest.fixture
def refused(aguila, tmp_path):
    """Build something that must be refused before anything is written: its error line, without `error: `."""

    def run(*words, recipe="mix"):
        before = sorted(tmp_path.rglob("*"))
        code, out, err = aguila("build", recipe, *words, "--out", tmp_path / "out")
        line = err.splitlines()[-1]
        assert (code, out) == (1, "")
        assert line.startswith("error: ") and err.count("error: ") == 1 and "Traceback" not in err
        assert sorted(tmp_path.rglob("*")) == before
        return line.removeprefix("error: ")

    return run


@pytest.fixture
def process(tmp_path):
    """Start Python in a process of its own, in `tmp_path`; whatever still runs at the end is killed."""
    started = []

    def start(*words, **options):
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HF_HUB_OFFLINE": "1",
            "HF_HOME": str(tmp_path / "hub"),
        }
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        child = subprocess.Popen(
            [sys.executable, *map(str, words)], cwd=tmp_path, env=environment, text=True, **pipes, **options
        )
        started.append(child)
        return child

    yield start
    for child in started:
        if child.poll() is None:
            child.send_signal(signal.SIGKILL)
        child.communicate()
