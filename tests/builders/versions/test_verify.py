import json
import os
import shutil
from dataclasses import replace
from importlib import metadata

import polars as pl
import pytest
import yaml

from builders.errors import Invalid
from builders.recipes.model import Recipe, VersionSource
from builders.records import plain, to_json
from builders.versions.fingerprint import content_sha256, file_fingerprint
from builders.versions.references import resolve
from builders.versions.registry import build
from builders.versions.verify import verify
from builders.versions.version import open_version
from cards.shared.sections import fixed_sha256
from tests.builders.rows import ROWS, small_version, write_rows

TRAIN = "data/train-00000-of-00001.parquet"
LEDGER = "ledger/train-00000-of-00001.parquet"
CHECKS = ["files", "manifest", "ledger", "content", "recipe", "source", "rebuilt content", "rebuilt ledger"]
CHECKS += ["rebuilt statistics", "rebuilt manifest", "rebuilt card", "rebuilt pictures", "rebuilt bytes"]


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    return small_version(tmp_path_factory.mktemp("original"))


@pytest.fixture
def folder(original, tmp_path):
    """A version folder of one's own, to damage."""
    return shutil.copytree(original.path, tmp_path / "v1.0.0")


@pytest.fixture
def failing(original):
    """{check: detail} of the checks that fail for a folder, its source where the original's is."""

    def check(folder, where=None):
        registry = original.path.parents[1]
        return {one.check: one.detail for one in verify(open_version(folder), registry, where) if not one.ok}

    return check


def rewrite(path, change):
    change(pl.read_parquet(path)).write_parquet(path)


def edit_manifest(folder, **changes):
    path = folder / "manifest.json"
    path.write_text(to_json(json.loads(path.read_text("utf-8")) | changes), "utf-8")


# ---- what holds ------------------------------------------------------------------------------------------------------


def test_an_untouched_version_passes_every_check(original):
    checks = verify(original, original.path.parents[1])

    assert [(check.check, check.ok) for check in checks] == [(name, True) for name in CHECKS]
    assert [check.detail for check in checks] == [
        "11 files have their recorded hashes",
        "every field in its place",
        "7 kept + 5 dropped = 12 source rows, each once",
        f"7 rows, content sha256 {original.content_sha256[:12]}…",
        f"sha256 {original.recipe.sha256()[:12]}…",
        "12 rows, as pinned",
        "7 rows, the same content",
        "12 entries of the ledger and 7 rows, cell by cell",
        "20 statistics, the same numbers",
        "18 fields, the same values",
        "README.md and croissant.json, word for word",
        "4 pictures show the same",
        "11 files, byte for byte",
    ]


def test_a_quick_check_does_not_build_again(original, tmp_path):
    # The registry knows no source here, so building again could not succeed.
    checks = verify(original, tmp_path, quick=True)

    assert [(check.check, check.ok) for check in checks] == [(name, True) for name in CHECKS[:5]]


def test_verifying_changes_nothing_in_the_folder(folder, failing):
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}

    assert failing(folder) == {}
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_a_version_of_a_version_is_verified_from_it(original, tmp_path):
    registry = original.path.parents[1]

    derived = build(Recipe(name="derivada", source=VersionSource(ref="filas@1.0.0")), registry).version

    assert [check.detail for check in verify(resolve("derivada@1.0.0", registry), registry) if not check.ok] == []
    assert derived.manifest.source.root.content_sha256 == original.content_sha256


# ---- what does not ---------------------------------------------------------------------------------------------------


def test_a_changed_byte_in_a_data_file_is_named(folder, failing):
    data = bytearray((folder / TRAIN).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / TRAIN).write_bytes(data)

    size = f"{len(data):,}"
    assert failing(folder)["files"] == f"{TRAIN}: changed ({size} bytes recorded, {size} found; sha256 differs)"


def test_a_data_file_that_is_cut_off_is_named_in_every_check_that_reads_it(folder, failing):
    (folder / TRAIN).write_bytes((folder / TRAIN).read_bytes()[:-100])

    failed = failing(folder)

    assert set(failed) == {"files", "ledger", "content", "rebuilt content", "rebuilt ledger"}
    assert failed["files"].startswith(f"{TRAIN}: changed (")
    for check in ("ledger", "content", "rebuilt content"):
        assert failed[check].startswith(f"{folder / TRAIN}: not a sound Parquet file (")
        assert failed[check].endswith("); fetch the file again")


