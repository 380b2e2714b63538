import re

import pytest

from builders import errors
from builders.errors import Changed, Invalid, NoSuchRevision, NotFound, OtherFormat, Problem, keyed, nearest

CLASSES = {name: one for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, Exception)}


def test_the_tree_in_the_docstring_is_the_tree():
    drawn = re.findall(r"(?m)^    ([│├└─ ]*)(\w+)  +\S", errors.__doc__)
    parents, above = {}, []
    for branch, name in drawn:
        depth = len(branch) // 4
        above = [*above[:depth], name]
        parents[name] = above[depth - 1] if depth else "Exception"

    assert parents == {name: one.__base__.__name__ for name, one in CLASSES.items()}


@pytest.mark.parametrize("kind", CLASSES.values(), ids=lambda kind: kind.__name__)
def test_every_class_is_a_problem_and_says_what_it_is_for(kind):
    assert issubclass(kind, Problem) and kind.__doc__
    problem = kind("filas.jsonl: torn", "fetch it again", "source.path")
    assert (problem.message, problem.hint, problem.key) == ("filas.jsonl: torn", "fetch it again", "source.path")
    assert str(problem) == "filas.jsonl: torn; fetch it again"


def test_what_is_narrower_is_caught_as_what_it_is_a_kind_of():
    for narrow, wide in ((NoSuchRevision, NotFound), (OtherFormat, Invalid)):
        with pytest.raises(wide):
            raise narrow("nada")
    assert not issubclass(Changed, Invalid)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("nada",), "nada"),
        (("nada", "see there"), "nada; see there"),
        (("{key} is nada", "set {key}", "dedup.near"), "dedup.near is nada; set dedup.near"),
        (("{key} is nada", "set {key}"), "{key} is nada; set {key}"),  # what somebody wrote, where there is no key
        (("nada", "", "dedup"), "nada"),
    ],
)
def test_a_problem_is_one_line(words, line):
    assert str(Problem(*words)) == line


def test_a_key_is_completed_from_the_inside_out():
    with pytest.raises(Problem) as problem, keyed("source"), keyed("parallel"):
        raise NotFound("{key}: no such column", key="columns.id")

    assert problem.value.key == "source.parallel.columns.id"
    assert str(problem.value) == "source.parallel.columns.id: no such column"


def test_a_problem_without_a_key_gets_none_and_other_errors_pass():
    with pytest.raises(Problem) as problem, keyed("source"):
        raise Invalid("torn")
    assert problem.value.key == ""
    with pytest.raises(ZeroDivisionError), keyed("source"):
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("word", "known", "said"),
    [
        ("refusl", ["refusal", "echo"], "; did you mean refusal?"),
        ("nada", ["refusal", "echo"], ""),
        ("refusal", [], ""),
    ],
)
def test_the_nearest_word_is_named_if_one_is_near(word, known, said):
    assert nearest(word, known) == said
    assert nearest(word, iter(known)) == said
