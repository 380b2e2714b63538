"""Versions on the Hub: from a reference to a folder, and what must not get through."""

import json
import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from builders.errors import Problem
from builders.hub.published import Listed, latest_published, list_published
from builders.hub.publishing import publish
from builders.pipeline import run
from builders.recipes.model import VersionSource
from builders.records import plain
from builders.sources.reading import read_source
from builders.versions.references import resolve
from builders.versions.registry import build
from builders.versions.verify import verify
from tests.builders.publications import REPO, built, failing, make, put, recipe, spoken, three

TRAIN = "data/train-00000-of-00001.parquet"
NOT_OURS = "it is no version of this tool (it has no manifest.json of one); read it as a source: kind hub, repo, revision, file"


@pytest.fixture(scope="module")
def versions(tmp_path_factory):
    return three(tmp_path_factory.mktemp("versiones"))


@pytest.fixture
def registry(versions):
    return versions["1.0.0"].path.parents[1]


@pytest.fixture
def commits(hub, versions):
    """1.0.0 and 1.1.0 are published: {number: commit}."""
    return {number: put(hub, versions[number]) for number in ("1.0.0", "1.1.0")}


@pytest.fixture
def notes(caplog):
    """What the library notes while it works."""
    caplog.set_level(logging.WARNING, "builders")
    return lambda: [record.getMessage() for record in caplog.records if record.name.startswith("builders")]


@pytest.fixture
def fresh_cache(hub, monkeypatch, tmp_path):
    """Call it, and the client's cache is empty again."""
    from huggingface_hub import constants

    def renew():
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "otra caché"))

    return renew


def cache():
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def refused(reference, registry=Path("versions")):
    with pytest.raises(Problem) as told:
        resolve(reference, registry)
    return str(told.value)


def rewritten(hub, change, revision="v1.0.0"):
    """Commit the version with another manifest and move the tag to it. Returns the commit."""
    files = hub.files(REPO, revision)
    manifest = json.loads(files["manifest.json"])
    change(manifest)
    commit = hub.commit(REPO, {**dict.fromkeys(hub.paths(REPO)), **files, "manifest.json": json.dumps(manifest)})
    hub.tag(REPO, revision)
    return commit


# ---- what is found ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["v1.0.0", "1.0.0", "commit"])
def test_a_tag_becomes_a_commit_and_its_snapshot(hub, versions, commits, form):
    version = resolve(f"{REPO}@{commits['1.0.0'] if form == 'commit' else form}", Path("versions"))

    assert (version.repo, version.commit) == (REPO, commits["1.0.0"])
    assert version.label == f"{REPO}@v1.0.0"
    assert version.path == cache() / "datasets--ana--recetas" / "snapshots" / commits["1.0.0"]
    assert version.manifest == versions["1.0.0"].manifest
    assert version.rows().equals(versions["1.0.0"].rows())
    assert {path.relative_to(version.path).as_posix() for path in version.path.rglob("*") if path.is_file()} == {
        *versions["1.0.0"].manifest.files,
        "manifest.json",
    }


def test_a_version_is_fetched_once(hub, commits):
    resolve(f"{REPO}@v1.0.0", Path("versions"))
    asked = len(hub.log)
    resolve(f"{REPO}@v1.0.0", Path("versions"))

    assert [one.method for one in hub.log[asked:] if "/resolve/" in one.path] == ["HEAD"]


def test_every_check_of_a_published_version_passes(hub, commits, registry):
    checks = verify(resolve(f"{REPO}@v1.1.0", registry, check=False), registry)

    assert (checks.result, [check for check in checks if not check.ok]) == ("same bytes", [])
    quick = verify(resolve(f"{REPO}@v1.1.0", registry, check=False), registry, quick=True)
    assert [check.check for check in quick] == ["files", "manifest", "ledger", "content", "recipe"]


def test_a_list_of_versions(hub, versions):
    moments = {"1.0.0": datetime(2024, 3, 1, 9, tzinfo=UTC), "1.1.0": datetime(2024, 3, 2, 9, tzinfo=UTC)}
    commits = {}
    for number, moment in moments.items():
        hub.clock = moment
        commits[number] = put(hub, versions[number])

    assert list_published(REPO) == [
        Listed(number, commits[number], moment.isoformat(), 4, versions[number].content_sha256)
        for number, moment in moments.items()
    ]


