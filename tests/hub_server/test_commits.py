"""Repositories and commits through the real client."""

import json
import os
from datetime import UTC, datetime

import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError

from tests.hub_server.plain import ask

CARD = b"---\nlicense: cc-by-4.0\n---\nUna mezcla de refranes.\n"
PARQUET = b"PAR1" * 10
KINDS = ["dataset", "model"]


def commit(files, *, removed=(), title="v1.0.0", kind="dataset", **options):
    operations = [CommitOperationAdd(path, data) for path, data in files.items()]
    operations += [CommitOperationDelete(path) for path in removed]
    return HfApi().create_commit(
        "ana/mezcla", operations, commit_message=title, repo_type=kind, **options
    ).oid  # fmt: skip


@pytest.fixture
def repo(hub):
    HfApi().create_repo("ana/mezcla", repo_type="dataset")
    return hub


@pytest.mark.parametrize("kind", KINDS)
def test_a_repository_is_made_once(hub, kind):
    url = HfApi().create_repo("ana/mezcla", repo_type=kind)

    assert (url.repo_id, url.repo_type, url.endpoint) == ("ana/mezcla", kind, hub.url)
    with pytest.raises(HfHubHTTPError) as told:
        HfApi().create_repo("ana/mezcla", repo_type=kind)
    assert told.value.response.status_code == 409
    assert HfApi().create_repo("ana/mezcla", repo_type=kind, exist_ok=True) == url
    assert hub.paths("ana/mezcla", kind=kind) == [".gitattributes"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_commit_holds_what_was_sent(hub, kind):
    HfApi().create_repo("ana/mezcla", repo_type=kind)
    files = {"README.md": CARD, "data/train.parquet": PARQUET, "pesos.safetensors": b"\x00" * 64}
    oid = commit(files, kind=kind)

    there = hub.files("ana/mezcla", oid, kind)
    assert {path: data for path, data in there.items() if path != ".gitattributes"} == files
    assert hub.head("ana/mezcla", kind) == oid
    tree = hub.repo("ana/mezcla", kind).resolve(oid).tree
    assert [path for path, file in tree.items() if file.sha256] == ["data/train.parquet", "pesos.safetensors"]
    assert len(hub.asked("PUT", "/lfs/")) == 2


def test_files_are_changed_and_removed_in_one_commit(repo):
    first = commit(
        {"README.md": CARD, "data/train.parquet": PARQUET, "ledger/a.parquet": b"a", "ledger/b.parquet": b"b"}
    )
    second = commit({"data/train.parquet": PARQUET * 2}, removed=["README.md", "ledger/"])

    assert repo.paths("ana/mezcla", second) == [".gitattributes", "data/train.parquet"]
    assert repo.files("ana/mezcla", second)["data/train.parquet"] == PARQUET * 2
    assert repo.files("ana/mezcla", first)["README.md"] == CARD
    assert [title for _, title in repo.history("ana/mezcla")] == ["v1.0.0", "v1.0.0", "initial commit"]


def test_what_is_there_already_is_not_sent_again(repo):
    oid = commit({"README.md": CARD, "data/train.parquet": PARQUET})
    sent = repo.asked("PUT")

    assert commit({"README.md": CARD, "data/train.parquet": PARQUET}) == oid
    assert repo.asked("PUT") == sent


def test_removing_a_file_that_is_not_there_changes_nothing(repo):
    before = repo.head("ana/mezcla")

    with pytest.raises(EntryNotFoundError):
        commit({"README.md": CARD}, removed=["no.txt"])
    assert repo.head("ana/mezcla") == before


def test_a_stale_parent_is_refused(repo):
    first = commit({"README.md": CARD})
    second = commit({"README.md": CARD + b"dos"}, parent_commit=first)

    with pytest.raises(HfHubHTTPError, match="A commit has happened since") as told:
        commit({"README.md": CARD + b"tres"}, parent_commit=first)
    assert told.value.response.status_code == 412
    assert repo.head("ana/mezcla") == second


def test_a_file_is_no_folder(repo):
    commit({"data": b"uno"})

    with pytest.raises(HfHubHTTPError, match=r"data/train\.txt is within a file") as told:
        commit({"data/train.txt": b"dos"})
    assert told.value.response.status_code == 400


def test_a_path_that_leaves_the_repository_is_refused(repo):
    for path in ("../fuera.txt", "/fuera.txt", "a/./b", "a//b", "a/.git/config"):
        header = {"key": "header", "value": {"summary": "v1.0.0"}}
        lines = [header, {"key": "file", "value": {"path": path, "content": "aA==", "encoding": "base64"}}]
        body = "\n".join(map(json.dumps, lines)).encode()
        bearer = f"Bearer {os.environ['HF_TOKEN']}"
        answer = ask("POST", f"{repo.url}/api/datasets/ana/mezcla/commit/main", body, Authorization=bearer)
        assert (answer.status, json.loads(answer.body)) == (400, {"error": f"Invalid path in repo: {path}"})
    assert repo.paths("ana/mezcla") == [".gitattributes"]


def test_the_history_has_titles_and_the_dates_of_the_clock(repo):
    repo.clock = datetime(2024, 3, 1, 9, 0, tzinfo=UTC)
    oid = commit({"README.md": CARD}, title="v1.0.0", commit_description="Primera.")

    newest, oldest = HfApi().list_repo_commits("ana/mezcla", repo_type="dataset")
    assert (newest.commit_id, newest.title, newest.message, newest.authors) == (oid, "v1.0.0", "Primera.", ["ana"])
    assert newest.created_at == datetime(2024, 3, 1, 9, 0, tzinfo=UTC)
    assert (oldest.title, oldest.created_at) == ("initial commit", datetime(2024, 1, 15, 10, 30, tzinfo=UTC))


def test_tags_name_commits_and_are_made_once(repo):
    api = HfApi()
    first = commit({"README.md": CARD})
    api.create_tag("ana/mezcla", tag="v1.0.0", revision=first, repo_type="dataset")
    commit({"README.md": CARD + b"dos"})

    with pytest.raises(HfHubHTTPError) as told:
        api.create_tag("ana/mezcla", tag="v1.0.0", repo_type="dataset")
    assert told.value.response.status_code == 409
    refs = api.list_repo_refs("ana/mezcla", repo_type="dataset")
    assert {tag.name: tag.target_commit for tag in refs.tags} == repo.tags("ana/mezcla") == {"v1.0.0": first}
    assert [(branch.name, branch.ref) for branch in refs.branches] == [("main", "refs/heads/main")]

    api.delete_tag("ana/mezcla", tag="v1.0.0", repo_type="dataset")
    assert repo.tags("ana/mezcla") == {}
    with pytest.raises(RevisionNotFoundError):
        api.delete_tag("ana/mezcla", tag="v1.0.0", repo_type="dataset")
    with pytest.raises(RevisionNotFoundError):
        api.create_tag("ana/mezcla", tag="v2.0.0", revision="no", repo_type="dataset")


def test_branches_are_made_committed_to_and_removed(repo):
    api = HfApi()
    api.create_branch("ana/mezcla", branch="prueba/uno", repo_type="dataset")
    oid = commit({"README.md": CARD}, revision="prueba/uno")

    assert api.dataset_info("ana/mezcla", revision="prueba/uno").sha == oid
    assert repo.paths("ana/mezcla") == [".gitattributes"]
    api.delete_branch("ana/mezcla", branch="prueba/uno", repo_type="dataset")
    with pytest.raises(RevisionNotFoundError):
        api.dataset_info("ana/mezcla", revision="prueba/uno")


def test_a_repository_is_removed(repo):
    HfApi().delete_repo("ana/mezcla", repo_type="dataset")

    with pytest.raises(RepositoryNotFoundError):
        HfApi().dataset_info("ana/mezcla")


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("a: [", "Invalid YAML"),
        ("- lista", "metadata must be a mapping"),
        ("license: libre", '"license" must be one of'),
        ("size_categories: [1K<n<5K]", '"size_categories" must be one of'),
        ("task_categories: [refranes]", '"task_categories" must be one of'),
        ("language: español", '"language" must be an ISO 639'),
    ],
)
def test_a_card_with_a_bad_header_is_refused_before_the_commit(repo, header, told):
    with pytest.raises(ValueError, match=told):
        commit({"README.md": f"---\n{header}\n---\n".encode()})
    assert repo.asked("POST", "/commit/") == []


def test_a_card_with_a_good_header_is_taken(repo):
    header = "license: cc-by-nc-4.0\nlanguage: [es]\nsize_categories: [10K<n<100K]\ntask_categories: [text-generation]"

    assert commit({"README.md": f"---\n{header}\n---\n".encode()}) == repo.head("ana/mezcla")
    assert HfApi().dataset_info("ana/mezcla").card_data.language == ["es"]
