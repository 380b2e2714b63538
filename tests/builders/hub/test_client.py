"""The Hub's client as this software uses it: its errors in words, its patience, files and splits at a pinned commit."""

import logging
import shutil
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import polars as pl
import pytest

from builders.errors import Problem, Unreachable
from builders.hub import client, patience
from builders.hub.files import fetch_file, fetch_rows
from builders.hub.patience import patiently, status_of, transport_error
from builders.recipes.model import HubSource
from builders.records import plain
from builders.sources.hub import SOURCE_ADVICE
from builders.sources.reading import read_source
from builders.versions.registry import build
from builders.versions.verify import verify
from builders.versions.version import open_version
from tests.builders.files import ROWS, as_bytes, write_file
from tests.builders.publications import recipe, spoken
from tests.hub_server.bactrian import COMMIT, REPO, bactrian

MIRROR = "edumunozsala/Bactrian-X-es"
NOWHERE = "0" * 40
CARD = """---
configs:
- config_name: cortas
  data_files: [{split: train, path: cortas.parquet}]
- config_name: largas
  data_files: [{split: train, path: largas.parquet}, {split: test, path: prueba.parquet}]
---
"""
ALPACA = [
    {"instruction": row["instruction"], "context": row["input"], "response": row["output"], "text": "…"} for row in ROWS
]


def refused(call, *arguments, **options):
    with pytest.raises(Problem) as told:
        call(*arguments, **options)
    return str(told.value)


@pytest.fixture
def mirror(hub):
    """The rows as one Parquet file, without a card. Returns the commit."""
    return hub.commit(MIRROR, {"data/train-00000-of-00001-8a1d2e.parquet": as_bytes(ROWS, ".parquet")})


@pytest.fixture
def configs(hub):
    """A repository with two configs. Returns the commit."""
    files = {"cortas": ROWS[:2], "largas": ROWS, "prueba": ROWS[2:3]}
    parts = {f"{name}.parquet": as_bytes(rows, ".parquet") for name, rows in files.items()}
    return hub.commit("ana/varias", {"README.md": CARD, **parts})


def source(repo, revision, **part):
    return HubSource(repo=repo, revision=revision, **part)


# ---- one file --------------------------------------------------------------------------------------------------------


def test_a_file_at_a_commit(hub):
    first = hub.commit(REPO, {"data/es.jsonl": "uno"})
    hub.commit(REPO, {"data/es.jsonl": "dos"})

    assert fetch_file(REPO, "data/es.jsonl", first).read_text("utf-8") == "uno"


@pytest.mark.parametrize(
    ("repo", "file", "revision", "told"),
    [
        ("ana/nada", "a", COMMIT, "ana/nada@3698480a001c: no such repository on the Hub, or no access to it; check source.repo, or `hf auth login`"),
        (REPO, "data/es.json.gz", NOWHERE, "MBZUAI/Bactrian-X@000000000000: the repository has no such commit; check source.revision"),
        (REPO, "es.json.gz", COMMIT, "MBZUAI/Bactrian-X@3698480a001c: es.json.gz: the repository has no such file at this revision; check the name"),
    ],
    ids=["repository", "commit", "file"],
)  # fmt: skip
def test_what_is_not_there_is_told(hub, repo, file, revision, told):
    bactrian(hub, ROWS)

    assert refused(fetch_file, repo, file, revision, SOURCE_ADVICE) == told


def test_a_gated_file_is_told(hub, monkeypatch):
    commit = hub.commit(MIRROR, {"a": "a"})
    hub.gate(MIRROR)

    assert refused(fetch_file, MIRROR, "a", commit, SOURCE_ADVICE) == (
        f"{MIRROR}@{commit[:12]}: access must be requested on the Hub; request it, then `hf auth login`"
    )


@pytest.fixture
def expired(hub, monkeypatch):
    """The token that is set is one that the Hub no longer accepts."""
    token = hub.add_user("ana")
    monkeypatch.setenv("HF_TOKEN", token)
    hub.expire(token)


