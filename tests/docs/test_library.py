"""The blocks of docs/library.md, run in order in an empty folder: those about training where torch is installed."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECTION = re.compile(r"^## (?P<title>.+?)\n(?P<text>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)


def blocks() -> list[tuple[str, str]]:
    """Section and code of every block, in order."""
    text = (ROOT / "docs" / "library.md").read_text("utf-8")
    sections = [("", text.split("\n## ")[0]), *SECTION.findall(text)]
    return [(title, code) for title, part in sections for code in PYTHON.findall(part)]


def run(chosen: list[tuple[str, str]]) -> dict[str, object]:
    """Run blocks in one namespace; a traceback names the section."""
    names: dict[str, object] = {}
    for title, code in chosen:
        exec(compile(code, f"docs/library.md, {title or 'beginning'}", "exec"), names)
    return names


def test_the_guide_runs(hub, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    run([one for one in blocks() if one[0] != "Train"])

    printed = capsys.readouterr().out
    assert "no such version" in printed and "cut_off" in printed


def test_training_runs(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    from tests.train.models import falcon, write_aguila

    monkeypatch.chdir(tmp_path)
    write_aguila(tmp_path / "models" / "small", falcon(layers=1))

    names = run(_for_training())

    assert names["adapter"].path == Path("adapters/small")


def _for_training() -> list[tuple[str, str]]:
    """What the blocks about training need of the others: the registry, and the demo's version."""
    found = blocks()
    build = next(index for index, (title, _) in enumerate(found) if title == "Build")
    return [found[0], found[build], *(one for one in found if one[0] == "Train")]


def test_every_section_has_code():
    titles = [title for title, _ in SECTION.findall((ROOT / "docs" / "library.md").read_text("utf-8"))]

    assert {title for title, _ in blocks()} == {"", *titles}
