"""What the trainer's tests share. Each module says by name why it is skipped where the trainer is not installed."""

import io
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.train.models import QUICK, TINY, make_version, planned, write_aguila, write_llama
from tests.train.pairs import make_pairs


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Models this small are slower on several threads, and very much so on a busy machine; subprocesses too."""
    os.environ["OMP_NUM_THREADS"] = "1"
    if find_spec("torch"):
        import torch

        torch.set_num_threads(1)


@pytest.fixture(scope="session")
def aguila_base(tmp_path_factory):
    return write_aguila(tmp_path_factory.mktemp("aguila-tiny") / "aguila-tiny")


@pytest.fixture(scope="session")
def llama_base(tmp_path_factory):
    return write_llama(tmp_path_factory.mktemp("llama-tiny") / "llama-tiny")


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def registry(tmp_path_factory):
    """A registry with filas@1.0.0."""
    folder = tmp_path_factory.mktemp("registry")
    make_version(folder)
    return folder / "versions"


@pytest.fixture(scope="session")
def paired(registry):
    """That registry, with the pairs of pares@1.0.0 in it."""
    make_pairs(registry.parent)
    return registry


@pytest.fixture(scope="session")
def taught(aguila_base, registry, cache, tmp_path_factory):
    """An adapter of the tiny Águila that has learnt the four train rows by heart, and where they end."""
    from train.methods.sft import train

    settings = (
        "train.max_steps=120",
        "train.learning_rate=0.02",
        "train.per_device_train_batch_size=4",
        "train.gradient_accumulation_steps=1",
        "train.weight_decay=0",
    )
    shape = ("lora.r=16", "lora.lora_alpha=32", "train.eval_steps=0", "train.save_steps=0")
    plan = planned(aguila_base, registry, cache, *settings, *shape)
    return train(plan, tmp_path_factory.mktemp("taught") / "filas")


@pytest.fixture(scope="session")
def answerer(taught, aguila_base, cache):
    """That adapter, loaded."""
    from train.answers.generation import open_answerer

    return open_answerer(taught.path, str(aguila_base), "plain", "cpu", cache)


@pytest.fixture(scope="session")
def merged(taught, aguila_base, cache, tmp_path_factory):
    """That adapter and its base as one model, in fp32."""
    from train.adapters.merging import merge

    return merge(taught.path, tmp_path_factory.mktemp("merged") / "modelo", str(aguila_base), "cpu", "fp32", cache)


@pytest.fixture(scope="session")
def touched(llama_base, registry, cache, tmp_path_factory):
    """An adapter of the tiny Llama after two steps, its loss measured."""
    from train.methods.sft import train

    plan = planned(llama_base, registry, cache, "train.max_steps=2", "train.learning_rate=0.02")
    return train(plan, tmp_path_factory.mktemp("touched") / "llama")


@pytest.fixture(scope="session")
def mine(aguila_base, registry, cache, tmp_path_factory):
    """An adapter of the tiny Águila after two steps, in a folder of its own."""
    from train.methods.sft import train

    return train(planned(aguila_base, registry, cache, *QUICK), tmp_path_factory.mktemp("mine") / "mio")


class Done(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The one line that says what was wrong; nothing else may have been printed on stdout."""
        assert (self.status, self.out) == (1, ""), self.err
        assert "Traceback" not in self.err
        last = self.err.splitlines()[-1]
        assert last.startswith("error: ")
        return last.removeprefix("error: ")


@pytest.fixture
def aguila(monkeypatch, capfd, tmp_path):
    """Run a command in this process, in `tmp_path`, as a process of its own would."""
    from aguila.commands.main import main

    monkeypatch.chdir(tmp_path)

    def run(*words, stdin=None) -> Done:
        monkeypatch.setattr(sys, "argv", ["aguila", *map(str, words)])
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as ended:
            main()
        return Done(ended.value.code or 0, *capfd.readouterr())

    return run


@pytest.fixture(scope="session")
def training_words(aguila_base, registry):
    """The words of a command that trains on filas@1.0.0, its options last."""

    def words(*options, overrides=(), base=aguila_base):
        settings = [word for one in (*TINY, f"base.path={base}", *overrides) for word in ("--set", one)]
        return ["train", "sft", "tiny", "--dataset", "filas@1.0.0", "--registry", str(registry), *settings, *options]

    return words


@pytest.fixture(scope="session")
def environment(tmp_path_factory):
    """The environment of a process of our own: this code, one thread, no network, no settings of this process."""
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith(("UNSLOTH", "HF_"))},
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "HF_HOME": str(tmp_path_factory.mktemp("hub")),
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
    }
