"""`aguila inspect`: what a file is, and a recipe that builds it."""

import json

import pytest

QA = "pregunta,respuesta\n¿Qué es una rambla?,El lecho seco de un torrente que solo lleva agua cuando llueve.\n" * 1


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a file of questions, as the current one."""
    (tmp_path / "preguntas y más.csv").write_text(QA, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_file_is_shown_with_its_columns_its_mapping_and_a_recipe(aguila, here):
    shown = aguila("inspect", "preguntas y más.csv")

    assert (shown.code, shown.err) == (0, "")
    lines = shown.out.splitlines()
    assert lines[0] == "preguntas y más.csv: cells separated by commas, utf-8, 1 row"
    assert "  pregunta (text 1): ¿Qué es una rambla?" in lines
    assert (
        "read as question and answer (instruction from 'pregunta', output from 'respuesta'), "
        "ids are made from the rows' content" in lines
    )
    assert "  instruction: ¿Qué es una rambla?" in lines
    assert "    path: preguntas y más.csv" in lines and "    # license: " in lines


def test_of_a_long_file_it_says_how_many_rows_the_types_are_of(aguila, here):
    (here / "largo.csv").write_text(
        "id,instruction,output\n" + "".join(f"{i},Di {i},Vale\n" for i in range(1001)), "utf-8"
    )
    lines = aguila("inspect", "largo.csv").out.splitlines()

    assert lines[0].endswith("1,001 rows") and "columns (types in the first 1,000 rows)" in lines
    assert "  instruction (text 1,000): Di 0" in lines
    assert "columns" in aguila("inspect", "preguntas y más.csv").out.splitlines()


def test_the_recipe_that_is_written_builds(aguila, here):
    (here / "recetas").mkdir()
    shown = aguila("inspect", "preguntas y más.csv", "--write", "recetas/mia.yaml")
    assert shown.err == "wrote recetas/mia.yaml\n"

    built = aguila("build", "recetas/mia.yaml", "--set", "split.validation=0", "--json")

    assert json.loads(built.out)["kept"] == 1
    assert json.loads(built.out)["name"] == "preguntas-y-m-s"
    assert "in a recipe" not in built.err  # it says already what would be told


def test_a_file_that_exists_is_left_alone(aguila, here):
    (here / "mia.yaml").write_text("mía", "utf-8")

    shown = aguila("inspect", "preguntas y más.csv", "--write", "mia.yaml")

    assert (shown.code, shown.err) == (1, "error: mia.yaml: exists; choose another name, or remove it\n")
    assert (here / "mia.yaml").read_text("utf-8") == "mía"


def test_columns_that_cannot_be_mapped_are_shown_with_why(aguila, here):
    (here / "a.csv").write_text("uno,dos\na,b\n", "utf-8")

    shown = aguila("inspect", "a.csv")

    assert shown.code == 0
    assert "  uno (text 1): a" in shown.out.splitlines()
    assert (
        "not read as it is: a.csv: column 'instruction' is missing (it has uno, dos); "
        "map it with source.columns if it has another name" in shown.out.splitlines()
    )
    assert (
        aguila("inspect", "a.csv", "--set", "source.columns={instruction: uno, output: dos}").out.count("not read") == 0
    )


def test_a_file_that_cannot_be_opened_names_the_key_that_may_help(aguila, here):
    (here / "a.csv").write_text('id,instruction,output\n1,Di un color.,"El "azul" es bonito"\n', "utf-8")

    shown = aguila("inspect", "a.csv")

    assert (shown.code, shown.out) == (1, "")
    assert "or set source.lenient_quotes to true" in shown.err


def test_what_could_steer_a_terminal_is_escaped(aguila, here):
    (here / "a.csv").write_text("id,instruction,output\n1,Di \x1b[31mrojo.,Rojo\u202e.\n", "utf-8")

    shown = aguila("inspect", "a.csv")

    assert shown.code == 0
    assert "\x1b" not in shown.out and "\u202e" not in shown.out and "\\x1b[31mrojo" in shown.out


def test_a_version_is_sent_to_audit(aguila, demo):
    shown = aguila("inspect", "demo@1.0.0")

    assert shown.err == (
        "error: demo@1.0.0: a version, which has its columns; look into it with aguila audit demo@1.0.0\n"
    )


def test_a_dataset_of_the_hub_is_inspected_and_its_recipe_names_the_commit(hub, aguila, here):
    commit = hub.commit("ana/preguntas", {"preguntas.csv": QA.encode()})

    found = json.loads(aguila("inspect", "ana/preguntas", "--json").out)

    assert found["source"]["columns"] == {"id": None, "instruction": "pregunta", "input": None, "output": "respuesta"}
    assert f"  kind: hub\n  repo: ana/preguntas\n  revision: {commit}\n  file: preguntas.csv\n" in found["recipe"]


def test_audit_of_a_raw_file_takes_the_same_mapping_and_the_same_settings(aguila, here):
    turns = [{"role": "user", "content": "¿Qué es una rambla?"}, {"role": "assistant", "content": "Un lecho seco."}]
    (here / "charlas.jsonl").write_text(json.dumps({"messages": [*turns, *turns]}) + "\n", "utf-8")

    assert json.loads(aguila("audit", "--from", "charlas.jsonl", "--json").out)["rows"] == 1
    assert (
        json.loads(aguila("audit", "--from", "charlas.jsonl", "--set", "source.turns=all", "--json").out)["rows"] == 2
    )
    assert aguila("audit", "demo@1.0.0", "--set", "source.turns=all").code == 2
