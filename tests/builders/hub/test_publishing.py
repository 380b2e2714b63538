"""Publishing, through the real client, on a Hub of our own."""

import json
import logging
import os
import shutil
import threading

import pytest

from builders.errors import Problem
from builders.hub import patience
from builders.hub.published import list_published, open_published
from builders.hub.publishing import publish
from builders.manifest import Manifest
from builders.records import to_json
from builders.versions.verify import verify
from builders.versions.version import open_version
from cards.shared.sections import sections, with_sections
from tests.builders.files import ROWS
from tests.builders.publications import REPO, edit_card, failing, make, spoken, three, writes
from tests.hub_server import metadata

API = f"/api/datasets/{REPO}"


@pytest.fixture(scope="module")
def versions(tmp_path_factory):
    return three(tmp_path_factory.mktemp("versiones"))


@pytest.fixture
def registry(versions):
    return versions["1.0.0"].path.parents[1]


@pytest.fixture
def quick(monkeypatch):
    """Trying again costs no time."""
    monkeypatch.setattr(patience, "FIRST_WAIT", 0.0)


def contents(version):
    return {path: (version.path / path).read_bytes() for path in [*version.manifest.files, "manifest.json"]}


def refused(*arguments, **options):
    with pytest.raises(Problem) as told:
        publish(*arguments, **options)
    return str(told.value)


def titles(hub, repo=REPO):
    return [title for _, title in hub.history(repo)]


# ---- what is done ----------------------------------------------------------------------------------------------------


def test_a_version_is_one_commit_with_everything_and_a_tag_on_it(hub, versions):
    done = publish(versions["1.0.0"], REPO)

    assert (done.outcome, done.reference, done.reason) == ("published", f"{REPO}@v1.0.0", "the first version there")
    assert hub.history(REPO)[0] == (done.commit, "Version 1.0.0")
    assert titles(hub) == ["Version 1.0.0", "initial commit"]
    assert hub.tags(REPO) == {"v1.0.0": done.commit}
    there, built = hub.files(REPO), contents(versions["1.0.0"])
    sent = {path: len(data) for path, data in there.items()}
    del there[".gitattributes"], there["README.md"], built["README.md"]  # the card also says where it is published
    assert there == built
    assert {(one.action, one.bytes == sent[one.path]) for one in done.files} == {("add", True)}
    assert done.bytes_sent == sum(sent.values()) - sent[".gitattributes"]


def test_the_steps_are_told(hub, versions):
    told = []
    done = publish(versions["1.0.0"], REPO, report=told.append)

    assert told == [
        f"making {REPO}",
        f"sending {len(done.files)} files, {done.bytes_sent / 1e3:.1f} kB",
        f"tagging {done.commit[:12]} as v1.0.0",
    ]


def test_the_next_version_replaces_the_files_and_removes_those_that_it_lacks_in_the_same_commit(hub, versions):
    publish(versions["1.1.0"], REPO)
    before, asked = hub.head(REPO), len(hub.log)
    stale = "data/validation-00000-of-00001.parquet"
    assert stale in hub.paths(REPO)

    done = publish(versions["2.0.0"], REPO)

    assert done.reason == "after v1.1.0: the template changed (instruccion → alpaca)"
    assert {one.path for one in done.files if one.action == "remove"} == {stale}
    there, built = hub.files(REPO), contents(versions["2.0.0"])
    del there[".gitattributes"], there["README.md"], built["README.md"]  # the card also tells what changed
    assert there == built
    assert [commit for commit, _ in hub.history(REPO)][:2] == [done.commit, before]
    assert [line for line in writes(hub, asked) if "/commit/" in line] == [f"POST {API}/commit/main"]
    assert hub.tags(REPO) == {"v1.1.0": before, "v2.0.0": done.commit}


def test_files_that_the_hub_has_are_not_sent_again(hub, versions, tmp_path):
    publish(versions["1.0.0"], REPO)
    same = make(tmp_path, number="1.0.1", card={"title": "Otro título", "license": "apache-2.0"})
    done = publish(same, REPO)

    kept = {one.path for one in done.files if one.action == "keep"}
    assert {path for path in kept if path.startswith(("data/", "ledger/"))} == {
        path for path in same.manifest.files if path.startswith(("data/", "ledger/"))
    }
    assert {"README.md", "manifest.json", "recipe.yaml"}.isdisjoint(kept)
    assert hub.files(REPO)["manifest.json"] == (same.path / "manifest.json").read_bytes()
    assert failing(REPO, "v1.0.1", tmp_path) == {}


def test_what_people_add_stays(hub, versions):
    publish(versions["1.0.0"], REPO)
    hub.commit(REPO, {"LICENSE": "Apache-2.0", "data/viejo.parquet": b"viejo"})

    done = publish(versions["1.1.0"], REPO)

    assert hub.files(REPO)["LICENSE"] == b"Apache-2.0"
    assert [one.path for one in done.files if one.action == "remove"] == ["data/viejo.parquet"]


# ---- dry run ---------------------------------------------------------------------------------------------------------


def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(hub, versions):
    planned = publish(versions["1.0.0"], REPO, dry_run=True)

    assert (planned.outcome, planned.commit) == ("planned", None)
    sizes = {one.path: (one.action, one.bytes) for one in planned.files if one.path != "README.md"}
    assert sizes == {
        path: ("add", len(data)) for path, data in contents(versions["1.0.0"]).items() if path != "README.md"
    }
    assert planned.bytes_sent == sum(one.bytes for one in planned.files)
    assert hub.log and writes(hub) == []
    assert not hub.store.repos


