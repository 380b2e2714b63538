import hashlib
import json
import random

import polars as pl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from builders.errors import Problem
from builders.recipes.loading import load_recipe
from builders.recipes.model import Decontaminate, EvaluationSet
from builders.sources.evaluation_sets import read_set
from builders.sources.places import remembered
from builders.stages.decontamination import Texts, contaminated, passages
from builders.versions.registry import build
from builders.versions.verify import verify
from tests.builders.files import as_bytes
from tests.builders.rows import ROWS, small_recipe, small_version, write_rows

FAROS = "El faro de la isla menor se encendió por primera vez una noche de tormenta del invierno de 1902."
ACEITE = "La cooperativa del valle prensa las aceitunas en frío durante las primeras horas de la mañana."
FAROS_WORDS = "el faro de la isla menor se encendió por primera vez una noche de tormenta del invierno de 1902"


def texts_file(folder, *texts, name="preguntas.jsonl"):
    path = folder / name
    path.write_text("".join(json.dumps({"texto": text}, ensure_ascii=False) + "\n" for text in texts), "utf-8")
    return path


def looked_for(*texts, ngram=13, name="prueba"):
    """Passages of one set that holds these texts."""
    return passages([Texts(EvaluationSet(name=name, path="-"), pl.Series(texts))], ngram)


