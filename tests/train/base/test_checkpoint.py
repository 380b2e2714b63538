import json
import os
import pickle
import subprocess
import sys

import pytest

torch = pytest.importorskip("torch", reason="the trainer is not installed (extra: train)")

from builders.errors import Problem
from tests.train.models import EOS, copied, falcon, needs_unsloth, refined_web_config, tokenizer, write_aguila
from train.base.checkpoint import load_tokenizer, native_config, open_checkpoint
from train.base.location import fingerprint
from train.recipes.model import Base


def opened(folder, cache, **changes):
    return open_checkpoint(Base(path=str(folder), **changes), cache)


def settings(checkpoint, name):
    return json.loads((checkpoint.folder / name).read_text("utf-8"))


def change(folder, name, **values):
    old = json.loads((folder / name).read_text("utf-8"))
    (folder / name).write_text(json.dumps(old | values), "utf-8")


def loaded(folder):
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


# ---- Águila's 2023 format --------------------------------------------------------------------------------------------


def test_a_2023_checkpoint_gives_the_same_logits_natively(aguila_base, cache):
    checkpoint = opened(aguila_base, cache)

    ids = torch.arange(5, 60)[None]
    with torch.no_grad():
        assert torch.equal(loaded(checkpoint.folder)(ids).logits, falcon()(ids).logits)
    assert (checkpoint.model_type, checkpoint.layers, checkpoint.vocabulary) == ("falcon", 2, len(tokenizer()))


def test_without_the_rewrite_transformers_would_build_another_model(aguila_base):
    from transformers import FalconConfig

    naive = FalconConfig.from_dict({**json.loads((aguila_base / "config.json").read_text()), "model_type": "falcon"})

    assert (naive.num_hidden_layers, naive.num_attention_heads) == (32, 71)


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


def test_generation_ends_where_the_tokenizer_says(aguila_base, cache):
    """Trap H: the published generation config has bos 1 and eos 2."""
    checkpoint = opened(aguila_base, cache)

    eos = tokenizer().eos_token_id
    written = settings(checkpoint, "generation_config.json")
    assert (written["bos_token_id"], written["eos_token_id"]) == (eos, eos)
    model = loaded(checkpoint.folder)
    with torch.no_grad():  # a model that always says eos
        model.lm_head = torch.nn.Linear(64, len(tokenizer()))
        model.lm_head.weight.zero_()
        model.lm_head.bias.zero_()
        model.lm_head.bias[eos] = 1
        assert model.generate(torch.tensor([[5, 6]]), max_new_tokens=9, do_sample=False)[0].tolist() == [5, 6, eos]
        model.generation_config.eos_token_id = 2
        assert len(model.generate(torch.tensor([[5, 6]]), max_new_tokens=9, do_sample=False)[0]) == 11


def test_the_pad_is_an_existing_token_that_is_not_eos(aguila_base, cache):
    """Trap G: Águila's pad is its eos."""
    checkpoint = opened(aguila_base, cache)

    words = load_tokenizer(checkpoint.folder, "")
    assert (words.pad_token, words.eos_token, len(words)) == ("ÿ", EOS, checkpoint.vocabulary)
    assert words.pad_token_id != words.eos_token_id
    assert settings(checkpoint, "config.json")["pad_token_id"] == words.pad_token_id
    everything = words("Año, ñu, ü; «¿qué?» ÿ <|endoftext|>", add_special_tokens=False, split_special_tokens=True)
    assert words.pad_token_id not in everything["input_ids"]


UNSLOTH_PADS = """
import sys
import unsloth
from unsloth_zoo.pad_token import fix_pad_token
from transformers import AutoModelForCausalLM, AutoTokenizer
for folder in sys.argv[1:3]:
    words, model = AutoTokenizer.from_pretrained(folder), AutoModelForCausalLM.from_pretrained(sys.argv[2])
    result = fix_pad_token(words, model=model, model_config=model.config)
    print(bool(result["changed"]), len(words), model.get_input_embeddings().num_embeddings, file=sys.stderr)
"""


