"""config.json and generation_config.json in today's names."""

import json

from tests.installed import TRAINER, needs

torch = needs("torch", TRAINER)

from tests.train.bases import change, loaded, opened, settings
from tests.train.models import copied, falcon, refined_web_config, tokenizer
from train.base.native_config import native_config


def test_without_the_rewrite_transformers_would_build_another_model(aguila_base):
    from transformers import FalconConfig

    naive = FalconConfig.from_dict({**json.loads((aguila_base / "config.json").read_text()), "model_type": "falcon"})

    assert (naive.num_hidden_layers, naive.num_attention_heads) == (32, 71)


def test_refined_web_is_falcon_40b(aguila_base):
    old = json.loads((aguila_base / "config.json").read_text())
    new = native_config({**old, "model_type": "RefinedWeb", "n_head_kv": 8}, "x")

    assert (new["new_decoder_architecture"], new["num_kv_heads"], new["num_ln_in_parallel_attn"]) == (True, 8, 2)
    assert "n_head_kv" not in new and new["model_type"] == "falcon"


def test_multi_query_attention_has_one_key_head_and_says_so(aguila_base):
    old = json.loads((aguila_base / "config.json").read_text())
    native = {"model_type": "falcon", "num_attention_heads": 71, "num_kv_heads": 71}

    assert native_config(old, "x")["num_kv_heads"] == native_config(native, "x")["num_kv_heads"] == 1
    for more in ({"multi_query": False}, {"new_decoder_architecture": True}):
        assert native_config(native | more, "x")["num_kv_heads"] == 71


def test_dtype_has_todays_name():
    assert native_config(refined_web_config(falcon()), "x")["dtype"] == "float32"


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


def test_a_chat_models_several_ends_are_kept_where_they_are_special(llama_base, cache, tmp_path):
    folder = copied(llama_base, tmp_path / "varios")
    change(folder, "generation_config.json", eos_token_id=[2, 1, 77])

    assert settings(opened(folder, cache), "generation_config.json")["eos_token_id"] == [1, 2]