def table(*outputs, instruction="Cuenta algo.", given=""):
    rows = [(number, instruction, given, output) for number, output in enumerate(outputs)]
    schema = {"row": pl.UInt32, "instruction": pl.String, "input": pl.String, "output": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def found(rows, passages_):
    return contaminated(rows, passages_).select("row", "score", "evidence").rows()


# ---- what matches ----------------------------------------------------------------------------------------------------


def test_a_planted_sentence_is_found_with_its_words_and_others_are_spared():
    rows = table("Un gato duerme al sol.", f"Se cuenta que sí. {FAROS} Y así fue.", "Otro gato no duerme.")

    assert contaminated(rows, looked_for(FAROS, ACEITE)).to_dicts() == [
        {"row": 1, "rule": "contaminated", "score": 1.0, "evidence": f"prueba: {FAROS_WORDS}"}
    ]


def test_thirteen_words_in_a_row_match_and_twelve_do_not():
    words = FAROS_WORDS.split()
    twelve, thirteen = " ".join(words[3:15]), " ".join(words[3:16])

    hits = found(table(f"Dijo: {twelve} y calló", f"Dijo: {thirteen} y calló"), looked_for(FAROS))

    # The sentence has 19 words, so 7 n-grams of 13.
    assert hits == [(1, round(1 / 7, 4), f"prueba: {thirteen}")]


def test_case_and_punctuation_do_not_matter():
    told = FAROS.upper().replace(" ", " — ")

    assert [row for row, _, _ in found(table(told), looked_for(FAROS))] == [0]


@pytest.mark.parametrize("near", [FAROS.replace("encendió", "encendio"), FAROS.replace("vez", "ocasión")])
def test_another_accent_or_word_in_the_middle_is_another_text(near):
    assert found(table(near), looked_for(FAROS)) == []


def test_decomposed_accents_of_a_set_match_composed_ones_of_a_row():
    assert len(found(table(FAROS), looked_for(FAROS.replace("ó", "o\u0301")))) == 1


def test_a_passage_may_stand_in_any_field_and_run_from_one_into_the_next():
    begin, end = FAROS[:40], FAROS[40:]

    in_instruction = found(table("Vale.", instruction=FAROS), looked_for(FAROS))
    in_input = found(table("Vale.", given=FAROS), looked_for(FAROS))
    across = found(table(end, instruction=begin.rstrip()), looked_for(FAROS))

    assert in_instruction == in_input == across == [(0, 1.0, f"prueba: {FAROS_WORDS}")]


def test_a_text_of_eight_to_twelve_words_is_looked_for_as_a_whole():
    eight = "Cuántas barcas caben en el puerto de Luarca"
    rows = table(f"Pregunta: ¿{eight}?", "Cuántas barcas caben en el puerto de Navia", "caben en el puerto de Luarca")

    assert found(rows, looked_for(eight)) == [(0, 1.0, f"prueba: {eight.lower()}")]


def test_a_text_of_fewer_than_eight_words_is_not_looked_for():
    rows = table("¿Qué hora es en Lima ahora mismo?")

    assert found(rows, looked_for("¿Qué hora es en Lima ahora mismo?", ACEITE)) == []


def test_a_list_of_numbers_is_no_passage():
    count = "Los números: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16."

    assert found(table(count), looked_for(count, ACEITE)) == []


def test_a_text_is_looked_for_when_half_of_its_words_are_words():
    """Numbers alone are in many rows; a text of eight of which four are words is looked for, one of three is not."""
    half, less = "entre 1982 y 1986 hubo 3 400 barcas", "entre 1982 y 1986 hubo 3 400 12"
    rows = table(f"Se sabe que {half} aquí.", f"Se sabe que {less} aquí.")

    assert found(rows, looked_for(half)) == [(0, 1.0, f"prueba: {half}")]
    assert found(rows, looked_for(less, ACEITE)) == []


def test_a_piece_of_a_long_text_is_looked_for_when_half_of_it_are_words():
    text = "uno 2 tres 4 cinco 6 siete 8 9 10 11 12 13 14"
    words = text.split()
    half, less = " ".join(words[:8]), " ".join(words[1:9])  # four words of eight, and three

    assert found(table(half), looked_for(text, ngram=8)) == [(0, 1.0, f"prueba: {half}")]
    assert found(table(less), looked_for(text, ngram=8)) == []


def test_a_smaller_ngram_matches_shorter_runs():
    rows = table("La cooperativa del valle prensa uvas.", "La cooperativa del valle compra uvas.")

    assert found(rows, looked_for(ACEITE, ngram=5)) == [
        (0, round(1 / 12, 4), "prueba: la cooperativa del valle prensa")
    ]


def test_the_text_that_most_of_the_row_belongs_to_is_told():
    shared = "según explicó el capitán en la cubierta del barco aquella misma mañana de domingo"
    other = f"{shared} nadie debía bajar a tierra hasta la tarde sin permiso"

    hits = found(table(f"{shared} nadie debía bajar a tierra hasta la tarde"), looked_for(shared, other))

    # 22 of the 24 words of the longer text: 10 of its 12 n-grams, 2 of which the shorter text holds as well.
    assert hits == [(0, round(10 / 12, 4), f"prueba: {shared} nadie debía bajar a tierra hasta la tarde")]


def test_evidence_is_cut_like_that_of_any_rule():
    long = " ".join(f"palabra{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")

    [(_, score, evidence)] = found(table(long), looked_for(long))

    assert (score, evidence) == (1.0, f"prueba: {long}"[:160])


def test_matching_ngrams_that_stand_apart_in_the_set_are_not_told_as_one_run():
    # Two texts' worth of words repeat, so the row's n-grams follow each other where the set's do not.
    loop = "uno va dos va tres va cuatro va "
    text = f"{loop}{loop}{loop}fin"
    row = f"{loop}{loop}{loop}{loop}"

    [(_, _, evidence)] = found(table(row), looked_for(text))

    assert f" {evidence.removeprefix('prueba: ')} " in f" {text} "


WORDS = ["el", "faro", "año", "café", "日本", "mar", "sol"]
phrases = st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join)


def plain(rows, texts, ngram):
    """Rows that hold an n-gram, in plain Python."""
    wanted = set()
    for text in texts:
        words = text.split()
        size = min(ngram, len(words))
        if len(words) >= min(8, ngram):
            wanted |= {(size, *words[at : at + size]) for at in range(len(words) - size + 1)}
    hits = []
    for number, row in enumerate(rows):
        words = row.split()
        grams = {(size, *words[at : at + size]) for size in range(1, ngram + 1) for at in range(len(words) - size + 1)}
        if grams & wanted:
            hits.append(number)
    return hits


