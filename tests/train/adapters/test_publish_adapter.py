"""Adapters on a Hub of our own, through the real client."""

import json
import logging
import threading
from pathlib import Path

import pytest

from tests.installed import TRAINER, needs

needs("torch", TRAINER)

from aguila.commands import main as command_line
from builders.errors import Problem
from builders.hub import patience
from builders.records import plain
from builders.versions.fingerprint import file_fingerprint
from cards.shared import header
from cards.shared.sections import fixed_sha256, with_sections
from tests.train.models import copied
from train.adapters.adapter import open_adapter
from train.adapters.listing import list_adapters
from train.adapters.publishing import publish_adapter

REPO = "ana/aguila-tiny-es"
API = f"/api/models/{REPO}"


@pytest.fixture
def quick(monkeypatch):
    """Trying again costs no time."""
    monkeypatch.setattr(patience, "FIRST_WAIT", 0.0)


def refused(*arguments, **options):
    with pytest.raises(Problem) as problem:
        publish_adapter(*arguments, **options)
    return str(problem.value)


def writes(hub, since=0):
    return [f"{one.method} {one.path}" for one in hub.log[since:] if one.method not in ("GET", "HEAD")]


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def there(hub, revision="main"):
    files = dict(hub.files(REPO, revision, kind="model"))
    files.pop(".gitattributes", None)
    return files


def fixed(files):
    """Files with their card as far as it is the same wherever it is published."""
    return {**files, "README.md": fixed_sha256(files["README.md"].decode())}


def changed(folder, target, *, sealed=True, record=None, **files):
    """A copy of an adapter with other files; its manifest knows them if it is sealed."""
    copy = copied(folder, target)
    manifest = json.loads((copy / "training.json").read_text("utf-8"))
    for name, data in files.items():
        name = name.replace("__", ".")
        (copy / name).write_bytes(data)
        if sealed:
            manifest["files"][name] = plain(file_fingerprint(copy / name))
    for key, value in (record or {}).items():
        manifest[key] = manifest[key] | value
    (copy / "training.json").write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", "utf-8")
    return copy


# ---- what is done ----------------------------------------------------------------------------------------------------


def test_an_adapter_is_one_commit_with_everything_and_a_tag_on_it(hub, taught):
    steps = []
    done = publish_adapter(taught.path, REPO, report=steps.append)

    assert (done.outcome, done.reference, done.reason) == ("published", f"{REPO}@v1.0.0", "the first adapter there")
    assert hub.history(REPO, kind="model")[0] == (done.commit, "Adapter 1.0.0")
    assert [title for _, title in hub.history(REPO, kind="model")] == ["Adapter 1.0.0", "initial commit"]
    assert hub.tags(REPO, kind="model") == {"v1.0.0": done.commit}
    assert fixed(there(hub)) == fixed(contents(taught.path))
    assert [line for line in writes(hub) if "/commit/" in line] == [f"POST {API}/commit/main"]
    assert [line.split()[0] for line in steps] == ["making", "sending", "tagging"]


def test_what_is_fetched_by_its_tag_is_the_adapter(hub, taught):
    from huggingface_hub import snapshot_download

    publish_adapter(taught.path, REPO)
    fetched = open_adapter(Path(snapshot_download(REPO, revision="v1.0.0")))

    assert fetched.record == taught.record
    assert fetched.template == taught.template


def test_nothing_but_the_files_of_the_record_is_sent(hub, taught, tmp_path):
    copy = copied(taught.path, tmp_path / "copy")
    (copy / "optimizer.pt").write_bytes(b"secreto")
    (copy / "checkpoint-3").mkdir()
    (copy / "checkpoint-3" / "optimizer.pt").write_bytes(b"secreto")
    publish_adapter(copy, REPO)

    assert fixed(there(hub)) == fixed(contents(taught.path))


def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(hub, taught, monkeypatch):
    planned = publish_adapter(taught.path, REPO, dry_run=True)

    assert (planned.outcome, planned.commit, planned.reference) == ("planned", None, f"{REPO}@v1.0.0")
    assert {one.path: (one.action, one.bytes) for one in planned.files if one.path != "README.md"} == {
        name: ("add", len(data)) for name, data in contents(taught.path).items() if name != "README.md"
    }
    assert writes(hub) == [] and not hub.store.repos


def test_private_means_private(hub, taught):
    assert publish_adapter(taught.path, REPO, private=True).private
    hub.commit("ana/abierta", {"README.md": "hola"}, kind="model")

    assert refused(taught.path, "ana/abierta", private=True) == (
        "ana/abierta: is public; leave out --private, or publish to another repository"
    )


