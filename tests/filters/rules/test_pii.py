"""What is personal data, what only looks like it, and what masking leaves."""

import random
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.es import dni

from filters.detectors import personal_numbers
from filters.languages.spanish.personal_data import PLACEHOLDER
from filters.rules.pii import mask, personal, personal_data
from filters.window import WINDOW

# Kind, what stands in a text (made up, with valid check digits), and what masking makes of the text.
FOUND = [
    ("correo", "Escribe a lucia.robledo@gmail.com.", "Escribe a [correo]."),
    ("correo", "Remite: <ñoño_82@hotmail.com.ar>", "Remite: <[correo]>"),
    ("correo", "Pregunta a pepe@microsoft.com", "Pregunta a [correo]"),
    ("correo", "Pregunta a laura.gil@empresa.com", "Pregunta a [correo]"),
    ("teléfono", "Llama al +34 634 25 81 97 por la tarde.", "Llama al [teléfono] por la tarde."),
    ("teléfono", "Desde fuera: 0034 634258197", "Desde fuera: [teléfono]"),
    ("teléfono", "+57 315 445 9280 28001 Madrid", "[teléfono] 28001 Madrid"),
    ("teléfono", "Anota: +52 55 3692 4817.", "Anota: [teléfono]."),
    ("teléfono", "Anota: +54 9 11 5286-3174.", "Anota: [teléfono]."),
    ("teléfono", "Anota: +56 9 8472 6153.", "Anota: [teléfono]."),
    ("teléfono", "Anota: +1 787-769-4821.", "Anota: [teléfono]."),
    ("teléfono", "Tel.: 634258197 / 91 527 43 86", "Tel.: [teléfono] / [teléfono]"),
    ("teléfono", "Mi celular es (55) 3692-4817", "Mi celular es [teléfono]"),
    ("teléfono", "Oficina, 91 527 43 86, de 9 a 14", "Oficina, [teléfono], de 9 a 14"),
    ("dni", "Marta Gil, 48213975H, firma.", "Marta Gil, [documento], firma."),
    ("dni", "DNI: 48.213.975-H", "DNI: [documento]"),
    ("dni", "con dni 48213975 h", "con dni [documento]"),
    ("nie", "NIE X-4821397-E", "NIE [documento]"),
    ("curp", "CURP ROSL850417MDFBLC06", "CURP [documento]"),
    ("rut", "RUT 17.482.639-0", "RUT [documento]"),
    ("rut", "RUT: 17482639-0", "RUT: [documento]"),
    ("cuit", "CUIL 27-28461935-3", "CUIL [documento]"),
    ("documento", "cédula de ciudadanía n.º 1.047.382.615", "cédula de ciudadanía n.º [documento]"),
    ("documento", "El DNI del paciente es 30.482.617.", "El DNI del paciente es [documento]."),
    ("documento", "Pasaporte PAB482617", "Pasaporte [documento]"),
    ("tarjeta", "Cobra en 4539 5787 6362 1486.", "Cobra en [tarjeta]."),
    ("tarjeta", "Amex 3782 822463 10005", "Amex [tarjeta]"),
    ("tarjeta", "Número de tarjeta: 4539578763621486", "Número de tarjeta: [tarjeta]"),
    ("iban", "IBAN ES98 2038 5778 9830 0076 0236 MADRID", "IBAN [cuenta] MADRID"),
    ("iban", "Paga a DE89370400440532013000", "Paga a [cuenta]"),
    ("cuenta", "CLABE 032180000118359719", "CLABE [cuenta]"),
    ("ip", "Entró desde 83.45.112.207:8080", "Entró desde [dirección IP]:8080"),
    ("ip", "http://83.45.112.207/panel", "http://[dirección IP]/panel"),
    ("ip", "La IP 2a02:9130:84b1:7::21", "La IP [dirección IP]"),
]