def test_a_dry_run_is_what_is_done_then(hub, versions):
    publish(versions["1.1.0"], REPO)
    asked = len(hub.log)
    planned = publish(versions["2.0.0"], REPO, dry_run=True)
    assert writes(hub, asked) == []

    done = publish(versions["2.0.0"], REPO)
    assert (planned.files, planned.reason) == (done.files, done.reason)
    assert {one.action for one in done.files} >= {"replace", "remove"}


# ---- again -----------------------------------------------------------------------------------------------------------


def test_publishing_again_changes_nothing(hub, versions):
    first = publish(versions["1.0.0"], REPO)
    asked = len(hub.log)

    again = publish(versions["1.0.0"], REPO)

    assert (again.outcome, again.commit, again.bytes_sent) == ("unchanged", first.commit, 0)
    assert writes(hub, asked) == []


def test_the_same_version_built_by_other_software_is_the_same(hub, versions, tmp_path):
    first = publish(versions["1.0.0"], REPO)
    folder = shutil.copytree(versions["1.0.0"].path, tmp_path / "v1.0.0")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["software"]["polars"] = "1.0.0"
    (folder / "manifest.json").write_text(to_json(manifest), "utf-8")

    again = publish(open_version(folder), REPO)
    assert (again.outcome, again.commit) == ("unchanged", first.commit)


def edited(value):
    """Another value of the same type: of a mapping or list the last entry, of a text or number the value itself."""
    if isinstance(value, dict | list):
        key = list(value)[-1] if isinstance(value, dict) else len(value) - 1
        place = value.copy()
        place[key] = edited(value[key])
        return place
    return value + 1 if isinstance(value, int) else f"{value[:-1]}{'0' if value[-1] != '0' else '1'}"


DECIDES = {*Manifest.__struct_fields__} - {"format", "version", "name"}
CHANGED = {
    "recipe": {"card": {"title": "Otras"}},
    "rules": {"refusal": {"version": 1, "verdict": "drop", "threshold": 0.8, "drops": 0, "flags": 0, "signals": 0}},
    "source": {"name": "otras.jsonl"},
    "template": {"text": "Otro"},
    "labels": {"labels": 1, "used": 1, "changed": 0, "absent": 0},
}


@pytest.mark.parametrize("field", sorted(DECIDES))
def test_what_another_software_may_write_differently_is_the_same_version_and_nothing_else_is(hub, versions, field):
    """The Hub has a version of this number whose manifest differs in one field."""
    version = versions["1.0.0"]
    manifest = json.loads((version.path / "manifest.json").read_text("utf-8"))
    manifest[field] = {**manifest.get(field, {}), **CHANGED[field]} if field in CHANGED else edited(manifest[field])
    hub.commit(REPO, {**contents(version), "manifest.json": to_json(manifest)}, message="Version 1.0.0")
    hub.tag(REPO, "v1.0.0")

    if field in ("software", "sizes"):
        assert publish(version, REPO).outcome == "unchanged"
    elif field in ("files", "card_sha256"):  # of this version, whose files are not those that its manifest records
        assert refused(version, REPO).startswith(f"{REPO}@v1.0.0 is published and damaged: ")
    elif field == "content_sha256":
        assert refused(version, REPO).startswith(f"{REPO}@v1.0.0 is taken by other content (")
    else:
        key = {"recipe": "in its recipe another card", "recipe_sha256": "another recipe"}.get(field, f"another {field}")
        assert refused(version, REPO).startswith(f"{REPO}@v1.0.0 is taken by a version with the same rows and {key};")


def test_a_commit_without_its_tag_is_finished(hub, versions):
    first = publish(versions["1.0.0"], REPO)
    hub.delete_tag(REPO, "v1.0.0")
    assert publish(versions["1.0.0"], REPO, dry_run=True).outcome == "planned"
    assert hub.tags(REPO) == {}

    told = []
    again = publish(versions["1.0.0"], REPO, report=told.append)

    assert (again.outcome, again.commit) == ("tagged", first.commit)
    assert told == [f"tagging {first.commit[:12]}, which an earlier run left without its tag, as v1.0.0"]
    assert hub.tags(REPO) == {"v1.0.0": first.commit}
    assert titles(hub) == ["Version 1.0.0", "initial commit"]


def test_a_commit_without_its_tag_is_finished_also_beneath_an_edited_card(hub, versions):
    first = publish(versions["1.0.0"], REPO)
    hub.delete_tag(REPO, "v1.0.0")
    edit_card(hub, "\nCorregido por Marta.\n")

    assert publish(versions["1.0.0"], REPO).commit == first.commit
    assert hub.tags(REPO) == {"v1.0.0": first.commit}
    assert titles(hub) == ["Update README.md", "Version 1.0.0", "initial commit"]


def test_a_commit_without_its_tag_is_finished_also_beneath_a_later_version(hub, versions):
    first, second = publish(versions["1.0.0"], REPO), publish(versions["1.1.0"], REPO)
    hub.delete_tag(REPO, "v1.0.0")

    assert publish(versions["1.0.0"], REPO).outcome == "tagged"
    assert hub.tags(REPO) == {"v1.0.0": first.commit, "v1.1.0": second.commit}


