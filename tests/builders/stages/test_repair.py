import polars as pl
import pytest

from builders.pipeline import run
from builders.recipes.model import DemoSource, Recipe, Repair
from builders.sources.order import in_natural_order
from builders.sources.read import Read
from builders.stages.repair import repair

FIELDS = ("instruction", "input", "output")
QUESTION = "¿Qué dice el cartel de la entrada?"


def mended(settings=None, **fields):
    """One row after repair, and the names of its edits."""
    row = {"instruction": QUESTION, "input": "", "output": "Que hoy no se abre.", **fields}
    rows = pl.DataFrame(
        {"row": [0], **{key: [value] for key, value in row.items()}},
        {"row": pl.UInt32, **dict.fromkeys(FIELDS, pl.String)},
    )
    after, edits = repair(rows, settings or Repair())
    return after.row(0, named=True), edits["edit"].to_list()


# What each edit makes of a text.
EDITS = [
    ("mojibake", "El niÃ±o volviÃ³ al jardÃ­n", "El niño volvió al jardín"),
    ("mojibake", "Dijo â€œholaâ€\x9d y se fue", "Dijo “hola” y se fue"),
    ("mojibake", "Primera lÃ­nea\nSegunda línea", "Primera línea\nSegunda línea"),
    ("entities", "Pan &amp; queso", "Pan & queso"),
    ("entities", "Dijo &quot;hola&quot;", 'Dijo "hola"'),
    ("entities", "Dijo &#39;hola&#39; y &#x2014; calló", "Dijo 'hola' y — calló"),
    ("entities", "Un niño &amp;quot;feliz&amp;quot; aquí", 'Un niño "feliz" aquí'),
    ("entities", "Ma&ntilde;ana &iquest;vienes?", "Mañana ¿vienes?"),
    ("invisible", "Hola\u200b a\ufeff todos\u200e", "Hola a todos"),
    ("control", "Hola\x07 a\x00 todos", "Hola a todos"),
    ("control", "Una línea\x0bOtra línea", "Una línea Otra línea"),
    ("control", "La Gran Vía \x97 en Madrid\x85 y \x93sí\x94\x81", "La Gran Vía — en Madrid… y “sí”"),
    ("control", "Cuesta 20 \x80", "Cuesta 20 €"),
    ("invisible", "Ganó el Madrid.\u200bAsí quedó.\u200b ¿Y 3.\u200b5?", "Ganó el Madrid. Así quedó. ¿Y 3.5?"),
    ("width", "Son las １２：３０ de la tarde", "Son las 12:30 de la tarde"),
    ("nfc", "El nin\u0303o canto\u0301", "El niño cantó"),
]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(("edit", "before", "after"), EDITS)
def test_an_edit_mends_each_field_and_is_named_after_it(field, edit, before, after):
    row, edits = mended(**{field: before})

    assert (row[field], edits) == (after, [f"{field}:{edit}"])


@pytest.mark.parametrize(("edit", "before", "after"), EDITS)
def test_an_edit_that_is_switched_off_is_not_made(edit, before, after):
    row, edits = mended(Repair(**{edit: False}), output=before)

    assert f"output:{edit}" not in edits
    assert row["output"] != after


@pytest.mark.parametrize(("edit", "before", "after"), EDITS)
def test_repair_that_is_switched_off_makes_no_edit(edit, before, after):
    assert mended(Repair(enabled=False), output=before)[0]["output"] == before


@pytest.mark.parametrize(("edit", "before", "after"), EDITS)
def test_what_was_mended_stays_as_it_is(edit, before, after):
    assert mended(output=after) == ({"row": 0, "instruction": QUESTION, "input": "", "output": after}, [])


