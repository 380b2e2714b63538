"""From a queue to another dataset: rows are drawn, judged, measured on, and change what is built; here and on the Hub."""

import json

import pytest

from builders.reading.audit import audited
from tests.builders.rows import small_recipe, small_version
from tests.command import aguila

LABELLED = {"fila-4": "keep", "fila-7": "drop"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("etiquetas")
    small_version(folder)
    recipe = small_recipe(folder / "filas.jsonl").model_dump(mode="json", exclude={"labels", "decontaminate"})
    recipe["source"] = {"kind": "file", "path": "filas.jsonl"}
    (folder / "receta.yaml").write_text(json.dumps(recipe), "utf-8")
    done = aguila("review", "filas@1.0.0", "--out", "cola.jsonl", "--texts", cwd=folder)
    assert (done.returncode, done.stderr) == (
        0,
        "12 rows to judge in cola.jsonl: write keep, drop or fix as each line's verdict\n",
    )
    lines = [json.loads(line) for line in (folder / "cola.jsonl").read_text("utf-8").splitlines()]
    assert all(line["verdict"] is None and line["instruction"] for line in lines)
    for line in lines:
        line["verdict"] = LABELLED.get(line["id"])
    (folder / "cola.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return folder


def test_a_queue_says_how_many_rows_of_each_part_it_has(folder):
    done = aguila("review", "filas@1.0.0", "--out", "otra.jsonl", "--per-rule", 1, "--random", 2, "--json", cwd=folder)

    shown = json.loads(done.stdout)
    assert shown["strata"]["drop:refusal"] == [1, 1] and shown["strata"]["kept"][0] == 2
    assert aguila("review", "filas@1.0.0", "--out", "otra.jsonl", cwd=folder).stderr.startswith(
        "error: otra.jsonl: exists"
    )


def test_rules_and_audit_are_measured_on_the_judged_rows(folder):
    shown = json.loads(aguila("rules", "--labels", "cola.jsonl", "--of", "filas@1.0.0", "--json", cwd=folder).stdout)
    found = shown["evidence"]

    assert (shown["version"], found["labels"], found["used"]) == ("filas@1.0.0", 2, 2)
    assert found["rules"]["refusal"]["precision"] == {"value": 0.0, "low": 0.0, "high": 0.7935, "labels": 1}
    assert found["rules"]["refusal"]["advice"] == "label 30 more"
    audited = aguila("audit", "filas@1.0.0", "--labels", "cola.jsonl", cwd=folder)
    assert "Measured on labels" in audited.stdout and "labels used\t2 of 2\n" in audited.stdout
    assert (
        json.loads(aguila("audit", "filas@1.0.0", "--labels", "cola.jsonl", "--json", cwd=folder).stdout)["evidence"]
        == found
    )


def test_the_page_has_what_labels_say_of_each_cut(folder):
    registry, labels = folder / "versions", folder / "cola.jsonl"
    found = audited("filas@1.0.0", registry, with_rows=True, labels=labels)

    assert found.cuts["refusal"][15].startswith("By labels: precision 0.00 (0.00 to 0.79; 1)")
    assert audited("filas@1.0.0", registry, with_rows=True).cuts == {}
    gone = audited("filas@1.0.0", registry, str(folder / "nada.jsonl"), with_rows=True, labels=labels)
    assert gone.cuts == {} and gone.rows.note


def test_without_a_version_or_its_labels_it_says_what_is_missing(folder, tmp_path):
    asked = aguila("rules", "--labels", folder / "cola.jsonl", cwd=tmp_path)
    assert (asked.returncode, asked.stderr.count("\n")) == (1, 1)
    assert asked.stderr.startswith("error: no version in versions that the labels could be of; name one with --of")
    assert "--of says which version" in aguila("rules", "--of", "filas@1.0.0", cwd=folder).stderr
    assert "they go with REF" in aguila("audit", "--from", "filas.jsonl", "--labels", "x", cwd=folder).stderr


def test_labels_change_what_is_built_and_it_is_verified_from_the_hub(folder, hub, tmp_path):
    built = aguila("build", "receta.yaml", "--labels", "cola.jsonl", cwd=folder)
    assert "filas@1.1.0 (the rows changed)" in built.stdout
    assert "2 of 2 labels used (0 of changed rows, 0 of rows that are not in the source or left before)" in built.stdout
    kept = json.loads(aguila("rows", "filas@1.1.0", "--flagged", "review", "--json", cwd=folder).stdout)["rows"]
    assert [row["id"] for row in kept] == ["fila-4"]

    published = aguila("publish", "filas@1.1.0", "ana/filas", cwd=folder)
    assert published.returncode == 0, published.stderr
    verified = aguila("verify", "ana/filas@v1.1.0", "--from", folder / "filas.jsonl", cwd=tmp_path)
    assert "is what it says it is: a rebuild gives the same bytes" in verified.stdout

    drawn = aguila("review", "ana/filas@v1.1.0", "--out", "cola.jsonl", "--texts", cwd=tmp_path)
    lines = {row["id"]: row for row in map(json.loads, (tmp_path / "cola.jsonl").read_text("utf-8").splitlines())}
    assert "note: the text of dropped rows is not at hand" in drawn.stderr
    assert lines["fila-4"]["stratum"] == "flag:review" and "output" in lines["fila-4"]
    assert "output" not in lines["fila-5"] and "fila-7" not in lines


def test_no_threshold_moves_on_few_labels(folder):
    done = aguila("calibrate", "filas@1.0.0", "--labels", "cola.jsonl", "--write", "mía.yaml", cwd=folder)

    assert done.returncode == 1 and done.stderr.startswith(
        "error: no threshold is to be moved, so no recipe was written"
    )
    assert not (folder / "mía.yaml").exists()
