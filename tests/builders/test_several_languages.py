"""Rows of several languages in one version: each judged for its own, as if it were built alone."""

import json
import logging
from pathlib import Path

import polars as pl
import pytest
import yaml

from builders.engines.engine import Local
from builders.errors import Problem
from builders.labels.queue import queue
from builders.pipeline import run
from builders.reading.audit import audit, audited
from builders.reading.audit_rows import rows_to_read
from builders.reading.explain import explain
from builders.reading.export import export
from builders.recipes.loading import load_recipe
from builders.recipes.model import Card, Columns, DemoSource, FileSource, Language, Repair, Sample, Split, VersionSource
from builders.schema import COLUMNS
from builders.sources.inspect import inspect
from builders.sources.reading import read_source
from builders.stages.language import unknown_language
from builders.versions.diff import diff
from builders.versions.fingerprint import content_sha256
from builders.versions.registry import build
from builders.versions.verify import verify
from cards.audit.tables import audit_tables
from tests.builders.engines.in_parts import InParts
from tests.builders.rows import ROWS, TORTILLA, small_recipe, write_rows
from tests.builders.test_other_language import PORTUGUESE

PERSIAN = [("fila-1", "Di hola.", "", "سلام دوست من، امروز هوا خوب است و می\u200cروم."), ("fila-3", "3 + 4", "", "7")]
# The same ids in each language, a text that is the same in all of them, and one that two say in nearly the same words.
SHARED = [
    ("fila-40", "print(1 + 2)", "", "3"),
    ("fila-41", "Explica cómo se hace una tortilla de patatas.", "", TORTILLA),
]
BY_LANGUAGE = {
    "es": [*ROWS, SHARED[0]],
    "pt": [(id.replace("linha", "fila"), *row) for id, *row in PORTUGUESE]
    + [SHARED[0], (*SHARED[1][:3], TORTILLA.replace("finas", "delgadas"))],
    "fa": [*PERSIAN, *SHARED],
}
CODES = tuple(sorted(BY_LANGUAGE))
IN_A_COLUMN = ["language.of=all", "source.columns.language=lang"]


def recipe_of(source, of=CODES, **changes):
    """A recipe for a source, or for the place of files."""
    recipe = small_recipe("", language=Language(of=of), **changes)
    return recipe.model_copy(update={"source": FileSource(path=str(source)) if isinstance(source, Path) else source})


def files(folder):
    """A file for each language."""
    folder.mkdir()
    for code, rows in BY_LANGUAGE.items():
        write_rows(folder / f"{code}.jsonl", rows)
    return folder / "{language}.jsonl"


def one_file(path, rows=None):
    """All rows in one file, shuffled a little, with their language in a column."""
    keys = ("id", "instruction", "input", "output")
    every = [dict(zip(keys, row, strict=True)) | {"lang": code} for code in CODES for row in BY_LANGUAGE[code]]
    every = every[::2] + every[1::2]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows or every), "utf-8")
    return path


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return files(tmp_path_factory.mktemp("languages") / "rows")


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    return tmp_path_factory.mktemp("versions")


@pytest.fixture(scope="module")
def version(place, registry):
    return build(recipe_of(place), registry).version


def decisions(ledger, code=None):
    """What became of each row, by its id in its own language."""
    cut = len(code) + 1 if code else 0
    hashes = ("id", "source_sha256", "row_sha256")
    return {
        row["id"][cut:]: {key: value for key, value in row.items() if key not in hashes}
        | {"duplicate_of": row["duplicate_of"] and row["duplicate_of"][cut:]}
        for row in ledger.to_dicts()
        if not code or row["id"].startswith(f"{code}-")
    }


@pytest.mark.parametrize(
    ("form", "read"), [("csv", pl.read_csv), ("jsonl", pl.read_ndjson), ("parquet", pl.read_parquet)]
)
def test_rows_that_are_exported_say_their_language_and_are_read_again(form, read, version, registry, tmp_path):
    path = tmp_path / f"filas.{form}"
    export(version, path, form, registry)
    rows = version.rows_by_id()
    assert read(path).select("id", "language").equals(rows.select("id", "language"))
    source = FileSource(path=str(path), columns=Columns(language="language"))
    assert set(read_source(recipe_of(source), tmp_path).rows["id"]) == set(rows["id"])


