"""What is found as personal data: check digits as those of stdnum, and the pieces found in texts put together by chance, as counted."""

import random
from collections import Counter

import pytest
from stdnum import iban, luhn
from stdnum.ar import cbu, cuit
from stdnum.br import cpf
from stdnum.cl import rut
from stdnum.es import ccc, dni, nie
from stdnum.pe import ruc

from filters.detectors import check_digits, personal_contacts, personal_numbers

WHOLE = (
    *(
        "48213975H",
        "48.213.975-H",
        "1.213.975 H",
        "48213975 h",
        "X-4821397-E",
        "X1234567L",
        "x1234567l",
        "Z 1.234.567 R",
    ),
    *("ROSL850417MDFBLC06", "rosl850417mdfblc06", "GODE561231GR8", "GODE 561231 GR8", "Ñ&DE561231GR8"),
    *("17.482.639-0", "17482639-0", "20-26756539-3", "20267565393", "390.533.447-05", "10054148289", "536-90-4399"),
    *("4539 5787 6362 1486", "4539578763621486", "3782-822463-10005", "3056 930902 5904", "1234-1234-16-1234567890"),
    *("12341234161234567890", "2850590940090418135201", "032180000118359719", "ES98 2038 5778 9830 0076 0236"),
    *("ES9121000418450200051332", "GB82 WEST 1234 5698 7654 32", "MT84MALT011000012345MTLCAST001S", "DNI 12.345.678"),
    *("cédula de ciudadanía n.º 1.234.567", "+34 634 25 81 97", "0034 634258197", "91 527 43 86", "(55) 3692-4817"),
    *(
        "tel.: 612 345 678 / 91 527 43 86",
        "83.45.112.207",
        "versión 8.45.112.207",
        "2a02:9130:84a1:1234::",
        "https://8.8.4.4/",
    ),
)
GLUE = (
    " ",
    ", ",
    "-",
    ".",
    "\n",
    "/",
    "",
    " tarjeta ",
    " cuenta ",
    " rut ",
    "ñ",
    "_",
    "\u00a0",
    "+",
    "(",
    ") ",
    "0",
    "K",
    "ſ",
    "] ",
)


def mixed(seed):
    """Whole pieces, parts of them and single signs, put together by chance."""
    chance = random.Random(seed)
    parts = []
    for _ in range(chance.randint(1, 12)):
        piece = chance.choice(WHOLE)
        cut = sorted(chance.choices(range(len(piece) + 1), k=2)) if chance.random() < 0.3 else (0, len(piece))
        parts += [piece[cut[0] : cut[1]], chance.choice(GLUE) * chance.choice((1, 1, 1, 2))]
    return "".join(parts)


# How many pieces of each kind are found in 1,500 mixed texts. A detector that is meant to find others changes these.
FOUND = {
    "numbers": {
        "cpf": 83,
        "cuenta": 130,
        "cuit": 77,
        "curp": 92,
        "dni": 172,
        "documento": 6,
        "iban": 392,
        "nie": 267,
        "rfc": 172,
        "rut": 122,
        "tarjeta": 277,
    },
    "addresses": {"ip": 172},
    "phones": {"teléfono": 613},
}
FIND = {
    "numbers": personal_numbers.numbers,
    "addresses": personal_contacts.addresses,
    "phones": personal_contacts.phones,
}


@pytest.mark.parametrize("name", FOUND)
def test_what_is_found_in_mixed_texts_is_what_was_counted(name):
    found = Counter(one.kind for seed in range(1500) for one in set(FIND[name](mixed(seed))))

    assert dict(sorted(found.items())) == FOUND[name]


# What is a digit by chance is a #.
ARITHMETIC = {
    "dni": ("########A", dni.is_valid),
    "nie": ("X#######A", nie.is_valid),
    "rut": ("########K", rut.is_valid),
    "cuit": ("20#########", cuit.is_valid),
    "ruc": ("10#########", ruc.is_valid),
    "cpf": ("###########", cpf.is_valid),
    "luhn": ("################", luhn.is_valid),
    "ccc": ("####################", ccc.is_valid),
    "cbu": ("######################", cbu.is_valid),
}
LAST = {"A": "TRWAGMYFPDXBNJZSQVHLCKEIÑ", "K": "0123456789K", "#": "0123456789"}
SOUND = {
    "cpf": "39053344705",
    "ccc": "12341234161234567890",
    "cbu": "2850590940090418135201",
}  # two check digits are rare


@pytest.mark.parametrize("name", ARITHMETIC)
def test_check_digits_are_those_of_stdnum(name):
    """Random numbers, each with all that its last sign may be."""
    (shape, valid), check = ARITHMETIC[name], getattr(check_digits, name)
    chance, sound = random.Random(name), 0
    for _ in range(300):
        head = "".join(chance.choice("0123456789") if sign == "#" else sign for sign in shape[:-1])
        head = chance.choice("XYZ") + head[1:] if name == "nie" else head
        for sign in LAST[shape[-1]]:
            assert check(head + sign) == valid(head + sign), head + sign
            sound += valid(head + sign)
    assert (check(SOUND[name]) and valid(SOUND[name])) if name in SOUND else sound >= 250


def test_accounts_are_those_of_stdnum():
    chance = random.Random(1)
    for country in ("ES", "GB", "MT", "NO", "BR", "QQ", "DE", "SC"):
        for _ in range(100):
            size = chance.choice((11, 12, 18, 20, 23, 25))
            account = "".join(chance.choice("0123456789" * 3 + "ABZ") for _ in range(size))
            number = iban.calc_check_digits(country + "00" + account)
            number = country + number + account
            for one in (number, number[:-1] + "7", country + "00" + account):
                assert check_digits.iban(one) == iban.is_valid(one, check_country=False), one
    assert check_digits.iban("ES98 2038 5778 9830 0076 0236") and check_digits.iban("GB82-WEST-1234-5698-7654-32")
