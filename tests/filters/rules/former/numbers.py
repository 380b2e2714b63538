"""Numbers as they were found first, kind by kind over the whole text: slower, and what is found must be the same."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from stdnum import iban, luhn
from stdnum.ar import cbu, cuit
from stdnum.br import cpf
from stdnum.cl import rut
from stdnum.es import ccc, dni, nie
from stdnum.mx import curp, rfc
from stdnum.pe import ruc
from stdnum.us import ssn

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
    """A kind of number: its look, its arithmetic (on capitals and digits alone), the words it needs beside it."""

    kind: str
    look: re.Pattern[str]
    valid: Callable[[str], bool]
    words: re.Pattern[str] | None


def _number(kind: str, look: str, valid: Callable[[str], bool], words: str | None = None) -> _Number:
    named = re.compile(rf"(?<!\[)\b(?:{words})\b", re.IGNORECASE) if words else None
    return _Number(kind, re.compile(rf"{LEFT}(?:{look}){RIGHT}"), valid, named)


def _dni(number: str) -> bool:
    return bool(dni.is_valid(number.zfill(9)))  # old ones have seven digits


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
    return known and bool(luhn.is_valid(number))


def _clabe(number: str) -> bool:
    """The Mexican account: digits times 3, 7, 1, each modulo 10; the last one, the check digit, makes the sum round."""
    weighted = (int(digit) * weight % 10 for digit, weight in zip(number, (3, 7, 1) * 6, strict=True))
    return sum(weighted) % 10 == 0


NUMBERS = (
    _number("dni", r"[0-9]{8}-?[A-Z]|[0-9]{8}[a-z]|[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}[ -]?[A-Z]", _dni),
    _number("dni", r"[0-9]{7,8}[ -]?[A-Za-z]", _dni, ID_WORDS),
    _number("nie", r"[XYZ][ -]?[0-9]{7}[ -]?[A-Z]|[XYZ]-?[0-9]\.[0-9]{3}\.[0-9]{3}-?[A-Z]", nie.is_valid),
    _number("nie", r"[xyz]-?[0-9]{7}-?[a-z]", nie.is_valid),
    _number("curp", r"[A-Z]{4}[0-9]{6}[HMX][A-Z]{5}[A-Z0-9][0-9]", curp.is_valid),
    _number("curp", r"(?i:[A-Z]{4}[0-9]{6}[HMX][A-Z]{5}[A-Z0-9][0-9])", curp.is_valid, "curp"),
    _number("rfc", r"[A-ZÑ&]{4}[ -]?[0-9]{6}[ -]?[A-Z0-9]{3}", _rfc),
    _number("rut", r"[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}-[0-9Kk]", rut.is_valid),
    _number("rut", r"[0-9]{7,8}-?[0-9Kk]", rut.is_valid, r"rut|run|r\.u\.t"),
    # The first two digits of a person's; companies have 30, 33 and 34.
    _number("cuit", r"(?:20|23|24|27)([ -])[0-9]{8}\1[0-9]", cuit.is_valid),
    _number("cuit", r"(?:20|23|24|27)[0-9]{9}", cuit.is_valid, r"cui[tl]"),
    _number("cpf", r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}", cpf.is_valid),
    _number("ruc", r"10[0-9]{9}", ruc.is_valid, r"ruc|r\.u\.c"),
    _number("ssn", r"[0-9]{3}-[0-9]{2}-[0-9]{4}", ssn.is_valid, SOCIAL_SECURITY_WORDS),
    _number("tarjeta", r"[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{4}(?:\1[0-9]{3})?(?![ -][0-9])", _card),
    _number("tarjeta", r"3[47][0-9]{2}([ -])[0-9]{6}\1[0-9]{5}|3[0689][0-9]{2}([ -])[0-9]{6}\2[0-9]{4}", _card),
    _number("tarjeta", r"[0-9]{13,19}", _card, CARD_WORDS),
    _number("cuenta", r"[0-9]{4}([ -])[0-9]{4}\1[0-9]{2}\1[0-9]{10}", ccc.is_valid),
    _number("cuenta", r"[0-9]{20}", ccc.is_valid, ACCOUNT_WORDS),
    _number("cuenta", r"[0-9]{22}", cbu.is_valid, ACCOUNT_WORDS),
    _number("cuenta", r"[0-9]{18}", _clabe, ACCOUNT_WORDS),
)

# Identity numbers without a check digit (Argentina, Colombia, Peru, Venezuela …), or of a country that is not said.
INTRODUCED = re.compile(
    rf"{INTRODUCTION}((?:[A-Z]{{1,3}}-?)?[0-9](?:[.-]?[0-9]){{5,11}}){RIGHT}",
    re.IGNORECASE,
)
ACCOUNT = r"([A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?(?![0-9A-Za-z_]))"
IBAN, NEXT_IBAN = re.compile(LEFT + ACCOUNT), re.compile("[ -]" + ACCOUNT)


# Six digits close together, and how far the letters of a document may stand from them: every number above is within.
# Looking only there is twenty times faster than trying each kind on the whole text.
DIGITS = re.compile(r"[0-9](?:[ .-]?[0-9]){5,}")
MARGIN = 12


def made_up(digits: str) -> bool:
    """1234567, 987654321, 0000000, 2199999999: written when a number is meant and none is known."""
    return len(set(digits[-7:])) == 1 or any(digits in run for run in COUNTING)


def numbers(text: str) -> Iterator[Found]:
    """Documents, cards and accounts. Pieces may overlap."""
    for begin, stop in _around_digits(text):
        for number in NUMBERS:
            for match in number.look.finditer(text, begin, stop):
                start, end = match.span()
                beside = f"{text[max(0, start - BEFORE) : start]} {text[end : end + AFTER]}"
                named = number.words is None or number.words.search(beside)
                if named and number.valid(re.sub(r"[^0-9A-ZÑ&]", "", match[0].upper())):
                    yield Found(start, end, number.kind, SURE)
    for match in INTRODUCED.finditer(text):
        if not made_up(re.sub(r"\D", "", match[1])) and not YEARS.fullmatch(match[1]):
            yield Found(*match.span(1), "documento", SURE)
    yield from _ibans(text)


def _around_digits(text: str) -> Iterator[tuple[int, int]]:
    """Where numbers may stand. What is near each other is one place: a list of numbers is read once, not number by number."""
    place: tuple[int, int] | None = None
    for digits in DIGITS.finditer(text):
        start, end = max(0, digits.start() - MARGIN), digits.end() + MARGIN
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
        if iban.is_valid(piece, check_country=False):
            return len(piece)
        piece = re.sub(r"(?:^|[ -])[A-Z0-9]+$", "", piece)
    return 0
