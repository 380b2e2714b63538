import pytest

from cards.shared.verbs import infinitive


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
