"""A recipe that names the English parallel rows of its rows: joined on id, pinned, and never part of what is written."""

import json
import random
import shutil

import pytest

from builders.errors import Problem
from builders.reading.explain import explain
from builders.recipes.loading import load_recipe, recipe_from_yaml
from builders.recipes.model import Columns, FileSource, Language, ParallelFile, Recipe, Split
from builders.records import plain
from builders.sources.reading import with_source
from builders.versions.registry import build
from builders.versions.verify import verify
from tests.builders.rows import write_rows

LEFT = "Name three fruits of autumn."
SPANISH = [
    ("alfa-1", LEFT, "", "Uvas, granadas y membrillos."),
    ("alfa-2", "Di cuántas patas tienen 3 arañas.", "", "Tres arañas tienen veinticuatro patas."),
    ("alfa-3", "Resume el texto en una frase.", "Marta perdió el tren y llegó tarde.", "Marta llegó tarde."),
    ("alfa-10", "¿Qué es un cenote?", "", "Un pozo natural que se abre cuando se hunde el techo de una cueva."),
]
ENGLISH = [
    ("alfa-1", LEFT, "", "Grapes, pomegranates and quinces."),
    ("alfa-2", "Say how many legs 5 spiders have.", "", "Forty."),
    ("alfa-3", "Sum the text up in one sentence.", "Marta missed the train and came late.", "Marta was late."),
    ("beta-7", "Another row.", "", "It has no parallel row."),
]


@pytest.fixture
def recipe(tmp_path):
    """Spanish rows with English parallel rows beside them. Of the language only the answer is judged."""
    spanish = write_rows(tmp_path / "es.jsonl", SPANISH)
    english = write_rows(tmp_path / "en.jsonl", ENGLISH)
    source = FileSource(path=str(spanish), parallel=ParallelFile(path=str(english)))
    return Recipe(name="filas", source=source, language=Language(question=False), split=Split(validation=0.0))


@pytest.fixture
def registry(tmp_path):
    return tmp_path / "versions"


def statuses(version):
    return {row["id"]: row for row in version.ledger().to_dicts()}


def problem(recipe, registry):
    with pytest.raises(Problem) as raised:
        build(recipe, registry)
    return str(raised.value)


def test_an_untranslated_row_is_dropped_with_evidence_and_a_changed_number_is_flagged(recipe, registry):
    version = build(recipe, registry).version
    ledger = statuses(version)

    dropped = {key: ledger["alfa-1"][key] for key in ("status", "stage", "rule", "score", "evidence")}
    assert dropped == {"status": "dropped", "stage": "quality", "rule": "untranslated", "score": 1.0, "evidence": LEFT}
    assert (ledger["alfa-2"]["flags"], ledger["alfa-2"]["evidence"]) == (["changed_numbers"], "changed_numbers: 5 → 3")
    assert (ledger["alfa-3"]["status"], ledger["alfa-10"]["status"]) == ("kept", "kept")
    assert version.rows()["id"].to_list() == ["alfa-2", "alfa-3", "alfa-10"]
    assert version.manifest.rules["untranslated"].drops == 1


def test_the_english_text_enters_neither_rows_nor_ledger_nor_row_hashes(recipe, registry):
    with_parallel_rows = build(recipe, registry).version
    source = recipe.source.model_copy(update={"parallel": None})
    alone = build(recipe.model_copy(update={"source": source}), registry).version

    assert with_parallel_rows.rows().columns == alone.rows().columns
    hashes = ["id", "source_sha256", "row_sha256"]
    assert with_parallel_rows.ledger().select(hashes).equals(alone.ledger().select(hashes))
    assert statuses(alone)["alfa-1"]["status"] == "kept"


def test_the_order_of_either_file_changes_no_decision(recipe, registry, tmp_path):
    first = build(recipe, registry).version
    for name, rows in (("es.jsonl", SPANISH), ("en.jsonl", ENGLISH)):
        write_rows(tmp_path / name, random.Random(5).sample(rows, len(rows)))
    second = build(recipe, registry).version

    assert first.manifest.source != second.manifest.source
    assert first.content_sha256 == second.content_sha256
    assert first.ledger().equals(second.ledger())


