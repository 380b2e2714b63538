"""Text in another encoding than UTF-8, where that is certain: UTF-16 by its marks, cp1252 by Spanish letters and no others."""

import codecs
import re

import polars as pl

from builders.errors import Invalid

MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
HEAD = 1024
TWO_BYTES = re.compile(rb"[\xc2-\xdf][\x80-\xbf]")
# What Spanish (and its neighbours') text holds beyond ASCII. In another old encoding (Mac, DOS) its letters would be read as
# characters that are not among them, so that a text with only these is what it seems.
LETTERS = "áéíóúüñÁÉÍÓÚÜÑ"
EXPECTED = frozenset(LETTERS + "¿¡«»ºª°·€§©®±²³½¼¾×÷µ´\xa0\xad" + "àèìòùâêîôûäëïöçãõÀÈÌÒÙÂÊÎÔÛÄËÏÖÇÃÕß" + "“”‘’–—…•„‚")


def is_utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8. Polars looks at many at once, and makes no Python string of them, which takes thrice the time."""
    try:
        pl.Series([data], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.ComputeError:
        return False
    return True


def other_encoding(head: bytes, whole: bytes | None = None) -> str | None:
    """The encoding of bytes that are not UTF-8, if it is certain: `utf-16`, `utf-16-le`, `utf-16-be`, `cp1252`; else None.

    head: the beginning. whole: everything, where it is known not to be UTF-8; without it only UTF-16 is looked for.
    """
    for mark, encoding in MARKS.items():
        if head.startswith(mark):
            return encoding
    start = head[:HEAD]
    if start.count(0) * 3 > len(start) > 8:  # every second byte of western text is a zero, early or late
        return "utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be"
    return "cp1252" if whole is not None and _certainly_western(whole) else None


def _certainly_western(data: bytes) -> bool:
    if TWO_BYTES.search(data):  # some of it is UTF-8, or may be
        return False
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return False
    beyond = {one for one in set(text) if one > "\x7f"}
    if not beyond <= EXPECTED or not beyond & set(LETTERS):
        return False
    return not any(control in text for control in map(chr, (*range(9), 11, 12, *range(14, 32))))


def decoded(data: bytes, encoding: str, name: str) -> str:
    """Bytes as text. Raises Invalid where they are not what a recipe says, or no such encoding exists."""
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except LookupError:
        raise Invalid(f"{name}: no encoding is called {encoding!r}", "correct {key}", "encoding") from None
    except UnicodeError as error:
        raise Invalid(
            f"{name}: not text in {encoding} ({error})", "correct {key}, or leave it out", "encoding"
        ) from None


def encoding_note(name: str, encoding: str) -> str:
    """What is told of a file that is not UTF-8."""
    return f"{name}: not UTF-8; read as {encoding}"
