"""Shapes that are recognised: other names, fields inside fields, conversations, trees; never guessed in silence."""

import json
import random

import pytest
import yaml

from builders.errors import Invalid, NotFound
from builders.recipes.loading import load_recipe
from builders.recipes.model import Recipe
from builders.sources.reading import with_source
from builders.versions.registry import build
from builders.versions.verify import verify
from tests.builders.files import ROWS, as_bytes

PAIR = {"instruction": "¿Qué es una rambla?", "input": "", "output": "El lecho seco de un torrente."}
SECOND = {"instruction": "¿Y un barranco?", "input": "", "output": "Un valle estrecho y hondo."}


def renamed(rows=ROWS, **names):
    """Rows whose fields have other names; a field that is not named is left out."""
    return [{name: row[field] for field, name in names.items()} for row in rows]


def without_ids(rows):
    return [{key: value for key, value in row.items() if key != "id"} for row in rows]


# ---- names -----------------------------------------------------------------------------------------------------------

NAMES = {
    "prompt and completion": {"instruction": "prompt", "output": "completion"},
    "question and answer": {"instruction": "pregunta", "output": "respuesta"},
    "question, context and answer": {"instruction": "Pregunta", "input": "contexto", "output": "Respuesta"},
    "Dolly's columns": {"instruction": "instruction", "input": "context", "output": "response"},
    "columns": {"instruction": "Instrucción", "input": "Entrada", "output": "Salida"},
    "two of ours": {"instruction": "entrada", "output": "salida"},
}


@pytest.mark.parametrize("ending", [".jsonl", ".json", ".csv", ".parquet"])
@pytest.mark.parametrize("shape", NAMES)
def test_names_that_data_sets_use_are_recognised_told_and_recorded(taken, shape, ending):
    names = NAMES[shape]

    found = taken(f"filas{ending}", as_bytes(renamed(**names), ending))

    expected = [{"input": "", **{field: row[field] for field in names}} for row in ROWS]
    assert sorted(without_ids(found.rows), key=str) == sorted(
        [{key: row[key] for key in ("instruction", "input", "output")} for row in expected], key=str
    )
    assert found.pin["columns"] == {"id": None, "input": None, **names}
    (note,) = found.notes
    label = shape if shape in note else "columns"
    assert note.startswith(f"filas{ending}: read as {label} (") and "ids are made from the rows' content" in note


def test_what_is_told_is_what_a_recipe_says(taken, tmp_path):
    data = as_bytes(renamed(instruction="pregunta", output="respuesta"), ".csv")
    first = taken("filas.csv", data)
    (note,) = first.notes
    (tmp_path / "mia.yaml").write_text("extends: mix\nname: mia\n" + note.split("in a recipe: ")[1], "utf-8")

    recipe = with_source(load_recipe(str(tmp_path / "mia.yaml")), str(tmp_path / "filas.csv"), tmp_path)

    assert recipe.source.columns.model_dump() == first.pin["columns"]


def test_without_ids_one_line_says_so_and_rows_have_ids_of_content(taken):
    found = taken("filas.jsonl", as_bytes(without_ids(ROWS), ".jsonl"))
    shuffled = taken("otras.jsonl", as_bytes(random.Random(3).sample(without_ids(ROWS), 4), ".jsonl"))

    assert found.rows == shuffled.rows
    assert found.notes == [
        "filas.jsonl: no column 'id': ids are made from the rows' content; in a recipe: source: {columns: {id: null}}"
    ]


def test_ids_that_only_later_rows_have_are_no_surprise(taken):
    rows = [*without_ids(ROWS) * 300, ROWS[0]]

    with pytest.raises(
        Invalid, match=r"filas.jsonl, line 1201: has an id, and the first rows have none; give every row one"
    ):
        taken("filas.jsonl", as_bytes(rows, ".jsonl"))


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ({"id": "id", "instruction": " instruction", "output": "output "}, "its header has blanks around the names"),
        ({"id": "ID", "instruction": "Instruction", "output": "Output"}, "its names differ from ours in case"),
    ],
)
def test_blanks_and_capitals_in_a_header_are_told(taken, names, said):
    found = taken("filas.csv", as_bytes(renamed(**names), ".csv"))

    assert [row["id"] for row in found.rows] == [row["id"] for row in ROWS]
    assert f"; {said}; in a recipe: " in found.notes[0]


def test_a_column_that_only_looks_like_ids_is_none(taken):
    rows = [{"uid": "a", "question": row["instruction"], "answer": row["output"]} for row in ROWS]

    assert taken("filas.csv", as_bytes(rows, ".csv")).pin["columns"]["id"] is None
    for number, row in enumerate(rows):
        row["uid"] = f"u-{number}"
    assert taken("filas.csv", as_bytes(rows, ".csv")).pin["columns"]["id"] == "uid"


def test_of_two_columns_that_may_be_meant_the_recipe_says_which(taken):
    data = as_bytes([{**row, "question": "a"} for row in renamed(instruction="prompt", output="response")], ".jsonl")
    with pytest.raises(NotFound) as problem:
        taken("filas.jsonl", data)

    assert str(problem.value) == (
        "filas.jsonl: the instruction may be column 'prompt' or 'question'; say which with --set source.columns.instruction=prompt"
    )
    found = taken("filas.jsonl", data, "source.columns.instruction=prompt")
    assert {row["instruction"] for row in found.rows} == {row["instruction"] for row in ROWS}


