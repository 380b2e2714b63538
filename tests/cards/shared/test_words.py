import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.shared.words import changes, marked, number_of, shortened, side, size, spans

WORDS = st.lists(st.sampled_from(["sol", "ñandú", " ", "\n", ",", "é", "e\u0301", "año"])).map("".join)


def joined(pieces):
    return "".join(text for _, text in pieces)


def test_words_that_changed():
    assert changes("El río baja crecido.", "El río baja muy lento.") == [
        ("same", "El río baja "),
        ("old", "crecido"),
        ("new", "muy lento"),
        ("same", "."),
    ]


def test_words_with_only_a_space_between_them_are_one_change():
    assert changes("Ana come pan", "Eva bebe agua") == [("old", "Ana come pan"), ("new", "Eva bebe agua")]


def test_an_accent_on_its_own_belongs_to_its_word():
    assert changes("un cafe\u0301 solo", "un café solo")[1:3] == [("old", "cafe\u0301"), ("new", "café")]


@pytest.mark.parametrize(("old", "new"), [("", ""), ("igual", "igual"), ("", "todo nuevo"), ("todo viejo", "")])
def test_texts_of_which_one_is_empty_or_both_are_equal(old, new):
    pieces = changes(old, new)
    assert pieces == (
        [("same", old)] if old == new and old else [one for one in (("old", old), ("new", new)) if one[1]]
    )


@given(WORDS, WORDS)
def test_the_pieces_give_both_texts_back(old, new):
    pieces = changes(old, new)

    assert joined(side(pieces, "old")) == old
    assert joined(side(pieces, "new")) == new
    assert all(one[0] != other[0] for one, other in itertools.pairwise(pieces))


def test_a_long_text_of_two_words_comes_to_an_end():
    # Every word is popular, so difflib begins no match with it; without that rule this pair takes hours.
    old, new = "sí no no " * 20_000, "no sí no sí " * 15_000

    pieces = changes(old, new)

    assert (joined(side(pieces, "old")), joined(side(pieces, "new"))) == (old, new)


def test_unchanged_text_is_cut_to_what_stands_around_the_changes():
    pieces = [("same", "a" * 10), ("old", "x"), ("same", "b" * 10), ("new", "y"), ("same", "c" * 10)]

    assert shortened(pieces, around=3) == [
        ("same", " … aaa"),
        ("old", "x"),
        ("same", "bbb … bbb"),
        ("new", "y"),
        ("same", "ccc … "),
    ]


@pytest.mark.parametrize(
    ("text", "evidence", "found"),
    [
        ("Lo siento. No puedo.", ["lo siento"], ["Lo siento"]),
        ("Ve a casa. ¡Ve, a casa!", ["ve a casa. (× 2)"], ["Ve a casa", "Ve, a casa"]),
        ("Alemania es famosa por su pan", ["nia es famosa por su pan"], ["nia es famosa por su pan"]),
        ("la sala y las salas", ["sala"], ["sala", "sala"]),
        ("uno ### dos", ["###"], ["###"]),
        ("uno dos tres", ["uno dos", "dos tres"], ["uno dos tres"]),
        ("¿Qué es a.b*c?", ["a.b*c"], ["a.b*c"]),
        ("nada de eso", ["fastText en 0.9", ""], []),
    ],
)
def test_where_evidence_stands(text, evidence, found):
    assert [text[begin:end] for begin, end in spans(text, evidence)] == found


def test_a_text_with_its_evidence_marked():
    pieces = marked("Vale. Lo siento, no puedo.", ["lo siento"])

    assert pieces == [("same", "Vale. "), ("evidence", "Lo siento"), ("same", ", no puedo.")]
    assert marked("", ["algo"]) == []


@pytest.mark.parametrize(("count", "said"), [(0, "0 rows"), (1, "1 row"), (1_204, "1,204 rows")])
def test_a_number_of_things(count, said):
    assert number_of(count, "row") == said


def test_of_two_long_texts_the_beginning_of_what_differs_is_compared_word_by_word():
    old = " ".join(f"a{number}" for number in range(30_000))
    new = " ".join(f"a{number * 7919 % 30_000}" for number in range(30_000))  # the same words in another order
    pieces = changes(f"Igual. {old} Fin.", f"Igual. {new} Fin.")
    assert "".join(text for what, text in pieces if what != "new") == f"Igual. {old} Fin."
    assert "".join(text for what, text in pieces if what != "old") == f"Igual. {new} Fin."
    assert pieces[0][1].startswith("Igual. a0 ") and pieces[-1] == ("same", " Fin.")


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, "0.0 kB"), (21_987, "22.0 kB"), (99_999, "100.0 kB"), (100_000, "0.1 MB"), (1_204_500_000, "1,204.5 MB")],
)
def test_sizes_of_files(count, told):
    assert size(count) == told
