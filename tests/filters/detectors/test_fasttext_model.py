"""fastText's model, read by the port that takes many texts a call."""

import fasttext

from builders.recipes.model import DemoSource
from builders.sources.demo import read_demo
from filters.detectors.fasttext_model import CANDIDATES, model_path, read_texts


def test_the_numbers_are_those_of_the_original_binding_to_the_bit() -> None:
    rows = read_demo(DemoSource()).rows
    texts = [text.replace("\n", " ").lower()[:120] for name in ("instruction", "output") for text in rows[name]]
    original = fasttext.load_model(str(model_path()))

    ours, neighbours, top, top_score = read_texts(texts, "es", "gl")

    for text, spanish, galician, language, score in zip(texts, ours, neighbours, top, top_score, strict=True):
        names, values = original.predict(text, k=CANDIDATES)
        chances = dict(zip(names, values, strict=True))
        assert spanish == min(1.0, chances.get("__label__es", 0.0))
        assert galician == min(1.0, chances.get("__label__gl", 0.0))
        assert (language, score) == ((names[0].removeprefix("__label__"), min(1.0, values[0])) if names else ("", 0.0))


def test_a_text_that_comes_twice_and_an_empty_one_are_answered_in_their_places() -> None:
    _, _, top, top_score = read_texts(["¿dónde está la biblioteca?", "", "¿dónde está la biblioteca?"], "es", None)

    assert top[0] == top[2] == "es"
    assert top_score[0] == top_score[2] > 0.5


def test_no_text_gives_no_number() -> None:
    assert read_texts([], "es", "gl") == ([], [], [], [])