def test_an_expired_token_is_told_for_what_is_private(hub, expired):
    commit = hub.commit(MIRROR, {"a": "a"})
    hub.make_private(MIRROR)

    assert refused(fetch_file, MIRROR, "a", commit, SOURCE_ADVICE) == (
        f"{MIRROR}@{commit[:12]}: the Hub does not accept the token (expired or withdrawn); run `hf auth login` and unset "
        "HF_TOKEN, or correct HF_TOKEN"
    )


def test_what_is_public_is_read_without_a_token_that_has_expired_and_that_is_said(hub, expired, caplog):
    commit = hub.commit(MIRROR, {"a": "a"})

    assert fetch_file(MIRROR, "a", commit).read_text("utf-8") == "a"
    assert caplog.messages == [
        "the Hub does not accept the token (expired or withdrawn); what is public is read without it"
    ]


def test_a_variable_that_goes_before_a_login_is_named(hub, expired, monkeypatch, tmp_path):
    commit = hub.commit(MIRROR, {"a": "a"})
    hub.make_private(MIRROR)
    (tmp_path / "token").write_text("hf_ignored", "utf-8")
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "token"))

    assert refused(fetch_file, MIRROR, "a", commit).endswith(
        "; it comes from HF_TOKEN, which goes before your `hf auth login`: unset or correct HF_TOKEN"
    )


def test_settings_that_no_request_can_be_made_with_are_told(hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_contraseña")
    assert refused(fetch_file, MIRROR, "a", COMMIT) == (
        f"{MIRROR}@{COMMIT[:12]}: the token in HF_TOKEN holds characters that no token has; copy it again"
    )
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "huggingface.co")
    assert refused(fetch_file, MIRROR, "a", COMMIT) == (
        f"{MIRROR}@{COMMIT[:12]}: HF_ENDPOINT is 'huggingface.co', which is no address; write it with https:// before it"
    )
    assert hub.log == []


def test_a_cache_that_cannot_be_written_is_told(hub, monkeypatch, tmp_path):
    commit = hub.commit(MIRROR, {"a": "a"})
    (tmp_path / "casa").write_text("no es una carpeta", "utf-8")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "casa" / "hub"))

    told = refused(fetch_file, MIRROR, "a", commit)
    assert told.startswith(f"{MIRROR}@{commit[:12]}: the Hub cache {tmp_path / 'casa'}")
    assert told.endswith(" cannot be written (Not a directory); set HF_HOME to a folder that you may write")


def test_what_the_hub_says_is_shown_with_nothing_in_it_that_steers_or_opens(hub):
    commit = hub.commit(MIRROR, {"a": "a"})
    hub.faults.status(451, "*", "/resolve/", times=99, message="Removed.\x1b[2J See hf_0123456789 " + "a" * 999)

    told = refused(fetch_file, MIRROR, "a", commit)
    assert told.startswith(f"{MIRROR}@{commit[:12]}: the Hub refuses a: Removed.") and "hf_…" in told
    assert "\x1b" not in told and "hf_0123" not in told and len(told) < 500


def test_a_status_that_is_neither_is_told(hub):
    commit = hub.commit(MIRROR, {"a": "a"})
    hub.faults.status(418, "*", "/resolve/", times=99)

    assert refused(fetch_file, MIRROR, "a", commit, SOURCE_ADVICE) == (
        f"{MIRROR}@{commit[:12]}: a: the Hub answered 418; try again later"
    )


def test_a_download_that_breaks_off_goes_on(hub):
    data = bytes(range(256)) * 1000
    commit = hub.commit(MIRROR, {"a.parquet": data})
    hub.faults.truncate("GET", "/resolve/")

    assert fetch_file(MIRROR, "a.parquet", commit).read_bytes() == data


def test_a_cached_file_needs_no_hub(hub):
    commit = hub.commit(MIRROR, {"a": "a"})
    path = fetch_file(MIRROR, "a", commit)
    hub.unplug()

    assert fetch_file(MIRROR, "a", commit) == path


# ---- patience --------------------------------------------------------------------------------------------------------


@pytest.fixture
def waits(monkeypatch):
    """Trying again waits for no time; the seconds that it would wait for."""
    seconds = []
    monkeypatch.setattr(patience.time, "sleep", seconds.append)
    return seconds


def refs():
    return client.client().list_repo_refs("ana/varias", repo_type="dataset")


