"""Faults: publishers and readers in processes of their own that are killed, raced, interrupted or out of space."""

import json
import random
import re
import signal

import pytest

from builders.hub.published import open_published
from builders.hub.publishing import publish
from builders.versions.references import resolve
from builders.versions.verify import verify
from tests.builders.files import ROWS
from tests.builders.publications import REPO, edit_card, failing, make, put, spoken
from tests.processes import processes

API = f"/api/datasets/{REPO}"
# The requests of a first publication: method, path, and how many of the same come before.
REQUESTS = [
    ("GET", f"^{API}$", 0),
    ("POST", "^/api/repos/create$", 0),
    ("GET", f"^{API}$", 1),
    ("GET", f"^{API}/refs$", 0),
    ("POST", "^/api/validate-yaml$", 0),
    ("POST", f"^{API}/preupload/main$", 0),
    ("POST", f"^/datasets/{REPO}.git/info/lfs/objects/batch$", 0),
    ("PUT", "^/lfs/", 0),
    ("PUT", "^/lfs/", 1),
    ("PUT", "^/lfs/", 2),
    ("POST", f"^{API}/commit/main$", 0),
    ("GET", f"^{API}/commits/", 0),
    ("HEAD", "/resolve/[0-9a-f]+/manifest.json$", 0),
    ("GET", "/resolve/[0-9a-f]+/manifest.json$", 0),
    ("POST", f"^{API}/tag/[0-9a-f]+$", 0),
    ("GET", f"^{API}/refs$", 1),
]
STEPS = [(*request, "before") for request in REQUESTS] + [(*REQUESTS[place], "after") for place in (1, 10, 14)]


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    return tmp_path_factory.mktemp("versiones")


@pytest.fixture(scope="module")
def version(registry):
    return make(registry)


@pytest.fixture(scope="module")
def rival(tmp_path_factory):
    """Another 1.0.0."""
    return make(tmp_path_factory.mktemp("rival"), spoken())


@pytest.fixture
def process(tmp_path):
    """Start `aguila WORDS…` in a process of its own; whatever still runs at the end is killed."""
    with processes(tmp_path) as start:
        yield start


def killed(child, hold):
    """Kill a process that stands at a held request; its connection ends with it."""
    hold.wait()
    child.kill()
    child.communicate()
    hold.abandon()


def ended(child):
    out, err = child.communicate()
    assert "Traceback" not in err
    return child.returncode, out, err


# ---- killed ----------------------------------------------------------------------------------------------------------


def test_these_are_the_requests_of_a_publication(hub, version):
    publish(version, REPO)

    assert len(hub.log) == len(REQUESTS)
    for one, (method, path, _) in zip(hub.log, REQUESTS, strict=True):
        assert one.method == method and re.search(path, one.path)


@pytest.mark.parametrize(
    ("method", "path", "after", "when"), STEPS, ids=[f"{when}-{step[0]}{step[1]}-{step[2]}" for *step, when in STEPS]
)
def test_a_publisher_that_is_killed_at_any_step_is_finished_by_the_next(
    hub, version, registry, process, method, path, after, when
):
    hold = hub.faults.hold(method, path, when, after=after)
    killed(process("publish", version.path, REPO), hold)

    done = publish(version, REPO)

    assert [title for _, title in hub.history(REPO)] == ["Version 1.0.0", "initial commit"]
    assert hub.tags(REPO) == {"v1.0.0": hub.head(REPO)} == {"v1.0.0": done.commit}
    assert failing(REPO, "v1.0.0", registry) == {}


def test_what_was_killed_before_its_tag_is_finished_beneath_an_edited_card(hub, version, registry, process):
    hold = hub.faults.hold("POST", "/tag/")
    killed(process("publish", version.path, REPO), hold)
    made = hub.head(REPO)
    edit_card(hub, "\nDe Marta.\n")

    assert publish(version, REPO).outcome == "tagged"
    assert hub.tags(REPO) == {"v1.0.0": made}
    assert [check for check in verify(open_published(REPO, "v1.0.0"), registry / "versions") if not check.ok] == []


def test_a_reader_that_is_killed_leaves_nothing_that_misleads_the_next(hub, version, registry, process):
    put(hub, version)
    hold = hub.faults.hold("GET", "/resolve/.*parquet$", "after", after=1)
    killed(process("verify", f"{REPO}@v1.0.0", "--quick"), hold)

    assert resolve(f"{REPO}@v1.0.0", registry).rows().equals(version.rows())