SPARED = [
    # Addresses that mean nobody.
    *("nombre@dominio.com", "tu_correo@gmail.com", "ana@example.org", "ana@taller.example", "ana@ejemplo.com"),
    *("info@empresa.com", "logo@2x.png", "git@github.com:ana/casa.git", "@lucia_robledo", "a@b"),
    # Numbers that are not telephones.
    *("Tiene 47 615 034 habitantes.", "El teléfono costó 612.345.678 pesos.", "Llamaremos a 763859124 producto."),
    *("Patentó el teléfono en 1876-1877.", "teléfono, 14-02-1876", "Tel: 555-123-4567", "Tel. 1234567890"),
    *("+1 202 555 0182", "5+34612345678", "vendió 912.345.678 acciones", "fax 2 345 678"),
    # Documents with a wrong check digit or letter, and numbers that are in no document.
    *("48213975A", "DNI 48213975A", "X-4821397-Z", "RUT 17.482.639-1", "CUIL 27-28461935-9", "DNI 12345678"),
    *("123e4567-e89b-12d3-a456-426614174000", "ISBN 978-84-376-0494-7", "3,14159265358979323846", "20240131"),
    # Cards and accounts.
    *("4539 5787 6362 1487", "La factura 4539578763621486", "9999 9999 9999 9995", "ES98 2038 5778 9830 0076 0237"),
    # Addresses of nobody, and versions.
    *("192.168.1.1", "127.0.0.1", "10.45.112.207", "203.0.113.9", "8.8.8.8", "255.255.255.0", "999.45.112.207"),
    *("versión 83.45.112.207", "v83.45.112.207", "sección 3.1.2.4", "83.45.112.207.5", "::1", "fe80::1ff:fe23:4567:890a"),
    *("2001:db8::8a2e:370:7334", "lista[1::2]", "12:30:45:10", "std::vector::size"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "masked"), FOUND)
def test_personal_data_is_found_and_masked_by_kind(kind, text, masked):
    assert mask(text) == (masked, (kind,))


@pytest.mark.parametrize("text", SPARED)
def test_what_only_looks_personal_stays(text):
    assert mask(text) == (text, ())


def test_a_text_with_several_kinds_is_masked_whole_and_names_them_sorted():
    text = "Marta Gil (DNI 48213975H), tel. 634 258 197, marta.gil@uv.es, paga con la tarjeta 4539 5787 6362 1486."
    masked = "Marta Gil (DNI [documento]), tel. [teléfono], [correo], paga con la tarjeta [tarjeta]."
    assert mask(text) == (masked, ("correo", "dni", "tarjeta", "teléfono"))