def test_an_unfinished_commit_of_other_content_is_left_and_published_over(hub, versions, tmp_path):
    publish(make(tmp_path, spoken()), REPO)
    hub.delete_tag(REPO, "v1.0.0")

    done = publish(versions["1.0.0"], REPO)
    assert (done.outcome, hub.tags(REPO)) == ("published", {"v1.0.0": hub.head(REPO)})
    assert titles(hub) == ["Version 1.0.0", "Version 1.0.0", "initial commit"]


# ---- numbers ---------------------------------------------------------------------------------------------------------


def test_other_content_under_a_used_number_is_refused_with_the_next_free_one(hub, versions, tmp_path):
    publish(versions["1.0.0"], REPO)
    publish(versions["1.1.0"], REPO)
    other = make(tmp_path, spoken())
    asked = len(hub.log)

    assert refused(other, REPO) == (
        f"{REPO}@v1.0.0 is taken by other content (content {versions['1.0.0'].content_sha256[:12]}…, this is "
        f"{other.content_sha256[:12]}…); the next free number is 1.1.1 (aguila build … --version 1.1.1)"
    )
    assert writes(hub, asked) == []


@pytest.mark.parametrize(
    ("number", "changes", "reason", "due"),
    [
        ("1.0.1", {"rows": spoken()}, "the rows changed", "1.1.0"),
        ("1.1.0", {"template": "alpaca"}, "the template changed (instruccion → alpaca)", "2.0.0"),
        ("0.9.0", {"rows": ROWS}, "nothing changed", "1.0.1"),
    ],
)
def test_too_small_a_number_is_refused(hub, versions, tmp_path, number, changes, reason, due):
    publish(versions["1.0.0"], REPO)
    asked = len(hub.log)

    assert refused(make(tmp_path, number=number, **changes), REPO) == (
        f"{REPO}: {number} is too small a step after v1.0.0: {reason}; the next free number is {due} "
        f"(aguila build … --version {due})"
    )
    assert writes(hub, asked) == []


def test_a_tag_that_holds_no_version_takes_its_number_and_nothing_else(hub, versions, registry):
    publish(versions["1.0.0"], REPO)
    hub.commit(REPO, {"manifest.json": "{}"})
    for tag in ("v1.1.0", "v9.0.0", "latest"):
        hub.tag(REPO, tag)

    assert refused(versions["1.1.0"], REPO) == (
        f"{REPO}@v1.1.0 is taken by other content (no version of this tool, this is "
        f"{versions['1.1.0'].content_sha256[:12]}…); the next free number is 9.1.0 (aguila build … --version 9.1.0)"
    )
    done = publish(versions["2.0.0"], REPO)
    assert done.reason == "after v1.0.0: the template changed (instruccion → alpaca)"
    assert failing(REPO, "v2.0.0", registry) == {}


def test_a_version_in_a_format_to_come_stops_this_software(hub, versions):
    publish(versions["1.0.0"], REPO)
    manifest = json.loads(hub.files(REPO)["manifest.json"])
    hub.commit(REPO, {"manifest.json": json.dumps({**manifest, "format": 3})})
    hub.tag(REPO, "v1.0.1")

    assert refused(versions["1.1.0"], REPO).endswith(
        ": written in format 3, this software reads 2; upgrade aguila-data"
    )


# ---- the card --------------------------------------------------------------------------------------------------------


def test_what_people_wrote_between_the_marks_survives_and_verifies(hub, versions, registry):
    publish(versions["1.0.0"], REPO)
    edit_card(hub, "\n¡Lo que **Marta** escribió!\n")

    publish(versions["1.1.0"], REPO)

    card = hub.files(REPO, "v1.1.0")["README.md"].decode()
    assert "<!-- aguila:editable about -->\n¡Lo que **Marta** escribió!\n<!-- /aguila:editable -->" in card
    assert "Version 1.1.0" in card and "Cuatro filas" not in card.partition("---\n\n")[2]
    assert failing(REPO, "v1.1.0", registry) == {}


def test_the_card_tells_what_changed_since_the_version_before(hub, versions, registry):
    publish(versions["1.0.0"], REPO)
    publish(versions["1.1.0"], REPO)

    told = sections(hub.files(REPO, "v1.1.0")["README.md"].decode())["changes"]
    assert told == f"\nSince {REPO}@v1.0.0: the rows changed. Rows: 0 added, 0 removed, {len(ROWS)} changed.\n"
    assert failing(REPO, "v1.1.0", registry) == {}


def test_another_datasets_version_is_refused(hub, versions, tmp_path):
    publish(versions["1.0.0"], REPO)
    other = make(tmp_path, spoken(), number="5.0.0", name="poemas")
    before = hub.head(REPO)

    assert refused(other, REPO) == (
        f"{REPO}: holds versions of recetas, and this is poemas; publish to another repository, or build with `name: recetas`"
    )
    assert hub.head(REPO) == before


def test_a_section_that_nobody_edited_is_the_new_versions_own(hub, versions, tmp_path):
    publish(versions["1.0.0"], REPO)
    publish(versions["1.1.0"], REPO)
    card = {"title": "Recetas", "summary": "Cuatro filas, contadas de nuevo.", "license": "apache-2.0"}

    publish(make(tmp_path, spoken(), number="1.1.1", card=card), REPO)

    assert sections(hub.files(REPO)["README.md"].decode())["about"] == "\nCuatro filas, contadas de nuevo.\n"


