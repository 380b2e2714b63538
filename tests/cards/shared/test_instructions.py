import polars as pl
import pytest

from cards.shared.instructions import FORMS, TASKS, asks, infinitive, kinds, openings


@pytest.mark.parametrize(
    ("word", "verb"),
    [
        ("escribe", "escribir"),
        ("escriba", "escribir"),
        ("escribid", "escribir"),
        ("escribí", "escribir"),
        ("escribir", "escribir"),
        ("explícame", "explicar"),
        ("explicame", "explicar"),
        ("explíquele", "explicar"),
        ("cuéntanos", "contar"),
        ("contame", "contar"),
        ("dame", "dar"),
        ("dadme", "dar"),
        ("dé", "dar"),
        ("di", "decir"),
        ("dime", "decir"),
        ("haz", "hacer"),
        ("hazlo", "hacer"),
        ("traduzca", "traducir"),
        ("añade", "añadir"),
        ("enséñame", None),
        ("una", None),
        ("lo", None),
        ("me", None),
        ("para", None),
        ("write", None),
    ],
)
def test_a_form_is_its_verb_or_nothing(word, verb):
    assert infinitive(word) == verb


def test_rows_begin_with_a_question_a_known_verb_or_neither():
    told = asks(
        pl.Series(
            [
                "Escribe una carta a tu tía.",
                "  «Escriba» un saludo.",
                "Por favor, resume la noticia.",
                "¿Cuánto mide un elefante?",
                "Cuánto mide un elefante",
                "En qué año nació Frida Kahlo",
                "Un poema sobre el mar.",
                "",
                "1234",
            ]
        )
    )

    assert told == {
        "questions": 3,
        "recognised": 3,
        "neither": 3,
        "verbs": {"escribir": 2, "resumir": 1},
    }


def test_no_instructions_ask_for_nothing():
    assert asks(pl.Series([], dtype=pl.String)) == {"questions": 0, "recognised": 0, "neither": 0, "verbs": {}}


def test_openings_leave_case_and_punctuation_out():
    texts = pl.Series(["¿Cuál es la capital de Perú?", "Cuál es, la moneda…", "cuál ES la bandera", "Di.", "…"])

    assert openings(texts) == {"cuál es la": 3, "di": 1}


ROWS = pl.DataFrame(
    [
        ("¿Quién pintó el mural?", "Rivera"),
        ("Traduce al inglés: gato", "Cat"),
        ("Enumera tres ejemplos de aves.", "- Gorrión\n- Mirlo\n- Buitre"),
        ("Escribe código en Python que sume.", "```python\nprint(1 + 1)\n```"),
        ("Calcula 3 + 4", "3 + 4 = 7"),
        ("Haz una tabla de colores.", "| color | letra |\n| --- | --- |\n| rojo | r |"),
        ("Habla del mar.", "Es grande.\n\nY salado."),
        ("Habla del río.", "Es largo y baja del monte."),
    ],
    schema=["instruction", "output"],
    orient="row",
)


def test_kinds_of_task_and_answer():
    found = kinds(ROWS)

    assert {name: count for name, count in found["task"].items() if count} == {
        "question": 1,
        "translation": 1,
        "list": 1,
        "code": 1,
        "maths": 1,
        "other": 3,
    }
    assert {name: count for name, count in found["answer"].items() if count} == {
        "one word": 2,
        "list": 1,
        "code": 1,
        "maths": 1,
        "table": 1,
        "several paragraphs": 1,
        "other": 1,
    }
    assert found["task"].keys() == {*TASKS, "other"}
    assert found["answer"].keys() == {*FORMS, "other"}


def test_kinds_of_no_rows():
    assert set(kinds(ROWS.head(0))["task"].values()) == {0}
