"""A base becomes a native checkpoint folder, or is refused in one line."""

import json
import pickle

import pytest

from tests.installed import TRAINER, needs

torch = needs("torch", TRAINER)

from builders.errors import Problem
from tests.train.bases import change, loaded, opened
from tests.train.models import copied, falcon, tokenizer, write_aguila
from train.base.checkpoint import open_checkpoint
from train.base.location import fingerprint
from train.recipes.model import Base

# ---- Águila's 2023 format --------------------------------------------------------------------------------------------


def test_a_2023_checkpoint_gives_the_same_logits_natively(aguila_base, cache):
    checkpoint = opened(aguila_base, cache)

    ids = torch.arange(5, 60)[None]
    with torch.no_grad():
        assert torch.equal(loaded(checkpoint.folder)(ids).logits, falcon()(ids).logits)
    assert (checkpoint.model_type, checkpoint.layers, checkpoint.vocabulary) == ("falcon", 2, len(tokenizer()))


def test_python_files_stay_behind_and_nothing_names_them(aguila_base, cache):
    checkpoint = opened(aguila_base, cache)

    names = sorted(path.name for path in checkpoint.folder.iterdir())
    assert names == [
        "config.json",
        "generation_config.json",
        "pytorch_model.bin",
        "tokenizer.json",
        "tokenizer_config.json",
    ]
    text = "".join((checkpoint.folder / name).read_text("utf-8") for name in names if name.endswith("config.json"))
    assert "auto_map" not in text and "RW" not in text and str(aguila_base) not in text


def test_weights_are_linked_not_copied(aguila_base, cache):
    checkpoint = opened(aguila_base, cache)
    assert (checkpoint.folder / "pytorch_model.bin").samefile(aguila_base / "pytorch_model.bin")


def test_the_same_base_has_the_same_folder_and_another_has_another(aguila_base, llama_base, cache, tmp_path):
    first, again = opened(aguila_base, cache), opened(aguila_base, cache)
    elsewhere = opened(aguila_base, tmp_path)

    assert first == again
    assert first.folder.name == elsewhere.folder.name and first.folder != elsewhere.folder
    assert opened(llama_base, cache).folder.name != first.folder.name
    assert sorted(path.name for path in tmp_path.iterdir()) == [elsewhere.folder.name]


# ---- other models ----------------------------------------------------------------------------------------------------


def test_safetensors_come_before_pickles(llama_base, cache, tmp_path):
    both = copied(llama_base, tmp_path / "ambos")
    (both / "pytorch_model.bin").write_bytes(b"not read")

    assert not (opened(both, cache).folder / "pytorch_model.bin").exists()


# ---- what must be refused --------------------------------------------------------------------------------------------


class Evil:
    def __reduce__(self):
        return (exec, ("raise SystemExit('pickled code ran')",))


def cut(path):
    path.write_bytes(path.read_bytes()[:-2000])


def without(model, name):
    kept = {key: tensor for key, tensor in model.state_dict().items() if key != name}
    return lambda folder: torch.save(kept, folder / "pytorch_model.bin")


def with_more(folder):
    torch.save({**falcon().state_dict(), "transformer.h.0.extra.weight": torch.ones(3)}, folder / "pytorch_model.bin")


def with_index(name):
    index = {"metadata": {}, "weight_map": {"lm_head.weight": name}}
    return lambda folder: (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index))


