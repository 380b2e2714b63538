"""Files and listings through the real client."""

from pathlib import Path

import pytest
from huggingface_hub import HfApi, HfFileSystem, hf_hub_download, snapshot_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from tests.hub_server.plain import ask

DATA = bytes(range(256)) * 4
FILES = {"README.md": b"hola\n", "data/train.parquet": DATA, "data/es/test.parquet": b"b", "ledger/train.parquet": b"c"}


@pytest.fixture
def oid(hub):
    return hub.commit("ana/mezcla", FILES)


def fetch(path, **options):
    return Path(hf_hub_download("ana/mezcla", path, repo_type="dataset", **options))


def test_a_file_is_fetched_by_branch_tag_and_commit(hub, oid):
    hub.tag("ana/mezcla", "v1.0.0")
    hub.commit("ana/mezcla", {"data/train.parquet": b"otro"})

    for revision in ("v1.0.0", "refs/tags/v1.0.0", oid):
        path = fetch("data/train.parquet", revision=revision)
        assert path.read_bytes() == DATA
        assert path.parts[-3] == oid
    assert fetch("data/train.parquet").read_bytes() == b"otro"


def test_a_snapshot_holds_every_file(hub, oid):
    folder = Path(snapshot_download("ana/mezcla", repo_type="dataset"))

    assert folder.name == oid
    there = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert there == hub.files("ana/mezcla")


def test_what_is_not_there_is_told_apart(hub, oid):
    with pytest.raises(EntryNotFoundError):
        fetch("no.txt")
    with pytest.raises(RevisionNotFoundError):
        fetch("README.md", revision="v9.9.9")
    with pytest.raises(RepositoryNotFoundError):
        hf_hub_download("ana/otra", "README.md", repo_type="dataset")
    with pytest.raises(EntryNotFoundError):
        list(HfApi().list_repo_tree("ana/mezcla", "no", repo_type="dataset"))


def test_a_revision_may_hold_a_slash(hub, oid):
    converted = hub.commit("ana/mezcla", {"default/train/0000.parquet": b"PAR1"}, ref="refs/convert/parquet")

    path = fetch("default/train/0000.parquet", revision="refs/convert/parquet")
    assert (path.read_bytes(), path.parts[-4]) == (b"PAR1", converted)
    assert HfApi().dataset_info("ana/mezcla", revision="refs/convert/parquet").sha == converted
    assert "/resolve/refs%2Fconvert%2Fparquet/" in hub.asked("HEAD")[0]
    assert [ref.target_commit for ref in HfApi().list_repo_refs("ana/mezcla", repo_type="dataset").converts] == [
        converted
    ]


def test_head_tells_what_a_file_is(hub, oid):
    file = hub.repo("ana/mezcla").resolve(oid).tree["data/train.parquet"]
    parquet = ask("HEAD", f"{hub.url}/datasets/ana/mezcla/resolve/main/data/train.parquet")
    card = ask("HEAD", f"{hub.url}/datasets/ana/mezcla/resolve/main/README.md")

    assert parquet.headers["X-Repo-Commit"] == card.headers["X-Repo-Commit"] == oid
    assert (parquet.headers["X-Linked-Size"], parquet.headers["X-Linked-ETag"]) == ("1024", f'"{file.sha256}"')
    assert (card.headers["ETag"], card.headers["Content-Length"]) == (f'"{hub.repo("ana/mezcla").resolve(oid).tree["README.md"].oid}"', "5")  # fmt: skip
    assert (parquet.body, card.body) == (b"", b"")


@pytest.mark.parametrize(("asked", "told"), [("bytes=10-19", DATA[10:20]), ("bytes=1000-", DATA[1000:]), ("bytes=-5", DATA[-5:])])  # fmt: skip
def test_a_range_of_a_file_is_served(hub, oid, asked, told):
    answer = ask("GET", f"{hub.url}/datasets/ana/mezcla/resolve/main/data/train.parquet", Range=asked)

    assert (answer.status, answer.body) == (206, told)