@given(rows=st.lists(phrases, min_size=1, max_size=6), texts=st.lists(phrases, max_size=5), ngram=st.integers(1, 14))
def test_what_is_found_is_what_a_plain_search_finds(rows, texts, ngram):
    texts = [*texts, "esta frase de diez palabras nunca está en una fila de catorce o más palabras"]
    rows_table = table(*rows, instruction="", given="")

    hits = contaminated(rows_table, looked_for(*texts, ngram=ngram))

    assert hits["row"].to_list() == plain(rows, texts, ngram)
    for row, score, evidence in hits.select("row", "score", "evidence").rows():
        told = evidence.removeprefix("prueba: ")
        assert 0 < score <= 1
        if len(evidence) < 160:
            assert f" {told} " in f" {rows[row]} " and any(f" {told} " in f" {text} " for text in texts)


@pytest.mark.parametrize(("name", "value"), [("SLICE", 3), ("THREADS", 1)])
def test_neither_order_nor_slices_nor_threads_change_the_result(monkeypatch, name, value):
    passages_ = looked_for(FAROS, ACEITE)
    rows = table(*["Un gato.", FAROS, "Un perro.", f"{ACEITE} {FAROS}", ACEITE[:80], "", "Fin."])
    expected = contaminated(rows, passages_)
    shuffled = rows[random.Random(5).sample(range(rows.height), rows.height)]

    monkeypatch.setattr(f"builders.stages.decontamination.{name}", value)

    assert contaminated(shuffled, looked_for(ACEITE, FAROS)).equals(expected)
    assert expected["row"].to_list() == [1, 3, 4]


# ---- files -----------------------------------------------------------------------------------------------------------

RECORDS = [{"id": "p-1", "pregunta": FAROS, "respuesta": "Sí."}, {"id": "p-2", "pregunta": ACEITE, "respuesta": "No."}]


@pytest.mark.parametrize(
    "ending", [".json", ".jsonl", ".ndjson", ".csv", ".parquet", ".json.gz", ".jsonl.gz", ".csv.gz"]
)
def test_a_set_may_be_any_file_that_a_source_may_be(tmp_path, ending):
    path = tmp_path / f"faros{ending}"
    path.write_bytes(as_bytes(RECORDS, ending))

    every = read_set(EvaluationSet(name="faros", path=str(path)), path)
    one = read_set(EvaluationSet(name="faros", path=str(path), columns=("pregunta",)), path)

    assert sorted(every.texts) == sorted(text for record in RECORDS for text in record.values())
    assert one.texts.to_list() == [FAROS, ACEITE]
    assert (one.pin.file, len(one.pin.sha256)) == (f"faros{ending}", 64)


@pytest.mark.parametrize("ending", [".jsonl", ".parquet"])
def test_texts_inside_lists_and_objects_are_read_and_other_values_are_not(tmp_path, ending):
    records = [{"n": 3, "opciones": [FAROS, "No."], "respuesta": {"texto": ACEITE, "puntos": 1.5}, "vacío": None}]
    path = tmp_path / f"anidado{ending}"
    path.write_bytes(as_bytes(records, ending))

    texts = read_set(EvaluationSet(name="anidado", path=str(path)), path).texts

    assert texts.to_list() == [FAROS, "No.", ACEITE]


