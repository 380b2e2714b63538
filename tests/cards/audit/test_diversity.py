import polars as pl

from cards.audit.diversity import Repeated, RepeatedText, distinct, repeated


def test_distinct_ngrams_divided_by_all():
    # a b a b | a b: words a b (of 6), pairs ab ba (of 4: ab ba ab | ab), triples aba bab (of 2).
    assert distinct(pl.Series(["A b, a B.", "a b"])) == {"distinct_1": 0.3333, "distinct_2": 0.5, "distinct_3": 1.0}


def test_no_ngram_reaches_over_the_end_of_a_text():
    assert distinct(pl.Series(["uno dos", "tres cuatro"]))["distinct_3"] == 0.0
    assert distinct(pl.Series(["uno dos", "dos uno"]))["distinct_2"] == 1.0
    assert distinct(pl.Series(["uno", "dos", "uno", "dos"]))["distinct_2"] == 0.0


def test_the_order_of_words_counts():
    assert distinct(pl.Series(["sol mar", "mar sol"])) == {"distinct_1": 0.5, "distinct_2": 1.0, "distinct_3": 0.0}


def test_texts_without_words_have_no_ngrams():
    assert distinct(pl.Series(["", "…", "¡!"])) == {"distinct_1": 0.0, "distinct_2": 0.0, "distinct_3": 0.0}


def test_repeated_texts_case_and_outer_space_aside():
    found = repeated(pl.Series(["Sí.", "sí. ", "No.", "", "", "Tal vez.", "no.", "NO."]))

    assert found == Repeated(texts=2, rows=5, most=[RepeatedText("NO.", 3), RepeatedText("Sí.", 2)])


def test_only_the_beginning_of_a_repeated_text_is_shown():
    assert repeated(pl.Series(["á" * 300] * 2)).most == [RepeatedText("á" * 200, 2)]


def test_nothing_repeated():
    assert repeated(pl.Series(["uno", "dos"])) == Repeated(texts=0, rows=0, most=[])