@needs_unsloth
def test_unsloth_leaves_the_pinned_pad_and_the_vocabulary_alone(aguila_base, cache):
    """Trap G: what its GPU loader does to a tokenizer, called by itself; the published one, whose pad is eos, it changes."""
    checkpoint = opened(aguila_base, cache)
    told = subprocess.run(
        [sys.executable, "-c", UNSLOTH_PADS, str(aguila_base), str(checkpoint.folder)],
        env={**os.environ, "UNSLOTH_FORCE_CPU": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    published, pinned = [line for line in told.stderr.splitlines() if line.startswith(("True", "False"))]
    assert published.startswith("True") and pinned == f"False {checkpoint.vocabulary} {checkpoint.vocabulary}"


def test_the_pad_can_be_named(aguila_base, cache):
    assert load_tokenizer(opened(aguila_base, cache, pad_token="þ").folder, "").pad_token == "þ"


@pytest.mark.parametrize("token", [EOS, "no-es-una-palabra"])
def test_a_pad_that_is_eos_or_new_is_refused(aguila_base, cache, token):
    with pytest.raises(Problem) as refused:
        opened(aguila_base, cache, pad_token=token)
    assert f"base.pad_token {token!r} is not an existing token other than eos" in str(refused.value)


def test_refined_web_is_falcon_40b(aguila_base):
    old = json.loads((aguila_base / "config.json").read_text())
    new = native_config({**old, "model_type": "RefinedWeb", "n_head_kv": 8}, "x")

    assert (new["new_decoder_architecture"], new["num_kv_heads"], new["num_ln_in_parallel_attn"]) == (True, 8, 2)
    assert "n_head_kv" not in new and new["model_type"] == "falcon"


def test_dtype_has_todays_name():
    assert native_config(refined_web_config(falcon()), "x")["dtype"] == "float32"


# ---- other models ----------------------------------------------------------------------------------------------------


def test_a_llama_passes_with_its_own_pad_and_eos(llama_base, cache):
    checkpoint = opened(llama_base, cache)

    words = load_tokenizer(checkpoint.folder, "")
    assert (checkpoint.model_type, words.pad_token, words.eos_token) == ("llama", "<unk>", "</s>")
    assert settings(checkpoint, "generation_config.json")["eos_token_id"] == words.eos_token_id
    assert (checkpoint.folder / "model.safetensors").is_symlink()


def test_safetensors_come_before_pickles(llama_base, cache, tmp_path):
    both = copied(llama_base, tmp_path / "ambos")
    (both / "pytorch_model.bin").write_bytes(b"not read")

    assert not (opened(both, cache).folder / "pytorch_model.bin").exists()


def test_a_chat_models_several_ends_are_kept_where_they_are_special(llama_base, cache, tmp_path):
    folder = copied(llama_base, tmp_path / "varios")
    change(folder, "generation_config.json", eos_token_id=[2, 1, 77])

    assert settings(opened(folder, cache), "generation_config.json")["eos_token_id"] == [1, 2]


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
    "small vocabulary": (lambda folder: change(folder, "config.json", vocab_size=100), "tokens and the model 100"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_corrupt_checkpoint_is_refused_in_one_line(aguila_base, tmp_path, case):
    damage, told = BROKEN[case]
    folder = copied(aguila_base, tmp_path / "roto")
    damage(folder)
    cache = tmp_path / "cache"

    with pytest.raises(Problem) as refused:
        opened(folder, cache)

    assert told in str(refused.value) and "\n" not in str(refused.value)
    assert not cache.exists() or not any(cache.iterdir())


def test_safetensors_cut_off_are_refused(llama_base, tmp_path):
    folder = copied(llama_base, tmp_path / "roto")
    cut(folder / "model.safetensors")
    with pytest.raises(Problem, match=r"its weights cannot be read"):
        opened(folder, tmp_path / "cache")


def test_a_folder_is_pinned_by_what_is_in_it(aguila_base, cache, tmp_path):
    pin = fingerprint(aguila_base)
    other = write_aguila(tmp_path / "otra", falcon(bos_token_id=1))

    assert opened(aguila_base, cache, sha256=pin).pin["sha256"] == pin
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
