"""The parts of a card that people may edit."""

import time

import pytest

from cards.shared.address import OPEN
from cards.shared.sections import fixed_sha256, sections, unclosed, with_sections

CARD = """# Recetas

<!-- aguila:editable about -->
Cuatro filas.
<!-- /aguila:editable -->

| filas | 4 |

<!-- aguila:editable limits-notes --><!-- /aguila:editable -->
"""


def test_the_text_between_the_marks():
    assert sections(CARD) == {"about": "\nCuatro filas.\n", "limits-notes": ""}
    assert sections("# Sin marcas") == {}


def test_the_first_of_two_sections_of_one_name_counts():
    twice = CARD.replace("limits-notes", "about")

    assert sections(twice) == {"about": "\nCuatro filas.\n"}


def test_texts_go_into_their_sections_and_nowhere_else():
    card = with_sections(CARD, {"about": "\nDe **Marta**: \\1 \\g<open>.\n", "nada": "x"})

    assert card == CARD.replace("\nCuatro filas.\n", "\nDe **Marta**: \\1 \\g<open>.\n")
    assert sections(card)["about"] == "\nDe **Marta**: \\1 \\g<open>.\n"


def test_what_was_taken_out_of_a_card_can_be_put_back():
    assert with_sections(CARD, sections(CARD)) == CARD


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (("Cuatro filas.", "Otra cosa,\nen dos líneas."), True),
        (("\nCuatro filas.\n", ""), True),
        (("\n", "\r\n"), True),
        (("| 4 |", "| 5 |"), False),
        (("# Recetas", "# Recetas "), False),
        (("limits-notes", "limits"), False),
        (("<!-- /aguila:editable -->\n\n|", "\n|"), False),
        (("-->\nCuatro", "--><!-- aguila:editable otra -->\nCuatro"), True),
    ],
)
def test_only_the_text_between_the_marks_is_free(change, same):
    edited = CARD.replace(*change)

    assert edited != CARD
    assert (fixed_sha256(edited) == fixed_sha256(CARD)) is same


def test_a_section_that_does_not_end_is_told():
    first, last = CARD.split("<!-- /aguila:editable -->", 1), CARD.rsplit("<!-- /aguila:editable -->", 1)

    assert unclosed(CARD) == []
    assert unclosed("".join(first)) == ["about"]
    assert unclosed("".join(last)) == ["limits-notes"]
    assert unclosed(CARD.replace("<!-- /aguila:editable -->", "")) == ["about", "limits-notes"]
    assert unclosed("# Sin marcas\n<!-- /aguila:editable -->") == []


@pytest.mark.parametrize(
    "mark", ["<!-- aguila:editable a -->", OPEN, "<", "<!-- aguila:editable a --><!-- /aguila:editable -->"]
)
def test_a_page_of_nothing_but_marks_is_read_in_no_time(mark):
    start = time.process_time()
    fixed_sha256(mark * (400_000 // len(mark)))
    assert time.process_time() - start < 2