def test_versions_are_listed_in_the_order_of_their_numbers(hub, commits, versions):
    for number in ("1.10.0", "1.9.0"):
        manifest = {**plain(versions["1.0.0"].manifest), "version": number}
        hub.commit(REPO, {"manifest.json": json.dumps(manifest)})
        hub.tag(REPO, f"v{number}")

    assert [one.version for one in list_published(REPO)] == ["1.0.0", "1.1.0", "1.9.0", "1.10.0"]
    assert str(latest_published(REPO).number) == "1.10.0"


def test_tags_that_hold_no_version_are_left_out_of_the_list_with_a_note(hub, commits, notes):
    hub.commit(REPO, {"manifest.json": None})
    for tag in ("v2.0.0", "latest", "v3", "v01.0.0"):
        hub.tag(REPO, tag)

    assert [one.version for one in list_published(REPO)] == ["1.0.0", "1.1.0"]
    assert notes() == [f"{REPO}@v2.0.0 is left out: {NOT_OURS}"]


def test_a_version_on_no_branch_is_listed_with_its_date(hub, commits, versions):
    hub.clock = datetime(2024, 5, 1, tzinfo=UTC)
    manifest = {**plain(versions["1.0.0"].manifest), "version": "1.0.1"}
    hub.tag(REPO, "v1.0.1", hub.commit(REPO, {"manifest.json": json.dumps(manifest)}, ref="refs/heads/aparte"))

    assert [(one.version, one.date[:10]) for one in list_published(REPO)] == [
        ("1.0.0", "2024-01-15"),
        ("1.0.1", "2024-05-01"),
        ("1.1.0", "2024-01-15"),
    ]


def test_the_latest_version_is_told_by_its_manifest_alone(hub, commits, versions):
    asked = len(hub.log)
    latest = latest_published(REPO)

    assert (latest.label, latest.commit) == (f"{REPO}@v1.1.0", commits["1.1.0"])
    assert latest.manifest == versions["1.1.0"].manifest
    assert {one.path.rsplit("/", 1)[1] for one in hub.log[asked:]} <= {"refs", "manifest.json"}


# ---- what is not there -----------------------------------------------------------------------------------------------


def test_a_repository_that_does_not_exist(hub):
    assert refused("ana/nada@v1.0.0") == (
        "ana/nada@v1.0.0: no such repository on the Hub, or no access to it; check the name, or `hf auth login`"
    )


def test_a_version_that_does_not_exist_names_those_that_do(hub, commits):
    assert refused(f"{REPO}@v3.0.0") == f"{REPO}@v3.0.0: no such version; versions of {REPO}: v1.0.0, v1.1.0"


def test_a_commit_that_does_not_exist_names_the_versions(hub, commits):
    assert refused(f"{REPO}@{'0' * 40}") == (
        f"{REPO}@000000000000: no such version; versions of {REPO}: v1.0.0, v1.1.0"
    )


@pytest.mark.parametrize("revision", ["main", "latest", "v1", "refs%2Fpr%2F1"])
def test_what_floats_is_refused_with_the_versions_that_exist(hub, commits, revision):
    assert refused(f"{REPO}@{revision}") == (
        f"{REPO}@{revision}: not a version, it may change at any time; versions of {REPO}: v1.0.0, v1.1.0"
    )


def test_a_repository_alone_is_refused_with_the_versions_that_exist(hub, commits):
    assert refused(REPO) == (
        f"{REPO}: no such folder, and a repository alone is no version; versions of {REPO}: v1.0.0, v1.1.0"
    )
    hub.commit("ana/vacio", {})
    assert refused("ana/vacio").endswith("; versions of ana/vacio: none")


def test_a_repository_without_versions_has_no_list(hub):
    hub.commit(REPO, {"README.md": "hola"})

    with pytest.raises(Problem) as told:
        list_published(REPO)
    assert str(told.value) == f"{REPO}: holds no version; publish one with `aguila publish REF {REPO}`"
    assert latest_published(REPO) is None


def test_a_private_repository_of_others_is_as_one_that_does_not_exist(hub, commits, monkeypatch):
    hub.make_private(REPO)
    monkeypatch.setenv("HF_TOKEN", hub.add_user("berta"))

    assert refused(f"{REPO}@v1.0.0") == (
        f"{REPO}@v1.0.0: no such repository on the Hub, or no access to it; check the name, or `hf auth login`"
    )


def test_a_gated_repository_is_told(hub, commits, fresh_cache, monkeypatch):
    hub.gate(REPO)
    monkeypatch.setenv("HF_TOKEN", hub.add_user("berta"))
    fresh_cache()

    assert refused(f"{REPO}@v1.0.0") == (
        f"{REPO}@v1.0.0: access must be requested on the Hub; request it, then `hf auth login`"
    )