@pytest.mark.parametrize(
    "marker",
    [
        "<noinput>",
        "<sin entrada>",
        "Sin entrada.",
        "No input",
        "(No se requiere entrada)",
        "N/A",
        "n/a",
        "Ninguna",
        "No aplica.",
        "null",
        "[vacío]",
        "No hay datos de entrada",
        '""',
    ],
)
def test_a_marker_of_no_input_becomes_an_empty_input(marker):
    row, edits = mended(input=marker)

    assert (row["input"], edits) == ("", ["input:no_input"])


@pytest.mark.parametrize(
    "text",
    [
        "No",
        "Nada",
        "No hay leche en la nevera.",
        "Ninguna de las dos hermanas vino.",
        "Sin entrada no se puede pasar al museo.",
    ],
)
def test_an_input_that_begins_like_a_marker_is_kept(text):
    assert mended(input=text) == (
        {"row": 0, "instruction": QUESTION, "input": text, "output": "Que hoy no se abre."},
        [],
    )


def test_a_marker_that_was_hidden_is_found_after_the_edit_that_shows_it():
    row, edits = mended(input="&lt;noinput&gt;")

    assert (row["input"], edits) == ("", ["input:entities", "input:no_input"])


@pytest.mark.parametrize("label", ["A: ", "R: ", "Respuesta: ", "**Respuesta:** "])
def test_a_lone_label_before_an_answer_is_taken_away(label):
    row, edits = mended(output=f"{label}Que hoy no se abre.")

    assert (row["output"], edits) == ("Que hoy no se abre.", ["output:answer_label"])


@pytest.mark.parametrize(
    ("instruction", "output"),
    [
        (QUESTION, "A: Pan.\nB: Queso."),
        (QUESTION, "R: Pan.\nP: ¿Y qué más?"),
        (QUESTION, "A: "),
        ("Elige. A) pan B) queso", "A: pan"),
        ("Escribe un diálogo.", "A: Hola."),
    ],
)
def test_a_label_that_says_something_is_kept(instruction, output):
    row, edits = mended(instruction=instruction, output=output)

    assert (row["output"], edits) == (output, [])


def test_a_marker_of_no_input_in_an_answer_is_an_answer():
    row, edits = mended(output="Ninguna")

    assert (row["output"], edits) == ("Ninguna", [])


def test_edits_of_one_row_are_named_in_the_order_in_which_they_were_made():
    row, edits = mended(instruction="DÃ­ quÃ© ves", input="<noinput>", output="Pan\u200b &amp; queso")

    assert edits == ["input:no_input", "instruction:mojibake", "output:entities", "output:invisible"]
    assert (row["instruction"], row["input"], row["output"]) == ("Dí qué ves", "", "Pan & queso")


# ---- what is left alone ----------------------------------------------------------------------------------------------

LEFT_ALONE = {
    "an entity in an HTML task": {
        "instruction": "¿Cómo se escribe el signo menor en HTML?",
        "output": "Se escribe &lt; y el mayor, &gt; siempre.",
    },
    "an entity beside tags": {"input": "<p>Pan &amp; queso</p>", "output": "El párrafo dice pan y queso."},
    "an entity in a code answer": {"output": "```\nif (a &lt; b) { salir(); }\n```"},
    "a decomposed letter in a code task": {
        "instruction": "Escribe código Python que normalice el texto.",
        "input": "nin\u0303o",
        "output": "unicodedata.normalize('NFC', texto)",
    },
    "full-width digits in a code task": {
        "instruction": "Escribe una función en JavaScript que convierta estos números.",
        "input": "１２３",
    },
    "mojibake in a task about encodings": {
        "instruction": "Este texto tiene mal la codificación. Explica por qué.",
        "input": "El niÃ±o",
    },
    "a zero-width space in a task about it": {
        "instruction": "¿Qué carácter Unicode se esconde en este texto?",
        "input": "Hola\u200b a todos",
    },
    "full-width signs beside Japanese": {"output": "En japonés se escribe 日本（にほん）！"},
    "an emoji joined from several": {"output": "La familia 👨‍👩‍👧 y el arcoíris 🏳️‍🌈 y la médica 👩🏽‍⚕️ saludan."},
    "an emoji joined with a black square or an arrow": {
        "output": "Un gato negro 🐈\u200d⬛ corre 🏃\u200d➡️ y asiente 🙂\u200d↕️."
    },
    "plain accents and signs": {"output": "¿Vendrás mañana? ¡Ojalá! «Sí», dijo el pingüino — y calló…"},
    "Portuguese and French letters": {"output": "São Paulo, Âncora, Çeşme, Ångström y Ñuñoa."},
    "an ampersand that is no entity": {"output": "AT&T; I&D; R&B y Pérez & Hijos."},
    "an address with parameters": {"output": "Mira https://ejemplo.es/?a=1&copy=2&reg=3 y vuelve."},
    "a name that only begins as an entity's": {"output": "Escribió &copyright; y &notanentity; sin querer."},
    "a number that is no character": {"output": "Escribió &#0; y &#1; y &#xD800; y &#9999999; sin querer."},
    "tabs and line breaks": {"output": "Una\tdos\r\ntres\n"},
}


