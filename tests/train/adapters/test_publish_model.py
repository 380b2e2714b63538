"""Merged models on a Hub of our own, through the real client."""

import json
import threading
from pathlib import Path

import pytest

from tests.installed import TRAINER, needs

needs("torch", TRAINER)

from builders.errors import Problem
from builders.hub import patience
from builders.records import plain
from builders.versions.fingerprint import file_fingerprint
from tests.train.models import copied
from train.adapters.merged import holds, open_merged
from train.adapters.publishing import publish_adapter, publish_model

REPO = "ana/aguila-tiny-es-merged"


def refused(*arguments, **options):
    with pytest.raises(Problem) as problem:
        publish_model(*arguments, **options)
    return str(problem.value)


def changed(merged, target, name, data, **record):
    """A copy with another file, which its record knows; and with other parts of the record."""
    copy = copied(merged.path, target)
    (copy / name).write_bytes(data)
    fields = json.loads((copy / "merging.json").read_text("utf-8"))
    fields["files"][name] = plain(file_fingerprint(copy / name))
    for key, value in record.items():
        fields[key] |= value
    (copy / "merging.json").write_text(json.dumps(fields), "utf-8")
    return copy


def test_a_model_is_one_commit_with_everything_and_a_tag_on_it_and_runs_from_there(hub, merged):
    from huggingface_hub import snapshot_download
    from transformers import AutoModelForCausalLM

    planned = publish_model(merged.path, REPO, dry_run=True)
    assert planned.outcome == "planned" and not hub.store.repos
    done = publish_model(merged.path, REPO)

    assert (done.outcome, done.reference, done.reason) == ("published", f"{REPO}@v1.0.0", "the first model there")
    assert [title for _, title in hub.history(REPO, kind="model")] == ["Model 1.0.0", "initial commit"]
    assert hub.tags(REPO, kind="model") == {"v1.0.0": done.commit}
    fetched = Path(snapshot_download(REPO, revision="v1.0.0"))
    assert open_merged(fetched).record == merged.record
    assert AutoModelForCausalLM.from_pretrained(REPO, revision="v1.0.0").config.model_type == "falcon"

    asked = len(hub.log)
    again = publish_model(merged.path, REPO)
    assert (again.outcome, again.commit, again.number) == ("unchanged", done.commit, "1.0.0")
    assert {one.method for one in hub.log[asked:]} <= {"GET", "HEAD"}


@pytest.mark.parametrize(
    ("name", "record", "number", "reason"),
    [
        ("model.safetensors", {}, "1.1.0", "the weights changed"),
        ("generation_config.json", {}, "1.0.1", "the weights are the same, generation_config.json changed"),
        ("model.safetensors", {"base": {"sha256": "0" * 64}}, "2.0.0", "the base changed"),
    ],
)
def test_the_number_follows_from_what_changed(hub, merged, tmp_path, name, record, number, reason):
    publish_model(merged.path, REPO)
    done = publish_model(changed(merged, tmp_path / "otro", name, b"{}", **record), REPO)

    assert (done.number, done.reason) == (number, f"after v1.0.0: {reason}")


def test_a_commit_that_lacks_its_tag_is_tagged_and_a_lost_answer_makes_no_second_one(hub, merged, monkeypatch):
    monkeypatch.setattr(patience, "FIRST_WAIT", 0.0)
    hub.faults.lose_response("POST", "/commit/")
    hub.faults.status(403, "POST", "/tag/")
    assert "the token does not allow tagging" in refused(merged.path, REPO)
    commit = hub.head(REPO, kind="model")

    done = publish_model(merged.path, REPO)
    assert (done.outcome, done.commit, done.number) == ("tagged", commit, "1.0.0")
    assert [title for _, title in hub.history(REPO, kind="model")] == ["Model 1.0.0", "initial commit"]


def test_an_upload_that_fails_publishes_nothing_and_is_finished_by_the_next_run(hub, merged, monkeypatch):
    monkeypatch.setattr(patience.time, "sleep", lambda seconds: None)
    hub.faults.status(403, "PUT", "/lfs/", times=99, message="storage limit reached")

    assert refused(merged.path, REPO).startswith(f"{REPO}: sending ") and hub.tags(REPO, kind="model") == {}
    hub.faults.clear()
    assert publish_model(merged.path, REPO).outcome == "published"


def test_somebody_else_in_between_is_told(hub, merged, tmp_path):
    publish_model(merged.path, REPO)
    hold, errors = hub.faults.hold("POST", "/commit/"), []
    other = changed(merged, tmp_path / "otro", "generation_config.json", b"{}")
    late = threading.Thread(target=lambda: errors.append(refused(other, REPO)))
    late.start()
    hold.wait()
    hub.commit(REPO, {"NOTAS.md": "mías"}, kind="model")
    hold.release()
    late.join()

    assert "somebody else changed it meanwhile" in errors[0] and set(hub.tags(REPO, kind="model")) == {"v1.0.0"}


def test_an_adapters_repository_is_no_place_for_a_model(hub, merged, taught):
    publish_adapter(taught.path, REPO)

    assert "holds files that are no model of this tool, such as 'adapter_config.json'" in refused(merged.path, REPO)


def test_paths_and_files_that_no_model_has_are_refused_and_an_adapter_is_no_model(hub, merged, taught, tmp_path):
    path = changed(merged, tmp_path / "ruta", "config.json", b'{"_name_or_path": "/home/ana/aguila"}')
    more = changed(merged, tmp_path / "resto", "optimizer.pt", b"x")

    assert "config.json: _name_or_path holds the path '/home/ana/aguila', which is of this machine" in refused(
        path, REPO
    )
    assert "its record lists 'optimizer.pt', which no model has" in refused(more, REPO)
    assert "not a merged model (it has no merging.json" in refused(taught.path, REPO)
    (path / "config.json").write_bytes(b"{}")
    assert "config.json: not what merging.json says" in refused(path, REPO)
    assert hub.log == []


def test_shards_are_a_models_files():
    assert holds("model-00001-of-00004.safetensors") and holds("model.safetensors.index.json")
    assert not holds("model-1.safetensors") and not holds("pytorch_model.bin")


def test_the_command_publishes_and_versions_lists_what_is_there(hub, merged, aguila):
    done = aguila("publish-model", merged.path, REPO, "--json")
    assert json.loads(done.out)["version"] == "1.0.0", done.err

    listed = aguila("versions", REPO)
    assert listed.out.splitlines()[1].startswith(f"{REPO}@v1.0.0\t")