def test_what_a_new_card_does_not_carry_on_is_told(hub, versions, caplog):
    publish(versions["1.0.0"], REPO)
    card = hub.files(REPO)["README.md"].decode()
    card = with_sections(card, {"changes": "\nQuité las recetas repetidas.\n"}) + "\nAbajo del todo.\n"
    edited = hub.commit(REPO, {"README.md": card})[:12]

    with caplog.at_level(logging.WARNING, "builders"):
        publish(versions["1.1.0"], REPO)
    told = [record.getMessage() for record in caplog.records]
    assert told == [
        f"{REPO}: what its README.md says outside the editable marks is replaced; it stays in commit {edited}",
        f"{REPO}: its section changes tells of the version before and is written anew; the old text stays in commit {edited}",
    ]
    caplog.clear()
    with caplog.at_level(logging.WARNING, "builders"):
        publish(versions["2.0.0"], REPO)
    assert caplog.records == []


def test_a_card_from_before_the_first_version_is_told_when_it_is_replaced(hub, versions, caplog):
    first = hub.commit(REPO, {"README.md": "# Mis recetas\n"})

    with caplog.at_level(logging.WARNING, "builders"):
        publish(versions["1.0.0"], REPO, replace_card=True)

    assert [record.getMessage() for record in caplog.records] == [
        f"{REPO}: what its README.md says outside the editable marks is replaced; it stays in commit {first[:12]}"
    ]


def test_a_version_before_that_is_broken_does_not_hold_the_next_one_back(hub, versions, caplog):
    publish(versions["1.0.0"], REPO)
    path = "ledger/train-00000-of-00001.parquet"
    hub.tamper(REPO, path, bytes(len(hub.files(REPO)[path])))

    assert publish(versions["1.1.0"], REPO).outcome == "published"
    assert "what changed since v1.0.0 is not told" in caplog.text


def test_an_edit_between_the_marks_verifies_and_one_beside_them_does_not(hub, versions, registry):
    publish(versions["1.0.0"], REPO)
    inside = edit_card(hub, "\r\nOtro texto.\r\n")
    outside = hub.commit(REPO, {"README.md": hub.files(REPO)["README.md"] + "\nDiez filas más.\n".encode()})

    assert failing(REPO, inside, registry) == {}
    assert failing(REPO, outside, registry)["files"].startswith("README.md: changed")


def test_an_editor_that_changes_line_ends_changes_nothing(hub, versions, registry):
    publish(versions["1.0.0"], REPO)
    commit = hub.commit(REPO, {"README.md": hub.files(REPO)["README.md"].replace(b"\n", b"\r\n")})

    assert failing(REPO, commit, registry) == {}


def test_a_section_whose_end_was_removed_is_told(hub, versions):
    publish(versions["1.0.0"], REPO)
    card = hub.files(REPO)["README.md"].decode()
    hub.commit(REPO, {"README.md": card.replace("<!-- /aguila:editable -->", "", 1)})
    asked = len(hub.log)

    assert refused(versions["1.1.0"], REPO) == (
        f"{REPO}: its README.md lacks the mark <!-- /aguila:editable --> that ends the section 'about'; put it back "
        "there, then publish again"
    )
    assert writes(hub, asked) == []


def test_a_section_that_the_new_card_lacks_is_told(hub, versions, caplog):
    publish(versions["1.0.0"], REPO)
    card = hub.files(REPO)["README.md"].decode()
    section = "\n<!-- aguila:editable notas -->\nMías.\n<!-- /aguila:editable -->\n"
    commit = hub.commit(REPO, {"README.md": card + section})

    with caplog.at_level(logging.WARNING, "builders"):
        publish(versions["1.1.0"], REPO)
    assert [record.getMessage() for record in caplog.records if record.name == "builders.hub.repository"] == [
        f"the new card has no section notas; what it says on the Hub stays in commit {commit[:12]}"
    ]


def test_a_card_that_is_no_text_is_told(hub, versions):
    publish(versions["1.0.0"], REPO)
    hub.commit(REPO, {"README.md": b"\xff\xfe"})

    assert refused(versions["1.1.0"], REPO) == (
        f"{REPO}: its README.md is not UTF-8 text; correct it there, then publish again"
    )


def test_words_that_the_hub_does_not_know_are_refused_before_anything_is_sent(hub, tmp_path):
    version = make(tmp_path, card={"license": "cc-by-nc-5.0"})

    assert refused(version, REPO) == (
        "recetas@1.0.0: the Hub would refuse the card: license 'cc-by-nc-5.0' is not one of the Hub's words; correct "
        "`card` in the recipe"
    )
    assert hub.log == []


def test_a_card_that_the_hub_refuses_all_the_same_is_told(hub, versions, monkeypatch):
    monkeypatch.setattr(metadata, "LICENSES", frozenset({"mit"}))  # the Hub's own list has changed

    told = refused(versions["1.0.0"], REPO)
    assert told.startswith(f"{REPO}: the Hub refuses the card: ") and told.endswith("; correct `card` in the recipe")
    assert "apache-2.0" in told and "\n" not in told
    assert titles(hub) == ["initial commit"]