def test_an_expired_token_is_told(hub, commits, monkeypatch):
    token = hub.add_user("ana")
    monkeypatch.setenv("HF_TOKEN", token)
    hub.expire(token)
    hub.make_private(REPO)

    assert refused(f"{REPO}@v1.0.0") == (
        f"{REPO}@v1.0.0: the Hub does not accept the token (expired or withdrawn); run `hf auth login` and unset HF_TOKEN, "
        "or correct HF_TOKEN"
    )


# ---- without a network -----------------------------------------------------------------------------------------------


@pytest.fixture(params=["unplugged", "offline"])
def no_network(request, hub, monkeypatch):
    """Call it, and there is no Hub: nobody listens, or HF_HUB_OFFLINE forbids it."""
    from huggingface_hub import constants

    def cut():
        if request.param == "unplugged":
            hub.unplug()
        else:
            monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)

    return cut


@pytest.mark.parametrize("form", ["tag", "commit"])
def test_without_a_network_the_cached_copy_serves_and_a_note_says_so(hub, versions, commits, no_network, notes, form):
    reference = "v1.0.0" if form == "tag" else commits["1.0.0"]
    resolve(f"{REPO}@{reference}", Path("versions"))
    no_network()

    version = resolve(f"{REPO}@{reference}", Path("versions"))

    assert version.commit == commits["1.0.0"]
    assert version.rows().equals(versions["1.0.0"].rows())
    assert notes() == [f"the Hub cannot be reached; {REPO}@{reference[:12]} is the copy in the cache"]


def test_without_a_network_and_without_a_copy_the_error_says_so(hub, commits, no_network):
    no_network()

    told = refused(f"{REPO}@v3.0.0")
    assert told.startswith(f"{REPO}@v3.0.0: the version") and told.endswith("; connect, then run again")


def test_without_a_network_half_a_copy_does_not_serve(hub, commits, notes):
    version = resolve(f"{REPO}@v1.0.0", Path("versions"))
    (version.path / TRAIN).resolve().unlink()
    (version.path / TRAIN).unlink()
    hub.unplug()

    assert refused(f"{REPO}@v1.0.0") == (
        f"{REPO}@v1.0.0: only a part of it is in the Hub cache and the Hub cannot be reached; connect, then run again"
    )


def test_a_hub_that_answers_late_is_waited_for(hub, commits):
    hub.faults.status(503, "GET", r"/revision/v1\.0\.0$", times=2, retry_after=0)

    assert resolve(f"{REPO}@v1.0.0", Path("versions")).commit == commits["1.0.0"]


# ---- not ours --------------------------------------------------------------------------------------------------------


def test_a_repository_that_is_no_version_is_told_how_to_read_it(hub):
    hub.commit("ana/ajeno", {"datos.jsonl": "{}\n"})
    hub.tag("ana/ajeno", "v1.0.0")

    assert refused("ana/ajeno@v1.0.0") == f"ana/ajeno@v1.0.0: manifest.json: {NOT_OURS}"


def test_a_manifest_that_is_not_ours_is_no_version(hub):
    name = {"name": "x", "version": "1.0.0"}
    foreign = [
        b"{}",
        b"[1]",
        b"{",
        b"\xff",
        b"null",
        json.dumps({**name, "format": 1, "content_sha256": "0", "files": {}}).encode(),
        json.dumps({**name, "manifest_version": 3}).encode(),
    ]
    for manifest in foreign:
        commit = hub.commit("ana/ajeno", {"manifest.json": manifest})
        assert refused(f"ana/ajeno@{commit}") == f"ana/ajeno@{commit[:12]}: {NOT_OURS}"


def test_a_manifest_of_other_types_is_no_version(hub, commits, versions):
    wrong = [
        {"files": {"README.md": 3}},
        {"files": {"README.md": {"bytes": "12", "sha256": 5}}},
        {"kept": "cuatro"},
        {"version": "uno"},
        {"kept": -1},
        {"kept": 10**400},
        {"template": []},
        {"template": {}},
        {"recipe": {"name": "x", "surce": {}}},
        {"otra": 1},
    ]
    for change in wrong:
        commit = hub.commit(REPO, {"manifest.json": json.dumps({**plain(versions["1.1.0"].manifest), **change})})
        assert refused(f"{REPO}@{commit}").startswith(f"{REPO}@{commit[:12]}: manifest.json: not sound (")
    for change in ({"files": ["README.md"]}, {"version": 1}, {"name": None}, {"content_sha256": "0"}):
        commit = hub.commit(REPO, {"manifest.json": json.dumps({**plain(versions["1.1.0"].manifest), **change})})
        assert refused(f"{REPO}@{commit}") == f"{REPO}@{commit[:12]}: {NOT_OURS}"


