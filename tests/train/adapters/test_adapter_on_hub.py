"""An adapter by its reference on the Hub: fetched at its tag, nothing floats, nothing else is fetched."""

import pytest

from tests.installed import TRAINER, needs

needs("torch", TRAINER)

from builders.errors import Problem
from tests.train.models import copied
from train.adapters.adapter import open_adapter
from train.adapters.merging import merge
from train.adapters.publishing import publish_adapter
from train.answers.generation import Question, open_answerer
from train.answers.sampling import Sampling

REPO = "ana/aguila-tiny-es"


@pytest.fixture
def published(hub, taught):
    return publish_adapter(taught.path, REPO).commit


def refused(reference):
    with pytest.raises(Problem) as problem:
        open_adapter(reference)
    return str(problem.value)


def test_an_adapter_is_fetched_at_its_tag_and_answers(published, taught, answerer, aguila_base, cache, tmp_path):
    asked = Question("¿Qué es un cenote?")
    here = open_answerer(f"{REPO}@v1.0.0", str(aguila_base), "plain", "cpu", cache)

    assert here.adapter.record == taught.record and here.adapter.path.name == published
    assert next(here.answers([asked], Sampling(80))) == next(answerer.answers([asked], Sampling(80)))
    merged = merge(f"{REPO}@1.0.0", tmp_path / "modelo", str(aguila_base), "cpu", "fp32", cache)
    assert merged.record.adapter.weights_sha256 == taught.record.weights_sha256


def test_a_commit_names_an_adapter_too(published, taught):
    assert open_adapter(f"{REPO}@{published}").record == taught.record


def test_what_no_adapter_has_is_not_fetched(hub, published):
    hub.commit(REPO, {"adapter_model.bin": b"x", "tokenization.py": "raise RuntimeError"}, kind="model")
    folder = open_adapter(f"{REPO}@{hub.head(REPO, kind='model')}").path

    assert not {"adapter_model.bin", "tokenization.py"} & {path.name for path in folder.iterdir()}


def test_a_reference_that_floats_or_is_not_there_names_the_versions(published):
    assert (
        refused(f"{REPO}@main") == f"{REPO}@main: not a version, it may change at any time; versions of {REPO}: v1.0.0"
    )
    assert refused(f"{REPO}@2.0.0") == f"{REPO}@v2.0.0: no such version; versions of {REPO}: v1.0.0"
    assert refused("ana/nada@v1.0.0").startswith("ana/nada@v1.0.0: no such repository on the Hub, or no access to it")


def test_a_tag_that_was_moved_is_refused(hub, published, taught, tmp_path):
    open_adapter(f"{REPO}@v1.0.0")
    moved = hub.commit(REPO, {"losses.csv": "step,split,loss\n"}, kind="model")
    hub.tag(REPO, "v1.0.0", moved, kind="model")

    error = refused(f"{REPO}@v1.0.0")
    assert error.startswith(f"{REPO}@v1.0.0: the tag was moved: it pointed at {published}, and now at {moved};")


def test_files_that_are_not_the_manifests_are_refused(hub, published):
    other = hub.commit(REPO, {"adapter_model.safetensors": b"otros"}, kind="model")

    assert "adapter_model.safetensors: not what training.json says" in refused(f"{REPO}@{other}")


def test_without_a_network_the_cached_copy_serves_and_says_so(hub, published, taught, caplog):
    open_adapter(f"{REPO}@v1.0.0")
    hub.unplug()

    assert open_adapter(f"{REPO}@v1.0.0").record == taught.record
    assert f"the Hub cannot be reached; {REPO}@v1.0.0 is the copy in the cache" in caplog.text
    assert "Hub cannot be reached" in refused("ana/otra@v1.0.0")


def test_a_folder_of_that_name_goes_before(taught, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    copied(taught.path, tmp_path / "ana" / "tiny@v1.0.0")

    assert open_adapter("ana/tiny@v1.0.0").record == taught.record
