"""The blocks of docs/library.md, run in order in an empty folder; those about training with the trainer's tests."""

import re
from pathlib import Path

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


def test_every_section_has_code():
    titles = [title for title, _ in SECTION.findall((ROOT / "docs" / "library.md").read_text("utf-8"))]

    assert {title for title, _ in blocks()} == {"", *titles}
