"""Damage by translation, row beside English row. The rules' own examples are tested with those of all rules."""

from itertools import pairwise

import polars as pl
import pytest

from filters import all_rules
from filters.rule import Setting, judge
from filters.rules.numerals import changes

NAMES = ("untranslated", "changed_numbers", "translated_keywords", "changed_urls")


def pairs(*rows):
    """Rows of (instruction, input, instruction_en, input_en)."""
    names = ("instruction", "input", "instruction_en", "input_en")
    table = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row").with_row_index("row")
    return table.with_columns(pl.lit("Vale.").alias("output"))


def judged(rows):
    """What the four rules, with their own thresholds, make of rows: (row, rule, score, evidence, action)."""
    rules = {name: all_rules()[name] for name in NAMES}
    settings = {name: Setting(rule.verdict, rule.threshold, rule.flag_from) for name, rule in rules.items()}
    return judge(rows, rules, settings).select("row", "rule", "score", "evidence", "action").rows()


def test_the_four_rules_need_the_english_columns():
    assert set(NAMES) <= {name for name, rule in all_rules().items() if rule.needs == ("instruction_en", "input_en")}


def test_a_rule_whose_columns_are_absent_finds_nothing():
    rows = pairs(("Name three fruits of autumn.", "", "Name three fruits of autumn.", ""))
    assert judged(rows) == [(0, "untranslated", 1.0, "Name three fruits of autumn.", "drop")]
    assert judged(rows.drop("input_en")) == []


def test_a_row_without_a_parallel_row_is_left_alone():
    assert judged(pairs(("Name three fruits of autumn, 3 of 7.", "print(1)", None, None))) == []


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        ("It costs 1,234.50 dollars", "Cuesta 1.234,50 dólares"),
        ("10,000 people", "10 000 personas"),
        ("10,000 people", "10\u00a0000 personas"),
        ("Name 5 birds", "Nombra cinco aves"),
        ("Name five birds", "Nombra 5 aves"),
        ("35 days", "treinta y cinco días"),
        ("two hundred and thirty days", "230 días"),
        ("the 19th century", "el siglo XIX"),
        ("the 2nd floor", "el segundo piso"),
        ("Chapter IV", "Capítulo 4"),
        ("the 1990s", "los años 90"),
        ("the 70s", "la década de 1970"),
        ("at 3:30 pm", "a las 15:30"),
        ("12/25/2020", "25 de diciembre de 2020"),
        ("1/2 of the cake", "la mitad del pastel"),
        ("6½ hours", "6 horas y 1/2"),
        ("6 1/2 hours", "6,5 horas"),
        ("2 dozen eggs", "24 huevos"),
        ("$1.5 billion", "1.500 millones de dólares"),
        ("$1.5 billion", "1,5 mil millones de dólares"),
        ("1.2 trillion", "1,2 billones"),
        ("5 thousand sheets", "5 miles de hojas"),
        ("1 trillion", "1 billón"),
        ("version 10.5.3 of 7 files", "versión 10.5.3 de 7 archivos"),
        ("12 inches", "30 centímetros"),
        ("60 miles", "96 km"),
        ("350 °F", "177 °C"),
        ("$0.50 each", "50 centavos cada uno"),
        ("20 mi (32 km) away", "a 32 km"),
        ("20%", "20 por ciento"),
        ("see https://museo.example/7", "mira https://museo.example/8"),
        ("it&#39;s", "es"),
        ("no numbers", "sin números"),
    ],
)
def test_a_number_written_by_another_custom_has_not_changed(english, spanish):
    assert changes(english, spanish) is None


@pytest.mark.parametrize(
    ("english", "spanish", "score", "evidence"),
    [
        ("15 apples and 8 pears", "15 manzanas y 6 peras", 0.9, "8 → 6"),
        ("1870", "1807", 1.0, "1870 → 1807"),
        ("three apples and five pears", "3 manzanas y 6 peras", 1.0, "5 → 6"),
        ("20% off of $20", "22 % de descuento sobre 20 dólares", 1.0, "20 → 22"),
        ("3.5 and 7", "35 y 7", None, None),  # "3.5" may be thirty-five, badly written, as "1.500" is fifteen hundred
        ("4, 9, 16 and 25", "4, 9 y 16", 0.5625, "25 → ∅"),
        ("room 12", "la habitación", 0.75, "12 → ∅"),
        ("the room", "la habitación 12", 0.5, "∅ → 12"),
        ("12 inches", "40 centímetros", 1.0, "12 → 40"),
        ("12 apples", "30 manzanas", 1.0, "12 → 30"),
    ],
)
def test_a_number_that_changed_scores_more_than_one_that_was_lost(english, spanish, score, evidence):
    assert changes(english, spanish) == (None if score is None else (pytest.approx(score), evidence))


