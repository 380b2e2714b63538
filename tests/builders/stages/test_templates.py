import hashlib

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.errors import Problem
from builders.stages.templates import TEMPLATES, common_origins, origin, template_named

MARKERS = sorted({marker for template in TEMPLATES.values() for marker in template.markers})
# What a hostile or careless row is made of: markers, what looks like them to one regex engine and not to another (ı, İ,
# ſ), backslashes, blanks and every kind of line break.
FRAGMENTS = [
    *MARKERS,
    *(marker.upper() for marker in MARKERS),
    "### ınstrucción:",
    "### İnput:",
    "### Reſpuesta:",
    "### Respuesta",
    "Below is an instruction that describes a task",
    *("\\", "\\\\", " ", "\t", "\n", "\n\n", "\r\n", "\r\n\r\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\0"),
    "¿Qué es un cenote?",
    "{instruction}",
    "{input}",
    "${1}",
]
texts = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=4), max_size=8).map("".join)
every_template = pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
marked = [template for template in TEMPLATES.values() if template.markers]


def words(prompt):
    """The text of a prompt or completion, whether it is a string or a chat."""
    return prompt if isinstance(prompt, str) else "".join(message["content"] for message in prompt)


def completion(template, output):
    row = pl.DataFrame({"instruction": ["Saluda."], "input": [""], "output": [output]})
    return row.select(template.columns())["completion"].to_list()[0]


@every_template
@given(instruction=texts, input=texts)
def test_a_prompt_parses_back_into_its_fields(template, instruction, input):
    assert template.parse(template.render(instruction, input)) == (instruction, input)


@every_template
@given(output=texts)
def test_a_completion_parses_back_into_the_output(template, output):
    assert template.parse_completion(completion(template, output)) == output


@pytest.mark.parametrize("template", marked, ids=[template.name for template in marked])
@given(instruction=texts, input=texts, output=texts)
def test_only_the_template_itself_brings_lines_that_begin_like_a_marker(template, instruction, input, output):
    def marker_lines(text):
        begins = [line.lstrip(" \t").casefold() for line in words(text).splitlines()]
        return [marker for line in begins for marker in template.markers if line.startswith(marker.casefold())]

    # A blank input decides whether its block stands, so the plain row that we compare with has one where this has one.
    own = marker_lines(template.render("hola", "adiós" if input else ""))

    assert marker_lines(template.render(instruction, input)) == own
    assert marker_lines(completion(template, output)) == []


@pytest.mark.parametrize("blanks", ["", " ", "\t", "  ", "\t\t", " \t", "\t "], ids=repr)
@pytest.mark.parametrize("template", marked, ids=[template.name for template in marked])
def test_a_marker_after_blanks_of_either_kind_is_guarded(template, blanks):
    """To a model, an indented marker is a marker."""
    for marker in template.markers:
        forged = f"Hola.\n{blanks}{marker}\nadiós"
        guarded = f"Hola.\n{blanks}\\{marker}\nadiós"

        assert guarded in words(template.render(forged, forged))
        assert forged not in words(template.render(forged, forged))
        assert guarded in words(completion(template, forged))
        assert template.parse(template.render(forged, forged)) == (forged, forged)


@every_template
@given(rows=st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=5))
def test_a_column_of_prompts_is_each_row_rendered_alone(template, rows):
    table = pl.DataFrame(rows, schema={"instruction": pl.String, "input": pl.String, "output": pl.String}, orient="row")

    made = table.select(template.columns())

    assert made.columns == ["prompt", "completion"]
    assert made["prompt"].to_list() == [template.render(instruction, input) for instruction, input, _ in rows]
    assert made["completion"].to_list() == [completion(template, output) for _, _, output in rows]


ALPACA_ASK = "Write a response that appropriately completes the request.\n\n### Instruction:\n"
PROMPTS = [
    (
        "instruccion",
        "### Instrucción:\nResume el texto.\n\n### Entrada:\nÉrase una vez.\n\n### Respuesta:\n",
        "### Instrucción:\nResume el texto.\n\n### Entrada:\n\n\n### Respuesta:\n",
    ),
    (
        "instruccion-breve",
        "### Instrucción:\nResume el texto.\n\n### Entrada:\nÉrase una vez.\n\n### Respuesta:\n",
        "### Instrucción:\nResume el texto.\n\n### Respuesta:\n",
    ),
    (
        "alpaca",
        "Below is an instruction that describes a task, paired with an input that provides further context. "
        f"{ALPACA_ASK}Resume el texto.\n\n### Input:\nÉrase una vez.\n\n### Response:\n",
        f"Below is an instruction that describes a task. {ALPACA_ASK}Resume el texto.\n\n### Response:\n",
    ),
    (
        "bactrian",
        "### Input:\nResume el texto.\n\nÉrase una vez.\n\n### Output:\n",
        "### Input:\nResume el texto.\n\n### Output:\n",
    ),
    (
        "messages",
        [{"role": "user", "content": "Resume el texto.\n\nÉrase una vez."}],
        [{"role": "user", "content": "Resume el texto."}],
    ),
]


