"""The command line as a shell sees it, and builds that must be refused."""

import sys
from collections import namedtuple

import pytest

from aguila.commands import main as command_line
from tests.processes import processes

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
    """Start `aguila WORDS…` in a process of its own, in `tmp_path`, without a Hub; whatever still runs at the end is killed."""
    with processes(tmp_path, HF_HUB_OFFLINE="1", HF_HOME=str(tmp_path / "hub")) as start:
        yield start