def test_a_removed_row_is_named(folder, failing):
    rewrite(folder / TRAIN, lambda rows: rows.filter(pl.col("id") != "fila-7"))

    failed = failing(folder)

    assert set(failed) == {"files", "ledger", "content", "rebuilt content", "rebuilt ledger"}
    assert failed["ledger"] == "1 rows are kept in the ledger but not in the data, such as 'fila-7'"
    assert failed["content"].endswith("(6 rows)")
    assert failed["rebuilt content"] == "1 rows missing, such as 'fila-7'"


def test_a_row_that_stands_twice_in_the_data_is_named(folder, failing):
    rewrite(folder / TRAIN, lambda rows: pl.concat([rows, rows.filter(pl.col("id") == "fila-7")]))

    failed = failing(folder)

    assert failed["ledger"] == "id 'fila-7' stands more than once in the data"
    assert failed["rebuilt content"] == "1 rows more than once, such as 'fila-7'"


def test_a_row_that_no_source_has_is_named(folder, failing):
    rewrite(folder / TRAIN, lambda rows: pl.concat([rows, rows.head(1).with_columns(pl.lit("fila-99").alias("id"))]))

    failed = failing(folder)

    assert failed["ledger"] == "1 rows are in the data but not kept in the ledger, such as 'fila-99'"
    assert failed["rebuilt content"] == "1 rows too many, such as 'fila-99'"


@pytest.mark.parametrize("column", ["instruction", "origin", "prompt", "completion"])
def test_a_row_with_another_text_in_any_column_is_named(folder, failing, column):
    changed = pl.when(pl.col("id") == "fila-7").then(pl.lit("otra")).otherwise(column).alias(column)
    rewrite(folder / TRAIN, lambda rows: rows.with_columns(changed))

    failed = failing(folder)

    assert set(failed) == {"files", "content", "rebuilt content", "rebuilt ledger"}
    assert failed["rebuilt content"] == "1 rows different, such as 'fila-7'"


@pytest.mark.parametrize(
    "change",
    [lambda rows: rows.drop("id"), lambda rows: rows.drop("prompt"), lambda rows: rows.with_columns(extra=pl.lit(1))],
    ids=["no id", "no prompt", "one more"],
)
def test_other_columns_are_named(folder, failing, change):
    rewrite(folder / TRAIN, change)

    told = (
        f"{folder / 'data'}: not the files of a version, with columns id, instruction, input, output, origin, prompt, "
        "completion in each; fetch or build the version again"
    )
    failed = failing(folder)
    assert set(failed) == {"files", "ledger", "content", "rebuilt content", "rebuilt ledger"}
    assert {failed[check] for check in ("ledger", "content", "rebuilt content")} == {told}


@pytest.mark.parametrize(
    ("path", "others"),
    [
        (TRAIN, {"ledger", "content", "rebuilt content", "rebuilt ledger"}),
        (LEDGER, {"ledger", "rebuilt ledger"}),
        ("recipe.yaml", {"recipe", "source"}),
        ("README.md", {"rebuilt manifest", "rebuilt card"}),
        ("statistics.json", {"rebuilt statistics"}),
        ("croissant.json", {"rebuilt card"}),
        ("charts/funnel.svg", {"rebuilt pictures"}),
    ],
)
def test_a_missing_file_is_named(folder, failing, path, others):
    (folder / path).unlink()

    failed = failing(folder)

    assert set(failed) == {"files", *others}
    assert failed.pop("files").startswith(f"{path}: missing")
    assert all(f"{path}: missing" in detail for detail in failed.values())


def test_an_extra_file_is_named(folder, failing):
    (folder / "data" / "train-00001-of-00001.parquet").write_bytes(b"")
    (folder / "notas.txt").write_text("hola", "utf-8")

    assert failing(folder) == {
        "files": "data/train-00001-of-00001.parquet: not part of the version; notas.txt: not part of the version"
    }


def test_a_file_outside_the_folder_is_not_taken_for_one_of_the_version(folder, failing):
    (folder.parent / "fuera.txt").write_text("hola", "utf-8")
    edit_manifest(
        folder, files={**plain(open_version(folder).manifest.files), "../fuera.txt": {"bytes": 4, "sha256": "0" * 64}}
    )

    with pytest.raises(Invalid, match="it names a file that cannot belong to it"):
        open_version(folder)


def test_a_link_that_leads_outside_the_folder_is_no_file_of_the_version(folder, failing):
    """Not even to the very bytes that are recorded: who sends the folder does not send them."""
    card = (folder / "README.md").rename(folder.parent / "fuera.md")
    (folder / "README.md").symlink_to(card)

    assert failing(folder)["files"] == (
        "README.md: outside the version's folder; README.md: a link, and no version has one"
    )


