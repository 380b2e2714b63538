"""The language decision: two engines that agree, and what is decided on clear and unclear text."""

import math
import re
from dataclasses import replace

import langdetect
import polars as pl
import pytest

from builders.gold import labels
from builders.recipes.model import DemoSource, Language
from builders.sources.demo import read_demo
from builders.stages.language import languages_of
from filters.detectors.fasttext_model import read_texts
from filters.detectors.langdetect_engine import chances_python, langdetect_chances
from filters.detectors.language import Thresholds, decide
from filters.languages import language_pack
from filters.languages.spanish import SPANISH

langdetect_rs = pytest.importorskip("langdetect_rs", reason="no langdetect-rs wheel for this platform")

DEFAULT = Thresholds()
FOREIGN = [
    "The committee decided to postpone the meeting until the following week.",
    "A reunião foi adiada porque ninguém tinha lido o relatório.",
    "La reunió es va ajornar perquè ningú no havia llegit l'informe.",
    "A xuntanza aprazouse porque ninguén lera o informe da comisión.",
    "Bilera atzeratu egin zen, inork ez baitzuen txostena irakurri.",
    "La riunione fu rimandata perché nessuno aveva letto la relazione.",
    "Ședința a fost amânată fiindcă nimeni nu citise raportul.",
    "Die Sitzung wurde verschoben, weil niemand den Bericht gelesen hatte.",
    "La réunion a été reportée parce que personne n'avait lu le rapport.",
    "誰も報告書を読んでいなかったので、会議は延期された。",
    "Встречу отложили, потому что никто не прочитал отчёт.",
]
DEGENERATE = [
    "",
    " ",
    "\n\t",
    "42",
    "…",
    "🙂🙂",
    "a",
    "ñ",
    "AAAA BBBB",
    "http://a.example x@y.example",
    "\u200b",
    "1 + 1 = 2",
    "Ψ" * 50,
]


def test_both_langdetect_engines_give_the_same_numbers():
    demo = read_demo(DemoSource()).rows
    texts = [*demo["instruction"].head(120), *demo["output"].head(60), *FOREIGN, *DEGENERATE]
    assert langdetect_chances(texts) == chances_python(texts)


def test_the_seed_makes_langdetect_a_function_of_the_text():
    text = "Esta frase es corta."
    alone = langdetect_chances([text])
    among = langdetect_chances([*FOREIGN, text, *FOREIGN])
    assert among[len(FOREIGN)] == alone[0]
    assert langdetect.DetectorFactory.seed in (0, None)


def classes(*rows, thresholds=DEFAULT, language=SPANISH):
    table = pl.DataFrame(
        [(n, *row) for n, row in enumerate(rows)],
        schema={"row": pl.UInt32, "instruction": pl.String, "input": pl.String, "output": pl.String},
        orient="row",
    )
    return decide(table, thresholds, language).select("question", "answer").rows()


@pytest.mark.parametrize("text", FOREIGN, ids=lambda text: text[:18])
def test_a_foreign_row_is_not_spanish(text):
    assert classes((text, "", text))[0][0] == "other"


# Galician, whose instruction alone looks surely Spanish.
SOUP = (
    "Explica cómo se prepara un caldo",
    "",
    "Pon a cocer as patacas coas verzas e engade o unto cando ferva a auga.",
)


def test_a_row_in_the_neighbour_language_is_foreign_though_its_instruction_looks_surely_spanish():
    assert classes(SOUP)[0][0] == "other"
    unguarded = replace(SPANISH, detection=replace(SPANISH.detection, neighbour=None))
    assert classes(SOUP, language=unguarded)[0][0] == "es"


def test_the_evidence_names_the_neighbour_that_decided_not_the_language_that_is_likelier():
    schema = {"row": pl.UInt32, "instruction": pl.String, "input": pl.String, "output": pl.String}
    table = pl.DataFrame([(0, *SOUP)], schema, orient="row")
    evidence = decide(table, DEFAULT, SPANISH)["question_evidence"].item()
    assert re.fullmatch(r"fastText gl 0\.\d+ \(es 0\.\d+\)(, langdetect es [01]\.\d+)?", evidence)
    assert languages_of(decide(table, DEFAULT, SPANISH), Language())["question"].item() == "gl"


def test_the_neighbours_threshold_is_the_first_probability_that_is_its_own():
    _, (probability,), _, _ = read_texts([f"{SOUP[0]}  {SOUP[2]}".lower()], "es", "gl")
    assert probability > SPANISH.detection.neighbour.threshold
    assert classes(SOUP, thresholds=Thresholds(neighbour_from=probability))[0][0] == "other"
    above = math.nextafter(probability, 1)
    assert classes(SOUP, thresholds=Thresholds(neighbour_from=above))[0][0] == "es"


def test_scores_go_from_surely_in_the_language_to_surely_foreign():
    rows = [
        ("¿Qué decidió ayer el comité sobre la reunión de los vecinos?", "", "Que los vecinos se reúnan el lunes."),
        (FOREIGN[0], "", FOREIGN[0]),
    ]
    table = pl.DataFrame(
        [(n, *row) for n, row in enumerate(rows)],
        schema={"row": pl.UInt32, "instruction": pl.String, "input": pl.String, "output": pl.String},
        orient="row",
    )
    scores = decide(table, Thresholds()).select("question_score", "answer_score").rows()
    assert all(0 <= score < 0.2 for score in scores[0]) and all(0.9 < score <= 1 for score in scores[1])