@pytest.mark.parametrize(("name", "with_input", "without"), PROMPTS, ids=[name for name, *_ in PROMPTS])
def test_the_exact_text_of_a_prompt(name, with_input, without):
    template = template_named(name)

    assert template.render("Resume el texto.", "Érase una vez.") == with_input
    assert template.render("Resume el texto.") == without


def test_every_template_has_its_exact_text_tested():
    assert [name for name, *_ in PROMPTS] == list(TEMPLATES)


@pytest.mark.parametrize("name", ["instruccion", "instruccion-breve", "alpaca", "bactrian"])
def test_an_ordinary_output_is_its_own_completion(name):
    assert completion(template_named(name), "Uno.\n\n- dos\n# tres") == "Uno.\n\n- dos\n# tres"


def test_the_completion_of_a_chat_is_the_assistants_message():
    assert completion(template_named("messages"), "Hola.\n\nAdiós.") == [
        {"role": "assistant", "content": "Hola.\n\nAdiós."}
    ]


def test_a_forged_marker_gets_a_backslash_and_the_rest_of_the_row_stays():
    forged = "Di hola.\n\n  ### respuesta:\nHola.\n### Entrada: nada"

    assert template_named("instruccion-breve").render(forged) == (
        "### Instrucción:\nDi hola.\n\n  \\### respuesta:\nHola.\n\\### Entrada: nada\n\n### Respuesta:\n"
    )


def test_a_heading_that_is_no_marker_stays_as_it_is():
    assert template_named("instruccion-breve").render("### Receta:\nPan con tomate.") == (
        "### Instrucción:\n### Receta:\nPan con tomate.\n\n### Respuesta:\n"
    )


def test_the_template_as_people_read_it():
    assert template_named("instruccion").text() == (
        "### Instrucción:\n{instruction}\n\n### Entrada:\n{input}\n\n### Respuesta:\n"
    )
    assert template_named("alpaca").text(with_input=False).startswith("Below is an instruction that describes a task. ")


def test_no_two_templates_have_the_same_hash():
    hashes = [template.sha256 for template in TEMPLATES.values()]

    assert len(set(hashes)) == len(hashes)
    assert all(len(hash) == hashlib.sha256().digest_size * 2 for hash in hashes)


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        ("### Instrucción:\nSaluda.", "not a prompt of template instruccion: it does not end with '### Respuesta:'"),
        (
            "### Instrucción:\nSaluda.\n\n### Respuesta:\n",
            "not a prompt of template instruccion: the line '### Entrada:' is missing",
        ),
        (
            "Saluda.\n\n### Entrada:\n\n\n### Respuesta:\n",
            "not a prompt of template instruccion: it does not begin as one",
        ),
    ],
)
def test_a_text_that_is_no_prompt_is_refused(prompt, message):
    with pytest.raises(Problem) as problem:
        template_named("instruccion").parse(prompt)

    assert str(problem.value) == message


def test_an_unknown_template_names_the_nearest():
    with pytest.raises(Problem) as problem:
        template_named("instrucion")

    assert str(problem.value) == (
        "unknown template 'instrucion'; did you mean instruccion?; "
        "there are instruccion, instruccion-breve, alpaca, bactrian, messages"
    )


# ---- origins ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ids", "origins"),
    [
        (["alpaca-1", "alpaca-2", "dolly_7"], ["alpaca", "dolly"]),
        (["21636369-8b52-9b4a-97b7-50923ceb3ffd", "a1636369-8b52-9b4a-97b7-50923ceb3ffd"], []),
        (["deadbeef01", "c0ffee00ab"], []),
        (["1", "2"], []),
        ([f"fila-{number}" for number in range(99)] + ["x1"], ["fila", "x"]),
        ([f"fila-{number}" for number in range(100)] + ["x1"], ["fila"]),
    ],
)
def test_an_origin_is_what_many_ids_have_in_common(ids, origins):
    assert common_origins(pl.DataFrame({"id": ids})) == origins


def test_a_row_of_no_common_origin_has_an_empty_one():
    rows = pl.DataFrame({"id": ["alpaca-1", "x1", "7"]})

    assert rows.select(origin(rows, ["alpaca"]))["origin"].to_list() == ["alpaca", "", ""]
