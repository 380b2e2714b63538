"""A base and a version on the Hub: resolved to commits, which are recorded; nothing is fetched that is not needed."""

from pathlib import Path

import pytest

from tests.installed import TRAINER, needs

needs("torch", TRAINER)

from builders.errors import Problem
from builders.hub.client import client
from builders.hub.publishing import publish
from builders.versions.version import open_version
from tests.train.models import copied
from train.base.checkpoint import open_checkpoint
from train.base.location import locate
from train.base.pin import BasePin
from train.recipes.model import Base
from train.run.data import open_data

REPO = "ana/aguila-tiny"


@pytest.fixture
def uploaded(hub, aguila_base):
    """The base in a model repository: its commit."""
    client().create_repo(REPO)
    return client().upload_folder(repo_id=REPO, folder_path=aguila_base).oid


def test_a_base_without_a_revision_is_resolved_to_its_commit(uploaded, tmp_path):
    checkpoint = open_checkpoint(Base(repo=REPO), tmp_path)

    assert checkpoint.pin == BasePin(kind="hub", repo=REPO, revision=uploaded, name="aguila-tiny", sha256=None)
    assert checkpoint.label == f"{REPO}@{uploaded[:12]}"
    assert open_checkpoint(Base(repo=REPO, revision=uploaded), tmp_path) == checkpoint


def test_python_files_are_not_even_fetched(uploaded):
    folder = locate(Base(repo=REPO)).folder

    assert sorted(path.name for path in folder.iterdir()) == [
        *("config.json", "generation_config.json", "pytorch_model.bin", "tokenizer.json", "tokenizer_config.json"),
    ]


def test_a_look_fetches_no_weights(uploaded, tmp_path):
    checkpoint = open_checkpoint(Base(repo=REPO), tmp_path, weights=False)

    assert not list(checkpoint.folder.glob("pytorch_model*")) and checkpoint.vocabulary == 400
    assert not list(locate(Base(repo=REPO), weights=False).folder.glob("pytorch_model*"))


def test_safetensors_are_fetched_in_place_of_pickles(hub, llama_base, tmp_path):
    both = copied(llama_base, tmp_path / "ambos")
    (both / "pytorch_model.bin").write_bytes(b"not fetched")
    client().create_repo("ana/llama")
    client().upload_folder(repo_id="ana/llama", folder_path=both)

    names = {path.name for path in locate(Base(repo="ana/llama")).folder.iterdir()}
    assert "model.safetensors" in names and "pytorch_model.bin" not in names


def test_a_base_that_is_not_there_is_told(uploaded):
    with pytest.raises(Problem, match=r"ana/nada: no such repository on the Hub, or no access to it; check base.repo"):
        locate(Base(repo="ana/nada"))
    with pytest.raises(Problem, match=r"the repository has no such commit; check base.revision"):
        locate(Base(repo=REPO, revision="0" * 40))
    client().create_repo("ana/vacio")
    with pytest.raises(Problem, match=r"not a checkpoint \(it has no config.json\); check base.repo"):
        locate(Base(repo="ana/vacio"))


def test_a_published_version_is_pinned_by_its_commit(hub, registry):
    version = open_version(Path(registry) / "filas" / "v1.0.0")
    publish(version, "ana/filas")

    pin = open_data("ana/filas@v1.0.0", registry).pin

    assert (pin.reference, pin.repo) == ("ana/filas@v1.0.0", "ana/filas")
    assert pin.commit == hub.tags("ana/filas")["v1.0.0"]
    assert pin.content_sha256 == version.content_sha256
    with pytest.raises(Problem, match=r"ana/filas@main: not a version, it may change at any time; .*1\.0\.0"):
        open_data("ana/filas@main", registry)