def test_instruction_and_input_are_compared_apart():
    row = ("Suma 5 y 7.", "Hay 9 casas.", "Add 5 and 9.", "There are 7 houses.")
    assert judged(pairs(row)) == [(0, "changed_numbers", 1.0, "9 → 7; 7 → 9", "flag")]


def test_a_keyword_that_is_gone_without_a_translation_is_flagged_in_code_and_nothing_in_prose():
    english = ("Fix it.", "x = 3\nprint(x)\ny(x)")
    code = ("Corrígelo.", "x = 3\nmuéstralo\ny(x);", *english)
    prose = ("Corrígelo.", "Enseña la equis.", *english)
    assert judged(pairs(code, prose)) == [
        (0, "translated_keywords", 0.7, "print( → ∅", "flag"),
        (1, "changed_numbers", 0.75, "3 → ∅", "flag"),
    ]


@pytest.mark.parametrize(
    ("english", "spanish", "evidence"),
    [
        ("for i in range(9): x", "para i en el rango(9): x", "for i in range( → para i en el rango"),
        ("while (x < 9) {\n x; }", "mientras (x < 9) {\n x; }", "while (x < 9) { → mientras (x < 9) {"),
        ("a();\nreturn a + b;", "a();\nretorno a + b;", "return a + b; → retorno"),
        ("if x == 1:\n  a()\nelse:\n  b()", "if x == 1:\n  a()\nde lo contrario:\n  b()", "else: → de lo contrario:"),
        ("from math import sqrt", "desde math importar sqrt", "from math import → importar"),
        ("DELETE FROM t;", "ELIMINAR DE t;", "DELETE FROM → ELIMINAR DE"),
        ("<title>A</title>", "<título>A</título>", "</title> → </título>"),
    ],
)
def test_a_translated_keyword_is_dropped_with_what_stands_in_its_place(english, spanish, evidence):
    rows = pairs(("Corrige el código.", spanish, "Fix the code.", english))
    assert judged(rows) == [(0, "translated_keywords", 1.0, evidence, "drop")]


def test_prose_that_speaks_of_printing_and_returning_holds_no_keywords():
    row = (
        "Si quieres, devuelve el libro: la clase lo imprime (o lo importa).",
        "Mientras tanto: clase de arte. Algo más: nada;",
        "If you like, return the book: the class will print (or import) it.",
        "While you wait: class of art. Anything else: nothing;",
    )
    assert judged(pairs(row)) == []


def test_an_address_cut_by_a_space_is_lost_and_one_in_another_dress_is_not():
    english = "See https://museo.example/sala-azul?id=a."
    same = (
        "Mira <http://www.MUSEO.example/sala-azul?id=a/>",
        "Mira https://museo.example/sala-azul?id=a, por favor",
    )
    cut = "Mira https://museo.example/sala azul?id=a"
    rows = pairs(*((text, "", english, "") for text in (*same, cut)))
    assert judged(rows) == [
        (2, "changed_urls", 1.0, "https://museo.example/sala-azul?id=a → https://museo.example/sala", "flag")
    ]


def test_hostile_text_is_judged_without_an_error():
    hostile = [
        "",
        "\0",
        "1" * 6000,
        "1." * 3000,
        "1 000" * 2000,
        "½" * 300,
        "XIV" * 300,
        "http://" * 200,
        "(" * 500,
        "12 inches " + "9" * 5000,
    ]
    rows = pairs(*((one, other, other, one) for one, other in pairwise([*hostile, hostile[0]])))
    found = judged(rows)
    assert found and all(0 <= score <= 1 and len(evidence) <= 160 for _, _, score, evidence, _ in found)