def test_a_text_beyond_what_rules_read_is_masked_in_its_middle_too():
    text = "palabra " * (WINDOW // 8) + "lucia.robledo@gmail.com" + " palabra" * (WINDOW // 8)
    masked, kinds = mask(text)
    assert kinds == ("correo",)
    assert masked == text.replace("lucia.robledo@gmail.com", PLACEHOLDER["correo"])


@pytest.mark.parametrize("account", ["ES98 2038 5778 9830 0076 0236 ", "MT84 MALT 0110 0001 2345 MTLC AST0 01S "])
def test_of_a_list_of_accounts_none_is_left_and_each_is_read_once(monkeypatch, account):
    read = []
    size_of = personal_numbers._iban_size
    monkeypatch.setattr(personal_numbers, "_iban_size", lambda piece: read.append(piece) or size_of(piece))
    masked, _ = mask(account * 50)
    assert len(read) <= 51
    assert masked == f"{PLACEHOLDER['iban']} " * 50


def test_every_piece_of_a_text_is_found_in_its_order():
    text = "DNI 48213975H, tel. 634 258 197, marta.gil@uv.es, desde 192.168.1.1 y desde 83.45.112.207"
    assert [(one.kind, text[one.start : one.end]) for one in personal(text)] == [
        *(("dni", "48213975H"), ("teléfono", "634 258 197"), ("correo", "marta.gil@uv.es"), ("ip", "83.45.112.207")),
    ]


@pytest.mark.parametrize(
    "number",
    [
        *(
            "4222222222222",
            "5555555555554444",
            "2221000000000009",
            "378282246310005",
            "30569309025904",
            "38520000023237",
        ),
        *("6011111111111117", "6500000000000002", "6440000000000005", "3530111333300000", "6200000000000005"),
    ],
)
def test_a_card_of_every_issuer_is_found_and_its_length_and_check_digit_count(number):
    assert mask(f"Paga con la tarjeta {number}.") == ("Paga con la tarjeta [tarjeta].", ("tarjeta",))
    for wrong in (f"{number[:-1]}{(int(number[-1]) + 1) % 10}", f"1{number[1:]}"):
        assert mask(f"Paga con la tarjeta {wrong}.")[1] == ()


@pytest.mark.parametrize(
    ("prefix", "length"),
    [
        *(
            ("50", 16),
            ("56", 16),
            ("2220", 16),
            ("2721", 16),
            ("55", 15),
            ("33", 15),
            ("35", 15),
            ("38", 15),
            ("299", 14),
        ),
        *(("306", 14), ("37", 14), ("6010", 16), ("6012", 16), ("643", 16), ("66", 16), ("3527", 16), ("3590", 16)),
        *(("61", 16), ("63", 17), ("4", 14), ("4", 15), ("62", 15), ("65", 18)),
    ],
)
def test_a_number_of_no_issuer_is_no_card_whatever_its_check_digit(prefix, length):
    digits = prefix.ljust(length - 1, "1")
    number = digits + luhn.calc_check_digit(digits)
    assert mask(f"Paga con la tarjeta {number}.")[1] == ()


@pytest.mark.parametrize("text", ["ana.gil@uv.es", "83.45.112.207", "+34 634 258 197", "4539 5787 6362 1486"])
def test_in_code_addresses_telephones_and_cards_are_samples(text):
    quoted = f"Escribe `{text}` en la consola."
    assert mask(quoted) == (quoted, ())
    assert mask(text, code=True) == (text, ())
    assert [one.score for one in personal(quoted)] == [0.5]


def test_documents_and_accounts_are_personal_in_code_too():
    text = 'cliente = {"dni": "48213975H", "iban": "ES9820385778983000760236"}'
    assert mask(text, code=True)[1] == ("dni", "iban")


@pytest.mark.parametrize("instruction", ["Escribe una función en Python.", "¿Qué hace este comando?"])
def test_a_task_about_code_spares_its_sample_address(instruction):
    rows = pl.DataFrame({"row": [0], "instruction": [instruction], "input": [""], "output": ["enviar ana.gil@uv.es"]})
    assert personal_data.find(rows)["score"].to_list() == [0.5]


def test_a_postal_code_is_no_code():
    answer = "Calle del Olmo 4, código postal 28012, ana.gil@uv.es"
    rows = pl.DataFrame(
        {"row": [0], "instruction": ["Da la dirección y el código postal."], "input": [""], "output": [answer]}
    )
    assert personal_data.find(rows)["score"].to_list() == [1.0]


def test_evidence_shows_kind_and_beginning_and_never_the_whole():
    whole = [
        "48213975H",
        "lucia.robledo@gmail.com",
        "4539 5787 6362 1486",
        "83.45.112.207",
        "ES98 2038 5778 9830 0076 0236",
    ]
    rows = pl.DataFrame(
        {"row": range(5), "instruction": ["Anota."] * 5, "input": [""] * 5, "output": whole},
        schema_overrides={"row": pl.UInt32},
    )
    evidence = personal_data.find(rows)["evidence"].to_list()
    assert evidence == ["dni: 482…", "correo: luc…", "tarjeta: 453…", "ip: 83.…", "iban: ES9…"]


def test_a_row_has_one_finding_the_surest_of_its_fields():
    rows = pl.DataFrame(
        {"row": [7], "instruction": ["`ana.gil@uv.es`"], "input": ["48213975H"], "output": ["17.482.639-0"]},
        schema_overrides={"row": pl.UInt32},
    )
    assert personal_data.find(rows).rows() == [(7, 1.0, "dni: 482…")]


PIECES = st.sampled_from(
    [text for _, text, _ in FOUND] + SPARED + ["y", ",", "\n", "\u00a0", "`", "Tel.", "DNI", "+", "(", "@", "0", "12"]
)


@given(st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=8).map(" ".join))
def test_masking_twice_is_masking_once_and_pieces_never_overlap(text):
    once, _ = mask(text)
    assert mask(once) == (once, ())
    found = personal(text)
    assert all(before.end <= after.start for before, after in pairwise(found))


def test_every_valid_dni_and_card_is_found_and_only_the_valid_ones():
    random.seed(26)
    for _ in range(200):
        number = f"{random.randrange(10**7, 10**8)}"
        letter = dni.calc_check_digit(number)
        other = "TRWAGMYFPDXBNJZSQVHLCKE".replace(letter, "")[random.randrange(22)]
        assert mask(number + letter)[1] == ("dni",)
        assert mask(number + other)[1] == ()
        card = "45" + f"{random.randrange(10**12, 10**13)}"
        digit = luhn.calc_check_digit(card)
        wrong = str((int(digit) + 1) % 10)
        assert mask(f"tarjeta {card}{digit}")[1] == ("tarjeta",)
        assert mask(f"tarjeta {card}{wrong}")[1] == ()