def test_exports_in_the_form_of_a_tool_have_its_keys_alone(version, registry, tmp_path):
    export(version, tmp_path / "filas.json", "alpaca", registry)
    assert list(json.loads((tmp_path / "filas.json").read_text("utf-8"))[0]) == ["id", "instruction", "input", "output"]


@pytest.mark.parametrize("code", CODES)
def test_each_language_comes_out_as_if_it_were_built_alone(code, version, place, tmp_path):
    alone = build(recipe_of(place, of=code), tmp_path).version

    assert decisions(version.ledger_by_id(), code) == decisions(alone.ledger_by_id())
    rows = version.rows().filter(language=code).sort("id")
    assert rows.drop("id", "language").equals(alone.rows().sort("id").drop("id"))
    assert rows["id"].to_list() == [f"{code}-{id}" for id in sorted(alone.rows()["id"])]
    assert alone.rows().columns == [*COLUMNS, "split"]  # a version of one language is what it always was


def test_rows_say_their_language_and_no_row_of_another_takes_their_place(version):
    rows = version.rows()
    assert [name for name in rows.columns if name not in (*COLUMNS, "split")] == ["language"]
    assert rows.filter(rows["id"].str.ends_with("fila-40"))["language"].sort().to_list() == list(CODES)
    assert rows.filter(rows["id"].str.ends_with("fila-41"))["language"].sort().to_list() == ["fa", "pt"]
    assert set(rows["origin"]) == {"fila"}


def test_a_row_is_in_one_split_with_its_translations(version):
    kept = version.rows().with_columns(version.rows()["id"].str.slice(3).alias("plain"))
    assert kept.group_by("plain").n_unique()["split"].to_list() == [1] * kept["plain"].n_unique()


def test_an_id_that_begins_with_its_own_language_keeps_that_once(version, tmp_path):
    keys = ("id", "instruction", "input", "output", "lang")
    rows = [
        dict(zip(keys, (f"{code}-{id}", *row, code), strict=True)) for code in CODES for id, *row in BY_LANGUAGE[code]
    ]
    source = FileSource(path=str(one_file(tmp_path / "filas.jsonl", rows)), columns=Columns(language="lang"))
    told = build(recipe_of(source), tmp_path / "versions").version
    assert told.content_sha256 == version.content_sha256

    rows[0]["id"] = "gl-" + rows[0]["id"]  # another language is part of the id
    source = FileSource(path=str(one_file(tmp_path / "otras.jsonl", rows)), columns=Columns(language="lang"))
    ids = read_source(recipe_of(source), tmp_path).rows["id"].to_list()
    assert f"{CODES[0]}-{rows[0]['id']}" in ids


def test_the_card_says_of_no_split_where_languages_share_no_id(tmp_path):
    texts = {code: [(f"{code}{at}", *row) for at, (_, *row) in enumerate(BY_LANGUAGE[code])] for code in CODES}
    keys = ("id", "instruction", "input", "output")
    rows = [dict(zip(keys, row, strict=True)) | {"lang": code} for code in CODES for row in texts[code]]
    source = FileSource(path=str(one_file(tmp_path / "filas.jsonl", rows)), columns=Columns(language="lang"))
    built = build(recipe_of(source), tmp_path / "versions").version
    assert built.statistics().shared_ids == 0
    limits = (built.path / "README.md").read_text("utf-8").split("## Known limits")[1]
    assert "Duplicates were looked for within each language.\n" in limits and "share a split" not in limits


def test_a_column_says_the_language_as_well_as_a_file(version, tmp_path):
    source = FileSource(path=str(one_file(tmp_path / "filas.jsonl")), columns=Columns(language="lang"))
    told = build(recipe_of(source), tmp_path / "versions").version
    assert told.content_sha256 == version.content_sha256
    assert told.ledger_by_id().equals(version.ledger_by_id())