# ---- again -----------------------------------------------------------------------------------------------------------


def test_the_same_adapter_again_changes_nothing(hub, taught, tmp_path):
    first = publish_adapter(taught.path, REPO)
    asked = len(hub.log)
    again = publish_adapter(copied(taught.path, tmp_path / "elsewhere"), REPO)

    assert (again.outcome, again.commit, again.files) == ("unchanged", first.commit, ())
    assert writes(hub, asked) == []


@pytest.mark.parametrize(
    ("files", "record", "number", "reason"),
    [
        ({"adapter_model__safetensors": b"otros"}, {}, "1.1.0", "after v1.0.0: the weights changed"),
        (
            {"losses__csv": b"step,split,loss\n"},
            {},
            "1.0.1",
            "after v1.0.0: the weights are the same, losses.csv changed",
        ),
        ({}, {"run": {"seconds": 9.0}}, "1.0.1", "after v1.0.0: the weights are the same, training.json changed"),
        ({}, {"base": {"sha256": "0" * 64}}, "2.0.0", "after v1.0.0: the base changed"),
        (
            {},
            {"template": {"name": "alpaca", "sha256": "0" * 64}},
            "2.0.0",
            "after v1.0.0: the template changed (instruccion → alpaca)",
        ),
    ],
    ids=["weights", "losses", "run", "base", "template"],
)
def test_the_number_follows_from_what_changed(hub, taught, tmp_path, files, record, number, reason):
    publish_adapter(taught.path, REPO)
    other = changed(taught.path, tmp_path / "other", record=record, **files)
    done = publish_adapter(other, REPO)

    assert (done.number, done.reason) == (number, reason)
    assert set(hub.tags(REPO, kind="model")) == {"v1.0.0", f"v{number}"}
    assert fixed(there(hub)) == fixed(contents(other))
    kept = {one.path for one in done.files if one.action == "keep"}
    assert kept == set(contents(taught.path)) - {name.replace("__", ".") for name in files} - {
        "training.json",
        "README.md",
    }


def test_a_file_that_the_next_adapter_lacks_is_removed_and_what_people_added_stays(hub, taught, tmp_path):
    publish_adapter(changed(taught.path, tmp_path / "one", vocab__json=b"{}"), REPO)
    hub.commit(REPO, {"LICENSE": "cc-by-nc-4.0"}, kind="model")
    done = publish_adapter(changed(taught.path, tmp_path / "two", adapter_model__safetensors=b"x"), REPO)

    assert [one.path for one in done.files if one.action == "remove"] == ["vocab.json"]
    assert set(there(hub)) == {*contents(taught.path), "LICENSE"}


def test_a_commit_that_lacks_its_tag_is_tagged(hub, taught, quick):
    hub.faults.status(403, "POST", "/tag/")
    assert "the token does not allow tagging" in refused(taught.path, REPO)
    commit, asked = hub.head(REPO, kind="model"), len(hub.log)
    assert hub.tags(REPO, kind="model") == {}

    assert publish_adapter(taught.path, REPO, dry_run=True).outcome == "planned"
    done = publish_adapter(taught.path, REPO)
    assert (done.outcome, done.commit, done.number) == ("tagged", commit, "1.0.0")
    assert [line.split()[0] + " " + line.split("/")[-2] for line in writes(hub, asked)] == ["POST tag"]


def test_a_lost_answer_to_the_commit_makes_no_second_one(hub, taught, quick):
    hub.faults.lose_response("POST", "/commit/")
    done = publish_adapter(taught.path, REPO)

    assert (done.outcome, hub.tags(REPO, kind="model")) == ("published", {"v1.0.0": hub.head(REPO, kind="model")})
    assert [title for _, title in hub.history(REPO, kind="model")] == ["Adapter 1.0.0", "initial commit"]


def test_somebody_else_in_between_is_told(hub, taught, tmp_path):
    publish_adapter(taught.path, REPO)
    hold = hub.faults.hold("POST", "/commit/")
    errors = []
    other = changed(taught.path, tmp_path / "otro", adapter_model__safetensors=b"otros")
    late = threading.Thread(target=lambda: errors.append(refused(other, REPO)))
    late.start()
    hold.wait()
    hub.commit(REPO, {"NOTAS.md": "mías"}, kind="model")
    hold.release()
    late.join()

    assert "somebody else changed it meanwhile" in errors[0] and set(hub.tags(REPO, kind="model")) == {"v1.0.0"}