def test_the_parallel_rows_are_pinned_by_name_and_sha256_and_another_file_is_refused(recipe, registry, tmp_path):
    version = build(recipe, registry).version
    pin = plain(version.manifest.source)["parallel"]
    assert set(pin) == {"kind", "name", "sha256", "columns"}
    assert pin["name"] == "en.jsonl" and len(pin["sha256"]) == 64
    assert version.recipe.parallel.model_dump() == pin

    pinned = recipe.parallel.model_copy(update={"sha256": pin["sha256"]})
    asked = recipe.model_copy(update={"source": recipe.source.model_copy(update={"parallel": pinned})})
    write_rows(tmp_path / "en.jsonl", ENGLISH[:-1])
    told = problem(asked, registry)
    assert told.startswith(f"source.parallel: {tmp_path / 'en.jsonl'}: another source than the recipe pins (sha256 ")
    assert told.endswith("use the pinned file, or remove source.parallel.sha256 to build from this one")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("no.jsonl", None, "{path}: no such file; check the path"),
        ("en.jsonl", "", "en.jsonl: the file is empty; expected rows with id, instruction, input, output"),
        (
            "en.jsonl",
            '{"id": "alfa-1", "instruction": "Name it."}\n',
            "en.jsonl: column 'output' is missing (it has id, instruction); "
            "map it with source.parallel.columns if it has another name",
        ),
        (
            "en.jsonl",
            '{"id": "alfa-1", "instruction": "a", "output": "b"}\n' * 2,
            "en.jsonl, rows 1 and 2: both have the id 'alfa-1'; ids must be unique",
        ),
        (
            "en.jsonl",
            '{"id": "otra-1", "instruction": "a", "output": "b"}\n',
            "en.jsonl: none of its ids is one of the source's; use the rows that it was translated from",
        ),
    ],
)
def test_parallel_rows_that_break_the_data_contract_are_named_in_one_line(
    recipe, registry, tmp_path, name, content, told
):
    path = tmp_path / name
    if content is not None:
        path.write_text(content, "utf-8")
    source = recipe.source.model_copy(update={"parallel": ParallelFile(path=str(path))})

    assert (
        problem(recipe.model_copy(update={"source": source}), registry) == f"source.parallel: {told.format(path=path)}"
    )
    assert not registry.exists() or list(registry.rglob("manifest.json")) == []


def test_columns_of_the_parallel_rows_are_mapped(recipe, registry, tmp_path):
    path = tmp_path / "other.csv"
    path.write_text(f"key,question,answer\nalfa-1,{LEFT},Grapes.\n", "utf-8")
    columns = Columns(id="key", instruction="question", input=None, output="answer")
    source = recipe.source.model_copy(update={"parallel": ParallelFile(path=str(path), columns=columns)})

    version = build(recipe.model_copy(update={"source": source}), registry).version
    assert statuses(version)["alfa-1"]["rule"] == "untranslated"


def test_a_version_verifies_where_the_parallel_rows_were_and_beside_the_rows(recipe, registry, tmp_path):
    version = build(recipe, registry).version
    assert [check for check in verify(version, registry) if not check.ok] == []

    moved = tmp_path / "moved"
    moved.mkdir()
    for name in ("es.jsonl", "en.jsonl"):
        shutil.move(tmp_path / name, moved / name)
    assert [check for check in verify(version, registry, str(moved / "es.jsonl")) if not check.ok] == []


def test_verify_says_that_the_parallel_rows_are_missing_or_changed(recipe, registry, tmp_path):
    version = build(recipe, registry).version
    write_rows(tmp_path / "en.jsonl", ENGLISH[:-1])
    changed = verify(version, registry)[-1]
    assert (changed.check, changed.ok) == ("source", False)
    assert "source.parallel: " in changed.detail and "another source than the recipe pins" in changed.detail

    (tmp_path / "en.jsonl").unlink()
    sha256 = plain(version.manifest.source)["parallel"]["sha256"]
    missing = verify(version, registry)[-1]
    assert missing.detail == (
        f"source.parallel: it is en.jsonl (sha256 {sha256[:12]}…) and nothing says where; put it beside the source's file"
    )


def test_no_path_of_this_machine_stands_in_the_version(recipe, registry, tmp_path):
    version = build(recipe, registry).version
    for path in version.path.rglob("*"):
        if path.is_file():
            assert str(tmp_path).encode() not in path.read_bytes(), path


