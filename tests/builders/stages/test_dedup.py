import random
import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.recipes.model import Dedup, Near, Switch
from builders.stages.dedup import duplicates
from builders.stages.preference import WORTH

NOTHING_SAID = pl.DataFrame(schema=WORTH)
DEFAULT = Dedup()
OFF = Switch(enabled=False)

RECIPE = (
    "Pela las patatas, córtalas en rodajas finas y fríelas a fuego lento en abundante aceite de oliva durante veinte "
    "minutos. Bate los huevos con una pizca de sal, mezcla todo y cuaja la tortilla por los dos lados en una sartén."
)
HISTORY = (
    "La ciudad se fundó junto al río, creció con el comercio de la lana y perdió la mitad de sus vecinos tras la peste. "
    "Un siglo más tarde, los talleres de seda atrajeron a familias enteras de los pueblos de la sierra."
)


def table(rows):
    """Rows of (instruction, input, output), numbered as they stand."""
    schema = {"instruction": pl.String, "input": pl.String, "output": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row").with_row_index("row")


def removed(rows, flagged=(), settings=DEFAULT):
    """{row: (rule, duplicate)} of what is removed."""
    said = (
        pl.DataFrame({"row": list(flagged)}, {"row": pl.UInt32})
        .group_by("row")
        .agg(flags=pl.len(), severity=pl.lit(1.0))
    )
    said = said.select(*WORTH).cast(WORTH)
    found = duplicates(table(rows) if isinstance(rows, list) else rows, said, settings)
    return {row: (rule, duplicate_of) for row, rule, _, _, duplicate_of in found.iter_rows()}


def resemblance(one, other):
    """Jaccard index of word 3-grams in plain Python."""

    def ngrams(row):
        words = re.findall(r"[^\W_]+", " ".join(row).lower())
        return {tuple(words[at : at + 3]) for at in range(len(words) - 2)} or {tuple(words)}

    left, right = ngrams(one), ngrams(other)
    return len(left & right) / len(left | right)


# ---- exact duplicates -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "copy",
    [
        ("¿Qué es un cenote?", "", "Un pozo natural."),
        ("¿QUÉ ES UN CENOTE?", "", "un pozo natural"),
        ("  ¿Qué  es un\ncenote? ", " ", "«Un pozo natural»…"),
        ("Qué es un cenote", "", "Un pozo, natural."),
    ],
    ids=["identical", "case", "space", "punctuation"],
)
def test_an_exact_duplicate_differs_at_most_in_case_space_and_punctuation(copy):
    assert removed([("¿Qué es un cenote?", "", "Un pozo natural."), copy]) == {1: ("exact_duplicate", 0)}


def test_an_accent_makes_another_word():
    assert removed([("Traduce «papa».", "", "Potato."), ("Traduce «papá».", "", "Dad.")]) == {}


def test_where_a_field_ends_matters():
    assert removed([("Traduce sol", "y mar", "Sun"), ("Traduce sol y", "mar", "Sun")]) == {}


def test_an_exact_duplicate_says_why():
    found = duplicates(table([("Di hola.", "", "Hola."), ("Di hola", "", "¡Hola!")]), NOTHING_SAID, DEFAULT)

    assert found.to_dicts() == [
        {
            "row": 1,
            "rule": "exact_duplicate",
            "score": 1.0,
            "evidence": "the same text but for case, spaces and punctuation; kept for its id, the first of equals",
            "duplicate_of": 0,
        }
    ]


# ---- near-duplicates ------------------------------------------------------------------------------------------------------


def test_a_near_duplicate_is_named_with_its_resemblance():
    original = ("Explica la receta de la tortilla.", "", RECIPE)
    near = ("Explica la receta de la tortilla.", "", RECIPE.replace("finas", "delgadas"))

    found = duplicates(table([original, near]), NOTHING_SAID, DEFAULT).to_dicts()

    score = round(resemblance(original, near), 4)
    assert found == [
        {
            "row": 1,
            "rule": "near_duplicate",
            "score": score,
            "evidence": "resembles the kept row; kept for its id, the first of equals",
            "duplicate_of": 0,
        }
    ]
    assert 0.8 <= score < 1