def test_a_version_in_the_hub_s_cache_has_links_to_the_blobs_beside_it_and_no_others(original, tmp_path):
    snapshot = shutil.copytree(original.path, tmp_path / "datasets--ana--filas" / "snapshots" / ("a" * 40))
    (snapshot.parents[1] / "blobs").mkdir()
    for name, place in (("README.md", snapshot.parents[1] / "blobs" / "1"), ("recipe.yaml", tmp_path / "fuera.yaml")):
        (snapshot / name).rename(place)
        (snapshot / name).symlink_to(place)

    files = verify(replace(original, path=snapshot, repo="ana/filas", commit="a" * 40), tmp_path, quick=True)[0]
    assert (files.ok, files.detail) == (False, "recipe.yaml: outside the version's folder")


# ---- the recipe and the source ---------------------------------------------------------------------------------------


def edit_recipe(folder, **changes):
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text("utf-8")) | changes), "utf-8")


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"split": {"validation": 0.0}}, "3 rows different, such as 'fila-11', 'fila-12', 'fila-2'"),
        ({"dedup": {"enabled": False}}, "3 rows missing, such as 'fila-6', 'fila-8', 'fila-9'"),
        ({"sample": {"rows": 7000}}, "sample.rows asks for 7,000 rows but only 7 are left after the filters"),
        ({"template": "messages"}, "the columns or their types are not those of the rebuilt rows"),
        ({"template": "mensajes"}, "recipe filas: unknown template 'mensajes'"),
    ],
)
def test_a_changed_recipe_is_named(folder, failing, changes, detail):
    edit_recipe(folder, **changes)

    failed = failing(folder)

    assert failed["files"].startswith("recipe.yaml: changed (")
    assert failed["recipe"].endswith(f"…, recorded {open_version(folder).manifest.recipe_sha256[:12]}…")
    assert failed["rebuilt content"].startswith(detail)


@pytest.mark.parametrize(
    "text", ["split: [", "name: filas\nsplits: {}\n", "\xff"], ids=["no YAML", "unknown key", "no UTF-8"]
)
def test_a_recipe_that_cannot_be_read_is_named(folder, failing, text):
    (folder / "recipe.yaml").write_text(text, "latin-1")

    failed = failing(folder)

    assert set(failed) == {"files", "recipe", "source"}
    assert str(folder / "recipe.yaml") in failed["recipe"]


def test_another_source_is_named(folder, failing, tmp_path):
    other = write_rows(tmp_path / "otras.jsonl", ROWS[1:])

    failed = failing(folder, where=str(other))

    assert list(failed) == ["source"]
    assert failed["source"].startswith(f"{other}: another source than the recipe pins (sha256 ")


def test_the_same_source_at_another_place_is_the_same_source(folder, tmp_path):
    moved = write_rows(tmp_path / "en-otro-sitio.jsonl")

    checks = verify(open_version(folder), tmp_path / "no-registry", str(moved))

    assert all(check.ok for check in checks)


def test_a_source_that_is_not_at_hand_is_asked_for(folder, tmp_path):
    failed = {one.check: one.detail for one in verify(open_version(folder), tmp_path) if not one.ok}

    assert list(failed) == ["source"]
    assert failed["source"].startswith("the source is filas.jsonl (sha256 ")
    assert failed["source"].endswith("…) and nothing says where it is; give it with --from FILE")


# ---- the ledger and the manifest -------------------------------------------------------------------------------------


def test_a_ledger_with_a_row_twice_is_named(folder, failing):
    rewrite(folder / LEDGER, lambda ledger: pl.concat([ledger, ledger.filter(pl.col("id") == "fila-4")]))

    failed = failing(folder)

    assert set(failed) == {"files", "ledger", "rebuilt ledger"}
    assert failed["ledger"] == (
        "id 'fila-4' stands more than once; source_rows: 12 in the manifest, 13 in the ledger; "
        "dropped: 5 in the manifest, 6 in the ledger"
    )


def test_a_ledger_that_lacks_a_row_is_named(folder, failing):
    rewrite(folder / LEDGER, lambda ledger: ledger.filter(pl.col("id") != "fila-1"))

    assert failing(folder)["ledger"] == (
        "1 rows are in the data but not kept in the ledger, such as 'fila-1'; "
        "source_rows: 12 in the manifest, 11 in the ledger; kept: 7 in the manifest, 6 in the ledger"
    )


def test_a_ledger_that_tells_another_split_than_the_data_is_named(folder, failing):
    moved = pl.when(pl.col("id") == "fila-7").then(pl.lit("test")).otherwise("split").alias("split")
    rewrite(folder / LEDGER, lambda ledger: ledger.with_columns(moved))

    assert failing(folder)["ledger"] == "1 rows have another split in the ledger than in the data, such as 'fila-7'"


