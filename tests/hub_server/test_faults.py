"""Faults, as the real client meets them. A retry of the client waits for one second at least."""

import http.client
import subprocess
import sys
from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd, HfApi, hf_hub_download
from huggingface_hub.errors import HfHubHTTPError

from tests.hub_server.plain import ask

DATA = bytes(range(256)) * 400
COMMIT = "/api/datasets/ana/mezcla/commit/main"
PUBLISH = """
from huggingface_hub import CommitOperationAdd, HfApi
HfApi().create_commit("ana/mezcla", [CommitOperationAdd("nota.txt", b"hola")], commit_message="v1.0.0", repo_type="dataset")
"""


@pytest.fixture
def repo(hub):
    hub.commit("ana/mezcla", {"data/train.parquet": DATA, "README.md": "hola"})
    return hub


def commit():
    add = [CommitOperationAdd("nota.txt", b"hola")]
    return HfApi().create_commit("ana/mezcla", add, commit_message="v1.0.0", repo_type="dataset").oid


def fetch(path="data/train.parquet"):
    return Path(hf_hub_download("ana/mezcla", path, repo_type="dataset")).read_bytes()


def lost(call):
    """The name of the error, that of the client's transport."""
    with pytest.raises(Exception) as told:
        call()
    return type(told.value).__name__


def test_a_dropped_request_is_not_processed(repo):
    repo.faults.drop("POST", COMMIT)

    assert lost(commit) == "RemoteProtocolError"
    assert [title for _, title in repo.history("ana/mezcla")] == ["changed by the test", "initial commit"]
    assert (repo.log[-1].path, repo.log[-1].status) == (COMMIT, None)
    assert commit() == repo.head("ana/mezcla")


def test_a_lost_response_leaves_the_work_done(repo):
    repo.faults.lose_response("POST", COMMIT)

    assert lost(commit) == "RemoteProtocolError"
    assert repo.history("ana/mezcla")[0][1] == "v1.0.0"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_status_is_told_and_nothing_is_processed(repo, status):
    repo.faults.status(status, "POST", COMMIT)

    with pytest.raises(HfHubHTTPError) as told:
        commit()
    assert told.value.response.status_code == status
    assert len(repo.history("ana/mezcla")) == 2


def test_the_client_tries_again_after_what_the_header_says(repo):
    repo.faults.status(429, "GET", "/resolve/", retry_after=0)

    assert fetch() == DATA
    assert [one.status for one in repo.log if one.method == "GET"] == [429, 200]


def test_faults_come_after_as_many_requests_and_as_often_as_told(repo):
    repo.faults.status(503, "GET", r"^/api/datasets/ana/mezcla$", times=2, after=1)

    def status():
        return ask("GET", f"{repo.url}/api/datasets/ana/mezcla").status

    assert [status() for _ in range(5)] == [200, 503, 503, 200, 200]


def test_faults_meet_only_their_method_and_path(repo):
    repo.faults.status(500, "POST", "mezcla")
    repo.faults.status(500, "*", "/otra")

    assert HfApi().dataset_info("ana/mezcla").sha == repo.head("ana/mezcla")


def test_a_header_asks_for_patience(repo):
    repo.faults.status(429, "GET", "/api/datasets", retry_after=7)

    answer = ask("GET", f"{repo.url}/api/datasets/ana/mezcla")
    assert (answer.status, answer.headers["Retry-After"]) == (429, "7")


def test_a_truncated_body_is_fetched_to_its_end(repo):
    repo.faults.truncate("GET", "/resolve/")

    assert fetch() == DATA
    assert repo.faults.due("GET", "/resolve/") is None


def test_a_truncated_body_ends_half_way(repo):
    repo.faults.truncate("GET", "/resolve/")

    with pytest.raises(http.client.IncompleteRead, match=r"51200 bytes read, 51200 more expected"):
        ask("GET", f"{repo.url}/datasets/ana/mezcla/resolve/main/data/train.parquet")


def test_a_slow_answer_arrives(repo):
    repo.faults.slow(0.01, "GET", "/api/datasets")

    assert HfApi().dataset_info("ana/mezcla").sha == repo.head("ana/mezcla")


@pytest.mark.parametrize(("when", "done"), [("before", False), ("after", True)])
def test_a_publisher_is_killed_at_a_held_step(repo, when, done):
    hold = repo.faults.hold("POST", COMMIT, when)
    child = subprocess.Popen([sys.executable, "-c", PUBLISH], stderr=subprocess.PIPE)
    hold.wait()
    assert (repo.history("ana/mezcla")[0][1] == "v1.0.0") is done
    child.kill()
    child.communicate()
    hold.abandon()

    assert HfApi().dataset_info("ana/mezcla").sha == repo.head("ana/mezcla")
    assert (repo.history("ana/mezcla")[0][1] == "v1.0.0") is done


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_held_request_goes_on(repo, when):
    hold = repo.faults.hold("POST", COMMIT, when)
    child = subprocess.Popen([sys.executable, "-c", PUBLISH], stderr=subprocess.PIPE)
    hold.wait()
    hold.release()
    _, err = child.communicate()

    assert (child.returncode, repo.history("ana/mezcla")[0][1]) == (0, "v1.0.0"), err


def test_a_hold_that_nobody_reaches_is_told(repo):
    with pytest.raises(TimeoutError):
        repo.faults.hold("POST", COMMIT).wait(0)


def test_faults_end(repo):
    repo.faults.drop("*", "", times=1000)
    for _ in range(3):
        with pytest.raises(http.client.RemoteDisconnected):
            ask("GET", f"{repo.url}/api/datasets/ana/mezcla")

    repo.faults.clear()
    assert commit() == repo.head("ana/mezcla")