def test_rows_that_differ_in_a_number_both_stay():
    question = "¿Cuántos metros de valla necesita un corral cuadrado si cada lado mide {} m? {}"
    rows = [(question.format(side, HISTORY), "", f"{RECIPE} En total, la valla mide lo dicho.") for side in (25, 30)]

    assert resemblance(*rows) > 0.9
    assert removed(rows) == {}


def test_different_questions_about_one_long_input_all_stay():
    text = f"{HISTORY} {RECIPE}"
    questions = [
        ("¿Qué comercio la hizo crecer?", text, "El de la lana."),
        ("¿Junto a qué se fundó?", text, "Junto al río."),
        ("Resume el texto en una frase.", text, "Habla de una ciudad y de una tortilla."),
        ("Pon un título al texto.", text, "La seda y la sartén"),
    ]

    assert resemblance(questions[0], questions[1]) > 0.8
    assert removed(questions) == {}


def test_different_questions_with_the_same_answer_about_one_long_input_all_stay():
    text = f"{HISTORY} {RECIPE}"
    questions = ["¿Se fundó la ciudad junto al río?", "¿Creció con el comercio de la lana?", "¿Se fríen las patatas?"]
    rows = [(question, text, "Sí, así lo dice el texto.") for question in questions]

    assert resemblance(rows[0], rows[1]) > 0.8
    assert removed(rows) == {}


@pytest.mark.parametrize(
    ("words", "taken"), [(9, {}), (10, {1: ("near_duplicate", 0)}), (11, {1: ("near_duplicate", 0)})]
)
def test_an_answer_of_ten_words_tells_that_two_questions_are_the_same(words, taken):
    answer = " ".join(
        ["sí", "la", "ciudad", "creció", "junto", "al", "río", "con", "la", "lana", "y", "la", "seda"][:words]
    )
    question = "Di si es cierto o no lo que cuenta el texto que sigue sobre la ciudad, el río y las familias {}"
    rows = [(question.format(end), f"{HISTORY} {RECIPE}", answer) for end in ("de allí", "de allá")]

    assert resemblance(*rows) > 0.8
    assert removed(rows) == taken


def test_different_answers_to_alike_questions_stay():
    text = f"{HISTORY} {RECIPE}"
    rows = [
        ("¿Qué oficio atrajo a las familias de la sierra?", text, "Los talleres de seda, un siglo después."),
        ("¿Qué oficio atrajo a las familias de la sierra entonces?", text, "No se sabe con certeza."),
    ]

    assert resemblance(*rows) > 0.8
    assert removed(rows) == {}


def test_rows_of_fewer_than_ten_words_are_never_near_duplicates():
    short = [
        ("Cita frutas", "", "Pera uva kiwi mango higo melón lima"),
        ("Cita frutas", "", "Pera uva kiwi mango higo melón coco"),
    ]
    longer = [(f"{instruction} dulces", input, output) for instruction, input, output in short]
    settings = Dedup(near=Near(threshold=0.7), same_prompt=OFF)

    assert resemblance(*short) == 0.75
    assert removed(short, settings=settings) == {}
    assert removed(longer, settings=settings) == {1: ("near_duplicate", 0)}


def test_short_equal_answers_to_different_questions_stay():
    assert removed([("¿Es Lima una capital?", "", "Sí."), ("¿Es el agua un líquido?", "", "Sí.")]) == {}


VOCABULARY = [f"palabra{letter}{other}" for letter in "abcdefgh" for other in "abcdefgh"]


@st.composite
def related_rows(draw):
    """A few texts and many careless copies of them: words changed, taken out, put in."""
    chance = random.Random(draw(st.integers(0, 10_000)))
    originals = [[chance.choices(VOCABULARY, k=size) for size in (8, 6, 30)] for _ in range(3)]
    rows = []
    for _ in range(14):
        fields = [list(words) for words in chance.choice(originals)]
        for _ in range(chance.randrange(4)):
            words = chance.choice(fields)
            at = chance.randrange(len(words))
            words[at : at + chance.randrange(2)] = chance.choices(VOCABULARY, k=chance.randrange(2))
        rows.append(tuple(" ".join(words) for words in fields))
    return rows