# ---- two at once -----------------------------------------------------------------------------------------------------


def test_of_two_publishers_one_wins_and_the_other_is_told(hub, version, rival, process):
    hold = hub.faults.hold("POST", "/commit/")
    late = process("publish", version.path, REPO)
    hold.wait()
    first = hub.head(REPO)
    won = publish(rival, REPO)
    hold.release()

    code, out, err = ended(late)
    assert (code, out) == (1, "")
    assert err.splitlines()[-1] == (
        f"error: {REPO}: somebody else changed it meanwhile (its head is no longer {first[:12]}); nothing was published, "
        "run again to see what is there"
    )
    assert [title for _, title in hub.history(REPO)] == ["Version 1.0.0", "initial commit"]
    assert hub.tags(REPO) == {"v1.0.0": won.commit}
    assert open_published(REPO, "v1.0.0").content_sha256 == rival.content_sha256


def test_of_two_publishers_who_make_the_repository_one_wins_and_the_other_is_told(hub, version, rival, process):
    hold = hub.faults.hold("POST", "/api/repos/create")
    late = process("publish", version.path, REPO)
    hold.wait()
    won = publish(rival, REPO)
    hold.release()

    code, out, err = ended(late)
    assert (code, out) == (1, "")
    assert err.splitlines()[-1] == (
        f"error: {REPO}: somebody else made it meanwhile; nothing was published, run again to see what is there"
    )
    assert (hub.head(REPO), hub.tags(REPO)) == (won.commit, {"v1.0.0": won.commit})


def test_two_publishers_of_one_version_make_it_once(hub, version, process):
    hold = hub.faults.hold("POST", "/commit/")
    late = process("publish", version.path, REPO, "--json")
    hold.wait()
    won = publish(version, REPO)
    hold.release()

    code, out, _ = ended(late)
    assert (code, json.loads(out)["commit"]) == (0, won.commit)
    assert [title for _, title in hub.history(REPO)] == ["Version 1.0.0", "initial commit"]
    assert hub.tags(REPO) == {"v1.0.0": won.commit}


def test_a_rival_who_tags_between_commit_and_tag_is_told_of(hub, version, process):
    hold = hub.faults.hold("POST", "/tag/")
    late = process("publish", version.path, REPO)
    hold.wait()
    elsewhere = hub.commit(REPO, {"LICENSE": "Apache-2.0"})
    hub.tag(REPO, "v1.0.0", elsewhere)
    hold.release()

    code, _, err = ended(late)
    assert (code, err.splitlines()[-1]) == (
        1,
        f"error: {REPO}: somebody else tagged v1.0.0 meanwhile, at {elsewhere[:12]}; run again to see what is there",
    )


# ---- interrupted -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/commit/", "/tag/"])
def test_an_interrupted_publisher_says_so_and_is_finished_by_the_next(hub, version, registry, process, path):
    hold = hub.faults.hold("POST", path)
    child = process("publish", version.path, REPO)
    hold.wait()
    child.send_signal(signal.SIGINT)

    code, out, err = ended(child)
    hold.abandon()
    assert (code, out) == (130, "")
    assert err.splitlines()[-1] == "interrupted; nothing is left half-written, run again"
    assert publish(version, REPO).outcome == ("tagged" if path == "/tag/" else "published")
    assert failing(REPO, "v1.0.0", registry) == {}


# ---- no space --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "what"), [(3_000, "manifest.json"), (150_000, "the version's files")])
def test_a_full_disk_is_one_line_and_afterwards_it_works(hub, registry, process, tmp_path, size, what):
    noise = random.Random(5)
    rows = [{**row, "output": row["output"] + " " + noise.randbytes(200_000).hex()} for row in ROWS]
    large = make(tmp_path, rows, name="largas")
    put(hub, large)
    assert size < max(entry.bytes for path, entry in large.manifest.files.items() if path.startswith("data/"))

    code, out, err = ended(process("verify", f"{REPO}@v1.0.0", "--quick", limit=size))

    assert (code, out) == (1, "")
    assert err.splitlines()[-1] == (
        f"error: {REPO}@v1.0.0: {what} could not be fetched or kept (File too large); free space, then run again"
    )
    assert resolve(f"{REPO}@v1.0.0", registry).rows().equals(large.rows())
