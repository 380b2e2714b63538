"""Labels as they are read: one form from JSON Lines and CSV, several files as one set, and what is no label in one line."""

import json

import pytest

from builders.errors import Changed, Conflict, Invalid, NotFound
from builders.labels.file import labels_in, read_labels, written
from builders.labels.records import Label, merged
from tests.command import aguila

A, B = "a" * 64, "b" * 64


def lines(*rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def label(id, verdict="drop", row_sha256=A, **more):
    return {"id": id, "row_sha256": row_sha256, "verdict": verdict, **more}


def test_json_lines_and_csv_say_the_same(tmp_path):
    one, other = tmp_path / "uno.jsonl", tmp_path / "otro.csv"
    one.write_text(
        lines(label("fila-10", note="no, así no"), label("fila-2", "keep", defects=["refusal", "tono"])), "utf-8"
    )
    other.write_text(
        "id,row_sha256,verdict,defects,note\n"
        f'fila-10,{A},drop,,"no, así no"\nfila-2,{A},Keep,"refusal; tono",\n'.replace("fila", "fila"),
        "utf-8",
    )

    read = read_labels(one)

    assert [(one.id, one.verdict, one.defects, one.note) for one in read.labels] == [
        ("fila-2", "keep", ("refusal", "tono"), ""),
        ("fila-10", "drop", (), "no, así no"),
    ]
    assert read_labels(other) == read
    assert read_labels(other, read.sha256()) == read


def test_a_misspelt_defect_is_refused_and_a_kind_of_ones_own_and_a_pinned_one_are_not(tmp_path):
    file = tmp_path / "a.jsonl"
    file.write_text(lines(label("x", defects=["tono"]), label("y", defects=["refusall"])), "utf-8")
    pin = merged([("a", labels_in(file.read_bytes(), file.name))]).sha256()

    with pytest.raises(Invalid) as error:
        read_labels(file)

    assert str(error.value) == (
        f"{file}: row y: unknown defect 'refusall'; did you mean refusal?; "
        "a kind of your own needs a name that is less like a rule's"
    )
    assert len(read_labels(file, pin).labels) == 2


def test_lines_that_wait_are_counted_and_texts_stay_out_of_what_is_recorded(tmp_path):
    file = tmp_path / "cola.jsonl"
    file.write_bytes(
        written(
            [Label(id="a", row_sha256=A, output="Hola."), Label(id="b", row_sha256=A, verdict="fix", output="Adiós.")]
        )
    )

    read = read_labels(file)

    assert (len(read.labels), read.waiting) == (1, 1)
    assert read.canonical() == f'{{"id":"b","row_sha256":"{A}","verdict":"fix"}}\n'.encode()


def test_a_folder_is_merged_and_the_same_verdict_is_one_label(tmp_path):
    (tmp_path / "ana.jsonl").write_text(lines(label("x", defects=["uno"]), label("y", None)), "utf-8")
    (tmp_path / "luis.jsonl").write_text(lines(label("x", defects=["dos"]), label("y", "keep")), "utf-8")
    (tmp_path / "notas.txt").write_text("no es una etiqueta", "utf-8")

    read = read_labels(tmp_path)

    assert [(one.id, one.defects) for one in read.labels] == [("x", ("uno", "dos")), ("y", ())]
    assert read.waiting == 0


def test_files_and_folders_become_one_file_and_a_conflict_names_both(tmp_path):
    (tmp_path / "luis").mkdir()
    (tmp_path / "labels.jsonl").write_text(lines(label("fila-10"), label("fila-3", None)), "utf-8")
    (tmp_path / "luis" / "labels.jsonl").write_text(lines(label("fila-9", "keep")), "utf-8")
    (tmp_path / "eva.csv").write_text(f"id,row_sha256,verdict,note\nfila-10,{A},drop,no\n", "utf-8")

    done = aguila("labels", "labels.jsonl", "eva.csv", "luis", "--out", "juntas.jsonl", cwd=tmp_path)

    assert done.stdout == "2 labels in juntas.jsonl\n  1 row without a verdict, left out\n"
    assert [one.id for one in read_labels(tmp_path / "juntas.jsonl").labels] == ["fila-9", "fila-10"]
    told = aguila("labels", "labels.jsonl", "luis", "--out", "tres.jsonl", "--json", cwd=tmp_path)
    assert json.loads(told.stdout) == {"labels": 2, "waiting": 1}
    again = aguila("labels", "eva.csv", "--out", "juntas.jsonl", cwd=tmp_path)
    assert again.stderr == "error: juntas.jsonl: exists, and may hold verdicts; choose another --out, or move it away\n"

    (tmp_path / "luis" / "labels.jsonl").write_text(lines(label("fila-10", "keep")), "utf-8")
    clash = aguila("labels", "labels.jsonl", "luis", "--out", "otra.jsonl", cwd=tmp_path)
    assert clash.stderr == (
        "error: labels contradict each other: row 'fila-10' is drop in labels.jsonl and keep in luis/labels.jsonl; "
        "settle them, then run again\n"
    )
    assert not (tmp_path / "otra.jsonl").exists()


def test_it_says_what_labels_are_made_of(tmp_path):
    assert "name files of labels, or an Argilla server" in aguila("labels", "--out", "x.jsonl", cwd=tmp_path).stderr
    halved = aguila("labels", "--from-argilla", "http://localhost", "--out", "x.jsonl", cwd=tmp_path)
    assert "--from-argilla goes with --workspace and --dataset" in halved.stderr
    alone = aguila("review", "demo@1.0.0", "--argilla", "http://localhost", cwd=tmp_path)
    assert "--argilla and --workspace go together" in alone.stderr


def test_labels_of_one_row_as_it_was_and_as_it_is_are_two(tmp_path):
    file = tmp_path / "uno.jsonl"
    file.write_text(lines(label("x", "drop", A), label("x", "keep", B)), "utf-8")

    assert [one.verdict for one in read_labels(file).labels] == ["drop", "keep"]


def test_labels_that_contradict_each_other_are_named_with_their_files(tmp_path):
    (tmp_path / "ana.jsonl").write_text(lines(label("x"), label("z")), "utf-8")
    (tmp_path / "luis.csv").write_text(f"id,row_sha256,verdict\nx,{A},keep\nz,{A},fix\n", "utf-8")

    with pytest.raises(Conflict, match=r"row 'x' is drop in ana.jsonl and keep in luis.csv \(and 1 more\); settle"):
        read_labels(tmp_path)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (lines(label("x"), {"id": "x"}), "uno.jsonl, line 2: not a label .*row_sha256"),
        (lines(label("x", "quizá")), "uno.jsonl, line 1: not a label .*verdict"),
        (lines(label("x", row_sha256="abc")), "line 1: not a label .*row_sha256"),
        (lines(label("x", by="Ana")), "line 1: not a label .*by"),
        ('{"id": "x", "id": "y"}\n', "line 1: not a label .a key is given twice"),
        ("\n[1]\n", "uno.jsonl, line 2: not a label"),
        ("{\n", "line 1: not a label"),
        ("[" * 100_000, "line 1: not a label .nested too deeply"),
    ],
)
def test_what_is_no_label_is_said_in_one_line(tmp_path, text, wrong):
    file = tmp_path / "uno.jsonl"
    file.write_text(text, "utf-8")

    with pytest.raises(Invalid, match=wrong) as found:
        read_labels(file)
    assert "\n" not in str(found.value)