@given(rows=related_rows(), threshold=st.sampled_from([0.5, 0.7, 0.8, 0.9]))
def test_near_duplicates_are_removed_only_from_the_threshold_on(rows, threshold):
    settings = Dedup(near=Near(threshold=threshold))

    for row, rule, score, _, duplicate_of in duplicates(table(rows), NOTHING_SAID, settings).iter_rows():
        if rule == "near_duplicate":
            true = resemblance(rows[row], rows[duplicate_of])
            assert true >= threshold
            assert score == round(true, 4)


def test_planted_near_duplicates_are_found():
    chance = random.Random(2024)
    rows = []
    for _ in range(300):
        fields = [chance.choices(VOCABULARY, k=size) for size in (8, 0, 40)]
        rows.append(tuple(" ".join(words) for words in fields))
        fields[2][chance.randrange(40)] = (
            "otra"  # three of some fifty n-grams: the hardest have a Jaccard index of 0.88
        )
        rows.append(tuple(" ".join(words) for words in fields))
    planted = {number: ("near_duplicate", number - 1) for number in range(1, 600, 2)}

    assert min(resemblance(rows[number], rows[number - 1]) for number in planted) >= 0.8
    assert removed(rows) == planted


# ---- the same prompt -------------------------------------------------------------------------------------------------


def test_of_two_answers_to_one_prompt_one_is_kept_and_named():
    rows = [("Cuenta un chiste.", "", "Van dos y se cae el del medio."), ("cuenta un chiste", "", "No sé ninguno.")]

    found = duplicates(table(rows), NOTHING_SAID, DEFAULT).to_dicts()

    assert found == [
        {
            "row": 1,
            "rule": "same_prompt",
            "score": None,
            "evidence": "another answer to the same instruction and input; kept for its longer answer (8 words, here 3)",
            "duplicate_of": 0,
        }
    ]


def test_the_same_instruction_about_another_input_stays():
    assert removed([("Traduce.", "sol", "Sun"), ("Traduce.", "mar", "Sea")]) == {}


# ---- which one is kept -----------------------------------------------------------------------------------------------


def test_the_duplicate_with_fewer_flags_is_kept():
    rows = [("Di hola.", "", "Hola."), ("Di hola", "", "Hola"), ("DI HOLA", "", "HOLA")]

    assert removed(rows) == {1: ("exact_duplicate", 0), 2: ("exact_duplicate", 0)}
    assert removed(rows, flagged=[0]) == {0: ("exact_duplicate", 1), 2: ("exact_duplicate", 1)}
    assert removed(rows, flagged=[0, 0, 1, 2]) == {0: ("exact_duplicate", 1), 2: ("exact_duplicate", 1)}
    assert removed(rows, flagged=[0, 1, 1, 2, 2]) == {1: ("exact_duplicate", 0), 2: ("exact_duplicate", 0)}


@pytest.mark.parametrize(
    ("output", "severity", "flags", "why"),
    [
        ("Es un pozo natural.", 0.9, 1, "its lighter defects (severity 0.4, here 0.9)"),
        ("Es un pozo natural.", 0.4, 3, "its fewer flags (2, here 3)"),
        ("Es un pozo.", 0.4, 2, "its longer answer (4 words, here 3)"),
    ],
)
def test_the_better_answer_is_kept_and_the_ledger_says_why(output, severity, flags, why):
    rows = [("¿Qué es un cenote?", "", output), ("¿Qué es un cenote?", "", "Un pozo con agua.")]
    said = pl.DataFrame({"row": [0, 1], "severity": [severity, 0.4], "flags": [flags, 2]}, WORTH)

    found = duplicates(table(rows), said, DEFAULT).drop("score").rows()

    assert found == [(0, "same_prompt", f"another answer to the same instruction and input; kept for {why}", 1)]


def test_beyond_a_sane_length_a_longer_answer_is_not_better():
    rows = [("Habla.", "", "voz " * 300), ("Habla.", "", "eco " * 900)]

    assert removed(rows) == {1: ("same_prompt", 0)}


def test_a_number_in_backticks_is_the_bare_number():
    assert removed([("Lee el paso `118`/`115`.", "", "Ya."), ("Lee el paso 118/115.", "", "Ya")]) == {
        1: ("exact_duplicate", 0)
    }
    near = [
        ("Haz la receta.", "", f"{RECIPE} Sirve `4` platos."),
        ("Haz la receta.", "ya", f"{RECIPE} Sirve 4 platos."),
    ]
    assert removed(near) == {1: ("near_duplicate", 0)}


