import hashlib
import json
import os
import re
import shutil
import socket

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from builders.errors import Invalid, Problem
from builders.gold import gold
from builders.manifest import Contents
from builders.pipeline import run
from builders.recipes.model import DemoSource, FileSource, HubSource, Split, VersionSource
from builders.records import plain
from builders.schema import COLUMNS
from builders.sources.reading import read_source
from builders.stages.templates import template_named
from builders.versions.fingerprint import content_sha256, file_fingerprint
from builders.versions.version import Version, open_version
from builders.versions.write import Draft, numbered_texts, render, seal
from tests.builders.rows import KEPT, ROWS, small_recipe, small_version, write_rows

AB, CD = "ab" * 32, "cd" * 20


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("una-carpeta-que-nadie-debe-nombrar")


@pytest.fixture(scope="module")
def version(place):
    return small_version(place)


def files_in(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


# ---- the folder ------------------------------------------------------------------------------------------------------


def test_a_version_folder_holds_what_the_design_says(version, place):
    assert version.path == place / "versions" / "filas" / "v1.0.0"
    assert files_in(version.path) == [
        "README.md",
        "charts/dropped.svg",
        "charts/funnel.svg",
        "charts/lengths.svg",
        "charts/verbs.svg",
        "croissant.json",
        "data/train-00000-of-00001.parquet",
        "data/validation-00000-of-00001.parquet",
        "ledger/train-00000-of-00001.parquet",
        "manifest.json",
        "recipe.yaml",
        "statistics.json",
    ]


def test_a_split_without_rows_has_no_file(tmp_path):
    made = small_version(tmp_path, split=Split(validation=0.0))

    assert [path for path in files_in(made.path) if path.startswith("data/")] == ["data/train-00000-of-00001.parquet"]


def test_every_split_has_its_file(tmp_path):
    made = small_version(tmp_path, split=Split(validation=0.3, test=0.4))

    assert [path for path in files_in(made.path) if path.startswith("data/")] == [
        "data/test-00000-of-00001.parquet",
        "data/train-00000-of-00001.parquet",
        "data/validation-00000-of-00001.parquet",
    ]
    assert sorted(made.rows()["id"]) == sorted(KEPT)


def test_rows_and_ledger_stand_in_natural_order_of_their_ids(version):
    assert version.ledger()["id"].to_list() == [id for id, *_ in ROWS]
    assert set(version.rows()["id"]) == set(KEPT)
    for split in ("train", "validation"):
        ids = pl.read_parquet(version.path / "data" / f"{split}-00000-of-00001.parquet")["id"].to_list()
        assert ids == [id for id in KEPT if id in ids]


def test_columns_have_the_types_that_every_reader_knows(version):
    for split in ("train", "validation"):
        schema = pq.read_schema(version.path / "data" / f"{split}-00000-of-00001.parquet")
        assert schema.equals(pa.schema([(name, pa.string()) for name in COLUMNS]))

    lists = {"edits": pa.list_(pa.string()), "flags": pa.list_(pa.string()), "score": pa.float64()}
    schema = pq.read_schema(version.path / "ledger" / "train-00000-of-00001.parquet")
    assert schema.equals(pa.schema([(name, lists.get(name, pa.string())) for name in schema.names]))


def test_a_row_carries_its_repaired_fields_its_origin_and_its_prompt(version):
    row = version.rows().filter(pl.col("id") == "fila-2").to_dicts()[0]

    output = "La merienda de Ana lleva pan & queso, y una manzana."
    assert row == {
        "id": "fila-2",
        "instruction": "Di qué lleva la merienda de Ana.",
        "input": "",
        "output": output,
        "origin": "fila",
        "prompt": "### Instrucción:\nDi qué lleva la merienda de Ana.\n\n### Entrada:\n\n\n### Respuesta:\n",
        "completion": output,
        "split": "validation",
    }


# ---- the manifest ----------------------------------------------------------------------------------------------------


def test_the_manifest_is_written_last(tmp_path):
    recipe = small_recipe(write_rows(tmp_path / "filas.jsonl"))
    built = run(recipe, lambda: read_source(recipe, tmp_path))
    folder = tmp_path / "v1.0.0"

    draft = render(built, gold(recipe.language.of), folder)

    with pytest.raises(Problem, match=r"not a version \(it has no manifest.json\)"):
        open_version(folder)
    assert set(draft.files) == set(files_in(folder))

    sealed = seal(draft, folder, "1.0.0")

    # It lists the hash of every other file as it is now, so all of them were complete before it.
    others = [path for path in files_in(folder) if path != "manifest.json"]
    assert sealed.files == {path: file_fingerprint(folder / path) for path in others}
    assert open_version(folder).manifest == sealed


def test_the_manifest_counts_what_the_files_hold(version):
    manifest, rows, ledger = plain(version.manifest), version.rows(), version.ledger()

    assert (manifest["source_rows"], manifest["kept"], manifest["dropped"]) == (
        len(ROWS),
        len(KEPT),
        len(ROWS) - len(KEPT),
    )
    assert (ledger.height, rows.height) == (len(ROWS), len(KEPT))
    assert manifest["splits"] == {"train": 4, "validation": 3} == dict(rows["split"].value_counts().iter_rows())
    assert [stage["stage"] for stage in manifest["stages"]] == [
        *("read", "repair", "language", "quality", "dedup", "sample", "split", "template")
    ]
    lost = {stage["stage"]: stage["rows_in"] - stage["rows_out"] for stage in manifest["stages"][1:]}
    assert {stage: count for stage, count in lost.items() if count} == {"language": 1, "quality": 1, "dedup": 3}
    assert {name: rule["drops"] for name, rule in manifest["rules"].items() if rule["drops"]} == {"refusal": 1}
    assert {name: rule["flags"] for name, rule in manifest["rules"].items() if rule["flags"]} == {"english_form": 1}


def test_the_manifest_says_what_the_version_was_made_from(version):
    manifest = plain(version.manifest)
    source = hashlib.sha256((version.path.parents[2] / "filas.jsonl").read_bytes()).hexdigest()

    assert manifest["source"] == {
        "kind": "file",
        "name": "filas.jsonl",
        "sha256": source,
        "columns": manifest["source"]["columns"],
    }
    assert manifest["recipe_sha256"] == version.recipe.sha256()
    assert manifest["recipe"] == version.recipe.model_dump(mode="json")
    assert manifest["template"]["text"] == template_named("instruccion").text()
    assert manifest["template"]["sha256"] == template_named("instruccion").sha256
    assert {"python", "polars", "pyarrow", "aguila-data"} <= manifest["software"].keys()


def test_statistics_stand_beside_the_manifest(version):
    numbers = json.loads((version.path / "statistics.json").read_text("utf-8"))

    assert (numbers["rows"], numbers["splits"]) == (len(KEPT), {"train": 4, "validation": 3})
    assert numbers["dropped"] == {
        "dedup": {"exact_duplicate": 1, "near_duplicate": 1, "same_prompt": 1},
        "language": {"answer_language": 1},
        "quality": {"refusal": 1},
    }
    assert (numbers["flags"], numbers["edits"]) == ({"english_form": 1}, {"output:entities": 1})


def test_no_file_names_a_clock_a_machine_or_a_path(version, place):
    texts = {path: (version.path / path).read_text("utf-8") for path in files_in(version.path) if "parquet" not in path}
    for path in files_in(version.path):
        if path.endswith(".parquet"):
            metadata = pq.read_metadata(version.path / path)
            texts[path] = f"{metadata.created_by} {metadata.metadata}"

    for path, text in texts.items():
        assert place.name not in text, path
        assert os.fspath(place.parent) not in text, path
        assert not re.search(rf"(?<![\w-]){re.escape(socket.gethostname())}(?![\w-])", text), path
        assert not re.search(r"\b\d{4}-\d\d-\d\d\b|\b\d\d:\d\d\b", text), path


# ---- the card --------------------------------------------------------------------------------------------------------


def test_the_card_of_a_version_counts_what_its_files_hold(version):
    _, header, body = (version.path / "README.md").read_text("utf-8").split("---\n", 2)
    told = yaml.safe_load(header)

    info = {part["config_name"]: part for part in told["dataset_info"]}
    assert {split["name"]: split["num_examples"] for split in info["default"]["splits"]} == {
        "train": 4,
        "validation": 3,
    }
    assert [split["num_examples"] for split in info["ledger"]["splits"]] == [len(ROWS)]
    assert [feature["name"] for feature in info["default"]["features"]] == list(COLUMNS)
    assert [feature["name"] for feature in info["ledger"]["features"]] == version.ledger().columns
    sizes = {path: entry.bytes for path, entry in version.manifest.files.items()}
    assert info["default"]["download_size"] == sum(size for path, size in sizes.items() if path.startswith("data/"))
    assert info["ledger"]["download_size"] == sizes["ledger/train-00000-of-00001.parquet"]
    assert f"Version 1.0.0: **{len(KEPT)}** of {len(ROWS)} source rows are kept." in body
    for line in (
        "| dedup | near_duplicate | 1 |",
        "| quality | refusal | 1 |",
        "| english_form | 1 |",
        "| output:entities | 1 |",
    ):
        assert line in body
    assert version.content_sha256 in body


def test_statistics_are_checked_as_they_are_read(version, tmp_path):
    broken = Version(tmp_path, version.manifest)
    document = json.loads((version.path / "statistics.json").read_text("utf-8"))
    (tmp_path / "statistics.json").write_text(json.dumps(document | {"splits": {"train": "4"}}), "utf-8")

    with pytest.raises(
        Invalid, match=r"statistics\.json: not the statistics of a version \(Expected .* at `\$\.splits"
    ):
        broken.statistics()


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (DemoSource(sha256=AB), f"the embedded demo rows, sha256 `{AB}`"),
        (FileSource(name="filas.jsonl", sha256=AB), f"file `filas.jsonl`, sha256 `{AB}`"),
        (
            HubSource(repo="MBZUAI/Bactrian-X", revision=CD, file="data/es.json.gz", sha256=AB),
            f"[`MBZUAI/Bactrian-X`](https://huggingface.co/datasets/MBZUAI/Bactrian-X/tree/{CD}) at commit `{CD}`, file `data/es.json.gz`, sha256 `{AB}`",
        ),
        (
            VersionSource(name="filas", version="1.0.0", content_sha256=AB),
            f"version `filas@1.0.0`, content sha256 `{AB}`",
        ),
    ],
)
def test_the_card_names_every_kind_of_source(version, source, line):
    fields = {name: getattr(version.manifest, name) for name in Contents.__struct_fields__}
    recipe = version.recipe.model_copy(update={"source": source})
    draft = Draft(Contents(**{**fields, "recipe": recipe}), version.statistics(), version.manifest.files)

    assert f"| source | {line} |" in numbered_texts(draft, "1.0.0")["README.md"]


