import polars as pl

from cards.statistics.asks import Asks, asks
from tests.cards.statistics.rows import measured_of


def asked(instructions):
    return asks(measured_of(pl.DataFrame({"instruction": instructions}, {"instruction": pl.String})))


def test_rows_begin_with_a_question_a_known_verb_or_neither():
    found = asked(
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

    assert found == Asks(questions=3, recognised=3, neither=3, verbs={"escribir": 2, "resumir": 1})


def test_no_instructions_ask_for_nothing():
    assert asked([]) == Asks(questions=0, recognised=0, neither=0, verbs={})