def test_each_wait_is_twice_as_long(hub, configs, waits, caplog):
    hub.faults.status(503, "GET", "/refs$", times=4)

    with caplog.at_level(logging.WARNING, "builders.hub.patience"):
        assert [one.name for one in patiently(refs).branches] == ["main"]
    assert waits == [1, 2, 4, 8]
    assert caplog.messages[0] == "the Hub answered 503; trying again in 1 s"


def test_after_five_tries_the_failure_is_told(hub, configs, waits):
    hub.faults.status(500, "GET", "/refs$", times=99)

    with pytest.raises(transport_error()) as told:
        patiently(refs)
    assert status_of(told.value) == 500
    assert (len(waits), len(hub.asked("GET", "/refs"))) == (4, 5)


def test_the_wait_is_what_the_hub_asks_for(hub, configs, waits):
    hub.faults.status(429, "GET", "/refs$", retry_after=17)

    patiently(refs)
    assert waits == [17]


@pytest.mark.parametrize(("asked", "waited"), [(299, [299]), (300, [300]), (301, []), (999_999, [])])
def test_a_hub_that_asks_for_more_than_five_minutes_is_not_waited_for(hub, configs, waits, asked, waited):
    hub.faults.status(429, "GET", "/refs", retry_after=asked)
    if waited:
        patiently(refs)
    else:
        with pytest.raises(transport_error()) as error:
            patiently(refs)
        assert status_of(error.value) == 429

    assert (waits, len(hub.asked("GET", "/refs"))) == (waited, 1 + len(waited))


def test_the_wait_may_be_asked_for_by_the_rate_limit_or_as_a_date(hub, configs, waits, caplog):
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    hub.faults.status(429, "GET", "/refs$", rate_limit='"api";r=0;t=120', retry_after=5)
    hub.faults.status(429, "GET", "/refs$", rate_limit='"api";r=9;t=120', retry_after=until)

    with caplog.at_level(logging.WARNING, "builders.hub.patience"):
        patiently(refs)
    assert waits[0] == 120 and 90 < waits[1] <= 100
    assert caplog.messages[0] == "the Hub answered 429 and asks to wait 120 s"


def test_where_the_client_calls_again_by_itself_nothing_is_added(hub, configs, waits):
    hub.faults.status(503, "HEAD", "/resolve/", times=99)

    assert refused(fetch_file, "ana/varias", "README.md", configs).endswith(
        "README.md: the Hub answered 503 again and again; try again later"
    )
    assert len(hub.asked("HEAD", "/resolve/")) <= 7  # one that does not wait long, then six of the client's


def test_the_client_does_not_wait_for_hours_by_itself(hub, configs, waits):
    hub.faults.status(429, "*", "/resolve/", times=99, retry_after=7200)

    assert refused(fetch_file, "ana/varias", "README.md", configs).endswith(
        "README.md: the Hub answered 429 and asks to wait 7200 s; try again then"
    )
    assert waits == []


def test_a_dropped_connection_is_made_again(hub, configs, waits, caplog):
    hub.faults.drop("GET", "/refs$", times=2)

    with caplog.at_level(logging.WARNING, "builders.hub.patience"):
        patiently(refs)
    assert (waits, caplog.messages[1]) == ([1, 2], "the Hub did not answer; trying again in 2 s")


def test_a_refusal_is_not_asked_again(hub, waits):
    with pytest.raises(transport_error()):
        patiently(refs)
    assert (waits, len(hub.asked("GET", "/refs"))) == ([], 1)


def test_nobody_is_waited_for_without_a_network(hub, configs, waits):
    hub.unplug()

    with pytest.raises(transport_error()) as told:
        patiently(refs)
    assert waits == [] and client.unreachable(told.value)


def test_without_a_network_a_file_that_is_not_in_the_cache_is_not_asked_for_again(hub, waits, caplog):
    hub.unplug()

    with caplog.at_level(logging.WARNING), pytest.raises(Unreachable, match="the Hub cannot be reached"):
        fetch_file("ana/filas", "filas.jsonl", "0" * 40)
    assert (waits, caplog.messages) == ([], [])


# ---- splits ----------------------------------------------------------------------------------------------------------


