"""What `--json` prints, against the golden files: keys and kinds of values, and values where they never change.

After a change that is meant: `python -m pytest tests/aguila/test_json.py --write-golden`, and look at what git says.
"""

import json
from pathlib import Path

import pytest

from tests.aguila.shapes import joined, shape
from tests.builders.publications import REPO, put, three

GOLDEN = Path(__file__).parent / "golden"
COMMANDS = {
    "verify": ["verify", "demo@1.0.0"],
    "explain-dropped": ["explain", "demo@1.0.0", "demo-7"],
    "explain-kept": ["explain", "demo@1.0.0", "demo-1"],
    "explain-duplicate": ["explain", "demo@1.0.0", "demo-93"],
    "rows": ["rows", "demo@1.0.0", "--dropped"],
    "audit": ["audit", "demo@1.0.0"],
    "audit-file": ["audit", "--from", "rows.jsonl"],
    "inspect": ["inspect", "rows.jsonl"],
    "diff": ["diff", "demo@1.0.0", "demo@2.0.0"],
    "rules": ["rules"],
    "versions": ["versions"],
}


@pytest.fixture
def golden(request):
    """Compare a document's shape with a golden file, or write it there."""

    def compare(name, document):
        file, found = GOLDEN / f"{name}.json", shape(document)
        if request.config.getoption("--write-golden"):
            file.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")
        assert found == json.loads(file.read_text("utf-8"))

    return compare


@pytest.mark.parametrize("name", COMMANDS)
def test_json_of_a_command(demo, aguila, golden, name):
    shown = aguila(*COMMANDS[name], "--json")

    assert shown.code == 0, shown.err
    golden(name, json.loads(shown.out))


def test_json_of_build(tmp_path, monkeypatch, aguila, golden):
    monkeypatch.chdir(tmp_path)

    golden("build", json.loads(aguila("build", "demo", "--json").out))


def test_json_of_export(demo, tmp_path, aguila, golden):
    words = ("export", "demo@1.0.0", "--format", "alpaca", "--out", tmp_path / "demo.json", "--json")

    golden("export", {**json.loads(aguila(*words).out), "path": "…"})


def test_json_of_publish(hub, demo, aguila, golden):
    golden("publish", json.loads(aguila("publish", "demo@1.0.0", REPO, "--dry-run", "--json").out))


def test_json_of_versions_on_the_hub(hub, tmp_path, aguila, golden):
    put(hub, three(tmp_path)["1.0.0"])

    (listed,) = json.loads(aguila("versions", REPO, "--json").out)
    golden("versions-published", [{**listed, "commit": "…"}])


def test_every_golden_file_is_compared():
    assert {file.stem for file in GOLDEN.iterdir()} == {*COMMANDS, "build", "export", "publish", "versions-published"}


# ---- what a shape sees -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"kept": 407, "name": "demo"}, {"kept": "<int>", "name": "demo"}),
        ({"stages": [{"rows": 1}, {"rows": None}]}, {"stages": [{"rows": "<int|null>"}]}),
        ({"rules": {"refusal": {"drops": 1}, "echo": {"drops": 0}}}, {"rules": {"*": {"drops": "<int>"}}}),
        ({"flags": []}, {"flags": []}),
        ({"examples": [[], ["a"]]}, {"examples": [["<str>"]]}),
        ({"rows": [{"gold": None}, {"gold": {"right": 1}}]}, {"rows": [{"gold": {"one of": [{"right": "<int>"}, "<null>"]}}]}),
    ],
)  # fmt: skip
def test_the_shape_of_a_document(document, expected):
    assert shape(document) == expected


def test_records_of_one_list_have_the_same_keys():
    with pytest.raises(AssertionError, match="different keys"):
        joined([{"a": "<int>"}, {"b": "<int>"}])