def test_the_version_verifies_from_where_its_files_are_and_from_elsewhere(version, registry, place, tmp_path):
    assert verify(version, registry).result == "same bytes"
    moved = files(tmp_path / "elsewhere")
    assert verify(version, tmp_path, str(moved)).result == "same bytes"
    write_rows(moved.with_name("pt.jsonl"), BY_LANGUAGE["pt"][1:])
    assert "pt.jsonl is another file than the recipe pins" in str(verify(version, tmp_path, str(moved)).checks)


def test_files_are_recorded_with_the_language_of_each(version):
    source = version.recipe.source
    assert source.name == "{language}.jsonl"
    assert [(one.name, one.language) for one in source.files] == [(f"{code}.jsonl", code) for code in CODES]


def test_a_folder_for_each_language_may_hold_shards(version, tmp_path):
    for code, rows in BY_LANGUAGE.items():
        (tmp_path / code).mkdir()
        write_rows(tmp_path / code / "a-1.jsonl", rows[:5])
        write_rows(tmp_path / code / "a-2.jsonl", rows[5:] or rows[:0])
    (tmp_path / "fa" / "a-2.jsonl").unlink()
    recipe = recipe_of(tmp_path / "{language}" / "a-*.jsonl")
    built = build(recipe, tmp_path / "versions").version
    assert built.content_sha256 == version.content_sha256
    assert [one.name for one in built.recipe.source.files] == [
        *("es/a-1.jsonl", "es/a-2.jsonl", "fa/a-1.jsonl", "pt/a-1.jsonl", "pt/a-2.jsonl")
    ]
    assert verify(built, tmp_path / "versions").result == "same bytes"


def test_work_in_parts_gives_the_same(version, place, tmp_path):
    recipe = recipe_of(place)
    built = [
        run(recipe, lambda: read_source(recipe, tmp_path), engine=engine)
        for engine in (Local(), InParts(1), InParts(3), InParts(30))
    ]
    for other in built[1:]:
        assert other.rows.equals(built[0].rows) and other.ledger.equals(built[0].ledger)
        assert other.languages.sort("row").equals(built[0].languages.sort("row"))


def test_a_version_of_several_languages_is_a_source_of_several(version, registry, tmp_path):
    source = VersionSource(ref=str(version.path))
    again = build(recipe_of(source, name="otra"), tmp_path).version
    assert again.rows().sort("id")["id"].to_list() == version.rows().sort("id")["id"].to_list()
    with pytest.raises(
        Problem, match=r"row \d+: its language is 'pt', and language.of names es, fa \(\d+ rows are so\)"
    ):
        build(recipe_of(source, of=("es", "fa")), tmp_path)


# ---- what is said of it ----------------------------------------------------------------------------------------------


def test_the_card_and_its_metadata_name_the_languages_and_count_the_rows_of_each(version):
    header, page = (version.path / "README.md").read_text("utf-8").split("---\n", 2)[1:]
    head = yaml.safe_load(header)
    metadata = json.loads((version.path / "croissant.json").read_text("utf-8"))

    assert (head["language"], head["multilinguality"]) == (list(CODES), ["multilingual"])
    assert head["tags"] == metadata["keywords"] == ["instruction-tuning", "multilingual"]
    assert metadata["inLanguage"] == list(CODES)
    assert "language" in [one["name"] for one in head["dataset_info"][0]["features"]]
    assert "language" in [one["name"] for one in metadata["recordSet"][0]["field"]]
    assert "single instructions in Spanish, Persian and Portuguese." in page
    assert "Of these languages the builder knows Spanish alone:" in page
    assert f"Of {version.statistics().shared_ids} ids there are kept rows in several languages" in page
    assert "labelled Spanish rows" in page
    lines = [line for line in page.splitlines() if line.startswith(tuple(f"| {code} |" for code in CODES))]
    assert lines == [
        f"| {code} | {len(BY_LANGUAGE[code])} | {one.kept} | {100 * one.kept / one.rows:.1f} % | {one.splits['train']} | "
        f"{one.splits.get('validation', 0)} |"
        for code, one in version.statistics().by_language.items()
    ]


