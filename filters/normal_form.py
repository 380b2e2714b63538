"""Unicode's normal forms in time that grows with the text, whatever the text."""

import re
import sys
import unicodedata
from functools import cache
from typing import Literal

# Unicode's Stream-Safe Text Format (UAX 15, section 13): no word of any language stacks more marks on one letter. Sorting
# them takes time that grows with the square of their number.
MARKS_AT_MOST = 30


def normal_form(form: Literal["NFC", "NFKC"], text: str) -> str:
    """`unicodedata.normalize`, but that more than 30 combining marks in a row stay as they are."""
    if len(text) <= MARKS_AT_MOST or text.isascii():
        return unicodedata.normalize(form, text)
    pieces = _stacked().split(text)  # a run that is captured stands at every odd place
    return "".join(piece if at % 2 else unicodedata.normalize(form, piece) for at, piece in enumerate(pieces))


@cache
def _stacked() -> re.Pattern[str]:
    """More marks in a row than a text that may be normalised as a whole has, with the letter that they stand on."""
    marks = "".join(map(re.escape, filter(unicodedata.combining, map(chr, range(0x300, min(0x1F000, sys.maxunicode))))))
    return re.compile(rf"([^{marks}]?[{marks}]{{{MARKS_AT_MOST + 1},}})")
