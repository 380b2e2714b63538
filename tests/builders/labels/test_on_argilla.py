"""A queue on an Argilla server and the answers back from it, with Argilla's own client. Skipped where it is not installed."""

import json
import sys
from uuid import UUID

import pytest
from starlette.responses import JSONResponse, PlainTextResponse

from builders.labels.file import read_labels
from tests.argilla_server import ArgillaServer
from tests.builders.rows import small_version
from tests.command import aguila
from tests.hub_server.port import Port
from tests.installed import needs

needs("argilla")
needs("nltk")

SUGGESTED = {
    "fila-4": [("verdict", "drop", 1.0, "refusal"), ("quality", ["BAD OUTPUT"], [1.0], "refusal")],
    "fila-8": [("verdict", "drop", 0.88, "near_duplicate")],
    "fila-11": [("verdict", "keep", None, "no rule"), ("quality", ["ALL GOOD"], None, "no rule")],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("argilla")
    small_version(folder)
    return folder


@pytest.fixture
def server():
    server = ArgillaServer()
    yield server
    server.stop()


@pytest.fixture
def run(folder, server):
    """A command with ana's key."""

    def run(*words, key="ana"):
        return aguila(*words, cwd=folder, ARGILLA_API_KEY=key)

    return run


def push(run, server, *more, **key):
    return run("review", "filas@1.0.0", "--argilla", server.url, "--workspace", "argilla", *more, **key)


def fetch(run, server, out, *more, dataset="filas-v1-0-0", **key):
    asked = ("--from-argilla", server.url, "--workspace", "argilla", "--dataset", dataset, "--out", out)
    return run("labels", *asked, *more, **key)


def test_a_queue_becomes_a_dataset_with_what_the_rules_say_as_suggestions(run, server):
    done = push(run, server, "--annotators", 2)

    assert (done.returncode, done.stderr) == (
        0,
        f"12 rows to judge in dataset filas-v1-0-0 of workspace argilla on {server.url}\n",
    )
    ((id, dataset),) = server.datasets.items()
    assert (dataset["name"], dataset["status"], dataset["distribution"]["min_submitted"]) == (
        "filas-v1-0-0",
        "ready",
        2,
    )
    parts = server.parts[id]
    assert [(one["name"], one["required"]) for one in parts["fields"]] == [
        *(("instruction", True), ("input", False), ("output", False)),
    ]
    options = {
        one["name"]: [each["value"] for each in one["settings"].get("options", [])] for one in parts["questions"]
    }
    assert options == {
        "verdict": ["keep", "drop", "fix"],
        "quality": ["ALL GOOD", "BAD INSTRUCTION", "BAD INPUT", "BAD OUTPUT", "INAPPROPRIATE", "BIASED"],
        "note": [],
    }
    assert [one["name"] for one in parts["metadata-properties"]] == ["rule", "stratum", "row_sha256", "of"]

    names = {one["id"]: one["name"] for one in parts["questions"]}
    rows = {one["external_id"]: one for one in server.records[id]}
    assert len(rows) == 12 and rows["fila-4"]["fields"]["output"].startswith("Lo siento, no tengo acceso")
    assert rows["fila-4"]["metadata"]["rule"] == "refusal" and rows["fila-4"]["metadata"]["of"] == 1
    for row, told in SUGGESTED.items():
        said = rows[row]["suggestions"]
        assert [(names[one["question_id"]], one["value"], one["score"], one["agent"]) for one in said] == told, row


def test_what_people_answer_comes_back_as_labels(run, server, folder, tmp_path):
    push(run, server)
    for who in ("ana", "luis", "eva"):
        server.answer(
            who, "fila-4", verdict="drop", quality=["BAD OUTPUT", "BIASED"] if who == "ana" else ["BAD OUTPUT"]
        )
    server.answer("ana", "fila-7", verdict="keep", quality=["ALL GOOD"], note="Está bien.")
    server.answer("luis", "fila-7", verdict="keep", note="Algo larga.")
    server.answer("eva", "fila-7", verdict="fix")
    server.answer("ana", "fila-1", verdict="keep")
    server.answer("luis", "fila-1", verdict="drop")
    server.answer("ana", "fila-2", "draft", verdict="drop")
    server.answer("ana", "fila-3", "discarded")

    out = tmp_path / "labels.jsonl"
    done = fetch(run, server, out)

    assert done.stdout == (
        f"2 labels in {out}\n  8 answers of 3 people: Krippendorff's alpha 0.26\n  no majority, left out: fila-1\n"
    )
    ledger = {row["id"]: row["row_sha256"] for row in small_version(tmp_path).ledger().to_dicts()}
    labels = {label.id: label for label in read_labels(out).labels}
    assert {id: label.row_sha256 for id, label in labels.items()} == {id: ledger[id] for id in ("fila-4", "fila-7")}
    assert (labels["fila-4"].verdict, labels["fila-4"].defects) == ("drop", ("BAD OUTPUT",))
    assert (labels["fila-4"].stratum, labels["fila-4"].of) == ("drop:refusal", 1)
    assert (labels["fila-7"].verdict, labels["fila-7"].note) == ("keep", "Algo larga. / Está bien.")
    shown = json.loads(fetch(run, server, tmp_path / "otra.jsonl", "--json").stdout)
    assert shown == {"labels": 2, "ties": ["fila-1"], "people": 3, "votes": 8, "alpha": 0.2632}


def test_all_pages_of_records_are_read(run, server, tmp_path):
    push(run, server)
    (records,) = server.records.values()
    records += [
        {**records[0], "id": str(UUID(int=number)), "external_id": f"otra-{number}", "responses": []}
        for number in range(300)
    ]
    server.answer("ana", "otra-299", verdict="fix")

    fetch(run, server, tmp_path / "labels.jsonl")

    assert [label.id for label in read_labels(tmp_path / "labels.jsonl").labels] == ["otra-299"]


# ---- what can be wrong ----------------------------------------------------------------------------------------------


def test_what_is_not_there_or_in_the_way_is_one_line(run, server, tmp_path):
    push(run, server)
    out = tmp_path / "labels.jsonl"

    taken = push(run, server)
    assert taken.stderr == (
        f"error: {server.url}: workspace 'argilla' has a dataset 'filas-v1-0-0'; choose another --dataset\n"
    )
    other = run("review", "filas@1.0.0", "--argilla", server.url, "--workspace", "nada")
    assert other.stderr == f"error: {server.url}: no workspace 'nada' (there are: argilla); name one of those\n"
    missing = fetch(run, server, out, dataset="nada")
    assert missing.stderr == f"error: {server.url}: workspace 'argilla' has no dataset 'nada'; see its list there\n"
    unknown = fetch(run, server, out, key="clave-secreta")
    assert unknown.stderr == (
        f"error: {server.url}: the server does not know the key in ARGILLA_API_KEY; copy it again from the server's page\n"
    )
    assert fetch(run, server, out, key="").stderr.startswith("error: ARGILLA_API_KEY is not set; export")
    assert "holds signs that no key has" in fetch(run, server, out, key="clave—larga").stderr
    strange = run("review", "filas@1.0.0", "--argilla", "localhost:6900", "--workspace", "argilla")
    assert strange.stderr == "error: 'localhost:6900' is no address of a server; such as http://localhost:6900\n"
    named = push(run, server, "--dataset", "filas@1")
    assert named.stderr == "error: 'filas@1' is no name of a dataset in Argilla; letters, digits, - and _ make one\n"
    assert not out.exists() and len(server.datasets) == 1


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (("POST", "/api/v1/datasets", JSONResponse({"detail": "no"}, 403)), "the server does not allow it ("),
        (("GET", "/api/v1/me/workspaces", JSONResponse({"detail": "roto"}, 500)), "the server fails ("),
        (("GET", "/api/v1/me", PlainTextResponse("<html>")), "the answer is none of an Argilla 2 server ("),
        (("POST", ".*/questions", JSONResponse({"detail": "sin título"}, 422)), "the server refuses ("),
        (("PUT", ".*/records/bulk", JSONResponse({"detail": "fila rara"}, 422)), "the server refuses ("),
        (("PUT", ".*/records/bulk", JSONResponse({"detail": "lleno"}, 503)), "the server fails ("),
    ],
    ids=["forbidden", "broken", "no Argilla", "a question refused", "rows refused", "rows fail"],
)
def test_what_the_server_refuses_is_one_line_and_nothing_half_made_is_left(run, server, monkeypatch, fault, told):
    monkeypatch.delattr(sys.modules["__main__"], "__file__", raising=False)  # then the client prints what it else logs
    server.fault = fault

    done = push(run, server)

    assert (done.returncode, done.stderr.count("\n"), done.stdout) == (1, 1, "")
    assert done.stderr.startswith(f"error: {server.url}: {told}")
    assert server.datasets == {}


def test_a_server_that_is_not_there_is_one_line(run, tmp_path):
    port = Port()
    asked = (
        "--from-argilla",
        port.url,
        "--workspace",
        "argilla",
        "--dataset",
        "filas",
        "--out",
        tmp_path / "labels.jsonl",
    )

    done = run("labels", *asked)
    port.close()

    assert done.stderr.startswith(f"error: {port.url}: no answer (") and done.stderr.count("\n") == 1


def test_a_dataset_of_somebody_else_is_no_review(run, server, tmp_path):
    push(run, server)
    (records,) = server.records.values()
    del records[0]["metadata"]["row_sha256"]

    done = fetch(run, server, tmp_path / "labels.jsonl")

    assert "is no row of a review (" in done.stderr and "`aguila review --argilla` made" in done.stderr


def test_without_the_client_it_says_how_to_get_it(run, server, monkeypatch):
    monkeypatch.setitem(sys.modules, "argilla", None)

    done = push(run, server)

    assert done.stderr == (
        "error: Argilla's client is not installed (argilla is missing); pip install 'aguila-data[argilla]'\n"
    )