def test_a_table_is_read_as_spreadsheets_write_it():
    cells = f'id;row_sha256;verdict;defects\nx;{A};fix;"tono, largo"\n'.encode("utf-8-sig")

    assert labels_in(cells, "a.csv") == [Label(id="x", row_sha256=A, verdict="fix", defects=("tono", "largo"))]
    assert labels_in(f"id\trow_sha256\tverdict\nx\t{A}\t\n".encode(), "a.tsv") == [Label(id="x", row_sha256=A)]


def test_a_csv_with_other_columns_says_which_belong_there():
    with pytest.raises(Invalid, match=r"not the columns of labels .no label has 'veredicto'"):
        labels_in(b"id,row_sha256,veredicto\n", "a.csv")
    with pytest.raises(Invalid, match=r"a.csv, row 2: not a label .*row_sha256"):
        labels_in(b"id,row_sha256,verdict\nx,y,keep\n", "a.csv")


def test_what_is_not_there_or_not_what_was_pinned(tmp_path):
    with pytest.raises(NotFound, match="no such file"):
        read_labels(tmp_path / "nada.jsonl")
    with pytest.raises(NotFound, match="no labels in this folder"):
        read_labels(tmp_path)
    (tmp_path / "a.jsonl").write_text(lines(label("x")), "utf-8")
    with pytest.raises(Changed, match="other labels than the recipe pins"):
        read_labels(tmp_path / "a.jsonl", "0" * 64)


def test_a_file_in_which_nothing_was_judged_is_no_set_of_labels(tmp_path):
    (tmp_path / "cola.jsonl").write_text(
        json.dumps({"id": "x", "row_sha256": "0" * 64, "verdict": None}) + "\n", "utf-8"
    )

    with pytest.raises(Invalid, match=r"cola.jsonl: no label in it has a verdict"):
        read_labels(tmp_path / "cola.jsonl")