def test_a_folder_that_is_not_what_its_manifest_says_is_refused(hub, versions, tmp_path):
    folder = shutil.copytree(versions["1.0.0"].path, tmp_path / "v1.0.0")
    (folder / "recipe.yaml").write_text("name: otra\n", "utf-8")

    told = refused(open_version(folder), REPO)
    assert told.startswith("recetas@1.0.0: files: recipe.yaml: changed")
    assert told.endswith("; build it again, then publish")
    assert hub.log == []


# ---- whose it is -----------------------------------------------------------------------------------------------------


def test_a_private_repository_is_seen_by_its_owner_alone(hub, versions, monkeypatch):
    done = publish(versions["1.0.0"], REPO, private=True)

    assert done.private and hub.repo(REPO).private
    assert open_published(REPO, "v1.0.0").commit == done.commit
    assert publish(versions["1.1.0"], REPO).private
    monkeypatch.setenv("HF_TOKEN", hub.add_user("berta"))
    with pytest.raises(Problem, match="no such repository on the Hub, or no access to it"):
        open_published(REPO, "v1.0.0")


def test_a_public_repository_is_not_made_private(hub, versions):
    publish(versions["1.0.0"], REPO)

    assert refused(versions["1.1.0"], REPO, private=True) == (
        f"{REPO}: is public; leave out --private, or publish to another repository"
    )


def test_a_public_repository_that_appears_meanwhile_is_not_taken_for_a_private_one(hub, versions):
    hold = hub.faults.hold("POST", "/api/repos/create")
    told = _meanwhile(hold, versions["1.0.0"], lambda: hub.commit(REPO, {}), private=True)

    assert told == f"{REPO}: is public; leave out --private, or publish to another repository"
    assert hub.tags(REPO) == {}


def test_a_member_who_writes_publishes_for_an_organisation(hub, versions):
    hub.add_organisation("imprenta", {"ana": "write"})

    done = publish(versions["1.0.0"], "imprenta/recetas")
    assert hub.tags("imprenta/recetas") == {"v1.0.0": done.commit}
    assert {one.user for one in hub.log if one.path.startswith("/api/datasets")} == {"ana"}


@pytest.mark.parametrize("members", [{"ana": "read"}, {"berta": "write"}], ids=["reads", "stranger"])
def test_others_do_not_publish_for_an_organisation(hub, versions, members):
    hub.add_organisation("imprenta", members)

    assert refused(versions["1.0.0"], "imprenta/recetas") == (
        "imprenta/recetas: the token does not allow making a repository; use one with write access to imprenta, or "
        "another repository"
    )
    assert not hub.store.repos


def test_a_token_that_only_reads_is_told(hub, versions, monkeypatch):
    publish(versions["1.0.0"], REPO)
    monkeypatch.setenv("HF_TOKEN", hub.add_user("ana", "read"))

    assert refused(versions["1.1.0"], REPO) == (
        f"{REPO}: the token does not allow writing to the repository; use one with write access to ana, or another "
        "repository"
    )
    assert hub.tags(REPO) == {"v1.0.0": hub.head(REPO)}


def test_a_token_that_only_reads_cannot_tag(hub, versions, monkeypatch):
    publish(versions["1.0.0"], REPO)
    hub.delete_tag(REPO, "v1.0.0")
    monkeypatch.setenv("HF_TOKEN", hub.add_user("ana", "read"))

    assert refused(versions["1.0.0"], REPO).startswith(f"{REPO}: the token does not allow tagging; ")


def test_an_expired_token_is_told(hub, versions, monkeypatch):
    token = hub.add_user("ana", "write")
    monkeypatch.setenv("HF_TOKEN", token)
    hub.expire(token)

    told = refused(versions["1.0.0"], REPO)
    assert (
        told
        == f"{REPO}: the Hub does not accept the token (expired or withdrawn); run `hf auth login` and unset HF_TOKEN, or correct HF_TOKEN"
    )
    assert token not in told


@pytest.mark.parametrize("there", [False, True])
def test_without_a_token_nothing_is_published(hub, versions, monkeypatch, there):
    if there:
        publish(versions["1.0.0"], REPO)
    monkeypatch.delenv("HF_TOKEN")
    asked = len(hub.log)

    assert refused(versions["1.1.0"], REPO) == f"{REPO}: no token for the Hub; run `hf auth login`, or set HF_TOKEN"
    assert writes(hub, asked) == []


def test_another_user_is_not_published_over(hub, versions):
    hub.add_user("berta")
    hub.commit("berta/recetas", {"README.md": "---\nlicense: mit\n---\n"})

    assert refused(versions["1.0.0"], "berta/recetas") == (
        "berta/recetas: the token does not allow writing to the repository; use one with write access to berta, or "
        "another repository"
    )


def test_a_repository_that_holds_something_else_is_refused(hub, versions):
    hub.commit(REPO, {"datos.csv": "id\n1\n", "README.md": "Mis datos"})
    asked = len(hub.log)

    assert refused(versions["1.0.0"], REPO) == (
        f"{REPO}: holds files that are no version of this tool, such as 'datos.csv'; publish to a repository of its own"
    )
    assert writes(hub, asked) == []


def test_what_is_no_name_is_refused(hub, versions):
    for name in ("recetas", "ana/recetas/es", "ana/", "/ana", "../ana", "ana/..", "ana/re cetas", "ana/ñ", ""):
        assert refused(versions["1.0.0"], name) == (
            f"{name}: not a name of a repository; write OWNER/NAME, such as ana/bactrian-es"
        )
    assert hub.log == []


