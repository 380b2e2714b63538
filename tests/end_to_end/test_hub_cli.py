"""`aguila publish`, `versions` and OWNER/NAME@vX.Y.Z as a user meets them; the token shows nowhere."""

import gzip
import json
import os
import sys
from collections import namedtuple

import pytest

from aguila.commands import main as command_line
from tests.builders.files import ROWS, write_file
from tests.builders.publications import REPO, make, put, spoken, three, writes
from tests.builders.rows import ROWS as MIXED
from tests.hub_server.bactrian import COMMIT, bactrian
from tests.processes import in_a_process

Outcome = namedtuple("Outcome", "code out err")


@pytest.fixture(scope="module")
def versions(tmp_path_factory):
    return three(tmp_path_factory.mktemp("versiones"))


@pytest.fixture
def aguila(monkeypatch, capsys):
    """Run `aguila WORDS…` in this process: exit status, stdout, stderr."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["aguila", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            command_line.main()
        return Outcome(ended.value.code or 0, *capsys.readouterr())

    return run


def refused(shown):
    """The error line of a command that could not, without `error: `."""
    assert (shown.code, shown.out) == (1, "") and "Traceback" not in shown.err
    line = shown.err.splitlines()[-1]
    assert line.startswith("error: ") and shown.err.count("error: ") == 1
    return line.removeprefix("error: ")


# ---- publish ---------------------------------------------------------------------------------------------------------


def test_publish_says_what_it_did(hub, aguila, versions):
    version = versions["1.0.0"]
    shown = aguila("publish", version.path, REPO)

    lines = shown.out.splitlines()
    assert shown.code == 0
    assert lines[0].split("\t") == ["file", "action", "bytes"]
    sizes = {path: f"{entry.bytes:,}" for path, entry in version.manifest.files.items()}
    sizes["README.md"] = f"{len(hub.files(REPO)['README.md']):,}"  # it says where it is published
    sizes["manifest.json"] = f"{(version.path / 'manifest.json').stat().st_size:,}"
    assert [line.split("\t") for line in lines[1:-1]] == [[path, "add", sizes[path]] for path in sorted(sizes)]
    assert lines[-1] == f"published: {REPO}@v1.0.0 at commit {hub.head(REPO)[:12]} (the first version there)"
    assert shown.err.splitlines()[0] == f"making {REPO}"


def test_publish_as_json(hub, aguila, versions):
    planned = aguila("publish", versions["1.0.0"].path, REPO, "--private", "--dry-run", "--json")
    assert writes(hub) == []
    done = aguila("publish", versions["1.0.0"].path, REPO, "--private", "--json")
    again = aguila("publish", versions["1.0.0"].path, REPO, "--json")

    told = json.loads(done.out)
    assert {key: told[key] for key in ("repo", "version", "outcome", "commit", "private")} == {
        "repo": REPO,
        "version": "1.0.0",
        "outcome": "published",
        "commit": hub.head(REPO),
        "private": True,
    }
    assert json.loads(planned.out) == {**told, "outcome": "planned", "commit": None}
    assert json.loads(again.out)["outcome"] == "unchanged" and again.err == ""


def test_a_version_under_the_registry_is_published_by_its_name(hub, aguila, versions):
    registry = versions["1.0.0"].path.parents[1]

    assert aguila("publish", "recetas@1.1.0", REPO, "--registry", registry).code == 0
    assert list(hub.tags(REPO)) == ["v1.1.0"]


def test_a_version_on_the_hub_is_published_elsewhere(hub, aguila, versions):
    assert aguila("publish", versions["1.0.0"].path, REPO).code == 0

    assert aguila("publish", f"{REPO}@v1.0.0", "ana/copia").code == 0
    card = hub.files("ana/copia")["README.md"].decode()
    assert 'load_dataset("ana/copia", revision="v1.0.0")' in card and REPO not in card
    assert hub.files("ana/copia") == hub.files(REPO) | {"README.md": card.encode()}
    assert json.loads(aguila("verify", "ana/copia@v1.0.0", "--quick", "--json").out)["ok"]


def test_refusals_are_one_line(hub, aguila, versions, tmp_path):
    put(hub, versions["1.0.0"])
    other = make(tmp_path, spoken())

    assert refused(aguila("publish", other.path, REPO)).endswith(
        "the next free number is 1.1.0 (aguila build … --version 1.1.0)"
    )
    assert refused(aguila("publish", "nada@1.0.0", REPO, "--registry", tmp_path / "versions")) == (
        f"nada@1.0.0: no such version in {tmp_path / 'versions'}; versions of nada: none"
    )
    assert refused(aguila("publish", other.path, "recetas")).startswith("recetas: not a name of a repository")
    assert refused(aguila("publish", other.path, REPO, "--private")).startswith(f"{REPO}: is public")


# ---- the list --------------------------------------------------------------------------------------------------------


def test_versions_of_a_repository(hub, aguila, versions):
    commits = [put(hub, versions[number]) for number in ("1.0.0", "1.1.0")]

    shown = aguila("versions", REPO)
    assert [line.split("\t") for line in shown.out.splitlines()] == [
        ["version", "date", "commit", "rows", "content"],
        *(
            [f"{REPO}@v{number}", "2024-01-15", commit[:12], "4", versions[number].content_sha256[:12]]
            for number, commit in zip(("1.0.0", "1.1.0"), commits, strict=True)
        ),
    ]
    assert json.loads(aguila("versions", REPO, "--json").out) == [
        {
            "name": REPO,
            "version": number,
            "commit": commit,
            "date": "2024-01-15T10:30:00+00:00",
            "rows": 4,
            "content_sha256": versions[number].content_sha256,
            "yanked": None,
        }
        for number, commit in zip(("1.0.0", "1.1.0"), commits, strict=True)
    ]


def test_a_version_is_proposed_and_finished(hub, aguila, versions):
    folder, other = versions["1.0.0"].path, versions["1.1.0"].path
    put(hub, versions["1.0.0"])
    address = f"{hub.url}/datasets/{REPO}/discussions/1"

    shown = aguila("publish", other, REPO, "--create-pr")
    assert shown.out.splitlines()[-1] == f"  {address}; once it is merged, run `aguila publish` again with --finish"
    assert json.loads(aguila("publish", other, REPO, "--create-pr", "--json").out)["pull_request"] == address
    hub.merge(REPO, 1)
    assert json.loads(aguila("publish", other, REPO, "--finish", "--json").out)["outcome"] == "tagged"
    assert "pull_request" not in json.loads(aguila("publish", folder, REPO, "--json").out)


def test_to_propose_and_to_finish_are_two_things(aguila):
    refused = aguila("publish", "recetas@1.0.0", REPO, "--create-pr", "--finish")

    assert refused.err.endswith(
        "Error: --create-pr proposes a version, --finish tags it once it is merged: one at a time.\n"
    )


def test_a_version_that_was_withdrawn_is_marked_in_the_list(hub, aguila, versions):
    put(hub, versions["1.0.0"])
    commit = put(hub, versions["1.1.0"])

    done = aguila("yank", f"{REPO}@v1.1.0", "--reason", "Filas repetidas.")
    assert done.out == (
        f"yanked: {REPO}@v1.1.0 is withdrawn, noted at commit {hub.head(REPO)[:12]} (Filas repetidas.)\n"
    )
    assert json.loads(aguila("yank", f"{REPO}@v1.1.0", "--reason", "Filas repetidas.", "--json").out) == {
        "repo": REPO,
        "version": "1.1.0",
        "reason": "Filas repetidas.",
        "outcome": "unchanged",
        "commit": hub.head(REPO),
    }
    assert [line.split("\t")[-1] for line in aguila("versions", REPO).out.splitlines()] == [
        *("withdrawn because", "", "Filas repetidas."),
    ]
    assert hub.tags(REPO)["v1.1.0"] == commit


def test_versions_of_nothing(hub, aguila):
    hub.commit(REPO, {"README.md": "hola"})

    assert (
        refused(aguila("versions", REPO)) == f"{REPO}: holds no version; publish one with `aguila publish REF {REPO}`"
    )
    assert refused(aguila("versions", "ana/nada")).startswith("ana/nada: no such repository on the Hub")
    assert refused(aguila("versions", "a/b/c")) == ("a/b/c: not a name that a Hub repository can have; check the name")


# ---- a reference everywhere ------------------------------------------------------------------------------------------


def test_a_published_version_is_read_by_every_command(hub, aguila, versions, tmp_path):
    registry = ("--registry", versions["1.0.0"].path.parents[1])
    commit = put(hub, versions["1.0.0"])
    put(hub, versions["1.1.0"])

    checks = json.loads(aguila("verify", f"{REPO}@v1.1.0", *registry, "--json").out)
    assert checks["ok"] and [one["check"] for one in checks["checks"]][-1] == "rebuilt bytes"
    story = json.loads(aguila("explain", f"{REPO}@{commit}", "receta-2", *registry, "--json").out)
    assert (story["status"], story["row"]["output"]) == ("kept", ROWS[1]["output"])
    changes = json.loads(aguila("diff", f"{REPO}@v1.0.0", f"{REPO}@v1.1.0", "--json").out)
    assert (changes["old"], changes["new"], changes["bump"]) == (f"{REPO}@v1.0.0", f"{REPO}@v1.1.0", "minor")
    rows = json.loads(aguila("rows", f"{REPO}@v1.0.0", "--kept", "--json").out)
    assert rows["total"] == 4
    audit = json.loads(aguila("audit", f"{REPO}@v1.0.0", "--json").out)
    assert audit["content_sha256"] == versions["1.0.0"].content_sha256
    built = json.loads(aguila("build", "mix", "--from", f"{REPO}@v1.0.0", "--out", tmp_path, "--json").out)
    assert built["source_rows"] == 4
    assert json.loads(aguila("verify", "mix@1.0.0", "--registry", tmp_path, "--json").out)["ok"]


def test_a_file_that_was_changed_does_not_verify(hub, aguila, versions):
    put(hub, versions["1.0.0"])
    commit = hub.commit(REPO, {"README.md": hub.files(REPO)["README.md"] + b"\n1,000 rows more.\n"})
    shown = aguila("verify", f"{REPO}@{commit}", "--quick")

    assert shown.code == 1
    assert shown.out.splitlines()[0].startswith("FAIL  files: README.md: changed (")
    assert shown.out.splitlines()[-1] == f"{REPO}@v1.0.0 is not what it says it is"


def test_a_version_whose_source_is_on_the_hub_verifies_with_nothing_at_hand(hub, aguila, tmp_path, monkeypatch):
    commit = hub.commit("ana/fuente", {"filas.jsonl": write_file(tmp_path / "filas.jsonl").read_bytes()})
    source = f"source={{kind: hub, repo: ana/fuente, revision: {commit}, file: filas.jsonl}}"
    words = ("--set", source, "--set", "card.license=apache-2.0")
    assert aguila("build", "mix", *words, "--out", tmp_path / "aquí").code == 0
    assert aguila("publish", "mix@1.0.0", "ana/mix", "--registry", tmp_path / "aquí").code == 0
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "otra máquina"))
    asked = len(hub.log)

    shown = aguila("verify", "ana/mix@v1.0.0", "--registry", tmp_path / "nada", "--json")

    told = json.loads(shown.out)
    assert told["ok"], told
    assert told["result"] == "same bytes"
    assert [one["check"] for one in told["checks"]][5:7] == ["source", "rebuilt content"]
    assert [one.path for one in hub.log[asked:] if one.method == "GET" and one.path.endswith("filas.jsonl")]


def test_without_a_network_the_note_is_on_stderr(hub, aguila, versions):
    commit = put(hub, versions["1.0.0"])
    assert aguila("verify", f"{REPO}@v1.0.0", "--quick").code == 0
    hub.unplug()

    shown = aguila("verify", f"{REPO}@v1.0.0", "--quick", "--json")
    assert (shown.code, json.loads(shown.out)["ok"]) == (0, True)
    assert shown.err == f"note: the Hub cannot be reached; {REPO}@v1.0.0 is the copy in the cache\n"
    assert refused(aguila("verify", f"{REPO}@v1.1.0")) == (
        f"{REPO}@v1.1.0: the version: the Hub cannot be reached; connect, then run again"
    )
    assert aguila("verify", f"{REPO}@{commit}", "--quick").code == 0


# ---- numbers ---------------------------------------------------------------------------------------------------------


def test_build_numbers_after_what_is_published(hub, aguila, versions, tmp_path):
    put(hub, versions["1.0.0"])
    put(hub, versions["1.1.0"])
    words = ("build", "mix", "--from", write_file(tmp_path / "filas.jsonl"), "--out", tmp_path, "--json")

    first = json.loads(aguila(*words, "--published", REPO).out)
    assert (first["version"], first["reason"]) == ("1.2.0", f"the rows changed since {REPO}@v1.1.0")
    again = json.loads(aguila(*words, "--published", REPO).out)
    assert (again["version"], again["created"], again["reason"]) == ("1.2.0", False, first["reason"])


def test_build_tells_when_nothing_is_published_there(hub, aguila, tmp_path):
    rows = write_file(tmp_path / "filas.jsonl")

    assert refused(aguila("build", "mix", "--from", rows, "--out", tmp_path / "v", "--published", "ana/nada")) == (
        "ana/nada: no such repository on the Hub, or no access to it; check the name, or `hf auth login`"
    )
    assert not (tmp_path / "v").exists()
    hub.commit("ana/vacio", {})
    shown = aguila("build", "mix", "--from", rows, "--out", tmp_path / "v", "--published", "ana/vacio", "--json")
    assert (json.loads(shown.out)["version"], json.loads(shown.out)["reason"]) == ("1.0.0", "the first version")


# ---- Bactrian-X ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["array", "lines"])
def test_es_50k_is_built_from_bactrian_at_its_pinned_commit(hub, aguila, tmp_path, form):
    rows = [dict(zip(("id", "instruction", "input", "output"), row, strict=True)) for row in MIXED]
    bactrian(hub, rows, form)
    hub.commit("MBZUAI/Bactrian-X", {"data/es.json.gz": gzip.compress(b"[]", mtime=0)}, author="MBZUAI")

    shown = aguila("build", "es-50k", "--set", "sample.rows=5", "--out", tmp_path, "--json")

    told = json.loads(shown.out)
    assert (told["source_rows"], told["kept"]) == (12, 5)
    manifest = json.loads((tmp_path / "es-50k/v1.0.0/manifest.json").read_text("utf-8"))
    assert (manifest["source"]["revision"], manifest["source"]["file"]) == (COMMIT, "data/es.json.gz")
    fetched = [one.path for one in hub.log if one.method == "GET" and "/resolve/" in one.path]
    assert fetched == [f"/datasets/MBZUAI/Bactrian-X/resolve/{COMMIT}/data/es.json.gz"]
    assert json.loads(aguila("verify", "es-50k@1.0.0", "--registry", tmp_path, "--json").out)["ok"]


def test_bactrian_as_a_split_is_told_to_be_a_script(hub, aguila, tmp_path):
    bactrian(hub, ROWS)

    assert refused(
        aguila("build", "es-50k", "--set", "source.file=null", "--set", "source.split=train", "--out", tmp_path / "v")
    ) == (
        "MBZUAI/Bactrian-X@3698480a001c: this repository is a script, and no remote code is run; name one of its data "
        "files with source.file"
    )


# ---- the token -------------------------------------------------------------------------------------------------------


def test_the_token_shows_nowhere(hub, versions, tmp_path, monkeypatch):
    """Whatever is written or said, by processes of their own: work done, refused, interrupted by the Hub, and expired."""
    token = os.environ["HF_TOKEN"]
    reading, expired = hub.add_user("ana", "read"), hub.add_user("ana")
    hub.expire(expired)
    folder = str(versions["1.0.0"].path)
    said = []

    def run(*words, **environment):
        shown = in_a_process(*words, cwd=tmp_path, HF_DEBUG="1", **environment)
        said.extend((shown.stdout, shown.stderr))
        return shown.returncode

    assert run("publish", folder, REPO) == 0
    assert run("build", "mix", "--from", f"{REPO}@v1.0.0", "--json") == 0
    assert run("publish", str(versions["1.1.0"].path), REPO, HF_TOKEN=reading) == 1
    assert run("versions", REPO, HF_TOKEN=expired) == 0  # it is public
    hub.faults.status(500, "POST", "/commit/", times=99, retry_after=0)
    assert run("publish", str(versions["1.1.0"].path), REPO) == 1

    tokens = [one.encode() for one in (token, reading, expired)]
    files = [path for path in tmp_path.parent.rglob("*") if path.is_file()]
    assert len(files) > 20
    assert [path for path in files if any(one in path.read_bytes() for one in tokens)] == []
    assert [text for text in said if any(one.decode() in text for one in tokens)] == []
    assert all(one.decode() not in repr(entry) for entry in hub.log for one in tokens)