QKV = "transformer.h.1.self_attention.query_key_value.weight"
BROKEN = {
    "no configuration": (lambda folder: (folder / "config.json").unlink(), "it has no config.json"),
    "configuration cut off": (lambda folder: (folder / "config.json").write_text("{"), "config.json: cannot be read"),
    "configuration is a list": (lambda folder: (folder / "config.json").write_text("[]"), "must be a JSON object"),
    "unknown key": (
        lambda folder: change(folder, "config.json", rotary_percent=0.5),
        "keys that no native Falcon has (rotary_percent)",
    ),
    "other residual": (
        lambda folder: change(folder, "config.json", apply_residual_connection_post_layernorm=True),
        "has no native counterpart",
    ),
    "unknown model": (
        lambda folder: change(folder, "config.json", model_type="aguila2"),
        "no causal language model of type 'aguila2'",
    ),
    "half rewritten": (
        lambda folder: change(folder, "config.json", model_type="falcon"),
        "says falcon and has RefinedWeb's keys n_head, n_layer",
    ),
    "no weights": (lambda folder: (folder / "pytorch_model.bin").unlink(), "it has no weights"),
    "weights cut off": (lambda folder: cut(folder / "pytorch_model.bin"), "its weights cannot be read"),
    "weights that run code": (
        lambda folder: (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"lm_head.weight": Evil()})),
        "its weights cannot be read",
    ),
    "a weight missing": (lambda folder: without(falcon(), QKV)(folder), f"1 weights are missing ({QKV}"),
    "a weight too many": (with_more, "1 weights that its configuration has no place for (transformer.h.0.extra.weight"),
    "other sizes": (lambda folder: change(folder, "config.json", hidden_size=128), "its weights cannot be read"),
    "shard missing": (with_index("pytorch_model-00002-of-00002.bin"), "pytorch_model-00002-of-00002.bin: missing"),
    "shard elsewhere": (with_index("../pytorch_model.bin"), "names '../pytorch_model.bin', which is no weights file"),
    "tokenizer missing": (lambda folder: (folder / "tokenizer.json").unlink(), "its tokenizer cannot be read"),
    "tokenizer cut off": (lambda folder: cut(folder / "tokenizer.json"), "its tokenizer cannot be read"),
    "no vocabulary": (
        lambda folder: change(folder, "config.json", vocab_size=None),
        "config.json has no vocab_size",
    ),
    "small vocabulary": (lambda folder: change(folder, "config.json", vocab_size=100), "tokens and the model 100"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_corrupt_checkpoint_is_refused_in_one_line(aguila_base, tmp_path, case):
    damage, error = BROKEN[case]
    folder = copied(aguila_base, tmp_path / "roto")
    damage(folder)
    cache = tmp_path / "cache"

    with pytest.raises(Problem) as refused:
        opened(folder, cache)

    assert error in str(refused.value) and "\n" not in str(refused.value)
    assert not cache.exists() or not any(cache.iterdir())


def test_safetensors_cut_off_are_refused(llama_base, tmp_path):
    folder = copied(llama_base, tmp_path / "roto")
    cut(folder / "model.safetensors")
    with pytest.raises(Problem, match=r"its weights cannot be read"):
        opened(folder, tmp_path / "cache")


def test_a_folder_is_pinned_by_what_is_in_it(aguila_base, cache, tmp_path):
    pin = fingerprint(aguila_base)
    other = write_aguila(tmp_path / "otra", falcon(bos_token_id=1))

    assert opened(aguila_base, cache, sha256=pin).pin.sha256 == pin
    with pytest.raises(Problem, match=f"another content than the recipe pins .*expected {pin[:12]}"):
        opened(other, cache, sha256=pin)


def test_one_changed_weight_is_another_base(aguila_base, tmp_path):
    folder = copied(aguila_base, tmp_path / "otra")
    weights = {**falcon().state_dict()}
    weights["transformer.ln_f.bias"] = weights["transformer.ln_f.bias"] + 1
    torch.save(weights, folder / "pytorch_model.bin")

    assert fingerprint(folder) != fingerprint(aguila_base)


def test_a_base_that_is_nowhere_is_told(tmp_path):
    with pytest.raises(Problem, match=r"no such folder; check base.path"):
        opened(tmp_path / "nada", tmp_path)
    with pytest.raises(Problem, match=r"the recipe names no base; give base\.repo"):
        open_checkpoint(Base(), tmp_path)