def test_our_own_names_go_before_all_others(taken):
    found = taken("filas.jsonl", as_bytes([{**row, "question": "a", "messages": []} for row in ROWS], ".jsonl"))

    assert (found.rows, found.notes) == (ROWS, [])


# ---- fields inside fields --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [".jsonl", ".parquet"])
def test_fields_inside_a_field_are_recognised_by_dotted_path(taken, ending):
    rows = [
        {
            "id": row["id"],
            "inputs": {"1-instruction": row["instruction"], "2-input": row["input"], "3-output": row["output"]},
        }
        for row in ROWS
    ]

    found = taken(f"filas{ending}", as_bytes(rows, ending))

    assert found.rows == ROWS
    assert found.pin["columns"] == {
        "id": "id",
        "instruction": "inputs.1-instruction",
        "input": "inputs.2-input",
        "output": "inputs.3-output",
    }


@pytest.mark.parametrize("ending", [".jsonl", ".parquet"])
def test_a_dotted_path_takes_one_of_a_list(taken, ending):
    rows = [{**row, "output": [row["output"], "Otra."]} for row in ROWS]

    assert taken(f"filas{ending}", as_bytes(rows, ending), "source.columns.output=output.0").rows == ROWS


def test_a_name_with_a_dot_in_it_is_a_name(taken):
    rows = [{"id": row["id"], "a.b": row["instruction"], "output": row["output"]} for row in ROWS]

    found = taken("filas.jsonl", as_bytes(rows, ".jsonl"), "source.columns.instruction=a.b")

    assert [row["instruction"] for row in found.rows] == [row["instruction"] for row in ROWS]


# ---- conversations ---------------------------------------------------------------------------------------------------


def turns(*pairs, role="role", text="content", user="user", assistant="assistant", system=None):
    said = [{role: "system", text: system}] if system else []
    for pair in pairs:
        said += [{role: user, text: pair["instruction"]}, {role: assistant, text: pair["output"]}]
    return said


STYLES = {
    "conversations": ("messages", {}),
    "ShareGPT conversations": ("conversations", {"role": "from", "text": "value", "user": "human", "assistant": "gpt"}),
}


@pytest.mark.parametrize("ending", [".jsonl", ".json", ".parquet"])
@pytest.mark.parametrize("label", STYLES)
def test_conversations_are_read_as_first_pairs(taken, label, ending):
    column, style = STYLES[label]
    rows = [
        {"id": "c-1", column: turns(PAIR, SECOND, system="Eres geógrafo.", **style)},
        {"id": "c-2", column: turns(SECOND, **style)},
        {"id": "c-3", column: turns(PAIR, **style)[:1]},
    ]

    found = taken(f"charlas{ending}", as_bytes(rows, ending))

    assert found.rows == [{"id": "c-1", **PAIR}, {"id": "c-2", **SECOND}, {"id": "c-3", **PAIR, "output": ""}]
    where = f"charlas{ending}"
    assert found.notes == [
        f"{where}: read as {label} in column '{column}', ids from 'id'; in a recipe: "
        f"source: {{columns: {{messages: {column}}}, turns: first}}",
        f"{where}: {label}: 2 of 3 rows have a first pair of question and answer "
        "(1 without one are kept as empty, which the rule empty_answer drops)",
        f"{where}: 1 conversations have more pairs, which are left out; source.turns takes first, last or all",
        f"{where}: 1 conversations have a system text, which is left out",
    ]
    assert found.pin["columns"] == {"id": "id", "messages": column}
    assert found.pin["turns"] == "first"


def test_a_recipe_takes_the_last_pair_or_all(taken):
    data = as_bytes([{"id": "c-1", "messages": turns(PAIR, SECOND)}], ".jsonl")

    assert taken("a.jsonl", data, "source.turns=last").rows == [{"id": "c-1", **SECOND}]
    found = taken("a.jsonl", data, "source.turns=all")
    assert found.rows == [{"id": "c-1", **PAIR}, {"id": "c-1#2", **SECOND}]
    assert "a.jsonl: 1 conversations have several pairs: 2 rows in all, without what was said before" in found.notes


def test_conversations_without_ids_have_those_of_their_content_whatever_the_order(taken):
    rows = [{"messages": turns(PAIR)}, {"messages": turns(PAIR, SECOND)}, {"messages": turns(PAIR)}]

    first = taken("a.jsonl", as_bytes(rows, ".jsonl"), "source.turns=all")
    second = taken("b.jsonl", as_bytes(rows[::-1], ".jsonl"), "source.turns=all")

    assert first.rows == second.rows
    assert len({row["id"] for row in first.rows}) == 4