def test_statistics_say_what_became_of_each_language(version):
    found = version.statistics().by_language
    assert {code: one.rows for code, one in found.items()} == {code: len(rows) for code, rows in BY_LANGUAGE.items()}
    assert sum(one.kept for one in found.values()) == version.manifest.kept
    ids = version.rows()["id"].str.slice(3).value_counts()
    assert version.statistics().shared_ids == ids.filter(pl.col("count") > 1).height > 1
    assert found["es"].dropped["refusal"] == 1 and "refusal" not in found["pt"].dropped


def test_the_build_says_in_one_line_what_is_not_there(place, tmp_path, caplog):
    with caplog.at_level(logging.WARNING, "builders"):
        build(recipe_of(place), tmp_path)
    (said,) = [note for note in caplog.messages if note.startswith("language.of")]
    assert said.startswith("language.of fa, pt: Persian and Portuguese have no room in filters/languages yet, so")
    assert "of their rows" in said and "refusal" not in said
    assert said.endswith("; invisible signs stay, for the writing of Persian needs them")


def test_of_many_languages_it_names_those_that_are_there():
    said = unknown_language(load_recipe("bactrian-x"))
    assert said.startswith("language.of all but es: these 51 languages have no room in filters/languages yet, so the")
    assert said.endswith("; invisible signs stay, for the writing of 17 languages needs them")


def test_invisible_letters_stay_in_the_writing_that_needs_them_alone(version):
    kept = version.rows().filter(id="fa-fila-1")["output"].item()
    assert "\u200c" in kept
    assert version.ledger_by_id().filter(id="fa-fila-1")["edits"].item().to_list() == []


def test_a_row_is_explained_by_the_rules_of_its_language(version, registry):
    refused, portuguese = explain(version, "es-fila-4", registry), explain(version, "pt-fila-9", registry)
    assert (refused.rule, refused.language.question) == ("refusal", "es")
    assert portuguese.language is None
    assert {one.rule for one in portuguese.rules} < {one.rule for one in refused.rules} | {"blank_answer"}
    assert "refusal" not in [one.rule for one in portuguese.rules]


def test_the_audit_says_whose_languages_it_can_tell(version, place, tmp_path):
    title = "Languages of rows meant to be in es: no other's can be told"
    raw = audited(None, tmp_path, str(one_file(tmp_path / "filas.jsonl")), overrides=IN_A_COLUMN).numbers
    for numbers in (audit(version), raw):
        assert title in [one.title for one in audit_tables(numbers)]
        assert numbers.statistics.language.meant == ("es",)
    alone = build(recipe_of(place, of="es"), tmp_path / "versions").version
    assert "Languages" in [one.title for one in audit_tables(audit(alone))]
    assert "meant" not in json.loads((alone.path / "statistics.json").read_text("utf-8"))["language"]


def test_the_audit_counts_languages_and_shows_that_of_each_row(version, registry):
    numbers = audit(version)
    leaks = numbers.leaks
    assert (leaks.prompts, leaks.texts, leaks.near_duplicates) == (0, 0, 0)
    assert numbers.prompts.groups == 0  # the one that languages have in common is one of each
    shown = rows_to_read(version, registry).rows
    assert dict(shown.filter(shown["id"].str.ends_with("fila-40")).select("id", "language").iter_rows()) == {
        "es-fila-40": "undetermined",
        "fa-fila-40": "fa",
        "pt-fila-40": "pt",
    }


def test_rows_to_judge_are_pointed_at_by_what_is_known_of_their_language(version, registry):
    drawn = queue(version, registry, per_rule=9, random=99).labels
    assert {one.id for one in drawn if one.stratum.startswith("undecided:")} == {"es-fila-40"}
    assert {one.id.split("-")[0] for one in drawn} == set(CODES)