def test_a_ledger_of_other_columns_is_named(folder, failing):
    rewrite(folder / LEDGER, lambda ledger: ledger.drop("evidence"))

    assert failing(folder)["ledger"] == "the ledger has other columns than a ledger"


def test_a_tampered_count_is_named(folder, failing):
    edit_manifest(folder, kept=8)

    assert failing(folder) == {
        "ledger": "kept: 8 in the manifest, 7 in the ledger",
        "rebuilt manifest": "manifest.json (kept) differ",
        "rebuilt bytes": "manifest.json (kept) differ",
    }


def test_a_tampered_content_hash_is_named(folder, failing):
    edit_manifest(folder, content_sha256="0" * 64)

    failed = failing(folder)

    assert set(failed) == {"content", "rebuilt content", "rebuilt manifest", "rebuilt bytes"}
    assert ", recorded 000000000000… (7 rows)" in failed["content"]
    assert failed["rebuilt content"] == "the recorded content hash is not that of the rebuilt rows"
    assert failed["rebuilt bytes"] == "manifest.json (content_sha256) differ"


def test_data_and_manifest_that_were_changed_together_do_not_survive_a_rebuild(folder, failing):
    rewrite(folder / TRAIN, lambda rows: rows.with_columns(pl.lit("Sí.").alias("output")))
    opened = open_version(folder)
    files = plain({**opened.manifest.files, TRAIN: file_fingerprint(folder / TRAIN)})
    edit_manifest(folder, files=files, content_sha256=content_sha256(opened.rows()))

    assert failing(folder) == {
        "rebuilt content": "4 rows different, such as 'fila-1', 'fila-10', 'fila-3'",
        "rebuilt ledger": f"{TRAIN}: not the rebuilt rows in their order",
        "rebuilt manifest": "manifest.json (content_sha256) differ",
        "rebuilt card": "croissant.json: not the rebuilt text",
        "rebuilt bytes": f"{TRAIN}, manifest.json (content_sha256) differ",
    }


def test_a_manifest_that_lacks_what_is_compared_is_named(folder, failing):
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    del manifest["recipe_sha256"], manifest["columns"]
    path.write_text(json.dumps(manifest), "utf-8")

    with pytest.raises(Invalid, match=r"missing required field `(recipe_sha256|columns)`"):
        open_version(folder)


# ---- forgeries: changed, hashed anew, and said to be written by other software ---------------------------------------


def forge(folder, manifest=None, **software):
    """Let manifest and card claim other software, and give every file the hash that it has now."""
    recorded = json.loads((folder / "manifest.json").read_text("utf-8"))
    software = software or {"polars": "1.0.0"}
    card = (folder / "README.md").read_text("utf-8")
    for name, number in software.items():
        card = card.replace(f"{name} {recorded['software'][name]}", f"{name} {number}")
    (folder / "README.md").write_text(card, "utf-8")
    for path in recorded["files"]:
        recorded["files"][path] = plain(file_fingerprint(folder / path))
    recorded["card_sha256"] = fixed_sha256((folder / "README.md").read_text("utf-8"))
    recorded["software"] |= software
    if manifest:
        manifest(recorded)
    (folder / "manifest.json").write_text(to_json(recorded), "utf-8")


def in_text(path, old, new):
    def change(folder):
        text = (folder / path).read_text("utf-8")
        assert old in text
        (folder / path).write_text(text.replace(old, new, 1), "utf-8")

    return change


def in_ledger(**columns):
    return lambda folder: rewrite(folder / LEDGER, lambda ledger: ledger.with_columns(**columns))


def nothing(folder):
    pass


def test_other_software_that_wrote_the_same_is_named_and_no_byte_is_claimed(folder, original):
    forge(folder, polars="1.0.0")

    found = verify(open_version(folder), original.path.parents[1])

    assert [check.check for check in found if not check.ok] == []
    assert (found.result, found.ok, found.software) == (
        "same content",
        True,
        (f"polars 1.0.0 → {metadata.version('polars')}",),
    )
    assert found.sentence.endswith("every value was compared, no byte")
    assert "rebuilt bytes" not in [check.check for check in found]


