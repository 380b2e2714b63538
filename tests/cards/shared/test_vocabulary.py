"""The Hub's words, and cards that it would refuse."""

import pytest

from builders.recipes.loading import load_recipe, shipped_recipes
from cards.shared.vocabulary import LANGUAGES, LICENSES, SIZES, TASKS, card_faults, size_category

CARD = """---
license: cc-by-nc-4.0
language:
- es
task_categories: [text-generation, question-answering]
size_categories:
- 1K<n<10K
---

# Recetas
"""


def test_a_sound_card_has_no_faults():
    assert card_faults(CARD) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("cc-by-nc-4.0", "cc-by-nc-5.0", "license 'cc-by-nc-5.0' is not one of the Hub's words"),
        ("cc-by-nc-4.0", "CC-BY-NC-4.0", "license 'CC-BY-NC-4.0' is not one of the Hub's words"),
        ("license: cc-by-nc-4.0\n", "", "license is missing"),
        ("license: cc-by-nc-4.0", "license:", "license is missing"),
        ("license: cc-by-nc-4.0", "license: []", "license is missing"),
        ("- es", "- español", "language 'español' is not one of the Hub's words"),
        ("- es", "- {es: 1}", "language {'es': 1} is not one of the Hub's words"),
        ("- es", "- no", "language False is not one of the Hub's words"),
        ("question-answering", "conversational", "task_categories 'conversational' is not one of the Hub's words"),
        ("1K<n<10K", "1k-10k", "size_categories '1k-10k' is not one of the Hub's words"),
        ("license: cc", "license: [cc", "the YAML header cannot be read"),
        ("---\nlicense", "license", "README.md has no YAML header"),
    ],
)
def test_each_fault_is_one_line(old, new, fault):
    faults = card_faults(CARD.replace(old, new))

    assert len(faults) == 1 and faults[0].startswith(fault) and "\n" not in faults[0]


def test_every_fault_is_told():
    assert card_faults("---\nlicense: x\n---\n") == [
        "license 'x' is not one of the Hub's words",
        "language is missing",
        "task_categories is missing",
        "size_categories is missing",
    ]
    assert card_faults("---\n- license\n---\n") == ["the YAML header cannot be read (not a mapping of names to values)"]


def test_a_header_made_to_hold_up_whoever_reads_it_is_refused():
    bomb = "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*{'a' if n == 0 else f'b{n - 1}'}, *a]\n" for n in range(40))
    (told,) = card_faults(f"---\n{bomb}license: [*b39]\n---\n")
    assert told == "the YAML header cannot be read (an alias, and a header has none)"
    assert len(card_faults(f"---\nlicense: {'x' * 10_000}\n---\n")[0]) < 200


def test_a_header_in_other_line_ends_is_read():
    assert card_faults(CARD.replace("\n", "\r\n")) == []


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        (0, "n<1K"),
        (999, "n<1K"),
        (1_000, "1K<n<10K"),
        (9_999, "1K<n<10K"),
        (67_017, "10K<n<100K"),
        (100_000, "100K<n<1M"),
        (999_999_999, "100M<n<1B"),
        (1_000_000_000, "1B<n<10B"),
        (10**12, "n>1T"),
    ],
)
def test_a_number_of_rows_has_a_name(rows, name):
    assert size_category(rows) == name
    assert card_faults(CARD.replace("1K<n<10K", name)) == []


def test_the_shipped_recipes_name_a_licence_that_the_hub_knows():
    stated = {name: load_recipe(name).card.license for name in shipped_recipes()}
    assert stated.pop("mix") is None  # the rows are its user's
    assert set(stated.values()) <= LICENSES


def test_the_words_are_what_the_hub_writes():
    assert all(word == word.lower() and " " not in word for word in LICENSES | TASKS | LANGUAGES)
    assert [limit for limit, _ in SIZES] == sorted(limit for limit, _ in SIZES)
