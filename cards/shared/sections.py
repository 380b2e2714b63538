"""The parts of a card that people may edit on the Hub, and what stays the same whatever they write.

<!-- aguila:editable about -->
…
<!-- /aguila:editable -->
"""

import hashlib
import re
from collections.abc import Mapping
from itertools import pairwise

from cards.shared import header
from cards.shared.address import without_addresses

CLOSE = "<!-- /aguila:editable -->"
SECTION = re.compile(
    rf"(?P<open><!-- aguila:editable (?P<name>[a-z][a-z0-9-]*) -->)(?P<text>.*?)(?P<close>{CLOSE})",
    re.S,
)

MARK = re.compile(r"<!-- (?:aguila:editable (?P<name>[a-z][a-z0-9-]*)|/aguila:editable) -->")


def unclosed(card: str) -> list[str]:
    """Names of the sections whose closing mark is missing: there is no saying where their text ends."""
    marks = [match["name"] or "" for match in MARK.finditer(card)]  # "" for a closing mark
    return [name for name, following in pairwise([*marks, "end"]) if name and following]


def sections(card: str) -> dict[str, str]:
    """The text between the marks, by section name. The first of two sections of one name counts."""
    found: dict[str, str] = {}
    for match in SECTION.finditer(_closed(card)[0]):
        found.setdefault(match["name"], match["text"])
    return found


def with_sections(card: str, texts: Mapping[str, str]) -> str:
    """The card with the given texts in its sections; sections that are not given stay, texts without a section are left out."""
    closed, rest = _closed(card)
    page = SECTION.sub(
        lambda match: f"{match['open']}{texts.get(match['name'], match['text'])}{match['close']}",
        closed,
    )
    return page + rest


def _closed(card: str) -> tuple[str, str]:
    """A card up to its last closing mark, and what comes after. There nothing is closed, and a search would go to its end from
    each mark that opens."""
    end = card.rfind(CLOSE) + len(CLOSE) if CLOSE in card else 0
    return card[:end], card[end:]


def fixed_sha256(card: str) -> str:
    """Hash of what a version vouches for in its card, whatever people write between the marks and add to its header, and
    wherever it is published.

    Line ends count as one, because the Hub's editor may change them, and it may write the header in another form.
    """
    text = card.replace("\r\n", "\n")
    _, page = header.split(text)
    page = without_addresses(with_sections(page, dict.fromkeys(sections(page), "")))
    return hashlib.sha256(f"{header.vouched(text)}\n{page}".encode()).hexdigest()