# ---- not what it was -------------------------------------------------------------------------------------------------


def test_a_moved_tag_is_noticed_against_the_cache(hub, commits):
    resolve(f"{REPO}@v1.0.0", Path("versions"))
    hub.tag(REPO, "v1.0.0", "v1.1.0")

    assert refused(f"{REPO}@v1.0.0") == (
        f"{REPO}@v1.0.0: the tag was moved: it pointed at {commits['1.0.0']}, and now at {commits['1.1.0']}; name the "
        f"commit that you mean, as {REPO}@{commits['1.0.0']}"
    )
    assert resolve(f"{REPO}@{commits['1.0.0']}", Path("versions")).label == f"{REPO}@v1.0.0"


def test_a_tag_that_holds_another_number_is_noticed_without_a_cache(hub, commits):
    hub.tag(REPO, "v1.0.0", "v1.1.0")

    assert refused(f"{REPO}@v1.0.0") == (
        f"{REPO}@v1.0.0: the tag holds version 1.1.0 of recetas; name that, or its commit"
    )


def test_a_moved_tag_is_noticed_against_the_commit_that_a_recipe_records(hub, commits, tmp_path, fresh_cache):
    moved = rewritten(hub, lambda manifest: manifest.update(software={}))
    fresh_cache()
    pinned = recipe(source=VersionSource(ref=f"{REPO}@v1.0.0", commit=commits["1.0.0"]))

    with pytest.raises(Problem) as told:
        read_source(pinned, tmp_path)
    assert str(told.value) == (
        f"{REPO}@v1.0.0: commit {moved} now, and the recipe pins {commits['1.0.0']}: the tag was moved; leave out --from "
        "and source.ref to use the pinned commit"
    )


def test_a_recipe_records_the_commit_and_is_built_from_it_whatever_the_tag_says(hub, versions, commits, tmp_path):
    derived = build(recipe(name="derivado", source=VersionSource(ref=f"{REPO}@v1.0.0")), tmp_path).version
    source = plain(derived.manifest.source)
    hub.tag(REPO, "v1.0.0", "v1.1.0")

    assert source == {
        "kind": "version",
        "name": "recetas",
        "version": "1.0.0",
        "content_sha256": versions["1.0.0"].content_sha256,
        "repo": REPO,
        "commit": commits["1.0.0"],
    }
    assert [check.check for check in verify(derived, tmp_path) if not check.ok] == []
    assert run(derived.recipe, lambda: read_source(derived.recipe, tmp_path)).rows["id"].to_list() == sorted(
        versions["1.0.0"].rows()["id"], key=lambda id: int(id.split("-")[1])
    )


def test_a_tampered_file_is_noticed(hub, commits, registry):
    data = hub.files(REPO, "v1.0.0")[TRAIN]
    hub.tamper(REPO, TRAIN, data[:-9] + bytes(9), "v1.0.0")

    told = refused(f"{REPO}@v1.0.0")
    file = cache() / "datasets--ana--recetas/snapshots" / commits["1.0.0"] / TRAIN
    assert told == (
        f"{REPO}@v1.0.0: {TRAIN} is not the file that the manifest records (other sha256); do not use it: remove {file} "
        "and fetch it again, and if it stays so, ask its owner to publish it again"
    )
    assert failing(REPO, "v1.0.0", registry)["files"].startswith(f"{TRAIN}: changed")


def test_a_damaged_copy_in_the_cache_is_noticed(hub, commits):
    version = resolve(f"{REPO}@v1.0.0", Path("versions"))
    blob = (version.path / "recipe.yaml").resolve()
    blob.write_bytes(blob.read_bytes().replace(b"recetas", b"rebetas"))

    assert "recipe.yaml is not the file that the manifest records" in refused(f"{REPO}@v1.0.0")
    (version.path / "recipe.yaml").unlink()
    blob.unlink()
    assert resolve(f"{REPO}@v1.0.0", Path("versions")).recipe.name == "recetas"


def test_a_missing_file_is_noticed(hub, commits, registry):
    commit = hub.commit(REPO, {TRAIN: None})

    assert refused(f"{REPO}@{commit}") == (
        f"{REPO}@{commit[:12]}: {TRAIN} is missing from the repository; ask its owner to publish it again"
    )
    assert failing(REPO, commit, registry)["files"] == f"{TRAIN}: missing"


