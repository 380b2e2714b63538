import polars as pl
import pytest

from cards.audit.tasks import KINDS, tasks

OF = {
    "completion": ("Completa el refrán: «Más vale pájaro en mano…»", "Rellene los huecos con «ser» o «estar»."),
    "translation": (
        "Traduzca la oración al francés.",
        "Ponga esta frase en catalán.",
        "¿Cómo se escribe «nieve» en chino?",
    ),
    "summary": (
        "Resume la noticia en una frase.",
        "Escribe un breve resumen de la conferencia.",
        "Sumariza el artículo.",
    ),
    "classification": ("Clasifica estos animales por su dieta.", "Asigna a cada gasto una categoría."),
    "rewriting": (
        "Corrige las faltas de ortografía.",
        "Transforma la oración a voz pasiva.",
        "Edita este párrafo para que sea más claro.",
        "Por favor, reescribe el mensaje en un tono formal.",
    ),
    "code": (
        "Escribe una función en Python que sume dos números.",
        "Escriba una expresión regular que reconozca un código postal.",
        "Modifique el código para que devuelva la suma.",
    ),
    "maths": (
        "Calcula el área del triángulo.",
        "Ana tenía 12 canicas y perdió 5. ¿Cuántas le quedan?",
        "¿Cómo se resuelve 2x + 3 = 9?",
    ),
    "explanation": (
        "Explica cómo funciona un motor.",
        "Describe cómo se hace una página con HTML y CSS.",
        "Escribe la definición de «efímero».",
        "Señale las diferencias entre una célula animal y una vegetal.",
    ),
    "list": (
        "Enumera los cinco sentidos.",
        "Da tres razones por las que importan las abejas.",
        "Genere una lista de los países andinos.",
        "Dame ideas para aprovechar el pan duro.",
    ),
    "writing": (
        "Escribe un cuento sobre un lobo.",
        "Redacta un correo a mi casero.",
        "Genera dos oraciones que se contradigan.",
        "Plantea dos preguntas sobre el dilema.",
    ),
    "question": (
        "¿Cuál es la capital de Perú?",
        "Tengo 52 años y nunca he hecho ejercicio. ¿Con qué deporte empiezo?",
        "¿Para qué sirve el comando git rev-list?",
        "En Chile, ¿qué se come en septiembre?",
    ),
    "other": (
        "Adivina el resultado del partido.",
        "Dibuja un mapa.",
        "Paso 105.",
        "Escribe un verbo en pretérito.",
        "",
    ),
}


@pytest.mark.parametrize("kind", OF)
def test_kind_of_task(kind):
    assert tasks(pl.Series(OF[kind], dtype=pl.String)).to_list() == [kind] * len(OF[kind])


def test_every_kind_is_tried():
    assert OF.keys() == {*(one.name for one in KINDS), "other"}


def test_no_instructions():
    assert tasks(pl.Series([], dtype=pl.String)).to_list() == []
