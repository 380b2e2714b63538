"""How a card names a version's source, whatever its name holds."""

import re

import pytest

from builders.recipes.model import FileSource, HubSource, VersionSource
from builders.versions.facts import _code, _describe

HASH = "a" * 64
NAMES = {
    "plain": ("filas.jsonl", "`filas.jsonl`"),
    "a backtick": ("a`<img src=x>`b", "`` a`<img src=x>`b ``"),
    "two backticks": ("``", "``` `` ```"),
    "a line break": ("a\n\n# Título", r"`a\n\n# Título`"),
    "a terminal's command": ("a\x1b[2Jb", r"`a\x1b[2Jb`"),
}


@pytest.mark.parametrize(("name", "shown"), NAMES.values(), ids=NAMES)
def test_a_name_is_shown_and_not_obeyed(name, shown):
    assert _code(name) == shown
    fence = re.match("`+", shown)[0]
    inner = shown.removeprefix(fence).removesuffix(fence)
    assert not re.search(f"(?<!`){fence}(?!`)", inner), "nothing in it ends the code span"


@pytest.mark.parametrize(
    "source",
    [
        FileSource(name="a`<b>", sha256=HASH),
        HubSource(repo="ana/filas", revision="a" * 40, split="a`<b>", config="a`<b>", sha256=HASH),
        HubSource(repo="ana/filas", revision="a" * 40, file="a`<b>", sha256=HASH),
        VersionSource(name="a`<b>", version="1.0.0", content_sha256=HASH),
    ],
)
def test_every_kind_of_source_is_told_so(source):
    text = _describe(source)

    assert "<b>" in text
    assert "<b>" not in re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", text), "outside a code span it would be HTML"