@pytest.mark.parametrize(
    "path",
    ["data/extra.parquet", "data/train-00001-of-00002.parquet", "ledger/a/b.parquet", "data/../../x", "data//x"],
)
def test_a_file_too_many_where_rows_are_read_is_noticed(hub, commits, path):
    commit = hub.commit(REPO, {path: b"PAR1"})

    assert refused(f"{REPO}@{commit}") == (
        f"{REPO}@{commit[:12]}: holds {path!r}, which the manifest does not know; ask its owner to publish it again"
    )


# ---- hostile names ---------------------------------------------------------------------------------------------------

HOSTILE = [
    "../escapado",
    "../../../../escapado",
    "/tmp/escapado",
    "data/../../escapado",
    "C:\\escapado",
    "..\\escapado",
    "data//escapado",
    "./escapado",
    ".oculto",
    "a/b/c/d/e",
    "n" * 201,
    "*",
    "data/*.parquet",
    "con\nlínea",
    "\x1b[31mrojo",
    "",
    "ñandú",
]


def everything_but(folder, *apart):
    return {path for path in folder.rglob("*") if not any(path.is_relative_to(one) for one in apart)}


def test_hostile_names_in_a_manifest_are_refused_and_nothing_is_written(hub, commits, fresh_cache, tmp_path):
    fresh_cache()
    before = everything_but(tmp_path.parent, cache(), hub.store.folder)
    fingerprint = {"bytes": 3, "sha256": "0" * 64}
    for name in HOSTILE:
        manifest = json.loads(hub.files(REPO, "v1.1.0")["manifest.json"])
        manifest["files"][name] = fingerprint
        commit = hub.commit(REPO, {"manifest.json": json.dumps(manifest)})

        assert refused(f"{REPO}@{commit}") == (
            f"{REPO}@{commit[:12]}: manifest.json: not sound (it names a file that cannot belong to it); fetch or build the "
            "version again"
        )
    assert everything_but(tmp_path.parent, cache(), hub.store.folder) == before
    assert {path.name for path in cache().rglob("*") if path.is_symlink()} == {"manifest.json"}


def test_hostile_names_in_a_repository_are_not_fetched(hub, commits, fresh_cache, tmp_path):
    fresh_cache()
    before = everything_but(tmp_path.parent, cache(), hub.store.folder)
    names = [name for name in [*HOSTILE, "n" * 3000] if name and not name.startswith("data/")]
    commit = hub.commit(REPO, dict.fromkeys(names, b"hostil"))

    assert resolve(f"{REPO}@{commit}", Path("versions")).label == f"{REPO}@v1.1.0"

    assert everything_but(tmp_path.parent, cache(), hub.store.folder) == before
    assert not [path for path in cache().rglob("*") if path.is_file() and path.read_bytes() == b"hostil"]


# ---- the number after what is published ------------------------------------------------------------------------------


TEMPLATE = "the template changed (instruccion → alpaca)"


@pytest.mark.parametrize(
    ("here", "then", "number", "reason"),
    [
        ([], {"rows": spoken()}, "1.1.0", f"nothing changed since {REPO}@v1.1.0"),
        ([], {"rows": spoken(spoken())}, "1.2.0", f"the rows changed since {REPO}@v1.1.0"),
        ([], {"rows": spoken(), "template": "alpaca"}, "2.0.0", f"{TEMPLATE} since {REPO}@v1.1.0"),
        (["1.0.0"], {"rows": spoken(spoken())}, "1.2.0", f"the rows changed since {REPO}@v1.1.0"),
        (["1.4.0"], {"rows": spoken(spoken())}, "1.5.0", "the rows changed since recetas@1.4.0"),
        (["1.4.0"], {}, "1.4.0", "nothing changed since recetas@1.4.0"),
        (["1.1.0"], {}, "1.2.0", f"the rows changed since {REPO}@v1.1.0"),
        (["1.1.0"], {"rows": spoken()}, "1.2.0", "the rows changed since recetas@1.1.0"),
    ],
)
def test_the_larger_step_since_what_is_here_and_what_is_published_counts(
    hub, commits, tmp_path, here, then, number, reason
):
    for one in here:
        make(tmp_path, number=one)

    done = built(tmp_path, published=latest_published(REPO), **then)

    assert (str(done.version.number), done.reason) == (number, reason)
    assert publish(done.version, REPO, dry_run=True).outcome == ("unchanged" if number == "1.1.0" else "planned")


def test_a_number_that_is_asked_for_stays(hub, commits, tmp_path):
    done = built(tmp_path, number="1.0.7", published=latest_published(REPO))

    assert (str(done.version.number), done.reason) == ("1.0.7", "asked for")
