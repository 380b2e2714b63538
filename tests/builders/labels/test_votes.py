"""What several people say of a row: the majority's verdict, and Krippendorff's alpha against his own example."""

import pytest

from builders.labels.records import Label
from builders.labels.votes import Vote, agreed, alpha
from tests.installed import needs

needs("nltk")

HASH = "a" * 64
# The worked example of Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), part C: four observers, twelve units,
# nominal values, gaps; alpha is 0.743.
OBSERVERS = {
    "A": "1 2 3 3 2 1 4 1 2 . . .",
    "B": "1 2 3 3 2 2 4 1 2 5 . 3",
    "C": ". 3 3 3 2 3 4 2 2 5 1 .",
    "D": "1 2 3 3 2 4 4 1 2 5 1 .",
}


def test_alpha_is_that_of_the_published_example():
    values = {who: said.split() for who, said in OBSERVERS.items()}
    units = [[(who, said[at]) for who, said in values.items() if said[at] != "."] for at in range(12)]

    assert alpha(units) == pytest.approx(0.743, abs=5e-4)


def test_alpha_of_rows_that_one_person_judged_is_none_and_of_one_voice_is_one():
    assert alpha([[("ana", "keep")], [("luis", "drop")]]) is None
    assert alpha([[("ana", "keep"), ("luis", "keep")]]) == 1.0


def rows(*votes):
    """Rows a, b, c … with what people say of each, as words."""
    names = ("ana", "luis", "eva", "sol")
    return [
        (Label(id=id, row_sha256=HASH), [Vote(who, verdict) for who, verdict in zip(names, said.split(), strict=False)])
        for id, said in zip("abcdef", votes, strict=False)
    ]


def test_more_than_half_decide_and_rows_without_a_majority_are_named():
    found = agreed(rows("keep keep drop", "keep drop", "keep keep drop fix", "", "fix", "drop drop keep"))

    assert [(one.id, one.verdict) for one in found.labels] == [("a", "keep"), ("e", "fix"), ("f", "drop")]
    assert (found.ties, found.people, found.votes) == (("b", "c"), 4, 13)


def test_a_defect_is_what_more_than_half_name_and_every_note_is_kept():
    votes = [
        Vote("ana", "drop", ("BAD OUTPUT", "BIASED"), "Miente."),
        Vote("luis", "drop", ("BAD OUTPUT",), "Miente."),
        Vote("eva", "drop", (), "Inventa."),
    ]

    (made,) = agreed([(Label(id="a", row_sha256=HASH, stratum="kept", of=9), votes)]).labels

    assert (made.defects, made.note) == (("BAD OUTPUT",), "Inventa. / Miente.")
    assert (made.stratum, made.of) == ("kept", 9)
