"""An adapter on disk: checked when it is opened, on its own base, read by peft alone."""

import json

import pytest

from tests.installed import TRAINER, needs

needs("torch", TRAINER)

from builders.errors import Changed, Conflict, Invalid, NotFound
from builders.records import plain
from builders.versions.fingerprint import file_fingerprint
from tests.train.models import copied, tokenizer
from train.adapters.adapter import open_adapter, write_adapter
from train.base.checkpoint import open_checkpoint
from train.recipes.model import Base


def test_an_adapter_is_checked_when_it_is_opened(mine, tmp_path):
    damaged = copied(mine.path, tmp_path / "roto")
    weights = damaged / "adapter_model.safetensors"

    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(Changed, match=r"adapter_model.safetensors: not what training.json says"):
        open_adapter(damaged)
    weights.unlink()
    with pytest.raises(NotFound, match=r"adapter_model.safetensors is missing"):
        open_adapter(damaged)
    (damaged / "training.json").unlink()
    with pytest.raises(NotFound, match=r"not an adapter \(it has no training.json, which is written last\)"):
        open_adapter(damaged)


def test_an_adapters_base_is_its_own_and_no_other(mine, aguila_base, llama_base, cache):
    with pytest.raises(NotFound, match=r"its base is the folder 'aguila-tiny'; say where it is with --base FOLDER"):
        mine.base()
    assert open_checkpoint(mine.base(str(aguila_base)), cache).pin.sha256 == mine.record.base.sha256
    with pytest.raises(Changed, match=r"another content than the recipe pins"):
        open_checkpoint(mine.base(str(llama_base)), cache)


def test_peft_opens_it_without_this_software(mine, aguila_base, cache):
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    base = AutoModelForCausalLM.from_pretrained(open_checkpoint(Base(path=str(aguila_base)), cache).folder)

    assert PeftModel.from_pretrained(base, mine.path).peft_config["default"].r == 4
    assert len(AutoTokenizer.from_pretrained(mine.path)) == len(tokenizer())


# ---- the template ----------------------------------------------------------------------------------------------------


@pytest.fixture
def with_template(mine, tmp_path):
    """A copy of an adapter with another template.json, whose hash its record knows."""

    def write(text):
        folder = copied(mine.path, tmp_path / "otro")
        (folder / "template.json").write_text(text, "utf-8")
        record = json.loads((folder / "training.json").read_text("utf-8"))
        record["files"]["template.json"] = plain(file_fingerprint(folder / "template.json"))
        (folder / "training.json").write_text(json.dumps(record), "utf-8")
        return open_adapter(folder)

    return write


@pytest.mark.parametrize("text", ["", "[]", '{"name": "x"}', "[" * 100_000], ids=["empty", "list", "keys", "deep"])
def test_a_template_that_is_none_is_refused(with_template, text):
    with pytest.raises(Invalid, match=r"template.json: cannot be read \(.*\); train or fetch the adapter again"):
        _ = with_template(text).template


def test_a_template_whose_hash_is_not_its_own_is_refused(with_template, mine):
    other = json.loads((mine.path / "template.json").read_text("utf-8")) | {"output_marker": "### Otra:"}
    with pytest.raises(Invalid, match=r"otro: the recorded template is not what its hash says; train or fetch"):
        _ = with_template(json.dumps(other)).template


# ---- writing ---------------------------------------------------------------------------------------------------------


def test_nothing_is_written_over(mine):
    with pytest.raises(Conflict, match=r"mio: there is something already; choose another --out"):
        write_adapter(None, None, None, None, mine.path)