@pytest.mark.parametrize(
    ("change", "manifest", "check"),
    [
        (in_text("README.md", "12 source rows", "99 source rows"), None, "rebuilt card"),
        (in_text("README.md", "license: apache-2.0", "license: mit"), None, "rebuilt card"),
        (in_text("croissant.json", '"name": "', '"name": "x'), None, "rebuilt card"),
        (in_text("statistics.json", '"rows": 7', '"rows": 8'), None, "rebuilt statistics"),
        (in_text("charts/funnel.svg", "12", "99"), None, "rebuilt pictures"),
        (in_ledger(evidence=pl.lit("otra cosa")), None, "rebuilt ledger"),
        (in_ledger(score=pl.lit(0.5)), None, "rebuilt ledger"),
        (in_ledger(row_sha256=pl.lit("0" * 64)), None, "rebuilt ledger"),
        (in_ledger(rule=pl.when(pl.col("rule").is_not_null()).then(pl.lit("echo"))), None, "rebuilt ledger"),
        (in_ledger(flags=pl.lit([], pl.List(pl.String))), None, "rebuilt ledger"),
        (nothing, lambda told: told["stages"][3].update(rows_out=9), "rebuilt manifest"),
        (nothing, lambda told: told["rules"]["refusal"].update(drops=0), "rebuilt manifest"),
        (nothing, lambda told: told["rules"]["refusal"].update(threshold=0.1), "rebuilt manifest"),
        (nothing, lambda told: told["gold"]["refusal"].update(false_positives=3), "rebuilt manifest"),
        (nothing, lambda told: told["gold"].clear(), "rebuilt manifest"),
        (nothing, lambda told: told.update(gold_rows=4800), "rebuilt manifest"),
        (nothing, lambda told: told["charts"].update(funnel="Otra cosa."), "rebuilt manifest"),
        (nothing, lambda told: told["splits"].update(train=5), "rebuilt manifest"),
        (nothing, lambda told: told["sizes"]["default"]["train"].update(rows=5), "rebuilt manifest"),
        (nothing, lambda told: told["template"].update(text="Otra"), "rebuilt manifest"),
        (nothing, lambda told: told.update(columns=["id"]), "rebuilt manifest"),
        (nothing, lambda told: told.update(name="otro"), "rebuilt manifest"),
        (nothing, lambda told: told["source"].update(name="otro.jsonl"), "rebuilt manifest"),
        (nothing, lambda told: told.update(card_sha256="0" * 64), "rebuilt manifest"),
    ],
)
def test_a_forged_version_does_not_pass_for_one_of_other_software(folder, failing, change, manifest, check):
    change(folder)
    forge(folder, manifest)

    failed = failing(folder)

    assert check in failed
    assert verify(open_version(folder), folder.parent).result == "different"


def test_the_models_of_other_software_may_be_others_and_those_of_the_same_software_may_not(folder, failing):
    def other_models(recorded):
        recorded["models"]["langdetect"] = "0.1"

    forge(folder, other_models, langdetect="0.1")
    assert failing(folder) == {}
    forge(folder, other_models, langdetect=metadata.version("langdetect"))
    assert failing(folder) == {
        "rebuilt manifest": "manifest.json (models) differ",
        "rebuilt bytes": "manifest.json (models) differ",
    }


def test_another_renderer_may_draw_otherwise_and_other_software_draws_alike(folder, failing):
    """What draws is this software itself."""
    in_text("charts/funnel.svg", 'height="', 'height="1')(folder)

    forge(folder, **{"aguila-data": "0.0.1"})
    assert failing(folder) == {}
    forge(folder, **{"aguila-data": metadata.version("aguila-data"), "polars": "1.0.0"})
    assert failing(folder) == {"rebuilt pictures": "charts/funnel.svg: not the rebuilt picture"}


@pytest.mark.parametrize(
    "rewritten",
    [
        lambda text: json.dumps(json.loads(text)),
        lambda text: text + "\n",
    ],
)
def test_a_manifest_that_says_more_than_is_read_or_is_formatted_anew_is_named(folder, failing, rewritten):
    path = folder / "manifest.json"
    path.write_text(rewritten(path.read_text("utf-8")), "utf-8")

    assert failing(folder)["manifest"].startswith("manifest.json is not written as a build writes it")


def test_whatever_lies_in_the_folder_is_named(folder, failing):
    (folder / "vacía").mkdir()
    os.mkfifo(folder / "tubo")
    (folder / "data" / "enlace.parquet").symlink_to(folder / TRAIN)

    assert failing(folder)["files"] == (
        "data/enlace.parquet: a link, and no version has one; tubo: not a regular file, and a version has no others; "
        "vacía: an empty folder, and no version has one"
    )


def test_a_quick_verification_says_what_it_left_out(original, tmp_path):
    found = verify(original, tmp_path, quick=True)

    assert (found.result, found.ok) == ("not rebuilt", True)
    assert found.sentence == (
        "has the files that it says; whether rows, decisions, numbers and card follow from the source was not checked: "
        "nothing was built again"
    )