def test_the_file_system_reads_ranges(hub, oid):
    with HfFileSystem().open("datasets/ana/mezcla@main/data/train.parquet", block_size=16) as file:
        file.seek(300)
        assert file.read(8) == DATA[300:308]
    assert HfFileSystem().ls("datasets/ana/mezcla/data", detail=False) == [
        "datasets/ana/mezcla/data/es",
        "datasets/ana/mezcla/data/train.parquet",
    ]


@pytest.mark.parametrize("page_size", [1, 2, 3, 1000])
def test_a_tree_is_listed_page_by_page(hub, oid, page_size):
    hub.page_size = page_size
    tree = [entry.path for entry in HfApi().list_repo_tree("ana/mezcla", repo_type="dataset", recursive=True)]

    assert tree == [
        ".gitattributes",
        "README.md",
        "data",
        "data/es",
        "data/es/test.parquet",
        "data/train.parquet",
        "ledger",
        "ledger/train.parquet",
    ]
    assert len(hub.asked("GET", "/tree/")) == -(-8 // page_size)
    assert [entry.path for entry in HfApi().list_repo_tree("ana/mezcla", "data", repo_type="dataset")] == [
        "data/es",
        "data/train.parquet",
    ]


def test_commits_and_repositories_are_listed_page_by_page(hub):
    for name in ("ana/uno", "ana/dos", "ana/tres", "eva/uno"):
        hub.commit(name, {"README.md": "hola"}, message=name)
    hub.page_size = 2

    assert [found.id for found in HfApi().list_datasets(author="ana")] == ["ana/dos", "ana/tres", "ana/uno"]
    for number in range(3):
        hub.commit("ana/uno", {"README.md": str(number)}, message=f"v{number}")
    titles = [commit.title for commit in HfApi().list_repo_commits("ana/uno", repo_type="dataset")]
    assert titles == ["v2", "v1", "v0", "ana/uno", "initial commit"]


def test_a_listing_tells_who_changed_what_last(hub, oid):
    hub.commit("ana/mezcla", {"data/es/test.parquet": b"bb"}, message="v1.1.0")
    listed = HfApi().list_repo_tree("ana/mezcla", repo_type="dataset", expand=True)

    assert {entry.path: entry.last_commit.title for entry in listed} == {
        ".gitattributes": "initial commit",
        "README.md": "changed by the test",
        "data": "v1.1.0",
        "ledger": "changed by the test",
    }


def test_hostile_names_are_served_as_they_are(hub):
    hostile = ["../fuera.txt", "/abs.txt", "a/../../b.txt", "n" * 300, "espa\u00f1ol y %2F.txt"]
    hub.commit("ana/mezcla", dict.fromkeys(hostile, "x"))

    assert {file.rfilename for file in HfApi().dataset_info("ana/mezcla").siblings} == {".gitattributes", *hostile}
    assert fetch("espa\u00f1ol y %2F.txt").read_bytes() == b"x"


def test_other_bytes_under_the_same_id(hub, oid):
    hub.tamper("ana/mezcla", "data/train.parquet", DATA[::-1])

    assert fetch("data/train.parquet").read_bytes() == DATA[::-1]
    assert hub.repo("ana/mezcla").resolve("main").tree["data/train.parquet"].sha256 == fetch("data/train.parquet").resolve().name  # fmt: skip


def test_a_tag_moves_and_goes(hub, oid):
    hub.tag("ana/mezcla", "v1.0.0")
    moved = hub.commit("ana/mezcla", {"README.md": "otro"})
    hub.tag("ana/mezcla", "v1.0.0")

    assert HfApi().dataset_info("ana/mezcla", revision="v1.0.0").sha == moved
    hub.delete_tag("ana/mezcla", "v1.0.0")
    with pytest.raises(RevisionNotFoundError):
        HfApi().dataset_info("ana/mezcla", revision="v1.0.0")


def test_without_the_server_what_is_cached_serves(hub, oid):
    cached = fetch("README.md", revision="main")
    hub.unplug()

    assert fetch("README.md", revision="main") == cached
    with pytest.raises(ConnectionRefusedError):
        ask("GET", hub.url)
    hub.plug()
    assert fetch("data/train.parquet", revision="main").read_bytes() == DATA