# ---- the content hash ------------------------------------------------------------------------------------------------


def content_in_plain_python(rows):
    lines = [
        json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        for row in sorted(rows, key=lambda row: row["id"])
    ]
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


@pytest.mark.parametrize("template", ["instruccion", "messages"])
def test_the_content_hash_is_that_of_canonical_json_lines(tmp_path, template):
    made = small_version(tmp_path, template=template)

    assert made.content_sha256 == content_in_plain_python(made.rows().to_dicts())


def test_the_content_hash_survives_another_writer_and_another_row_order(version, tmp_path):
    rows = version.rows()
    rows.reverse().write_parquet(tmp_path / "other.parquet", compression="snappy", row_group_size=2)

    assert content_sha256(rows) == version.content_sha256
    assert content_sha256(pl.read_parquet(tmp_path / "other.parquet")) == version.content_sha256
    assert content_sha256(rows.select(reversed(rows.columns))) == version.content_sha256


@pytest.mark.parametrize("column", [*COLUMNS, "split"])
def test_the_content_hash_changes_with_every_field_and_the_split(version, column):
    rows = version.rows()
    changed = rows.with_columns(pl.when(pl.col("id") == "fila-7").then(pl.lit("otra")).otherwise(column).alias(column))

    assert content_sha256(changed) != version.content_sha256


