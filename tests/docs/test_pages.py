"""README and docs: links that lead somewhere, commands that exist, a README that stays short."""

import re
import shlex
from pathlib import Path

import click
import pytest

from aguila.commands.command import commands_in
from aguila.commands.main import cli
from docs.records import anchor

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "train/README.md")),
    *(ROOT / "builders" / "demo").glob("*.md"),
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "docs" / "tutorial.ipynb",
]
LINK = re.compile(r"\[[^\]\[]*\]\((?P<to>[^)\s]+)\)")
FENCE = re.compile(r"^```(?P<kind>\w*)\n(?P<code>.*?)^```", re.MULTILINE | re.DOTALL)
COMMANDS = {command.path: command for command in commands_in("aguila.commands")}
TARGETS = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def text_of(page: Path) -> str:
    return page.read_text("utf-8").replace("\\n", "\n") if page.suffix == ".ipynb" else page.read_text("utf-8")


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings."""
    text = FENCE.sub("", page.read_text("utf-8"))
    return {anchor(heading.strip()) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def broken(page: Path) -> list[str]:
    """Relative links of a page that lead nowhere."""
    wrong = []
    for to in LINK.findall(FENCE.sub("", text_of(page))):
        if re.match(r"[a-z]+:", to):
            continue
        path, _, place = to.partition("#")
        target = (page.parent / path) if path else page
        if not target.exists() or (place and place not in anchors(target)):
            wrong.append(to)
    return wrong


def shown(page: Path) -> list[str]:
    """Every command line that a page shows: in fences, in indented blocks, and between backticks."""
    text = text_of(page)
    fenced = [one["code"] for one in FENCE.finditer(text) if one["kind"] in ("", "console", "bash")]
    rest = FENCE.sub("", text)
    lines = [line for block in fenced for line in block.splitlines()]
    lines += [line for line in rest.splitlines() if line.startswith("    ")]
    lines += re.findall(r"`(aguila [^`]+)`", rest)
    lines = [line.strip().removeprefix("$ ").split("  #")[0] for line in lines]
    return [line for line in lines if re.match(r"aguila [a-z]", line)]


def fault(line: str) -> str | None:
    """Why a command line cannot be what it is shown as; None for one that parses, or that names a command alone."""
    words = shlex.split(line)[1:]
    path = next((one for one in (" ".join(words[:2]), words[0]) if one in COMMANDS), None)
    if path is None:
        return None if words == ["train"] else "no such command"
    rest = words[len(path.split()) :]
    if not rest or "…" in rest:
        return None
    try:
        COMMANDS[path].make_context(path, rest).close()
    except click.ClickException as error:
        return error.format_message()
    return None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_lead_somewhere(page):
    assert broken(page) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_that_are_shown_exist(page):
    assert {line: wrong for line in shown(page) if (wrong := fault(line))} == {}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_targets_of_make_exist(page):
    assert set(re.findall(r"(?:^    |(?<!`)`)make ([a-z][\w-]*)", text_of(page), re.MULTILINE)) <= TARGETS


def test_the_readme_is_a_page():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 120


def test_every_page_is_linked_from_the_readme_or_its_folder():
    readme, decisions = ROOT / "README.md", ROOT / "docs" / "decisions"
    linked = {(readme.parent / to).resolve() for to in LINK.findall(readme.read_text("utf-8"))}
    linked |= {decisions / to for to in LINK.findall((decisions / "README.md").read_text("utf-8"))}
    linked |= {(ROOT / "docs" / to).resolve() for to in LINK.findall((ROOT / "docs" / "formats.md").read_text("utf-8"))}

    pages = {*(ROOT / "docs").rglob("*.md"), ROOT / "docs" / "tutorial.ipynb"}
    assert sorted(str(one) for one in pages - linked) == []


@pytest.mark.parametrize("record", sorted((ROOT / "docs" / "decisions").glob("[!R]*.md")), ids=lambda path: path.stem)
def test_a_decision_says_context_choice_figures_and_consequences(record):
    parts = re.findall(r"^\*\*(\w+)\.\*\*", record.read_text("utf-8"), re.MULTILINE)

    assert parts == ["Context", "Choice", "Figures", "Consequences"]


def test_every_command_is_in_the_reference():
    text = (ROOT / "docs" / "commands.md").read_text("utf-8")

    assert [path for path in COMMANDS if f"## aguila {path}\n" not in text] == []
    assert {path.split()[0] for path in COMMANDS} == cli.commands.keys()


def test_the_glossary_is_in_order():
    words = re.findall(r"^\*\*(.+?)\.\*\*", (ROOT / "docs" / "glossary.md").read_text("utf-8"), re.MULTILINE)

    assert words == sorted(words, key=str.lower) and len(set(words)) == len(words)


# ---- what these tests see --------------------------------------------------------------------------------------------


def test_a_link_that_leads_nowhere_is_seen(tmp_path):
    page = tmp_path / "a.md"
    page.write_text(
        "# One two\n\n[a](b.md) [c](#one-two) [d](#three) [e](a.md#one-two) [f](https://example.org/x)\n", "utf-8"
    )

    assert broken(page) == ["b.md", "#three"]


def test_a_command_that_does_not_exist_is_seen(tmp_path):
    page = tmp_path / "a.md"
    page.write_text(
        "    aguila nope demo  # it\n\n`aguila build demo --nope` `aguila verify`\n\n```console\n$ aguila rules\n```\n",
        "utf-8",
    )

    assert sorted(shown(page)) == ["aguila build demo --nope", "aguila nope demo", "aguila rules", "aguila verify"]
    assert [bool(fault(line)) for line in shown(page)] == [False, True, True, False]
