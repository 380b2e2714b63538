"""Addresses and telephones as they were found first: slower, and what is found must be the same."""

import ipaddress
import re
from collections.abc import Iterator
from functools import cache

import phonenumbers

from filters.languages.spanish.personal_data import (
    COUNTED,
    DESK,
    IP_WORDS,
    LATIN_AMERICA,
    PHONE_LABEL,
    PHONE_WORDS,
    SAMPLE_DOMAIN,
    SAMPLE_ENDINGS,
    SAMPLE_USER,
    SHARED_DOMAIN,
    SPAIN,
    VERSION_WORDS,
)
from tests.filters.rules.former.numbers import BEFORE, DOUBTFUL, LEFT, RIGHT, SURE, YEARS, Found, made_up

EMAIL = re.compile(
    r"(?<![\w+%-])([\w+%-][\w.+%-]{0,63})@((?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[A-Za-z]{2,24})(?![\w@])"
)
NOT_A_DOMAIN = {"png", "jpg", "jpeg", "gif", "svg", "webp", "py", "js", "ts", "html", "css", "service"}
# RFC 2606 and 6762.
RESERVED_ENDINGS = {"example", "test", "invalid", "localhost", "local"}

IPV4 = re.compile(r"(?<![\w.:-])(?<![^:/]/)(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w-]|\.\w)")
IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{0,4}){3,7}(?![\w:])")
# Addresses that belong to nobody in particular: public resolvers, and the one that everybody writes.
PUBLIC = {
    *("1.1.1.1", "1.0.0.1", "8.8.8.8", "8.8.4.4", "9.9.9.9", "208.67.222.222", "208.67.220.220", "1.2.3.4"),
    *("2001:4860:4860::8888", "2001:4860:4860::8844", "2606:4700:4700::1111", "2606:4700:4700::1001"),
}

GAP = "[ .\u00a0\u202f\\-‑–]"
INTERNATIONAL = re.compile(
    rf"(?<![\w+*/=^])(?<![0-9] )(?:\+|(?<![.,])00(?=3|5)){GAP}?\(?[0-9](?:[()]|{GAP}|[()] |{GAP}\(|[0-9]){{6,20}}(?<=[0-9])(?![0-9A-Za-z_])"
)
NATIONAL = re.compile(
    rf"(?<!\+){LEFT}\(?[0-9](?:\) ?|{GAP})?(?:\(?[0-9](?:\) ?{GAP}?|{GAP}{{0,2}})){{5,11}}[0-9]{RIGHT}(?!\s?(?:{COUNTED}))"
)
# Groupings that only telephones have: 612 34 56 78, 612-345-678, 91 123 45 67, (55) 1234-5678.
PHONE_LOOK = re.compile(
    rf"[6-9][0-9]{{2}}({GAP})[0-9]{{2}}\1[0-9]{{2}}\1[0-9]{{2}}|[89][0-9]({GAP})[0-9]{{3}}\2[0-9]{{2}}\2[0-9]{{2}}|"
    r"[6-9][0-9]{2}-[0-9]{3}-[0-9]{3}|\([0-9]{2,4}\) ?[0-9]{3,4}[ -][0-9]{4}"
)
THOUSANDS = re.compile("[0-9]{1,3}([ .\u00a0\u202f])[0-9]{3}(?:\\1[0-9]{3})*")
# 555 is kept for films in North America: as an exchange, and as an area code, where only the hyphens tell it from Mexico.
FICTION = re.compile(r"1[2-9][0-9]{2}555[0-9]{4}|[2-9][0-9]{2}55501[0-9]{2}")
FICTION_LOOK = re.compile(r"\(?555\)?[ .-]{1,2}[0-9]{3}[ .-][0-9]{4}")


def emails(text: str) -> Iterator[Found]:
    """E-mail addresses, but for those that mean nobody (nombre@dominio.com, ana@example.org)."""
    if "@" not in text:
        return
    for match in EMAIL.finditer(text):
        user, domain = match[1], match[2].lower()
        *_, name, ending = domain.split(".")
        sample = (
            ending in NOT_A_DOMAIN | RESERVED_ENDINGS | SAMPLE_ENDINGS
            or SAMPLE_DOMAIN.fullmatch(name)
            or SAMPLE_USER.fullmatch(user)
            or (SHARED_DOMAIN.fullmatch(name) and DESK.fullmatch(user))
        )
        if not sample:
            yield Found(*match.span(), "correo", SURE)


def addresses(text: str) -> Iterator[Found]:
    """IP addresses on the open network; private, local and documentation ranges are nobody's."""
    for match in (*IPV4.finditer(text), *IPV6.finditer(text)):
        try:
            address = ipaddress.ip_address(match[0])
        except ValueError:
            continue
        if not address.is_global or address.is_multicast or str(address) in PUBLIC:
            continue
        before = text[max(0, match.start() - BEFORE) : match.start()]
        if VERSION_WORDS.search(before):
            continue
        # Versions and sections (3.1.2.4) have small numbers.
        sure = address.version == 6 or sum(byte > 31 for byte in address.packed) >= 2 or IP_WORDS.search(before)
        yield Found(*match.span(), "ip", SURE if sure else DOUBTFUL)


def phones(text: str) -> Iterator[Found]:
    """Telephones: of any country in international form; of Spain and Latin America when a word or their look says so."""
    for match in INTERNATIONAL.finditer(text):
        piece = match[0]
        while sum(map(str.isdigit, piece)) >= 8:  # the pattern may have run into the next number
            if _dials(re.sub(r"^00", "+", piece), ("",)):
                if not FICTION.fullmatch(re.sub(r"\D", "", piece)):
                    yield Found(match.start(), match.start() + len(piece), "teléfono", SURE)
                break
            piece = re.sub(rf"(?:^|(?:{GAP}|[()])+)\+?[0-9]+$", "", piece)
    last = -BEFORE
    for match in NATIONAL.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if YEARS.fullmatch(match[0]) or made_up(digits):
            continue
        if FICTION.fullmatch(digits) or FICTION_LOOK.fullmatch(match[0]):
            continue
        before = text[max(0, match.start() - BEFORE) : match.start()]
        in_row = match.start() - last <= 5  # "Tel.: 91 523 47 86 / 612 345 678"
        introduced = in_row or PHONE_WORDS.search(before)
        if THOUSANDS.fullmatch(match[0]) and not (in_row or PHONE_LABEL.search(before)) and len(digits) != 9:
            continue
        if not introduced and not PHONE_LOOK.fullmatch(match[0]):
            continue
        if _dials(match[0], SPAIN + LATIN_AMERICA if introduced or match[0][0] == "(" else SPAIN):
            last = match.end()
            yield Found(*match.span(), "teléfono", SURE)


@cache
def _dials(number: str, regions: tuple[str, ...]) -> bool:
    """Can this number be called, as one of these regions writes it? The region "" is none: the number names its own."""
    for region in regions:
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(number, region or None)):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False