def test_another_commit_that_follows_on_ours_is_not_tagged(hub, taught, tmp_path, quick):
    """Our answer is lost, and the client, which has nothing to send then, takes the newest commit for ours."""
    publish_adapter(taught.path, REPO)
    hold = hub.faults.hold("POST", "/commit/", "after")
    hub.faults.status(503, "POST", "/commit/", retry_after=0)
    done = []
    other = changed(taught.path, tmp_path / "otro", adapter_model__safetensors=b"otros")
    late = threading.Thread(target=lambda: done.append(publish_adapter(other, REPO)))
    late.start()
    hold.wait()
    ours = hub.head(REPO, kind="model")
    hub.commit(REPO, {"LICENSE": "Apache-2.0"}, kind="model")
    hold.abandon()
    late.join()

    assert (done[0].outcome, done[0].commit) == ("published", ours)
    assert hub.tags(REPO, kind="model")["v1.1.0"] == ours != hub.head(REPO, kind="model")


@pytest.mark.parametrize(
    ("files", "wrong"),
    [
        ({"adapter_model.safetensors": b"otros"}, "adapter_model.safetensors: changed"),
        ({"loss.svg": "<svg/>"}, "loss.svg: changed"),
        ({"losses.csv": None}, "losses.csv: missing"),
        ({"special_tokens_map.json": "{}"}, "special_tokens_map.json: not part of it"),
    ],
    ids=["weights", "picture", "missing", "stray"],
)
def test_a_damaged_tag_is_told_and_the_adapter_gets_the_next_number(hub, taught, caplog, files, wrong):
    hub.commit(REPO, contents(taught.path) | {name: data for name, data in files.items() if data}, kind="model")
    gone = {name: None for name, data in files.items() if data is None}
    hub.commit(REPO, gone, message="Adapter 1.0.0", kind="model")
    hub.tag(REPO, "v1.0.0", kind="model")

    assert publish_adapter(taught.path, REPO).reference == f"{REPO}@v1.0.1"
    assert caplog.messages == [f"{REPO}@v1.0.0 is damaged: {wrong}; use the next version"]
    assert fixed(there(hub)) == fixed(contents(taught.path))
    assert publish_adapter(taught.path, REPO).outcome == "unchanged"


# ---- the card --------------------------------------------------------------------------------------------------------


def test_what_people_wrote_into_the_cards_sections_stays(hub, taught, tmp_path):
    publish_adapter(taught.path, REPO)
    card = with_sections(there(hub)["README.md"].decode(), {"about": "\nNuestro modelo para recetas.\n"})
    hub.commit(REPO, {"README.md": card}, kind="model")
    assert publish_adapter(taught.path, REPO).outcome == "unchanged"

    publish_adapter(changed(taught.path, tmp_path / "other", adapter_model__safetensors=b"x"), REPO)
    assert there(hub)["README.md"].decode() == card.replace(f"{REPO}@v1.0.0", f"{REPO}@v1.1.0")


def test_a_card_whose_fixed_part_changed_is_a_patch(hub, taught, tmp_path):
    publish_adapter(taught.path, REPO)
    card = (taught.path / "README.md").read_bytes() + b"\nMore.\n"
    done = publish_adapter(changed(taught.path, tmp_path / "other", sealed=False, README__md=card), REPO)

    assert (done.number, done.reason) == ("1.0.1", "after v1.0.0: the weights are the same, training.json changed")


def test_the_published_card_names_its_repository_and_keeps_what_people_add(hub, taught, tmp_path):
    hub.commit(REPO, {"README.md": "# Mío\n"}, kind="model")
    assert "its README.md was written by hand" in refused(taught.path, REPO)
    publish_adapter(taught.path, REPO, replace_card=True)
    card = there(hub)["README.md"].decode()
    assert f'adapter = "{REPO}"\n' in card and f"`aguila generate {REPO}@v1.0.0 " in card
    assert f"https://huggingface.co/{REPO}/discussions" in card and "where this card lies" not in card

    added = card.replace("\n---\n", "\nextra_gated_prompt: ¿Para qué?\n---\n", 1).replace(
        "- lora\n", "- lora\n- cocina\n"
    )
    hub.commit(REPO, {"README.md": added}, kind="model")
    assert publish_adapter(taught.path, REPO).outcome == "unchanged"
    card = (taught.path / "README.md").read_bytes() + b"\nMore.\n"
    publish_adapter(changed(taught.path, tmp_path / "other", sealed=False, README__md=card), REPO)

    assert f"`aguila generate {REPO}@v1.0.1 " in there(hub)["README.md"].decode()
    head = header.read(there(hub)["README.md"].decode())
    assert head["extra_gated_prompt"] == "¿Para qué?" and head["tags"][-1] == "cocina"