def test_a_split_is_read_at_its_commit(hub, mirror):
    hub.commit(MIRROR, {"data/train-00000-of-00001-8a1d2e.parquet": as_bytes(spoken(), ".parquet")})

    assert fetch_rows(MIRROR, mirror, None, "train").to_dicts() == ROWS


def test_a_config_has_splits_of_its_own(hub, configs):
    assert fetch_rows("ana/varias", configs, "cortas", "train").to_dicts() == ROWS[:2]
    assert fetch_rows("ana/varias", configs, "largas", "test").to_dicts() == ROWS[2:3]


@pytest.mark.parametrize(
    ("config", "split", "told"),
    [
        (None, "train", "Config name is missing"),
        ("medianas", "train", "BuilderConfig 'medianas' not found. Available: ['cortas', 'largas']"),
        ("largas", "validation", "Unknown split \"validation\". Should be one of ['train', 'test']"),
    ],
)
def test_a_config_or_split_that_does_not_exist_is_told(hub, configs, config, split, told):
    line = refused(fetch_rows, "ana/varias", configs, config, split, SOURCE_ADVICE)

    assert line.startswith(f"ana/varias@{configs[:12]}: {told}")
    assert line.endswith("; check source.config and source.split") and "\n" not in line


@pytest.mark.parametrize(("repo", "revision"), [("ana/nada", COMMIT), ("ana/varias", NOWHERE)])
def test_a_dataset_or_commit_that_does_not_exist_is_told(hub, configs, repo, revision):
    assert refused(fetch_rows, repo, revision, "largas", "train", SOURCE_ADVICE) == (
        f"{repo}@{revision[:12]}: no such dataset or commit on the Hub, or no access to it; check source.repo, "
        "or `hf auth login`"
    )


def test_a_repository_without_data_is_told(hub):
    commit = hub.commit("ana/vacio", {"README.md": "hola"})

    line = refused(fetch_rows, "ana/vacio", commit, None, "train", SOURCE_ADVICE)
    assert line.startswith(f"ana/vacio@{commit[:12]}: ") and line.endswith("; check source.config and source.split")


def test_a_damaged_file_of_a_split_is_told(hub):
    commit = hub.commit(MIRROR, {"data/train-0.parquet": b"PAR1 y nada"})

    line = refused(fetch_rows, MIRROR, commit, None, "train", SOURCE_ADVICE)
    assert line.startswith(f"{MIRROR}@{commit[:12]}: ") and line.endswith("; check source.config and source.split")


def test_a_script_is_not_run_and_the_way_round_is_told(hub):
    bactrian(hub, ROWS)

    assert refused(fetch_rows, REPO, COMMIT, None, "train", SOURCE_ADVICE) == (
        "MBZUAI/Bactrian-X@3698480a001c: this repository is a script, and no remote code is run; name one of its data "
        "files with source.file"
    )


@pytest.fixture
def offline(monkeypatch):
    """Call it, and HF_HUB_OFFLINE forbids the clients to ask."""
    from datasets import config
    from huggingface_hub import constants

    def cut():
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
        monkeypatch.setattr(config, "HF_HUB_OFFLINE", True)

    return cut


def test_a_split_that_is_cached_needs_no_hub(hub, mirror, offline):
    fetch_rows(MIRROR, mirror, None, "train")
    offline()

    assert fetch_rows(MIRROR, mirror, None, "train").to_dicts() == ROWS


def test_another_commit_in_the_cache_is_not_taken_for_the_one_that_is_pinned(hub, mirror, offline):
    later = hub.commit(MIRROR, {"data/train-00000-of-00001-8a1d2e.parquet": as_bytes(spoken(), ".parquet")})
    fetch_rows(MIRROR, later, None, "train")
    offline()

    assert refused(fetch_rows, MIRROR, mirror, None, "train", SOURCE_ADVICE) == (
        f"{MIRROR}@{mirror[:12]}: split train is not in the cache of `datasets` and the Hub cannot be reached; connect, or "
        "use --from FILE"
    )