def test_the_content_hash_holds_the_language_of_rows(version):
    rows = version.rows()
    assert content_sha256(rows) == version.content_sha256
    assert content_sha256(rows.with_columns(language=pl.lit("es"))) != version.content_sha256


def test_a_raw_file_of_several_languages_is_audited_by_the_rules_of_each(tmp_path):
    path = one_file(tmp_path / "filas.jsonl")
    numbers = audited(None, tmp_path, str(path), overrides=IN_A_COLUMN).numbers
    assert numbers.rows == sum(map(len, BY_LANGUAGE.values()))
    assert numbers.rules["refusal"].drops == 1 and numbers.rules["blank_answer"].drops == 1


def test_two_versions_are_compared(version, place, registry):
    fewer = build(recipe_of(place, of=("es", "pt")), registry).version
    counts = diff(version, fewer).counts
    assert (counts.removed, counts.added, counts.changed) == (version.statistics().by_language["fa"].kept, 0, 0)


def test_a_place_is_inspected_and_the_recipe_to_start_from_names_the_languages(place, tmp_path):
    found = inspect(str(place), tmp_path, ["language.of=[es, pt]"])
    assert (found.files, found.rows) == (2, len(BY_LANGUAGE["es"]) + len(BY_LANGUAGE["pt"]))
    written = yaml.safe_load(found.recipe)
    assert written["language"] == {"of": ["es", "pt"]} and written["name"] == "rows"
    assert "language" not in yaml.safe_load(inspect(str(place.with_name("es.jsonl")), tmp_path).recipe)


# ---- English parallel rows, samples ----------------------------------------------------------------------------------


def test_english_parallel_rows_are_joined_on_the_id_that_rows_have_in_their_language(place, tmp_path):
    english = write_rows(tmp_path / "en.jsonl", [("fila-1", "What is a cenote?", "", "A pit.")])
    source = FileSource(path=str(place), parallel={"kind": "file", "path": str(english)})
    rows = read_source(recipe_of(source), tmp_path).rows
    assert rows.filter(rows["instruction_en"].is_not_null())["id"].to_list() == [f"{code}-fila-1" for code in CODES]


def test_a_sample_is_of_all_languages_together(place, tmp_path):
    some = build(recipe_of(place, sample=Sample(rows=9), split=Split(validation=0)), tmp_path).version
    assert some.manifest.kept == 9


# ---- what is refused -------------------------------------------------------------------------------------------------


def refused(recipe, registry):
    with pytest.raises(Problem) as problem:
        read_source(recipe, registry)
    return str(problem.value)


def test_where_nothing_says_the_language_of_rows_one_line_says_how_to(tmp_path):
    path = write_rows(tmp_path / "filas.jsonl")
    for source in (FileSource(path=str(path)), DemoSource()):
        said = refused(recipe_of(source), tmp_path)
        assert "language.of names several languages (es, fa, pt), and nothing says which of them each row is in" in said
        assert "source.columns.language" in said and "\n" not in said


def test_a_place_and_a_column_are_not_asked_both(place, tmp_path):
    source = FileSource(path=str(place), columns=Columns(language="lang"))
    assert "both say which language rows are in" in refused(recipe_of(source), tmp_path)


def test_a_language_without_a_file_is_named(place, tmp_path):
    said = refused(recipe_of(place, of=("es", "gl")), tmp_path)
    assert "gl.jsonl: no such file, and language.of names gl" in said


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ({"lang": "pt"}, "row 2: its language is 'pt', and language.of names es, fa"),
        ({"lang": "xx"}, "row 2: its language is 'xx', and language.of names es, fa"),
        ({"lang": ""}, "row 2: says no language"),
        ({"lang": None}, "row 2: says no language"),
        ({}, "row 2: says no language"),
    ],
)
def test_a_row_in_no_language_or_another_is_an_error_of_one_line(lang, told, tmp_path):
    row = {"instruction": "Di hola.", "input": "", "output": "Hola."}
    rows = [row | {"id": "1", "lang": "es"}, row | {"id": "2"} | lang]
    source = FileSource(path=str(one_file(tmp_path / "filas.jsonl", rows)), columns=Columns(language="lang"))
    assert f"filas.jsonl, {told}" in refused(recipe_of(source, of=("es", "fa")), tmp_path)
    way = "add it to language.of" if lang.get("lang") else "give it one in the column of source.columns.language"
    assert f"; {way}, " in refused(recipe_of(source, of=("es", "fa")), tmp_path)
    if lang.get("lang"):
        assert refused(recipe_of(source, of="es"), tmp_path).startswith("filas.jsonl, row 2: its language is")


