"""Rows that a card shows: clipped, and as JSON in a block of code, in which nothing of them can act."""

import json
from collections.abc import Mapping

from cards.shared.terminal import safe

LONGEST = 300  # characters of a field


def shown(row: Mapping[str, str]) -> str:
    """A row as JSON: no line of it can end a block of code, and no text of it is a mark (`cards/shared/sections.py`)."""
    fields = {key: _clipped(safe(text)) for key, text in row.items()}
    return json.dumps(fields, ensure_ascii=False, indent=2).replace("<!--", "\\u003c!--")


def _clipped(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()}…"