def test_a_language_without_a_room_cannot_be_decided():
    with pytest.raises(AssertionError, match="Portuguese has no detection in filters/languages"):
        classes(("Olá", "", "Olá"), language=language_pack("pt"))


def test_an_answer_is_prose_from_two_words_in_lower_case_on():
    question = ("¿Qué compañía gestionaba los barcos del río?", "")
    name, sentence = (
        "Donaudampfschifffahrtsgesellschaft gegründet",
        "Donaudampfschifffahrtsgesellschaft wurde gegründet",
    )
    assert classes((*question, name), (*question, sentence)) == [("es", "undetermined"), ("es", "other")]


def test_a_foreign_answer_to_a_spanish_question_is_found_unless_asked_for():
    answer = FOREIGN[0]
    assert classes(("¿Qué decidió ayer el comité sobre la reunión?", "", answer)) == [("es", "other")]
    assert classes(("Traduce al inglés: el comité aplazó la reunión.", "", answer))[0][1] != "other"
    assert classes(("Escribe en inglés una frase sobre una reunión.", "", answer))[0][1] != "other"


def test_an_answer_that_works_on_what_the_question_quotes_is_no_foreign_answer():
    quoted = 'Convierte la siguiente oración al pasado simple: "I like pizza with pepperoni."'
    assert classes((quoted, "", "I liked pizza with pepperoni."))[0][1] != "other"
    assert classes((quoted, "", FOREIGN[0]))[0][1] == "other"


def test_a_short_answer_in_which_fasttext_hears_no_language_is_no_foreign_answer():
    rows = [("¿Quién domina las carreras de larga distancia?", "", "atletas kenianos (particularmente Kalenjin)")]
    assert classes(*rows)[0][1] != "other"


def test_short_answers_names_numbers_and_code_are_never_foreign():
    rows = [
        ("¿Cuál es el satélite natural de la Tierra?", "", "Luna"),
        ("¿Cuánto es seis por siete, si se multiplica bien?", "", "42"),
        ("¿Quiénes fundaron la compañía de ordenadores?", "", "Steve Jobs, Steve Wozniak, Ronald Wayne"),
        ("Enumera películas famosas del siglo pasado.", "", "- The Godfather\n- Gone with the Wind\n- Casablanca"),
        ("Escribe una función en Python que sume una lista.", "", "def add(values):\n    return sum(values)"),
        ("Nombra un río de Colombia que desemboque en el mar.", "", "Magdalena"),
    ]
    assert [answer for _, answer in classes(*rows) if answer == "other"] == []
    assert [question for question, _ in classes(*rows)] == ["es"] * len(rows)


def test_text_without_language_is_undetermined():
    assert classes(("2 + 2", "", "4"), ("¿?", "", "…"), ("", "", "")) == [("undetermined", "undetermined")] * 3


def test_a_decision_depends_on_the_row_alone():
    rows = [(text, "", other) for text in FOREIGN for other in ("El comité aplazó la reunión hasta el lunes.", text)]
    assert classes(*rows) == [classes(row)[0] for row in rows]
    assert classes(*reversed(rows)) == list(reversed(classes(*rows)))


def test_spanish_of_every_country_in_the_demo_stays():
    truth = labels()
    rows = read_demo(DemoSource()).rows.filter(
        pl.col("id").is_in([id for id, label in truth.items() if label.status == "kept"])
    )
    decided = decide(rows, Thresholds()).filter((pl.col("question") == "other") | (pl.col("answer") == "other"))
    lost = rows.filter(pl.col("row").is_in(decided["row"].implode()))["id"].to_list()
    assert lost == []


def test_words_of_the_instruction_outweigh_names_numbers_and_quotes():
    rows = [
        ("Nombra tres lagos de Italia", "", "Garda, Como, Maggiore"),
        ("Di si la frase es alegre o triste.", "Odio este bar.", "Triste"),
        ("Órale, dime 4 salsas", "", "Verde, roja y de chile habanero."),
        (f"¿Qué se decide en la frase? `{FOREIGN[0]} {'The chair agreed. ' * 25}` Responde.", "", "El aplazamiento."),
        ("Convierte 30 grados Celsius a Fahrenheit.", "", "Son 86 grados Fahrenheit."),
        (
            "Además de To the Christian Nobility of the German Nation y de On the Babylonian Captivity of the Church, ¿qué publicó "
            "Lutero en 1520?",
            "",
            "la libertad de un cristiano",
        ),
    ]
    assert "other" not in [question for question, _ in classes(*rows)]


def test_an_instruction_in_another_language_is_foreign_whatever_its_answer_is_in():
    rows = [
        ("Cales son os ríos máis longos da Coruña?", "", "Los ríos más largos de La Coruña son el Tambre y el Ulla."),
        ("Quins són els rius més llargs de Girona?", "", "Los ríos más largos de Gerona son el Ter y el Fluvià."),
        ("Write a short poem about autumn.", "", "Caen las hojas doradas,\nel viento las acompaña."),
    ]
    assert [question for question, _ in classes(*rows)] == ["other", "other", "other"]
    table = pl.DataFrame([(0, *rows[0])], ["row", "instruction", "input", "output"], orient="row")
    assert "fastText gl" in decide(table, DEFAULT)["question_evidence"].item()


def test_a_formula_in_dollars_is_no_foreign_answer():
    formula = r"$\sin(75°) = \sin(45° + 30°) = \sin(45°)\cos(30°) + \cos(45°)\sin(30°) = \frac{\sqrt{6}}{4}$"
    assert classes(("¿Cuál es el valor exacto del seno de 75 grados?", "", formula))[0][1] != "other"