@pytest.mark.parametrize("ending", [".jsonl", ".csv"])
def test_a_column_of_languages_that_is_not_there_is_named(ending, tmp_path):
    path = tmp_path / f"filas{ending}"
    frame = pl.DataFrame({"id": ["1"], "instruction": ["Di hola."], "input": [""], "output": ["Hola."]})
    {".jsonl": frame.write_ndjson, ".csv": frame.write_csv}[ending](path)
    said = refused(recipe_of(FileSource(path=str(path), columns=Columns(language="nope"))), tmp_path)
    assert (
        f"filas{ending}: column 'nope' is missing (it has id, instruction, input, output); map it with source." in said
    )


def test_an_id_that_is_there_twice_is_found_in_its_own_file(tmp_path):
    place = files(tmp_path / "rows")
    write_rows(place.with_name("pt.jsonl"), [*BY_LANGUAGE["pt"], BY_LANGUAGE["pt"][1]])
    again = len(BY_LANGUAGE["pt"]) + 1
    id = BY_LANGUAGE["pt"][1][0]
    assert refused(recipe_of(place), tmp_path).startswith(f"pt.jsonl, rows 2 and {again}: both have the id 'pt-{id}'")
    (tmp_path / "pt").mkdir()
    for name in ("a", "b"):
        write_rows(tmp_path / "pt" / f"{name}.jsonl", BY_LANGUAGE["pt"][1:3])
    said = refused(recipe_of(tmp_path / "pt", of="pt"), tmp_path)
    assert said.startswith(f"a.jsonl, row 1, and b.jsonl, row 1: both have the id {id!r}")
    write_rows(place.with_name("pt.jsonl"), [BY_LANGUAGE["pt"][1], ("", *BY_LANGUAGE["pt"][2][1:])])
    assert refused(recipe_of(place), tmp_path).startswith("pt.jsonl, row 2: the id is empty")


def test_rows_of_one_language_may_say_it(tmp_path):
    row = {"id": "1", "instruction": "Di hola.", "input": "", "output": "Hola.", "lang": "pt"}
    source = FileSource(path=str(one_file(tmp_path / "filas.jsonl", [row])), columns=Columns(language="lang"))
    rows = read_source(recipe_of(source, of="pt"), tmp_path).rows
    assert rows["id"].to_list() == ["1"] and "language" not in rows.columns


def test_personal_data_is_masked_where_all_languages_are_known(place):
    with pytest.raises(ValueError, match="knows no personal data in Persian, Portuguese yet"):
        recipe_of(place, repair=Repair(personal_data=True))


def test_ids_that_are_made_from_content_are_those_of_each_language(tmp_path):
    row = {"instruction": "1 + 1", "input": "", "output": "2"}
    rows = [row | {"lang": "es"}, row | {"lang": "pt"}, row | {"lang": "pt"}]
    source = FileSource(path=str(one_file(tmp_path / "filas.jsonl", rows)), columns=Columns(id=None, language="lang"))
    ids = read_source(recipe_of(source, of=("es", "pt")), tmp_path).rows["id"].to_list()
    plain = ids[0].removeprefix("es-")
    assert ids == [f"es-{plain}", f"pt-{plain}", f"pt-{plain}-2"]


def test_the_licence_is_asked_for_as_of_any_rows(place, tmp_path, caplog):
    with caplog.at_level(logging.WARNING, "builders"):
        build(recipe_of(place, card=Card()), tmp_path)
    assert any(note.startswith("the licence of the source is not stated") for note in caplog.messages)
