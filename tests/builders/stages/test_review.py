"""What people judged goes before what rules say, is recorded, travels with the version and is rebuilt from it."""

import json
import shutil

import pytest

from builders.errors import NotFound
from builders.labels.applied import with_labels
from builders.recipes.loading import load_recipe, recipe_from_yaml
from builders.versions.registry import build
from builders.versions.verify import verify
from builders.versions.version import open_version
from tests.builders.rows import KEPT, small_recipe, small_version, write_rows


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The small version, and the one that labels make of the same rows: what each row's entry is, by id."""
    folder = tmp_path_factory.mktemp("revisión")
    plain = small_version(folder)
    hashes = dict(plain.ledger().select("id", "row_sha256").iter_rows())
    judged = {
        "fila-4": "keep",
        "fila-7": "drop",
        "fila-11": "fix",
        "fila-12": "keep",
        "fila-5": "keep",
        "fila-6": "keep",
    }
    rows = [{"id": id, "row_sha256": hashes[id], "verdict": verdict} for id, verdict in judged.items()]
    rows[1]["defects"] = ["tono", "largo"]
    rows += [{"id": "fila-3", "row_sha256": "0" * 64, "verdict": "drop"}, {**rows[0], "id": "fila-99"}]
    labels = folder / "etiquetas.jsonl"
    labels.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    recipe = with_labels(small_recipe(folder / "filas.jsonl"), str(labels))
    return folder, plain, build(recipe, folder / "versions")


def entries(version):
    return {row["id"]: row for row in version.ledger().to_dicts()}


def test_a_row_judged_drop_leaves_at_quality_by_review(built):
    row = entries(built[2].version)["fila-7"]

    assert (row["stage"], row["rule"], row["score"], row["evidence"]) == (
        "quality",
        "review",
        None,
        "judged drop: tono, largo",
    )
    # Its near-duplicate is no duplicate any more.
    assert entries(built[2].version)["fila-8"]["status"] == "kept"


def test_a_row_judged_keep_stays_with_the_evidence_of_the_rule(built):
    was, row = entries(built[1])["fila-4"], entries(built[2].version)["fila-4"]

    assert (was["status"], was["rule"]) == ("dropped", "refusal")
    assert (row["status"], row["flags"][:2]) == ("kept", ["review", "refusal"])
    assert row["evidence"].startswith(f"review: judged keep; refusal: {was['evidence']}")
    assert built[2].version.manifest.rules["refusal"].drops == 0


def test_a_row_judged_fix_is_flagged_and_one_that_no_rule_speaks_of_is_left_alone(built):
    rows = entries(built[2].version)

    assert (rows["fila-11"]["status"], rows["fila-11"]["flags"], rows["fila-11"]["evidence"]) == (
        *("kept", ["review"], "review: judged fix"),
    )
    assert (rows["fila-12"]["status"], rows["fila-12"]["flags"]) == ("kept", [])


def test_no_label_overrides_the_language_or_a_duplicate(built):
    rows = entries(built[2].version)

    assert (rows["fila-5"]["stage"], rows["fila-6"]["stage"]) == ("language", "dedup")


def test_labels_of_other_rows_decide_nothing_and_are_counted(built):
    use = built[2].version.manifest.labels

    assert entries(built[2].version)["fila-3"]["status"] == "kept"
    # fila-3 has changed; fila-99 is no row, and fila-5 had gone before.
    assert (use.labels, use.used, use.changed, use.absent) == (8, 5, 1, 2)


def test_labels_travel_in_the_version_and_verify_rebuilds_it_from_there(built, tmp_path):
    folder, plain, result = built
    version = result.version
    assert version.recipe.labels.model_dump() == {"sha256": version.manifest.files["labels.jsonl"].sha256}
    assert "labels" not in plain.recipe.model_dump() and not (plain.path / "labels.jsonl").exists()
    assert len((version.path / "labels.jsonl").read_text("utf-8").splitlines()) == 8
    shutil.copytree(version.path, tmp_path / "copia")

    found = verify(open_version(tmp_path / "copia"), tmp_path, str(folder / "filas.jsonl"))

    assert found.result == "same bytes"


def test_changed_labels_are_found(built, tmp_path):
    folder, _, result = built
    shutil.copytree(result.version.path, tmp_path / "copia")
    file = tmp_path / "copia" / "labels.jsonl"
    file.write_text(file.read_text("utf-8").replace("keep", "drop"), "utf-8")

    found = verify(open_version(tmp_path / "copia"), tmp_path, str(folder / "filas.jsonl"))

    assert [check.check for check in found if not check.ok] == ["files", "source"]
    assert "other labels than the recipe pins" in found[-1].detail


def test_a_recipe_names_labels_beside_it(tmp_path):
    write_rows(tmp_path / "filas.jsonl")
    (tmp_path / "a.yaml").write_text("name: a\nsource: {kind: file, path: filas.jsonl}\nlabels: mías.jsonl\n", "utf-8")
    (tmp_path / "b.yaml").write_text("extends: a.yaml\nlabels: {path: otras.jsonl}\n", "utf-8")

    assert load_recipe(str(tmp_path / "a.yaml")).labels.path == str(tmp_path / "mías.jsonl")
    assert load_recipe(str(tmp_path / "b.yaml")).labels.path == str(tmp_path / "otras.jsonl")


def test_a_recorded_recipe_finds_its_labels_where_they_were(built, tmp_path):
    folder, _, result = built
    recipe = recipe_from_yaml((result.version.path / "recipe.yaml").read_text("utf-8"), "recipe.yaml")

    again = build(recipe, folder / "versions")

    assert not again.created and len(KEPT) == 7
    (folder / "versions" / ".sources" / recipe.labels.sha256).unlink()
    with pytest.raises(
        NotFound, match=r"labels .* are needed and nothing says where they are; give them with --labels"
    ):
        build(recipe, folder / "versions")