def test_what_turns_may_be_like(taken):
    said = [
        {"role": "assistant", "content": "Hola."},
        {
            "role": "user",
            "content": [{"type": "text", "text": "Mira:"}, {"type": "image"}, {"type": "text", "text": "¿qué es?"}],
        },
        {"role": "user", "content": "Di."},
        {"role": "tool", "content": "{}"},
        {"role": "assistant", "content": "Una rambla."},
    ]

    found = taken("a.jsonl", as_bytes([{"id": "c-1", "messages": said}], ".jsonl"))

    assert found.rows == [
        {"id": "c-1", "instruction": "Mira:\n\n¿qué es?\n\nDi.", "input": "", "output": "Una rambla."}
    ]
    assert "a.jsonl: 1 conversations have turns of others (such as tools), which are left out" in found.notes


def test_turns_written_as_json_in_a_cell_are_turns(taken):
    rows = [{"id": "c-1", "messages": json.dumps(turns(PAIR)).replace('"', '""')}]
    data = f'id,messages\nc-1,"{rows[0]["messages"]}"\n'.encode()

    assert taken("a.csv", data).rows == [{"id": "c-1", **PAIR}]


def test_a_value_that_has_no_turns_is_refused_with_its_line(taken):
    rows = [{"messages": turns(PAIR)}, {"messages": "hola"}]

    with pytest.raises(NotFound):
        taken("a.jsonl", as_bytes(rows, ".jsonl"))
    with pytest.raises(
        Invalid, match=r"a.jsonl, line 2: field 'messages' is not a list of turns with role and content"
    ):
        taken("a.jsonl", as_bytes(rows, ".jsonl"), "source.columns.messages=messages")


# ---- trees -----------------------------------------------------------------------------------------------------------

MESSAGES = [
    {"message_id": "m1", "parent_id": None, "role": "prompter", "text": PAIR["instruction"], "rank": None},
    {"message_id": "m2", "parent_id": "m1", "role": "assistant", "text": "No sé.", "rank": 1},
    {"message_id": "m3", "parent_id": "m1", "role": "assistant", "text": PAIR["output"], "rank": 0},
    {"message_id": "m4", "parent_id": "m3", "role": "prompter", "text": SECOND["instruction"], "rank": None},
    {"message_id": "m5", "parent_id": "m4", "role": "assistant", "text": SECOND["output"], "rank": 0},
    {"message_id": "m6", "parent_id": None, "role": "prompter", "text": "¿Hola?", "rank": None},
]


@pytest.mark.parametrize("ending", [".jsonl", ".parquet"])
@pytest.mark.parametrize("seed", range(3))
def test_messages_that_name_their_parents_are_trees_read_along_the_best_replies(taken, ending, seed):
    data = as_bytes(random.Random(seed).sample(MESSAGES, 6), ending)

    found = taken(f"a{ending}", data)

    unanswered = {"id": "m6", "instruction": "¿Hola?", "input": "", "output": ""}
    assert found.rows == [{"id": "m1", **PAIR}, unanswered]
    assert f"a{ending}: 6 messages in 2 trees, each read along its best-ranked replies" in found.notes
    assert (found.pin["shape"], found.pin["turns"]) == ("tree", "first")
    assert taken(f"a{ending}", data, "source.turns=all").rows == [
        {"id": "m1", **PAIR},
        {"id": "m1#2", **SECOND},
        unanswered,
    ]


def test_whole_trees_in_a_field_are_read_too(taken):
    reply = {"role": "assistant", "text": PAIR["output"], "rank": 0, "replies": []}
    tree = {"role": "prompter", "text": PAIR["instruction"], "replies": [{**reply, "rank": 1, "text": "No sé."}, reply]}

    found = taken("a.jsonl", as_bytes([{"id": "t-1", "prompt": tree}, {"id": "t-2", "prompt": tree}], ".jsonl"))

    assert found.rows == [{"id": "t-1", **PAIR}, {"id": "t-2", **PAIR}]
    assert "OpenAssistant trees: 2 of 2 rows have a first pair" in found.notes[1]


# ---- recorded --------------------------------------------------------------------------------------------------------


def test_a_version_of_a_recognised_shape_is_rebuilt_from_what_it_records_without_a_word(tmp_path, caplog):
    rows = [
        {"conversations": turns(row, SECOND, role="from", text="value", user="human", assistant="gpt")} for row in ROWS
    ]
    (tmp_path / "charlas.jsonl").write_bytes(as_bytes(rows, ".jsonl"))
    recipe = with_source(load_recipe("mix", ["source.turns=all"]), str(tmp_path / "charlas.jsonl"), tmp_path)
    version = build(recipe, tmp_path).version
    assert caplog.records
    caplog.clear()

    assert verify(version, tmp_path).result == "same bytes"
    assert caplog.records == []
    recorded = yaml.safe_load((version.path / "recipe.yaml").read_text("utf-8"))
    assert recorded["source"]["columns"] == {"id": None, "messages": "conversations"}
    assert recorded["source"]["turns"] == "all"
    assert Recipe.model_validate(recorded) == version.recipe


def test_what_a_recipe_does_not_use_is_not_recorded(taken):
    assert taken("filas.jsonl", as_bytes(ROWS, ".jsonl")).pin.keys() == {"kind", "name", "sha256", "columns"}
