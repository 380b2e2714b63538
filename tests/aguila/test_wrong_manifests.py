"""Manifests that are not what a version's manifest is, over every command that reads one: one line each, or passed over."""

import copy
import json
import shutil
from pathlib import Path

import pytest

from builders.versions.references import last_built, sound_versions

MISSING = object()
# Where in the manifest, and what is there instead.
WRONG = {
    "no format": ("format", MISSING),
    "format is a text": ("format", "3"),
    "format is huge": ("format", 10**30),
    "format is of the future": ("format", 99),
    "format is true": ("format", True),
    "name is a number": ("name", 7),
    "name is a list": ("name", ["demo"]),
    "name is a path": ("name", "../../etc"),
    "name has a line break": ("name", "demo\nok    files: 11 files"),
    "name is null": ("name", None),
    "version is a number": ("version", 1.0),
    "version is no number": ("version", "uno"),
    "version has a line break": ("version", "1.0.0\n"),
    "version is long": ("version", "1." + "0" * 10_000),
    "kept is 10^400": ("kept", 10**400),
    "kept is negative": ("kept", -1),
    "kept is a text": ("kept", "407"),
    "kept is half": ("kept", 406.5),
    "kept is null": ("kept", None),
    "splits is a list": ("splits", [374, 33]),
    "splits has texts": ("splits.train", "374"),
    "content hash is short": ("content_sha256", "abc"),
    "content hash is a number": ("content_sha256", 7),
    "content hash has other letters": ("content_sha256", "z" * 64),
    "recipe is a text": ("recipe", "demo"),
    "recipe has an unknown key": ("recipe.nada", 1),
    "recipe names a place": ("recipe.source", {"kind": "file", "path": "/dev/zero"}),
    "recipe is a bomb of one key": ("recipe.name", [[["x"] * 50] * 50] * 50),
    "source is of no kind": ("source.kind", "nada"),
    "source names a place": ("source", {"kind": "version", "ref": "/etc"}),
    "stages is a mapping": ("stages", {"read": 480}),
    "a stage is a text": ("stages.0", "read"),
    "rules is a list": ("rules", []),
    "a rule's threshold is a text": ("rules.refusal.threshold", "0,8"),
    "charts has a number": ("charts.funnel", 7),
    "gold has a text": ("gold.refusal", "1.00"),
    "template is null": ("template", None),
    "columns is a number": ("columns", 4),
    "sizes is flat": ("sizes", {"default": 7}),
    "software has a number": ("software.polars", 2),
    "software has an endless text": ("software.polars", "2" * 100_000),
    "a file outside": ("files.../../etc/passwd", {"bytes": 1, "sha256": "a" * 64}),
    "a file with a line break": ("files.a\nb", {"bytes": 1, "sha256": "a" * 64}),
    "a file without a hash": ("files", {"README.md": {"bytes": 1}}),
    "files is a list": ("files", ["README.md"]),
    "an unknown field": ("nada", 1),
}
BYTES = {
    "nothing": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "null": b"null",
    "no UTF-8": b'{"format": 3, "name": "\xff"}',
    "half a character": b'{"format": 3, "name": "\\ud800"}',
    "very deep": b'{"format": 3, "nada": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep where a field is": b'{"format": 3, "files": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
}


@pytest.fixture(scope="module")
def sound(place):
    return json.loads((place / "versions" / "demo" / "v1.0.0" / "manifest.json").read_text("utf-8"))


def changed(manifest, where, value):
    """A manifest with one value changed, as bytes."""
    manifest = copy.deepcopy(manifest)
    first, _, rest = where.partition(".")
    parts = [first, rest] if first == "files" and rest else where.split(".")
    inner = manifest
    for part in parts[:-1]:
        inner = inner[int(part) if isinstance(inner, list) else part]
    last = int(parts[-1]) if isinstance(inner, list) else parts[-1]
    if value is MISSING:
        del inner[last]
    else:
        inner[last] = value
    return json.dumps(manifest).encode()


@pytest.fixture
def registry(place, tmp_path, monkeypatch):
    """A registry with demo@1.0.0 and a demo@3.0.0 whose manifest is to be broken."""
    folder = tmp_path / "versions" / "demo"
    shutil.copytree(place / "versions" / "demo" / "v1.0.0", folder / "v1.0.0")
    shutil.copytree(folder / "v1.0.0", folder / "v3.0.0")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "versions"


def one_line(shown, begin):
    lines = shown.err.splitlines()
    assert (shown.code, shown.out, len(lines)) == (1, "", 1), shown
    assert lines[0].startswith(begin) and len(lines[0]) < 600
    assert "Traceback" not in shown.err


@pytest.mark.parametrize("name", [*WRONG, *BYTES])
def test_a_wrong_manifest_is_one_line_everywhere(aguila, registry, sound, caplog, name):
    broken = BYTES[name] if name in BYTES else changed(sound, *WRONG[name])
    path = registry / "demo" / "v3.0.0" / "manifest.json"
    path.write_bytes(broken)

    for words in (
        *(
            ["verify", "demo@3.0.0"],
            ["verify", path.parent, "--quick"],
            ["audit", "demo@3.0.0"],
            ["rows", "demo@3.0.0"],
        ),
        *(
            ["diff", "demo@1.0.0", "demo@3.0.0"],
            ["diff", path.parent, "demo@1.0.0"],
            ["explain", "demo@3.0.0", "demo-1"],
        ),
        ["build", "demo", "--from", "demo@3.0.0"],
    ):
        one_line(aguila(*words), f"error: {path.relative_to(registry.parent) if words[1] != path.parent else path}: ")
    listed = aguila("versions")
    assert listed.code == 0 and [line.split("\t")[0] for line in listed.out.splitlines()] == ["version", "demo@1.0.0"]
    assert len(listed.err.splitlines()) == 1 and listed.err.startswith("note: passed over: versions/demo/v3.0.0/")
    # What `rules` and `build` read of the versions that are there.
    assert last_built(Path("versions")).label == "demo@1.0.0"
    assert [str(number) for number in sound_versions(Path("versions"), "demo")] == ["1.0.0"]


def test_rules_and_build_pass_a_wrong_manifest_over(aguila, registry):
    (registry / "demo" / "v3.0.0" / "manifest.json").write_bytes(BYTES["very deep"])

    rules, built = aguila("rules"), aguila("build", "demo", "--set", "template=alpaca")

    assert rules.code == built.code == 0
    assert rules.err.splitlines()[-1].endswith("Last build: demo@1.0.0.")
    assert built.out.startswith("built demo@4.0.0 (")