def test_a_name_that_the_client_refuses_is_told(hub, versions):
    assert refused(versions["1.0.0"], "ana/-recetas") == (
        "ana/-recetas: not a name of a repository; write OWNER/NAME, such as ana/bactrian-es"
    )


# ---- faults ----------------------------------------------------------------------------------------------------------

STEPS = [
    ("GET", f"{API}$"),
    ("POST", "/api/repos/create"),
    ("GET", f"{API}/refs"),
    ("POST", f"{API}/commit/"),
    ("POST", f"{API}/tag/"),
]


@pytest.mark.parametrize(("method", "path"), STEPS)
def test_a_busy_hub_is_asked_again(hub, versions, method, path):
    for status in (429, 500, 503):
        hub.faults.status(status, method, path, retry_after=0)

    done = publish(versions["1.0.0"], REPO)
    assert hub.tags(REPO) == {"v1.0.0": done.commit}
    assert [one.status for one in hub.log if one.status in (429, 500, 503)] == [429, 500, 503]


@pytest.mark.parametrize(("method", "path"), STEPS)
def test_a_connection_that_breaks_before_or_after_the_work_is_made_again(hub, versions, quick, method, path):
    hub.faults.drop(method, path)
    hub.faults.lose_response(method, path)

    done = publish(versions["1.0.0"], REPO)
    assert hub.tags(REPO) == {"v1.0.0": done.commit}
    assert titles(hub) == ["Version 1.0.0", "initial commit"]


def test_a_hub_that_stays_busy_is_told(hub, versions, quick):
    hub.faults.status(503, "POST", "/commit/", times=99)

    assert refused(versions["1.0.0"], REPO) == (
        f"{REPO}: writing to the repository: the Hub answered 503 again and again; try again later"
    )
    assert len(hub.asked("POST", "/commit/")) == 5


def test_waiting_very_long_is_left_to_the_person(hub, versions):
    hub.faults.status(429, "POST", "/commit/", retry_after=3600)

    assert refused(versions["1.0.0"], REPO) == (
        f"{REPO}: writing to the repository: the Hub answered 429 and asks to wait 3600 s; try again then"
    )
    assert len(hub.asked("POST", "/commit/")) == 1


def _meanwhile(hold, version, act, **options):
    """Publish in a thread; when it stands at the held request, act, then let it go on. The Problem's words, or None."""
    told = []

    def run():
        try:
            publish(version, REPO, **options)
        except Problem as problem:
            told.append(str(problem))

    thread = threading.Thread(target=run)
    thread.start()
    hold.wait()
    act()
    hold.release()
    thread.join()
    return told[0] if told else None


def test_somebody_elses_commit_meanwhile_is_told_and_stays(hub, versions):
    publish(versions["1.0.0"], REPO)
    head = hub.head(REPO)
    hold = hub.faults.hold("POST", "/commit/")

    told = _meanwhile(hold, versions["1.1.0"], lambda: edit_card(hub, "\nDe Marta.\n"))

    assert told == (
        f"{REPO}: somebody else changed it meanwhile (its head is no longer {head[:12]}); nothing was published, run "
        "again to see what is there"
    )
    assert (titles(hub)[0], hub.tags(REPO)) == ("Update README.md", {"v1.0.0": head})


def test_somebody_elses_tag_meanwhile_is_told_and_stays(hub, versions):
    publish(versions["1.0.0"], REPO)
    head = hub.head(REPO)
    hold = hub.faults.hold("POST", "/tag/")

    told = _meanwhile(hold, versions["1.1.0"], lambda: hub.tag(REPO, "v1.1.0", "v1.0.0"))

    assert told == f"{REPO}: somebody else tagged v1.1.0 meanwhile, at {head[:12]}; run again to see what is there"
    assert hub.tags(REPO) == {"v1.0.0": head, "v1.1.0": head}


def test_an_edit_right_after_a_commit_whose_answer_was_lost_hides_nothing(hub, versions, quick):
    hold = hub.faults.hold("POST", "/commit/", "after")

    def act():
        edit_card(hub, "\nDe Marta.\n")
        hold.abandon()

    assert _meanwhile(hold, versions["1.0.0"], act) is None
    assert titles(hub) == ["Update README.md", "Version 1.0.0", "initial commit"]
    assert hub.tags(REPO) == {"v1.0.0": hub.history(REPO)[1][0]}


# ---- uploads that fail -----------------------------------------------------------------------------------------------


@pytest.fixture
def hasty(monkeypatch):
    """Nobody waits: neither this software nor the client, which tries uploads again by itself."""
    monkeypatch.setattr(patience.time, "sleep", lambda seconds: None)