# ---- refused ---------------------------------------------------------------------------------------------------------


def test_words_that_the_hub_does_not_know_are_refused_before_anything_is_sent(hub, taught, tmp_path):
    card = (taught.path / "README.md").read_text("utf-8").replace("license: apache-2.0", "license: gratis")
    error = refused(changed(taught.path, tmp_path / "other", README__md=card.encode()), REPO)

    assert error.endswith(
        "README.md: the Hub would refuse the card: license 'gratis' is not one of the Hub's words; correct its header"
    )
    assert hub.log == []


def test_what_no_adapter_has_is_refused(hub, taught, tmp_path):
    error = refused(changed(taught.path, tmp_path / "other", optimizer__pt=b"x"), REPO)

    assert "its record lists 'optimizer.pt', which no adapter has" in error
    assert hub.log == []


def test_a_path_of_this_machine_is_refused(hub, taught, tmp_path):
    config = json.loads((taught.path / "adapter_config.json").read_text("utf-8"))
    config["base_model_name_or_path"] = "/home/ana/modelos/aguila"
    error = refused(changed(taught.path, tmp_path / "other", adapter_config__json=json.dumps(config).encode()), REPO)

    assert error.endswith(
        "adapter_config.json: base_model_name_or_path holds the path '/home/ana/modelos/aguila', which is of this machine; correct it"
    )
    assert hub.log == []


def test_a_damaged_adapter_is_refused(hub, taught, tmp_path):
    error = refused(changed(taught.path, tmp_path / "other", sealed=False, adapter_model__safetensors=b"x"), REPO)

    assert error.endswith("adapter_model.safetensors: not what training.json says; train or fetch the adapter again")


def test_a_repository_with_something_else_is_refused(hub, taught):
    hub.commit(REPO, {"pytorch_model.bin": b"x"}, kind="model")

    assert refused(taught.path, REPO) == (
        f"{REPO}: holds files that are no adapter of this tool, such as 'pytorch_model.bin'; publish to a repository of its own"
    )
    assert hub.tags(REPO, kind="model") == {}


def test_a_wrong_name_and_a_missing_token_are_told(hub, taught, monkeypatch):
    assert refused(taught.path, "tiny").startswith("tiny: not a name of a repository; write OWNER/NAME")
    monkeypatch.delenv("HF_TOKEN")

    assert refused(taught.path, REPO) == f"{REPO}: no token for the Hub; run `hf auth login`, or set HF_TOKEN"
    assert writes(hub) == []


def test_the_token_is_never_told(hub, taught, monkeypatch, caplog, capsys):
    token = hub.add_user("eva", role="read")
    monkeypatch.setenv("HF_TOKEN", token)
    with caplog.at_level(logging.DEBUG):
        error = refused(taught.path, REPO)

    assert "the token does not allow making a repository" in error
    assert token not in error + caplog.text + "".join(capsys.readouterr())


def test_an_upload_that_fails_is_one_line_and_is_finished_by_the_next_run(hub, taught, monkeypatch):
    monkeypatch.setattr(patience.time, "sleep", lambda seconds: None)
    hub.faults.status(403, "PUT", "/lfs/", times=99, message="Private repository storage limit reached")

    told = refused(taught.path, REPO)
    assert told.startswith(f"{REPO}: sending ") and told.endswith(
        ": the storage answered 403 (Private repository storage limit reached); run again: nothing was published, and "
        "files that arrived are not sent again"
    )
    hub.faults.clear()
    assert publish_adapter(taught.path, REPO).outcome == "published"


def test_the_adapters_of_a_repository_are_listed(hub, taught, monkeypatch, capsys):
    commit = publish_adapter(taught.path, REPO).commit

    (listed,) = list_adapters(REPO)
    assert (listed.version, listed.commit, listed.data) == ("1.0.0", commit, taught.record.data.reference)
    monkeypatch.setattr("sys.argv", ["aguila", "versions", REPO])
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    assert ended.value.code in (0, None)
    assert capsys.readouterr().out.splitlines()[1].startswith(f"{REPO}@v1.0.0\t2024-01-15\t{commit[:12]}\t")