def test_the_content_hash_changes_with_every_row(version):
    rows = version.rows()

    assert (
        len({content_sha256(rows.filter(pl.col("id") != id)) for id in KEPT} | {version.content_sha256})
        == len(KEPT) + 1
    )


# ---- opening ---------------------------------------------------------------------------------------------------------


def test_a_version_knows_its_name_number_and_recipe(version):
    opened = open_version(version.path)

    assert (opened.name, str(opened.number), opened.content_sha256) == ("filas", "1.0.0", content_sha256(opened.rows()))
    assert opened.recipe.split == Split(validation=0.3)
    # The recorded recipe names the file that it was built from, not its folder.
    assert (opened.recipe.source.name, opened.recipe.source.path) == ("filas.jsonl", None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not the manifest of a version"),
        ("[]", "not the manifest of a version"),
        ('{"name": "filas"}', "not the manifest of a version"),
    ],
)
def test_a_folder_whose_manifest_is_none_is_no_version(tmp_path, text, message):
    (tmp_path / "manifest.json").write_text(text, "utf-8")

    with pytest.raises(Problem, match=rf"manifest.json: {message}.*; fetch or build the version again$"):
        open_version(tmp_path)


def test_a_version_of_a_later_format_is_refused(version, tmp_path):
    (tmp_path / "manifest.json").write_text(json.dumps({**plain(version.manifest), "format": 3}), "utf-8")

    with pytest.raises(Problem, match=r"written in format 3, this software reads 2; upgrade aguila-data$"):
        open_version(tmp_path)


@pytest.mark.parametrize("broken", [pl.lit(None, pl.String), pl.lit(7)], ids=["none", "a number"])
@pytest.mark.parametrize("column", ["id", "output"])
def test_rows_of_a_stranger_without_a_text_in_a_column_are_refused(version, tmp_path, column, broken):
    folder = shutil.copytree(version.path, tmp_path / "v1.0.0")
    for path in (folder / "data").iterdir():
        pl.read_parquet(path).with_columns(broken.alias(column)).write_parquet(path)
    with pytest.raises(Invalid, match=f"data: not every row has a text as its {column}"):
        open_version(folder).rows_by_id()