RERUN = "run again: nothing was published, and files that arrived are not sent again"


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (lambda faults: faults.status(403, "PUT", "/lfs/", times=99), "the storage answered 403"),
        (lambda faults: faults.status(500, "PUT", "/lfs/", times=99), "the storage answered 500"),
        (lambda faults: faults.drop("PUT", "/lfs/", times=99), "the connection to the storage broke"),
    ],
    ids=["403", "500", "reset"],
)
def test_an_upload_that_fails_is_one_line_and_is_finished_by_the_next_run(hub, versions, registry, hasty, fault, told):
    fault(hub.faults)

    line = refused(versions["1.0.0"], REPO)
    assert line.startswith(f"{REPO}: sending ") and line.endswith(f": {told}; {RERUN}") and "\n" not in line
    assert titles(hub) == ["initial commit"]
    hub.faults.clear()
    assert publish(versions["1.0.0"], REPO).outcome == "published"
    assert failing(REPO, "v1.0.0", registry) == {}


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (402, "You have exceeded your monthly included credits"),
        (403, "Private repository storage limit reached"),
        (403, "Your push was rejected because it contains binary files"),
        (400, "Your push was rejected because it contains binary files"),
    ],
)
def test_what_the_hub_says_is_told_in_place_of_a_guess(hub, versions, status, message):
    hub.faults.status(status, "POST", "/commit/", message=message)

    told = refused(versions["1.0.0"], REPO)
    assert told.startswith(f"{REPO}: the Hub refuses writing to the repository: {message}; ")
    assert "token" not in told


# ---- somebody else's commit ------------------------------------------------------------------------------------------


def test_a_tag_does_not_land_on_a_commit_that_the_client_takes_for_ours(hub, versions):
    """Our answer is lost, another commit follows on ours, and the client, which has nothing to send then, gives the newest."""
    publish(versions["1.0.0"], REPO)
    hold = hub.faults.hold("POST", "/commit/", "after")
    hub.faults.status(503, "POST", "/commit/", retry_after=0)

    def act():
        hub.commit(REPO, {"LICENSE": "Apache-2.0"})
        hold.abandon()

    assert _meanwhile(hold, versions["1.1.0"], act) is None
    assert titles(hub) == ["changed by the test", "Version 1.1.0", "Version 1.0.0", "initial commit"]
    assert hub.tags(REPO)["v1.1.0"] == hub.history(REPO)[1][0]


@pytest.mark.parametrize("files", [{"README.md": "otro"}, {"manifest.json": "{}"}], ids=["title", "manifest"])
def test_a_commit_with_another_title_or_manifest_is_not_tagged(hub, versions, files):
    publish(versions["1.0.0"], REPO)
    hold = hub.faults.hold("POST", "/commit/")
    title = "Update README.md" if "README.md" in files else "Version 1.1.0"
    ours = contents(versions["1.1.0"])

    told = _meanwhile(hold, versions["1.1.0"], lambda: hub.commit(REPO, ours | files, message=title))
    assert told.startswith(f"{REPO}: somebody else changed it meanwhile")
    assert list(hub.tags(REPO)) == ["v1.0.0"]


def test_a_moved_repository_is_followed_and_named(hub, versions, registry, caplog):
    publish(versions["1.0.0"], REPO)
    hub.move(REPO, "ana/cocina")

    assert open_published(REPO, "v1.0.0").content_sha256 == versions["1.0.0"].content_sha256
    done = publish(versions["1.1.0"], REPO)
    assert done.reference == "ana/cocina@v1.1.0"
    assert set(caplog.messages) >= {f"{REPO} was moved: it is now ana/cocina"}
    assert failing("ana/cocina", "v1.1.0", registry) == {}
    caplog.clear()
    assert [one.version for one in list_published(REPO)] == ["1.0.0", "1.1.0"]
    assert caplog.messages == [f"{REPO} was moved: it is now ana/cocina"]


def test_a_repository_with_only_what_the_hub_offers_is_fresh(hub, versions):
    hub.commit(REPO, {"LICENSE": "Apache-2.0"})

    assert publish(versions["1.0.0"], REPO).outcome == "published"
    assert hub.files(REPO)["LICENSE"] == b"Apache-2.0"


# ---- the whole tree --------------------------------------------------------------------------------------------------

TRAIN = "data/train-00000-of-00001.parquet"


@pytest.mark.parametrize(
    ("files", "wrong"),
    [
        ({TRAIN: None}, f"{TRAIN}: missing"),
        ({TRAIN: b"PAR1"}, f"{TRAIN}: changed"),
        ({"recipe.yaml": "name: otra\n"}, "recipe.yaml: changed"),
        ({"recetas.py": "raise SystemExit"}, "recetas.py: a script named after the repository"),
        ({"data/train-extra.parquet": b"PAR1"}, "data/train-extra.parquet: not part of the version"),
        ({"otras.csv": "id"}, "otras.csv: data that is not part of the version"),
    ],
    ids=["missing", "changed", "small", "script", "rows", "stray"],
)
def test_publishing_again_on_a_damaged_tag_says_what_is_damaged(hub, versions, registry, files, wrong):
    publish(versions["1.0.0"], REPO)
    hub.tag(REPO, "v1.0.0", hub.commit(REPO, files))

    told = refused(versions["1.0.0"], REPO)
    assert told.startswith(f"{REPO}@v1.0.0 is published and damaged: {wrong}")
    assert told.endswith("; the next free number is 1.0.1 (aguila build … --version 1.0.1)")


@pytest.mark.parametrize("path", ["recetas.py", "otras.csv", "dataset_infos.json", "data/train-extra.parquet"])
def test_verify_flags_what_makes_a_version_unloadable_and_lists_what_is_not_ours(hub, versions, registry, path):
    publish(versions["1.0.0"], REPO)
    harmless = hub.commit(REPO, {"LICENSE": "Apache-2.0", "notas.md": "hola"})
    harmed = hub.commit(REPO, {path: "x"})

    checks = verify(open_published(REPO, harmless, check=False), registry, quick=True)
    assert checks.ok
    assert checks[0].detail.endswith("; beside them, not of the version: LICENSE, notas.md")
    assert failing(REPO, harmed, registry)["files"].startswith(f"{path}: ")


