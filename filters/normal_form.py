"""Unicode's normal forms in time that grows with the text, whatever the text."""

import unicodedata
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

# Unicode's Stream-Safe Text Format (UAX 15, section 13): no word of any language stacks more marks on one letter. Sorting
# them takes time that grows with the square of their number.
MARKS_AT_MOST = 30
# Behind the first two planes lie ideographs, tags and private use: no combining mark. To ask of each takes a fifth of a second.
ALPHABETS_END = 0x20000


def normal_form(form: Literal["NFC", "NFKC"], text: str) -> str:
    """`unicodedata.normalize`, but that more than 30 combining marks in a row stay as they are, with what they stand on."""
    if len(text) <= MARKS_AT_MOST or text.isascii():
        return unicodedata.normalize(form, text)
    pieces, at = [], 0
    for start, end in _stacks(text):
        pieces += [unicodedata.normalize(form, text[at:start]), text[start:end]]
        at = end
    return "".join([*pieces, unicodedata.normalize(form, text[at:])])


def _stacks(text: str) -> list[tuple[int, int]]:
    """Where more marks stand in a row than may be sorted: from the character that they stand on to their end."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    marks = np.concatenate([[False], _marks()[np.minimum(codes, ALPHABETS_END)], [False]])
    edges = np.flatnonzero(marks[1:] != marks[:-1])
    starts, ends = edges[::2], edges[1::2]
    long = ends - starts > MARKS_AT_MOST
    return list(zip(np.maximum(starts[long] - 1, 0).tolist(), ends[long].tolist(), strict=True))


@cache
def _marks() -> NDArray[np.bool_]:
    """Whether a character is a combining mark, by its code point; the last stands for all behind it."""
    return np.fromiter((unicodedata.combining(chr(code)) > 0 for code in range(ALPHABETS_END + 1)), np.bool_)