@pytest.mark.parametrize(
    ("name", "data", "columns", "told"),
    [
        ("a.jsonl", b"", None, "a.jsonl: the file is empty; expected rows with text"),
        ("a.txt", b"hola", None, "a.txt: not a data file by its name; expected .json, .jsonl, .ndjson, .csv or .tsv (each also .gz or .zst), .parquet, or .zip with one of them"),
        ("a.jsonl", b"\n\n", None, "a.jsonl: no column holds text; give a file with the texts that must not be in the rows"),
        ("a.csv", b"texto\n", None, "a.csv: no column holds text; give a file with the texts that must not be in the rows"),
        ("a.jsonl", b'{"n": 1}\n', None, "a.jsonl: no column holds text; give a file with the texts that must not be in the rows"),
        ("a.jsonl", b'{"n": 1, "t": "hola"}\n', ("n",), "a.jsonl: column 'n' holds no text; name columns that do"),
        ("a.jsonl", b'{"t": "hola"}\n', ("q",), "a.jsonl: column 'q' is missing (it has t); name one that it has"),
        ("a.csv", b"t\nhola\n", ("q",), "a.csv: column 'q' is missing (it has t); name one that it has"),
        ("a.csv", b"t,t\nhola,hola\n", None, "a.csv: two columns are called 't'; rename one of the two"),
        ("a.json", b'["hola"]', None, "a.json, row 1: must be an object with text in its fields; correct it"),
        ("a.jsonl", b'{"t": "ho', None, "a.jsonl, line 1: the JSON is cut off here; fetch the file again"),
        ("a.jsonl.gz", b"hola", None, "a.jsonl.gz: not a sound gzip file (Not a gzipped file (b'ho')); fetch the file again"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_set_says_why(tmp_path, name, data, columns, told):
    path = tmp_path / name
    path.write_bytes(data)

    with pytest.raises(Problem) as problem:
        read_set(EvaluationSet(name="faros", path=str(path), columns=columns), path)

    assert str(problem.value) == f"evaluation set faros: {told}"


def test_a_parquet_file_without_text_and_a_broken_one_say_why(tmp_path):
    numbers, broken = tmp_path / "n.parquet", tmp_path / "roto.parquet"
    pl.DataFrame({"n": [1, 2]}).write_parquet(numbers)
    broken.write_bytes(numbers.read_bytes()[:-9])

    with pytest.raises(Problem, match=r"^evaluation set a: n\.parquet: no column holds text; "):
        read_set(EvaluationSet(name="a", path="-"), numbers)
    with pytest.raises(Problem, match=r"^evaluation set a: roto\.parquet: not a sound Parquet file "):
        read_set(EvaluationSet(name="a", path="-"), broken)


@pytest.mark.parametrize("text", ["Qué hora es.", "12 13 14 15 16 17 18 19 20 21"])
def test_a_set_of_which_nothing_can_be_looked_for_is_refused(text):
    with pytest.raises(Problem) as problem:
        looked_for(text)

    assert str(problem.value) == (
        "evaluation set prueba: no text of 8 words or more (numbers apart), so nothing can be looked for; "
        "name other columns, or leave the set out"
    )


# ---- recipes and versions --------------------------------------------------------------------------------------------

PLANTED = [*ROWS, ("fila-13", "Cuenta la historia del faro.", "", f"Cuentan en el puerto que {FAROS}")]


def set_in(folder, *texts, **changes):
    path = texts_file(folder, *(texts or (FAROS, ACEITE)))
    return Decontaminate(sets=(EvaluationSet(**{"name": "faros", "path": str(path)} | changes),))


@pytest.fixture
def version(tmp_path):
    return build(
        small_recipe(write_rows(tmp_path / "filas.jsonl", PLANTED), decontaminate=set_in(tmp_path)),
        tmp_path / "versions",
    ).version


def test_a_contaminated_row_is_dropped_at_quality_and_the_others_stay_as_they_were(version, tmp_path):
    other = tmp_path / "sin"
    other.mkdir()
    without = small_version(other)
    entry = version.ledger().filter(pl.col("id") == "fila-13").to_dicts()[0]

    assert (entry["status"], entry["stage"], entry["rule"], entry["score"]) == (
        "dropped",
        "quality",
        "contaminated",
        1.0,
    )
    assert entry["evidence"] == f"faros: {FAROS_WORDS}"
    assert version.content_sha256 == without.content_sha256


def test_the_recorded_recipe_pins_the_set_by_name_and_content_and_names_no_folder(version, tmp_path):
    recorded = (version.path / "recipe.yaml").read_text("utf-8")

    [pin] = yaml.safe_load(recorded)["decontaminate"]["sets"]

    sha256 = hashlib.sha256((tmp_path / "preguntas.jsonl").read_bytes()).hexdigest()
    assert (pin["name"], pin["file"], pin["sha256"]) == ("faros", "preguntas.jsonl", sha256)
    assert "path" not in pin and str(tmp_path) not in recorded


def test_a_version_with_sets_verifies(version):
    checks = verify(version, version.path.parents[1])

    assert [check.check for check in checks if not check.ok] == []
    assert "rebuilt bytes" in [check.check for check in checks]


def test_verify_names_a_set_that_changed_and_one_that_is_gone(version, tmp_path):
    registry = version.path.parents[1]
    file = tmp_path / "preguntas.jsonl"
    sha256 = version.recipe.decontaminate.sets[0].sha256
    file.write_text(json.dumps({"texto": ACEITE}), "utf-8")
    changed = [check.detail for check in verify(version, registry) if not check.ok]
    file.unlink()
    gone = [check.detail for check in verify(version, registry) if not check.ok]

    assert len(changed) == len(gone) == 1
    assert changed[0].startswith(f"evaluation set faros: {file}: another file than the recipe pins (sha256 ")
    assert gone == [
        f"evaluation set faros: preguntas.jsonl (sha256 {sha256[:12]}…) is needed and nothing says where it is; "
        f"write its path into {registry / '.sources' / sha256}, or give the set's path in the recipe"
    ]


def test_a_set_that_moved_is_found_where_a_person_notes_it(version, tmp_path):
    registry = version.path.parents[1]
    moved = (tmp_path / "preguntas.jsonl").rename(tmp_path / "otro.jsonl")
    sha256 = version.recipe.decontaminate.sets[0].sha256

    (registry / ".sources" / sha256).write_text(f"{moved}\n", "utf-8")

    assert remembered(registry, sha256) == str(moved)
    assert all(check.ok for check in verify(version, registry))


def test_the_recorded_recipe_builds_again_from_what_it_pins(version):
    again = build(version.recipe, version.path.parents[1])

    assert (again.created, str(again.version.number)) == (False, "1.0.0")


def test_a_pinned_set_that_changed_is_refused(tmp_path):
    recipe = small_recipe(write_rows(tmp_path / "filas.jsonl"), decontaminate=set_in(tmp_path, sha256="0" * 64))

    with pytest.raises(
        Problem, match=r"^evaluation set faros: .*another file than the recipe pins .*expected 000000000000…"
    ):
        build(recipe, tmp_path / "versions")


def test_a_missing_set_is_named_and_nothing_is_written(tmp_path):
    asked = Decontaminate(sets=(EvaluationSet(name="faros", path=str(tmp_path / "no.jsonl")),))

    with pytest.raises(Problem) as problem:
        build(small_recipe(write_rows(tmp_path / "filas.jsonl"), decontaminate=asked), tmp_path / "versions")

    assert str(problem.value) == f"evaluation set faros: {tmp_path / 'no.jsonl'}: no such file; check the path"
    assert not (tmp_path / "versions").exists()


def test_shuffled_rows_and_sets_give_the_same_rows(tmp_path):
    one, other = tmp_path / "a", tmp_path / "b"
    versions = []
    for folder, rows, texts in ((one, PLANTED, (FAROS, ACEITE)), (other, PLANTED[::-1], (ACEITE, FAROS))):
        folder.mkdir()
        recipe = small_recipe(write_rows(folder / "filas.jsonl", rows), decontaminate=set_in(folder, *texts))
        versions.append(build(recipe, folder / "versions").version)

    assert versions[0].content_sha256 == versions[1].content_sha256
    assert versions[0].ledger().equals(versions[1].ledger())


def test_a_recipe_without_sets_is_recorded_without_the_key():
    recipe = load_recipe("demo")

    assert "decontaminate" not in recipe.canonical() and "decontaminate" not in recipe.to_yaml()


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("{sets: [{nme: a}]}", "unknown key decontaminate.sets.0.nme; did you mean name?; known here: name, path, repo, revision, file, sha256, columns"),
        ("{ngrams: 8}", "unknown key decontaminate.ngrams; did you mean ngram?; known here: ngram, sets"),
        ("{sets: [{name: a}]}", "decontaminate.sets.0: say where it is: path, or repo, revision and file"),
        ("{sets: [{name: a, repo: x/y, file: z}]}", "decontaminate.sets.0: a set on the Hub has repo, revision and file, and no path"),
        ("{sets: [{name: a, path: b}, {name: a, path: c}]}", "decontaminate: each set needs a name of its own, and these are a, a"),
        ("{sets: [{name: a, path: b, columns: q}]}", "decontaminate.sets.0.columns: must be a list, not 'q'"),
    ],
)  # fmt: skip
def test_a_wrong_section_says_what_is_right(tmp_path, section, told):
    path = tmp_path / "receta.yaml"
    path.write_text(f"name: filas\ndecontaminate: {section}\n", "utf-8")

    with pytest.raises(Problem) as problem:
        load_recipe(str(path))

    assert str(problem.value) == f"recipe {path}: {told}"
