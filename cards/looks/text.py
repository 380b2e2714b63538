"""Sentences on a terminal and on a card."""

import re
from collections.abc import Iterator, Sequence

from cards.looks.look import Look
from cards.shared.shell import command
from cards.shared.terminal import safe_line
from cards.shared.words import Piece

TITLE = "What to look at"
MARKDOWN = re.compile(r"([\\`*_{}\[\]#|!~])")


def look_lines(looks: Sequence[Look]) -> Iterator[list[Piece]]:
    """Each sentence, and under it the command that shows the rows; nothing where there is no sentence."""
    if looks:
        yield [("title", TITLE)]
    for one in looks:
        yield [("same", f"- {safe_line(one.sentence)}")]
        yield [("dim", f"  {command(*one.command)}")]


def card_lines(looks: Sequence[Look]) -> list[str]:
    """The same for a card. What rows say in a sentence is no markup there, and no mark; a command that quotes it is left out."""
    return [f"{markdown(one.sentence)}{_shown(one)}" for one in looks]


def markdown(text: str) -> str:
    """A text that is no markup on a card, no mark, and one line."""
    plain = MARKDOWN.sub(r"\\\1", safe_line(text))
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _shown(one: Look) -> str:
    line = command(*one.command)
    return f" `{line}`" if not set("`<>") & set(line) else ""
