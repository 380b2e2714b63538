"""Texts beside each other, word by word; and where in a text its evidence is."""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from itertools import takewhile

Piece = tuple[str, str]  # what it is ("same", "old", "new" or a style) and the text

TOKEN = re.compile(r"[\w\u0300-\u036f]+|\s+|[^\w\s]")  # a combining accent belongs to its word
WORD = re.compile(r"\w+")
COUNTED = re.compile(r" \(× \d+\)$")  # how often a repeated piece occurs: no part of the row's text
COMPARED = 4000  # words, spaces and signs of one text that are set against another's
AROUND = 60  # characters of unchanged text shown on each side of a change
MOST_NAMED = 6  # languages that a sentence names
MARKS = {"old": ("[-", "-]"), "new": ("{+", "+}")}


def changes(old: str, new: str) -> list[Piece]:
    """What of a text stayed ("same"), went ("old") and came ("new"), in words, spaces and signs.

    The old pieces joined with the same ones are the old text; the new ones with the same ones, the new text. difflib's rule
    for popular words stays on: from 200 words on, a word that makes up over 1 % of a text begins no match, which bounds the
    time that a long or hostile text takes.
    """
    before, after = TOKEN.findall(old), TOKEN.findall(new)
    ends, rest = ("", ""), list[Piece]()
    if max(len(before), len(after)) > COMPARED:
        # difflib takes time that grows with the square of the words that differ: what both begin and end with is none of
        # them, and of more than it can do the rest is one change.
        head = _alike(before, after)
        tail = _alike(before[head:][::-1], after[head:][::-1])
        sides = [words[head : len(words) - tail] for words in (before, after)]
        rest = [(what, "".join(words[COMPARED:])) for what, words in zip(("old", "new"), sides, strict=True)]
        ends = "".join(before[:head]), "".join(before[len(before) - tail :])
        before, after = (words[:COMPARED] for words in sides)
    pieces: list[Piece] = [("same", ends[0])]
    for what, i, j, k, m in SequenceMatcher(None, before, after).get_opcodes():
        if what == "equal":
            pieces.append(("same", "".join(before[i:j])))
        else:
            pieces += [("old", "".join(before[i:j])), ("new", "".join(after[k:m]))]
    pieces += [*rest, ("same", ends[1])]
    return _joined([piece for piece in pieces if piece[1]])


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words two texts begin with that are the same."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Changes with only a space between them are one change: a replaced phrase reads better whole."""
    joined: list[Piece] = []
    old = new = ""
    for at, (what, text) in enumerate(pieces):
        between = what == "same" and text.isspace() and (old or new) and at + 1 < len(pieces)
        if what == "same" and not between:
            joined += [piece for piece in (("old", old), ("new", new)) if piece[1]]
            joined.append((what, text))
            old = new = ""
        else:
            old += text if what != "new" else ""
            new += text if what != "old" else ""
    return joined + [piece for piece in (("old", old), ("new", new)) if piece[1]]


def number_of(count: int, noun: str) -> str:
    """`1 row`, `1,204 rows`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def size(count: int) -> str:
    """`12.3 kB`, or `1,204.5 MB` from a tenth of a megabyte on."""
    return f"{count / 1e6:,.1f} MB" if count >= 100_000 else f"{count / 1e3:,.1f} kB"


def side(pieces: Iterable[Piece], which: str) -> list[Piece]:
    """The pieces of the old or of the new text alone."""
    return [piece for piece in pieces if piece[0] in ("same", which)]


def shortened(pieces: Sequence[Piece], around: int = AROUND) -> list[Piece]:
    """The changes with some unchanged text around them; what is left out is an ellipsis."""
    short: list[Piece] = []
    for at, (what, text) in enumerate(pieces):
        head = around if at else 0
        tail = around if at + 1 < len(pieces) else 0
        if what == "same" and len(text) > head + tail + 1:
            text = text[:head] + " … " + (text[-tail:] if tail else "")
        short.append((what, text))
    return short


def spans(text: str, evidence: Iterable[str]) -> list[tuple[int, int]]:
    """Where pieces of evidence are in a text: (begin, end) in order, without overlap.

    Evidence is compared by its words, so that case, spaces and punctuation between them do not matter (that of evaluation
    sets is written without); evidence without words must occur as it is.
    """
    found: list[tuple[int, int]] = []
    for one in evidence:
        one = COUNTED.sub("", one).strip()
        if one:
            words = r"\W+".join(map(re.escape, WORD.findall(one))) or re.escape(one)
            # The tail of an answer may begin inside a word; anything else begins with one.
            whole = [match.span() for match in re.finditer(rf"(?<!\w){words}", text, re.IGNORECASE)]
            found += whole or [match.span() for match in re.finditer(words, text, re.IGNORECASE)]
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(found):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def marked(text: str, evidence: Iterable[str]) -> list[Piece]:
    """A text in pieces: "evidence" where evidence is, "same" elsewhere."""
    pieces: list[Piece] = []
    at = 0
    for begin, end in spans(text, evidence):
        pieces += [("same", text[at:begin]), ("evidence", text[begin:end])]
        at = end
    return [piece for piece in [*pieces, ("same", text[at:])] if piece[1]]


def in_words(names: Sequence[str]) -> str:
    """Names of languages as a sentence has them; of many, their number."""
    if len(names) > MOST_NAMED:
        return f"{len(names)} languages"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else "none"
