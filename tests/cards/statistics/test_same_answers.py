import polars as pl

from cards.statistics.long_rows import WINDOW, LongRows, long_rows
from cards.statistics.same_answers import SameAnswer, same_answers
from tests.cards.statistics.rows import measured_of
from train.recipes.model import Train


def of(*outputs, words=0):
    ids = [f"a-{place}" for place in range(1, len(outputs) + 1)]
    rows = pl.DataFrame({"id": ids, "instruction": "Di algo.", "input": "uno " * words, "output": outputs})
    return measured_of(rows)


ALIKE = (
    "No tengo comentarios.",
    "no tengo comentarios",
    "Vaya. NO TENGO COMENTARIOS…",
    "Bien: «No tengo comentarios».",
)


def test_answers_that_end_alike_whatever_case_accents_and_signs():
    found = same_answers(of(*ALIKE, "No tengo  comentários!", "No tengo comentarios. Bueno, quizá uno muy corto."))

    assert found == [SameAnswer("No tengo comentarios", 4, 5, 6, ["a-1", "a-2", "a-3", "a-4", "a-5"])]


def test_one_spelling_few_rows_or_few_words_are_not_told():
    assert same_answers(of(*["No tengo comentarios."] * 9)) == [], "one spelling is a repeated answer, told elsewhere"
    assert same_answers(of(*ALIKE)) == [], "four"
    assert same_answers(of("Verdadero.", "verdadero", "VERDADERO", "Verdadero", "Es: verdadero")) == []


def test_a_sentence_is_not_found_within_words():
    found = same_answers(of(*ALIKE, "No tengo comentarios", "Apuntono tengo comentarios nada más, y sigo hablando."))

    assert (found[0].ends, found[0].holds) == (5, 5)


def test_rows_with_more_words_than_a_window_has_tokens():
    assert long_rows(of("Sí.", words=WINDOW)) == LongRows(WINDOW, 1, ["a-1"])
    assert long_rows(of("Sí.", words=WINDOW - 3)) == LongRows(WINDOW, 0, [])


def test_the_window_is_the_trainers():
    assert Train.model_fields["max_length"].default == WINDOW