def test_a_script_or_stray_data_is_refused_before_anything_is_sent(hub, versions):
    publish(versions["1.0.0"], REPO)
    hub.commit(REPO, {"recetas.py": "raise SystemExit", "LICENSE": "Apache-2.0"})
    asked = len(hub.log)

    assert refused(versions["1.1.0"], REPO, dry_run=True) == (
        f"{REPO}: nobody could load the version as it is beside recetas.py: a script named after the repository: "
        "`datasets` loads nothing from a repository that has one; remove it on the Hub, then publish"
    )
    assert writes(hub, asked) == []


# ---- maintenance -----------------------------------------------------------------------------------------------------


def test_a_maintenance_release_goes_on_a_branch_and_leaves_main_alone(hub, versions, registry, tmp_path):
    publish(versions["1.0.0"], REPO)
    first = hub.head(REPO)
    publish(versions["2.0.0"], REPO)
    main = hub.head(REPO)
    card = {"title": "Recetas", "summary": "Corregido.", "license": "apache-2.0"}
    fixed = make(tmp_path, number="1.0.1", card=card)

    planned = publish(fixed, REPO, dry_run=True)
    done = publish(fixed, REPO)

    assert (hub.head(REPO), planned.files) == (main, done.files)
    assert done.reason == "after v1.0.0: the rows are the same; in the recipe card changed"
    assert [commit for commit, _ in hub.history(REPO, "v1")][:2] == [done.commit, first]
    assert hub.tags(REPO)["v1.0.1"] == done.commit
    assert publish(fixed, REPO).outcome == "unchanged"
    assert failing(REPO, "v1.0.1", registry) == {}
    hub.delete_tag(REPO, "v1.0.1")
    assert publish(fixed, REPO).outcome == "tagged"
    again = make(tmp_path, spoken(), number="1.1.0")
    assert publish(again, REPO).reason == "after v1.0.1: the rows changed"
    assert [title for _, title in hub.history(REPO, "v1")][:2] == ["Version 1.1.0", "Version 1.0.1"]
    assert hub.head(REPO) == main


def test_on_a_branch_the_numbers_of_its_major_count(hub, versions, tmp_path):
    publish(versions["1.0.0"], REPO)
    publish(versions["2.0.0"], REPO)

    assert refused(make(tmp_path, spoken(), number="1.0.1"), REPO) == (
        f"{REPO}: 1.0.1 is too small a step after v1.0.0: the rows changed; the next free number is 1.1.0 (aguila build … "
        "--version 1.1.0)"
    )


# ---- pull requests ---------------------------------------------------------------------------------------------------


@pytest.fixture
def reader(hub, monkeypatch):
    """From the second publication on, whoever publishes may only read."""

    def become():
        monkeypatch.setenv("HF_TOKEN", hub.add_user("berta"))

    return become


def test_who_may_not_write_proposes_a_version_and_its_owner_tags_it_when_it_is_merged(
    hub, versions, registry, reader, monkeypatch
):
    owner = os.environ["HF_TOKEN"]
    publish(versions["1.0.0"], REPO)
    head = hub.head(REPO)
    reader()

    done = publish(versions["1.1.0"], REPO, create_pr=True)
    assert (done.outcome, done.pull_request) == ("proposed", f"{hub.url}/datasets/{REPO}/discussions/1")
    assert (hub.head(REPO), list(hub.tags(REPO))) == (head, ["v1.0.0"])
    asked = len(hub.log)
    again = publish(versions["1.1.0"], REPO, create_pr=True)
    assert (again.outcome, again.pull_request, again.commit) == ("proposed", done.pull_request, done.commit)
    assert writes(hub, asked) == []

    monkeypatch.setenv("HF_TOKEN", owner)
    assert refused(versions["1.1.0"], REPO, finish=True) == (
        f"{REPO}: no commit on main holds recetas@1.1.0; merge it first"
    )
    merged = hub.merge(REPO, 1)
    assert publish(versions["1.1.0"], REPO, finish=True).outcome == "tagged"
    assert hub.tags(REPO)["v1.1.0"] == merged
    assert failing(REPO, "v1.1.0", registry) == {}


def test_a_proposal_whose_answer_is_lost_is_found_by_the_next_run(hub, versions):
    publish(versions["1.0.0"], REPO)
    hub.faults.lose_response("POST", "/commit/")

    told = refused(versions["1.1.0"], REPO, create_pr=True)
    assert told.startswith(f"{REPO}: ") and "\n" not in told
    done = publish(versions["1.1.0"], REPO, create_pr=True)

    assert (done.outcome, done.pull_request) == ("proposed", f"{hub.url}/datasets/{REPO}/discussions/1")
    assert hub.asked("POST", "/commit/")[1:] == [f"POST /api/datasets/{REPO}/commit/main"]


def test_nothing_is_proposed_where_there_is_no_repository(hub, versions):
    assert refused(versions["1.0.0"], REPO, create_pr=True).startswith(f"{REPO}: no such repository on the Hub")
    assert writes(hub) == []