def test_explain_shows_what_the_rules_saw_beside_the_english_row(recipe, registry):
    version = build(recipe, registry).version
    rules = {one.rule: one for one in explain(version, "alfa-2", registry).rules}
    assert rules["changed_numbers"].action == "flag"
    assert rules["changed_numbers"].evidence == "5 → 3"


def test_without_parallel_rows_nothing_is_recorded_of_them(tmp_path, registry):
    source = FileSource(path=str(write_rows(tmp_path / "es.jsonl", SPANISH)))
    version = build(Recipe(name="filas", source=source), registry).version

    assert "parallel" not in version.manifest.source
    assert "parallel" not in json.dumps(plain(version.manifest.recipe))
    assert not {"untranslated", "changed_numbers", "translated_keywords", "changed_urls"} & set(version.manifest.rules)
    assert "untranslated" not in {one.rule for one in explain(version, "alfa-1", registry).rules}


def test_a_recipe_with_parallel_rows_survives_yaml_and_can_be_switched_off(tmp_path, recipe):
    path = tmp_path / "mezcla.yaml"
    path.write_text(
        "name: mezcla\n"
        f"source:\n  kind: hub\n  repo: una/mezcla\n  revision: {'a' * 40}\n  file: es.json.gz\n"
        f"  parallel: {{kind: hub, repo: una/mezcla, revision: {'b' * 40}, file: en.json.gz}}\n",
        "utf-8",
    )
    loaded = load_recipe(str(path))
    assert loaded.parallel.file == "en.json.gz"
    assert recipe_from_yaml(loaded.to_yaml(), "recorded") == loaded
    assert load_recipe(str(path), ["source.parallel=null"]).parallel is None

    replaced = with_source(loaded, recipe.source.path, tmp_path)
    assert replaced.source == FileSource(path=recipe.source.path, parallel=loaded.parallel)


def test_another_kind_of_parallel_rows_replaces_those_of_the_extended_recipe(tmp_path):
    source = f"kind: hub, repo: una/mezcla, revision: {'a' * 40}"
    (tmp_path / "una.yaml").write_text(
        f"name: una\nsource: {{{source}, file: es.json, parallel: {{{source}, file: en.json}}}}\n"
    )
    (tmp_path / "otra.yaml").write_text("extends: una.yaml\nsource:\n  parallel: {kind: file, path: en.jsonl}\n")

    assert load_recipe(str(tmp_path / "otra.yaml")).parallel == ParallelFile(path=str(tmp_path / "en.jsonl"))


@pytest.mark.parametrize(
    ("parallel", "told"),
    [
        ("{kind: fille}", "unknown source.parallel.kind 'fille'; did you mean file?; there are file, hub"),
        ("{path: en.jsonl}", "source.parallel.kind is missing; there are file, hub"),
        (
            "{kind: file, pathh: en.jsonl}",
            "unknown key source.parallel.pathh; did you mean path?; known here: kind, path, name, sha256, columns",
        ),
        (
            "{kind: file, columns: {ids: key}}",
            "unknown key source.parallel.columns.ids; did you mean id?; known here: id, instruction, input, output, messages, origin, "
            "language",
        ),
        ("{kind: hub, repo: una/mezcla, file: en.json}", "source.parallel.revision is missing; add it"),
        (
            "{kind: file, columns: {id: null}}",
            "source: rows and their parallel source are joined on id; name its column, not columns.id: null",
        ),
    ],
)
def test_a_mistake_in_the_parallel_rows_is_named_by_its_key(tmp_path, parallel, told):
    path = tmp_path / "mezcla.yaml"
    path.write_text(f"name: mezcla\nsource:\n  kind: file\n  parallel: {parallel}\n", "utf-8")
    with pytest.raises(Problem) as raised:
        load_recipe(str(path))
    assert str(raised.value) == f"recipe {path}: {told}"


def test_rows_of_a_version_have_no_parallel_rows(recipe, registry):
    build(recipe, registry)
    with pytest.raises(Problem) as raised:
        with_source(recipe, "filas@1.0.0", registry)
    assert str(raised.value) == ("--from filas@1.0.0: a version has no parallel source; add --set source.parallel=null")
