import polars as pl

from cards.audit.kinds import FORMS, kinds, openings
from cards.audit.tasks import NAMES


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

    assert {name: count for name, count in found.task.items() if count} == {
        "question": 1,
        "translation": 1,
        "list": 1,
        "code": 1,
        "maths": 1,
        "other": 3,
    }
    assert sum(found.task.values()) == ROWS.height
    assert {name: count for name, count in found.answer.items() if count} == {
        "one word": 2,
        "list": 1,
        "code": 1,
        "maths": 1,
        "table": 1,
        "several paragraphs": 1,
        "other": 1,
    }
    assert list(found.task) == [
        *sorted(found.task.keys() - {"other"}, key=lambda name: (-found.task[name], name)),
        "other",
    ]
    assert found.task.keys() == {*NAMES, "other"}
    assert found.answer.keys() == {*FORMS, "other"}


def test_kinds_of_no_rows():
    assert set(kinds(ROWS.head(0)).task.values()) == {0}
