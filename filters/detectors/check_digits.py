"""Check digits and letters of numbers that a pattern has found: digits and capitals alone, of the right length.

The arithmetic of python-stdnum (`tests/filters/rules/test_former.py` compares them) without its cleaning and its
checks of form, which the patterns have done: a text of nothing but numbers has a hundred thousand of them in each megabyte.
"""

import re
from functools import cache
from operator import mul

from stdnum import numdb

DNI = "TRWAGMYFPDXBNJZSQVHLCKE"
CUIT = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
BASE_36 = str.maketrans({chr(ord("A") + value): str(10 + value) for value in range(26)})
DOUBLED = str.maketrans("0123456789", "0246813579")  # the sum of the digits of twice a digit


def _sum(number: str, weights: tuple[int, ...]) -> int:
    """The digits times the weights, added up."""
    return sum(map(mul, map(int, number), weights))


def dni(number: str) -> bool:
    """Spain's identity document: seven or eight digits and the letter that their rest modulo 23 names."""
    return DNI[int(number[:-1]) % 23] == number[-1]


def nie(number: str) -> bool:
    """Spain's number of foreigners: X, Y, Z stand for 0, 1, 2 before a DNI's digits."""
    return dni(str("XYZ".index(number[0])) + number[1:])


def rut(number: str) -> bool:
    """Chile's: weights 2 to 7 from the right, modulo 11."""
    total = _sum(number[-2::-1], (2, 3, 4, 5, 6, 7, 2, 3))
    return "0K987654321"[total % 11] == number[-1]


def cuit(number: str) -> bool:
    """Argentina's tax number."""
    return "012345678990"[11 - _sum(number, CUIT) % 11] == number[-1]


def ruc(number: str) -> bool:
    """Peru's tax number."""
    return (11 - _sum(number, CUIT) % 11) % 10 == int(number[-1])


def cpf(number: str) -> bool:
    """Brazil's: two check digits."""
    if number == "0" * 11:
        return False
    first = -_sum(number[:9], (10, 9, 8, 7, 6, 5, 4, 3, 2)) % 11 % 10
    second = -(_sum(number[:9], (11, 10, 9, 8, 7, 6, 5, 4, 3)) + 2 * first) % 11 % 10
    return number[9:] == f"{first}{second}"


def luhn(number: str) -> bool:
    """Payment cards (ISO/IEC 7812)."""
    from_right = number[::-1]
    return (sum(map(int, from_right[::2])) + sum(map(int, from_right[1::2].translate(DOUBLED)))) % 10 == 0


def ccc(number: str) -> bool:
    """Spain's bank account: one check digit for bank and branch, one for the account."""
    weights = (1, 2, 4, 8, 5, 10, 9, 7, 3, 6)  # powers of 2, modulo 11
    checks = (_sum(part, weights) % 11 for part in ("00" + number[:8], number[10:]))
    return number[8:10] == "".join(str(check if check < 2 else 11 - check) for check in checks)


def cbu(number: str) -> bool:
    """Argentina's bank account: the bank and branch, and the account, each with a check digit."""
    return -_sum(number[6::-1], (3, 1, 7, 9, 3, 1, 7)) % 10 == int(number[7]) and -_sum(
        number[20:7:-1], (3, 1, 7, 9, 3, 1, 7, 9, 3, 1, 7, 9, 3)
    ) % 10 == int(number[21])


def clabe(number: str) -> bool:
    """Mexico's bank account: digits times 3, 7, 1, each modulo 10; the last one, the check digit, makes the sum round."""
    return sum(int(digit) * weight % 10 for digit, weight in zip(number, (3, 7, 1) * 6, strict=True)) % 10 == 0


def iban(number: str) -> bool:
    """ISO 13616: modulo 97, and the form that the country gives its accounts. There may be spaces and hyphens in it."""
    number = number.replace(" ", "").replace("-", "")
    if int((number[4:] + number[:4]).translate(BASE_36)) % 97 != 1:
        return False
    form = _accounts_of(number[:2])
    return bool(form and form.match(number, 4))


@cache  # of two letters: there are not many
def _accounts_of(country: str) -> re.Pattern[str] | None:
    """The form of a country's accounts without what is before them; None where no IBAN begins so."""
    form = numdb.get("iban").info(country)[0][1].get("bban")
    if form is None:
        return None
    signs = {"n": "0-9", "a": "A-Z", "c": "A-Za-z0-9"}
    return re.compile(re.sub(r"([0-9]+)!([nac])", lambda part: f"[{signs[part[2]]}]{{{part[1]}}}", form) + "$")