@pytest.mark.parametrize("case", LEFT_ALONE)
def test_what_is_right_where_it_stands_is_left_alone(case):
    row, edits = mended(**LEFT_ALONE[case])

    assert edits == []
    assert {key: row[key] for key in LEFT_ALONE[case]} == LEFT_ALONE[case]


def test_a_joiner_is_removed_from_words_and_kept_in_emoji():
    row, edits = mended(output="El aba\u200dnico y la familia 👨\u200d👩\u200d👧")

    assert (row["output"], edits) == ("El abanico y la familia 👨\u200d👩\u200d👧", ["output:invisible"])


def test_mojibake_and_control_characters_are_mended_in_code_too():
    row, edits = mended(instruction="Escribe código Python que salude.", output="print('Buenos dÃ­as, niÃ±o')\x07")

    assert row["output"] == "print('Buenos días, niño')"
    assert edits == ["output:mojibake", "output:control"]


# ---- in the ledger ---------------------------------------------------------------------------------------------------


def test_the_ledger_names_edits_and_only_edited_rows_have_another_hash():
    texts = {"fila-1": "Pan &amp; queso.", "fila-2": "Pan y queso.", "fila-3": "El niÃ±o &amp; la niña."}
    rows = pl.DataFrame(
        [{"id": key, "instruction": QUESTION, "input": "", "output": text} for key, text in texts.items()]
    )
    off = {stage: {"enabled": False} for stage in ("language", "quality", "dedup")}
    recipe = Recipe.model_validate({"name": "x", "split": {"validation": 0.0}, **off})

    built = run(recipe, lambda: Read(in_natural_order(rows, "filas"), DemoSource()))

    ledger = built.ledger.select("id", "edits", same=pl.col("source_sha256") == pl.col("row_sha256"))
    assert ledger.rows() == [
        ("fila-1", ["output:entities"], False),
        ("fila-2", [], True),
        ("fila-3", ["output:mojibake", "output:entities"], False),
    ]
    assert built.rows["output"].to_list() == ["Pan & queso.", "Pan y queso.", "El niño & la niña."]


def test_a_mended_row_has_the_hash_of_the_row_that_was_right_from_the_start():
    def hashes(output):
        rows = pl.DataFrame([{"id": "fila-1", "instruction": QUESTION, "input": "", "output": output}])
        recipe = Recipe.model_validate({"name": "x", "language": {"enabled": False}, "split": {"validation": 0.0}})
        return run(recipe, lambda: Read(in_natural_order(rows, "filas"), DemoSource())).ledger

    broken, right = hashes("Pan &amp; queso, y una manzana."), hashes("Pan & queso, y una manzana.")

    assert broken["row_sha256"][0] == right["row_sha256"][0] == right["source_sha256"][0]
    assert broken["source_sha256"][0] != right["source_sha256"][0]
