"""Numbers that name or bill one person: identity documents, payment cards, bank accounts.

A number is found by its arithmetic (check letters, check digits, Luhn); one that has none must be introduced by its name.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from stdnum.mx import curp, rfc
from stdnum.us import ssn

from filters.detectors import check_digits as digits
from filters.languages.spanish.personal_data import (
    ACCOUNT_WORDS,
    CARD_WORDS,
    ID_WORDS,
    INTRODUCTION,
    SOCIAL_SECURITY_WORDS,
)

SURE, DOUBTFUL = 1.0, 0.5
# The edges of a number: not inside a word, a decimal, a date, a longer number or a version.
LEFT = r"(?<![0-9A-Za-z_])(?<![0-9][.,/-])(?<![0-9] )"
RIGHT = r"(?![0-9A-Za-z_])(?![.,/-][0-9])"
# The same left edge behind the first sign: a pattern that begins with a sign is looked for much faster than one that looks back.
AFTER_FIRST = r"(?<![0-9A-Za-z_](?s:.))(?<![0-9][.,/-](?s:.))(?<![0-9] (?s:.))"
BEFORE, AFTER = 60, 30  # characters around a number in which the word that names it may stand

YEARS = re.compile(
    r"(?:1[0-9]|20)[0-9]{2}\W{1,3}(?:1[0-9]|20)[0-9]{2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:1[0-9]|20)[0-9]{2}|"
    r"(?:1[0-9]|20)[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}"
)
COUNTING = ("0123456789012345", "9876543210987654")


class Found(NamedTuple):
    """A piece of personal data in a text, from `start` to `end`."""

    start: int
    end: int
    kind: str
    score: float


class _Number(NamedTuple):
    """A kind of number: its look, its arithmetic (on capitals and digits alone), the words it needs beside it.

    runs: how many digits it begins with; 0: with a letter.
    """

    kind: str
    runs: frozenset[int]
    look: re.Pattern[str]
    valid: Callable[[str], bool]
    words: re.Pattern[str] | None


def _number(kind: str, runs: set[int], look: str, valid: Callable[[str], bool], words: str | None = None) -> _Number:
    named = re.compile(rf"(?<!\[)\b(?:{words})\b", re.IGNORECASE) if words else None
    return _Number(kind, frozenset(runs), re.compile(rf"(?:{look}){RIGHT}"), valid, named)


def _rfc(number: str) -> bool:
    # The first one stands for the public at large.
    return number != "XAXX010101000" and bool(rfc.is_valid(number, validate_check_digits=True))


def _card(number: str) -> bool:
    """Luhn, and a prefix with the length that its issuer gives it (ISO/IEC 7812)."""
    length, two, three, four = len(number), int(number[:2]), int(number[:3]), int(number[:4])
    known = (
        (number[0] == "4" and length in (13, 16, 19))  # Visa
        or ((51 <= two <= 55 or 2221 <= four <= 2720) and length == 16)  # Mastercard
        or (two in (34, 37) and length == 15)  # American Express
        or ((two in (36, 38, 39) or 300 <= three <= 305) and length == 14)  # Diners
        or ((four == 6011 or two == 65 or 644 <= three <= 649) and length in (16, 19))  # Discover
        or (3528 <= four <= 3589 and length in (16, 19))  # JCB
        or (two == 62 and 16 <= length <= 19)  # UnionPay
    )
    return known and digits.luhn(number)


NUMBERS = (
    _number("dni", {1, 2, 8}, r"[0-9]{8}-?[A-Z]|[0-9]{8}[a-z]|[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}[ -]?[A-Z]", digits.dni),
    _number("dni", {7, 8}, r"[0-9]{7,8}[ -]?[A-Za-z]", digits.dni, ID_WORDS),
    _number("nie", {0}, r"[XYZ][ -]?[0-9]{7}[ -]?[A-Z]|[XYZ]-?[0-9]\.[0-9]{3}\.[0-9]{3}-?[A-Z]", digits.nie),
    _number("nie", {0}, r"[xyz]-?[0-9]{7}-?[a-z]", digits.nie),
    _number("curp", {0}, r"[A-Z]{4}[0-9]{6}[HMX][A-Z]{5}[A-Z0-9][0-9]", curp.is_valid),
    _number("curp", {0}, r"(?i:[A-Z]{4}[0-9]{6}[HMX][A-Z]{5}[A-Z0-9][0-9])", curp.is_valid, "curp"),
    _number("rfc", {0}, r"[A-ZÑ&]{4}[ -]?[0-9]{6}[ -]?[A-Z0-9]{3}", _rfc),
    _number("rut", {1, 2}, r"[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}-[0-9Kk]", digits.rut),
    _number("rut", {7, 8, 9}, r"[0-9]{7,8}-?[0-9Kk]", digits.rut, r"rut|run|r\.u\.t"),
    # The first two digits of a person's; companies have 30, 33 and 34.
    _number("cuit", {2}, r"(?:20|23|24|27)([ -])[0-9]{8}\1[0-9]", digits.cuit),
    _number("cuit", {11}, r"(?:20|23|24|27)[0-9]{9}", digits.cuit, r"cui[tl]"),
    _number("cpf", {3}, r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}", digits.cpf),
    _number("ruc", {11}, r"10[0-9]{9}", digits.ruc, r"ruc|r\.u\.c"),
    _number("ssn", {3}, r"[0-9]{3}-[0-9]{2}-[0-9]{4}", ssn.is_valid, SOCIAL_SECURITY_WORDS),
    _number("tarjeta", {4}, r"[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{4}(?:\1[0-9]{3})?(?![ -][0-9])", _card),
    _number("tarjeta", {4}, r"3[47][0-9]{2}([ -])[0-9]{6}\1[0-9]{5}|3[0689][0-9]{2}([ -])[0-9]{6}\2[0-9]{4}", _card),
    _number("tarjeta", {*range(13, 20)}, r"[0-9]{13,19}", _card, CARD_WORDS),
    _number("cuenta", {4}, r"[0-9]{4}([ -])[0-9]{4}\1[0-9]{2}\1[0-9]{10}", digits.ccc),
    _number("cuenta", {20}, r"[0-9]{20}", digits.ccc, ACCOUNT_WORDS),
    _number("cuenta", {22}, r"[0-9]{22}", digits.cbu, ACCOUNT_WORDS),
    _number("cuenta", {18}, r"[0-9]{18}", digits.clabe, ACCOUNT_WORDS),
)
BY_RUN = {run: [(at, number) for at, number in enumerate(NUMBERS) if run in number.runs] for run in range(23)}
LETTERS = "[A-ZÑ&a-zıſİK]"  # the last ones are small or capital letters of others, and so for a pattern that takes both
# Where one may begin: digits, all of them; or the letters of those that begin with some.
BEGINNING = re.compile(rf"[0-9]{AFTER_FIRST}[0-9]*|{LETTERS}{AFTER_FIRST}(?=[ -]?[0-9]|{LETTERS}{{3}}[ -]?[0-9])")

# Identity numbers without a check digit (Argentina, Colombia, Peru, Venezuela …), or of a country that is not said.
INTRODUCED = re.compile(
    rf"{INTRODUCTION}((?:[A-Z]{{1,3}}-?)?[0-9](?:[.-]?[0-9]){{5,11}}){RIGHT}",
    re.IGNORECASE,
)
ACCOUNT = r"([A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?(?![0-9A-Za-z_]))"
IBAN, NEXT_IBAN = re.compile(ACCOUNT.replace("[A-Z]{2}", f"[A-Z]{AFTER_FIRST}[A-Z]", 1)), re.compile("[ -]" + ACCOUNT)
LAST_GROUP = re.compile("(?:^|[ -])[A-Z0-9]+$")

# Six digits close together, and how far the letters of a document may stand from them: every number above is within.
# Looking only there is twenty times faster than trying each kind on the whole text.
DIGITS = re.compile(r"[0-9](?:[ .-]?[0-9]){5,}")
MARGIN = 12


def made_up(number: str) -> bool:
    """1234567, 987654321, 0000000, 2199999999: written when a number is meant and none is known."""
    return len(set(number[-7:])) == 1 or any(number in run for run in COUNTING)


def numbers(text: str) -> Iterator[Found]:
    """Documents, cards and accounts. Pieces may overlap."""
    for begin, stop in _around_digits(text):
        yield from _numbers_in(text, begin, stop)
    for match in INTRODUCED.finditer(text):
        if not made_up(re.sub(r"\D", "", match[1])) and not YEARS.fullmatch(match[1]):
            yield Found(*match.span(1), "documento", SURE)
    yield from _ibans(text)


def _numbers_in(text: str, begin: int, stop: int) -> Iterator[Found]:
    """Those that stand between two places. At each beginning only those are tried that begin with so many digits."""
    done = [0] * len(NUMBERS)  # pieces of one kind do not overlap, be they valid or not
    for beginning in BEGINNING.finditer(text, begin, stop):
        start, run = beginning.start(), beginning[0]
        for at, number in BY_RUN.get(len(run) if run.isdigit() else 0, ()):
            match = number.look.match(text, start, stop) if start >= done[at] else None
            if not match:
                continue
            done[at] = end = match.end()
            plain = match[0].upper().replace(" ", "").replace("-", "").replace(".", "")
            if number.valid(plain) and (number.words is None or number.words.search(_beside(text, start, end))):
                yield Found(start, end, number.kind, SURE)


def _beside(text: str, start: int, end: int) -> str:
    """What stands around a number."""
    return f"{text[max(0, start - BEFORE) : start]} {text[end : end + AFTER]}"


def _around_digits(text: str) -> Iterator[tuple[int, int]]:
    """Where numbers may stand. What is near each other is one place: a list of numbers is read once, not number by number."""
    place: tuple[int, int] | None = None
    for found in DIGITS.finditer(text):
        start, end = max(0, found.start() - MARGIN), found.end() + MARGIN
        if place and start > place[1]:
            yield place
            place = None
        place = (place[0] if place else start, end)
    if place:
        yield place


def _ibans(text: str) -> Iterator[Found]:
    done = 0
    for match in IBAN.finditer(text):
        one: re.Match[str] | None = match if match.start() >= done else None
        while one and (size := _iban_size(one[1])):
            done = one.start(1) + size
            yield Found(one.start(1), done, "iban", SURE)
            one = NEXT_IBAN.match(text, done)  # of a list whose numbers stand one after the other


def _iban_size(piece: str) -> int:
    """How much of a piece is an account's number; the pattern may have run into the next capitals. 0: none."""
    while len(piece) >= 15:  # the shortest there is
        if digits.iban(piece):
            return len(piece)
        piece = LAST_GROUP.sub("", piece)
    return 0