# ---- sources ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["array", "lines"])
def test_bactrian_and_its_mirror_give_the_same_version(hub, mirror, tmp_path, form):
    bactrian(hub, ROWS, form)
    original = build(recipe(source=source(REPO, COMMIT, file="data/es.json.gz")), tmp_path / "a").version
    copy = build(recipe(source=source(MIRROR, mirror, split="train")), tmp_path / "b").version

    assert copy.content_sha256 == original.content_sha256
    assert original.rows().sort("id")["id"].to_list() == sorted(row["id"] for row in ROWS)
    assert [check for check in verify(original, tmp_path / "a") if not check.ok] == []


def test_a_version_of_a_split_verifies_from_the_hub(hub, mirror, tmp_path):
    version = build(recipe(source=source(MIRROR, mirror, split="train")), tmp_path).version
    pin = plain(version.manifest.source)
    again = build(recipe(source=HubSource.model_validate(pin)), tmp_path)

    assert (pin["repo"], pin["revision"], pin["split"]) == (MIRROR, mirror, "train") and len(pin["sha256"]) == 64
    assert {"file", "config"}.isdisjoint(pin)
    assert [check for check in verify(version, tmp_path) if not check.ok] == []
    assert (again.created, again.version.manifest.recipe_sha256) == (False, version.manifest.recipe_sha256)


def test_a_file_with_the_rows_of_a_split_stands_for_it(hub, mirror, tmp_path):
    version = build(recipe(source=source(MIRROR, mirror, split="train")), tmp_path).version
    hub.unplug()

    for ending in (".jsonl", ".parquet"):
        where = str(write_file(tmp_path / f"filas{ending}"))
        assert [check for check in verify(version, tmp_path, where) if not check.ok] == []
    other = str(write_file(tmp_path / "otras.jsonl", spoken()))
    assert [check.check for check in verify(version, tmp_path, other) if not check.ok] == ["source"]


def test_columns_of_other_names_and_no_id(hub, tmp_path):
    commit = hub.commit("ana/alpaca", {"train.parquet": as_bytes(ALPACA, ".parquet")})
    columns = {"id": None, "input": "context", "output": "response"}
    chosen = recipe(source=source("ana/alpaca", commit, split="train", columns=columns))
    version = build(chosen, tmp_path).version

    fields = ["instruction", "input", "output"]
    assert (
        version.rows().sort("instruction").select(fields).equals(pl.DataFrame(ROWS).sort("instruction").select(fields))
    )
    assert version.rows()["id"].str.contains("^[0-9a-f]{16}$").all()
    assert [check for check in verify(version, tmp_path) if not check.ok] == []


def test_a_column_that_is_missing_is_told(hub, tmp_path):
    rows = [{"uno": row["instruction"], "dos": row["response"]} for row in ALPACA]
    commit = hub.commit("ana/alpaca", {"train.parquet": as_bytes(rows, ".parquet")})

    assert refused(read_source, recipe(source=source("ana/alpaca", commit, split="train")), tmp_path) == (
        "ana/alpaca train: column 'instruction' is missing (it has uno, dos); map it with "
        "source.columns if it has another name"
    )


@pytest.mark.parametrize("part", [{"split": "train"}, {"file": "data/train-00000-of-00001-8a1d2e.parquet"}])
def test_rows_that_are_not_the_pinned_ones_are_refused(hub, mirror, tmp_path, part):
    pinned = recipe(source=source(MIRROR, mirror, sha256="0" * 64, **part))

    told = refused(build, pinned, tmp_path / "versions")
    assert "another source than the recipe pins (sha256 " in told and "expected 000000000000…)" in told
    assert not (tmp_path / "versions" / "recetas").exists()


def test_a_tampered_source_is_noticed_by_verify(hub, tmp_path, monkeypatch):
    from huggingface_hub import constants

    commit = hub.commit(MIRROR, {"filas.jsonl": as_bytes(ROWS, ".jsonl")})
    version = build(recipe(source=source(MIRROR, commit, file="filas.jsonl")), tmp_path).version
    hub.tamper(MIRROR, "filas.jsonl", as_bytes(ROWS, ".jsonl").replace(b"Uruguay", b"Paragua"))
    shutil.copytree(version.path, tmp_path / "copia")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "otra"))

    wrong = [check for check in verify(open_version(tmp_path / "copia"), tmp_path) if not check.ok]
    assert [check.check for check in wrong] == ["source"]
    assert "another source than the recipe pins" in wrong[0].detail