CHAIN = [
    ("Explica la receta.", "", RECIPE),
    ("Explica la receta.", "ya", RECIPE.replace("finas", "delgadas")),
    ("Explica la receta.", "bien", RECIPE.replace("finas", "delgadas").replace("huevos", "frescos")),
]
CHAIN_SETTINGS = Dedup(near=Near(threshold=0.75))


def test_no_chain_of_resemblances_removes_the_unlike():
    assert resemblance(CHAIN[0], CHAIN[1]) >= 0.75
    assert resemblance(CHAIN[1], CHAIN[2]) >= 0.75
    assert resemblance(CHAIN[0], CHAIN[2]) < 0.75

    # The last resembles only a row that is gone itself, so it stays …
    assert removed(CHAIN, settings=CHAIN_SETTINGS) == {1: ("near_duplicate", 0)}
    # … unless the row in the middle is the one that is kept.
    assert removed(CHAIN, flagged=[0, 2], settings=CHAIN_SETTINGS) == {
        0: ("near_duplicate", 1),
        2: ("near_duplicate", 1),
    }


def test_of_several_kept_rows_the_most_alike_is_the_duplicate():
    assert removed(CHAIN, flagged=[1], settings=CHAIN_SETTINGS) == {1: ("near_duplicate", 0)}
    assert resemblance(CHAIN[0], CHAIN[1]) > resemblance(CHAIN[1], CHAIN[2])


def test_a_copy_of_a_removed_row_names_the_row_that_is_kept():
    near = ("Explica la receta.", "", RECIPE.replace("finas", "delgadas"))
    rows = [CHAIN[0], near, near, ("Explica la receta.", "", "No."), ("explica la receta", "", "no")]

    found = duplicates(table(rows), NOTHING_SAID, DEFAULT).drop("score").rows()

    assert found == [
        (1, "near_duplicate", "resembles the kept row; kept for its id, the first of equals", 0),
        (2, "near_duplicate", "a copy of a near-duplicate; kept for its id, the first of equals", 0),
        (
            3,
            "same_prompt",
            "another answer to the same instruction and input; kept for its longer answer (41 words, here 1)",
            0,
        ),
        (4, "same_prompt", "a copy of another answer; kept for its longer answer (41 words, here 1)", 0),
    ]


@given(rows=related_rows(), data=st.data())
def test_every_removed_row_names_a_kept_one_and_any_row_order_gives_the_same(rows, data):
    rows = [*rows, *rows[:2], (*rows[0][:2], "otra respuesta")]
    flagged = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=6))
    shuffled = table(rows)[data.draw(st.permutations(range(len(rows))))]

    found = removed(rows, flagged)

    assert {duplicate_of for _, duplicate_of in found.values()}.isdisjoint(found)
    assert removed(shuffled, data.draw(st.permutations(flagged))) == found


# ---- settings --------------------------------------------------------------------------------------------------------


def test_each_kind_of_duplicate_can_be_left_alone():
    rows = [
        ("Di hola.", "", "Hola."),
        ("Di hola", "", "Hola"),
        ("Di hola.", "", "Buenas."),
        ("Explica la receta.", "", RECIPE),
        ("Explica la receta.", "", RECIPE.replace("finas", "delgadas")),
    ]

    assert removed(rows) == {1: ("exact_duplicate", 0), 2: ("same_prompt", 0), 4: ("near_duplicate", 3)}
    assert removed(rows, settings=Dedup(near=Near(enabled=False), same_prompt=OFF)) == {1: ("exact_duplicate", 0)}
    assert removed(rows, settings=Dedup(exact=OFF, same_prompt=OFF)) == {4: ("near_duplicate", 3)}
    assert removed(rows, settings=Dedup(exact=OFF, near=Near(enabled=False))) == {
        1: ("same_prompt", 0),
        2: ("same_prompt", 0),
        4: ("same_prompt", 3),
    }
    assert removed(rows, settings=Dedup(enabled=False)) == {}


@pytest.mark.parametrize("rows", [[], [("Di hola.", "", "Hola.")], [("", "", ""), ("Di hola.", "", "")]])
def test_few_or_empty_rows_have_no_duplicates(rows):
    assert removed(rows) == {}
