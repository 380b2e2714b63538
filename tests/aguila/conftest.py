"""The command line in this process, and a folder with versions of the demo."""

import json
import sys
from collections import namedtuple
from importlib import resources

import pytest

from aguila.commands import main as command_line
from builders.recipes.loading import load_recipe
from builders.sources.reading import with_source
from builders.versions.registry import build

Outcome = namedtuple("Outcome", "code out err")


@pytest.fixture
def aguila(monkeypatch, capsys):
    """Run `aguila WORDS…` in this process: exit status, stdout, stderr."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["aguila", *map(str, words)])
        monkeypatch.setenv("COLUMNS", "100")
        with pytest.raises(SystemExit) as ended:
            command_line.main()
        return Outcome(ended.value.code or 0, *capsys.readouterr())

    return run


@pytest.fixture(scope="package")
def place(tmp_path_factory):
    """A folder with demo@1.0.0, and demo@2.0.0: of other rows, by another recipe."""
    folder = tmp_path_factory.mktemp("demo")
    registry = folder / "versions"
    build(load_recipe("demo"), registry)
    lines = (resources.files("builders") / "demo" / "rows.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines][:-2]
    rows[0]["output"] += " Nada más."
    (folder / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    changes = ("template=alpaca", "split.seed=5", "dedup.near.threshold=0.9", "quality.rules.cut_off=false")
    build(with_source(load_recipe("demo", changes), str(folder / "rows.jsonl"), registry), registry)
    return folder


@pytest.fixture
def demo(place, monkeypatch):
    """The same folder, as the current one."""
    monkeypatch.chdir(place)
    return place
