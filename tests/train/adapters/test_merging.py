"""Merged models: whole, in 16 bit, the same as base and adapter, and nothing half-written."""

import json

import pytest

torch = pytest.importorskip("torch", reason="the trainer is not installed (extra: train)")

from builders.errors import Problem
from builders.records import to_json
from builders.versions.fingerprint import file_fingerprint
from tests.train.models import files_up_to, planned
from train.adapters import merging
from train.adapters.merging import merge, require_unquantized
from train.answers.generation import Question
from train.answers.sampling import Sampling
from train.engines import Settings, choose
from train.methods.sft import train
from train.recipes.model import Quantization

FILES = [
    *("config.json", "generation_config.json", "merging.json", "model.safetensors"),
    *("template.json", "tokenizer.json", "tokenizer_config.json"),
]


def refused(*arguments, **options):
    with pytest.raises(Problem) as problem:
        merge(*arguments, **options)
    return str(problem.value)


def weights(folder):
    from safetensors.torch import load_file

    return load_file(folder / "model.safetensors")


@pytest.fixture(scope="module")
def merged(taught, aguila_base, cache, tmp_path_factory):
    return merge(taught.path, tmp_path_factory.mktemp("merged") / "modelo", str(aguila_base), "cpu", "fp32", cache)


# ---- what is written -------------------------------------------------------------------------------------------------


def test_the_folder_is_a_whole_model_and_names_no_path_nor_code(merged, aguila_base, taught, tmp_path):
    assert sorted(path.name for path in merged.path.iterdir()) == FILES
    assert [path.name for path in merged.path.parent.iterdir()] == ["modelo"]
    record = json.loads((merged.path / "merging.json").read_text("utf-8"))
    assert record == json.loads(to_json(merged.record))
    assert merged.record.files == {
        name: file_fingerprint(merged.path / name) for name in FILES if name != "merging.json"
    }
    parts = ("base", "data", "template")
    assert [getattr(merged.record, part) for part in parts] == [getattr(taught.record, part) for part in parts]
    assert merged.record.adapter.training_sha256 == file_fingerprint(taught.path / "training.json").sha256
    texts = "".join(path.read_text("utf-8") for path in merged.path.glob("*.json"))
    for secret in (
        str(aguila_base.parent),
        str(taught.path.parent),
        str(merged.path.parent),
        "auto_map",
        "modelling_RW",
    ):
        assert secret not in texts


def test_transformers_alone_loads_it_and_it_answers_and_stops(merged, answerer):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(merged.path).eval()
    tokenizer = AutoTokenizer.from_pretrained(merged.path)
    prompt = answerer.template.render("¿Qué es un cenote?")
    ids = tokenizer(prompt, return_tensors="pt", return_token_type_ids=False)
    made = model.generate(**ids, max_new_tokens=80)[0, ids["input_ids"].shape[1] :]

    learnt = next(answerer.answers([Question("¿Qué es un cenote?")], Sampling(80)))
    assert tokenizer.decode(made, skip_special_tokens=True) == learnt.text
    assert made[-1] == tokenizer.eos_token_id and len(made) == learnt.tokens + 1


def test_in_fp32_the_logits_are_those_of_base_and_adapter(merged):
    check = merged.record.check

    assert check.max_difference < 1e-4 and check.same_next_token == check.tokens > 100


def test_it_is_16_bit_and_the_same_bytes_each_time(touched, llama_base, cache, tmp_path):
    first, second = (merge(touched.path, tmp_path / name, str(llama_base), "cpu", cache=cache) for name in ("a", "b"))

    assert {tensor.dtype for tensor in weights(first.path).values()} == {torch.bfloat16}
    assert first.record == second.record and first.record.precision == "bf16"
    assert (first.path / "merging.json").read_bytes() == (second.path / "merging.json").read_bytes()
    generation = json.loads((first.path / "generation_config.json").read_text("utf-8"))
    assert generation["eos_token_id"] == 1 and generation["pad_token_id"] == 2


# ---- never into 4 bit ------------------------------------------------------------------------------------------------


def test_an_adapter_that_was_trained_in_4_bit_is_merged_into_the_unrounded_base(aguila_base, registry, cache, tmp_path):
    from safetensors.torch import load_file

    plan = planned(
        aguila_base,
        registry,
        cache,
        "quantization.kind=nf4",
        "train.max_steps=2",
        "train.learning_rate=0.02",
        "train.eval_steps=0",
        "train.save_steps=0",
    )
    adapter = train(plan, tmp_path / "nf4")
    merged = merge(adapter.path, tmp_path / "modelo", str(aguila_base), "cpu", "fp32", cache)
    name = "transformer.h.0.self_attention.query_key_value"
    base = torch.load(aguila_base / "pytorch_model.bin", weights_only=True)[f"{name}.weight"]
    lora = load_file(adapter.path / "adapter_model.safetensors")
    down, up = (lora[f"base_model.model.{name}.lora_{part}.weight"] for part in "AB")
    learnt = up @ down * 16 / 4  # alpha over r

    found = weights(merged.path)[f"{name}.weight"]
    assert learnt.abs().max() > 1e-4
    torch.testing.assert_close(found, base + learnt, rtol=0, atol=1e-6)

    import bitsandbytes.functional as nf4

    rounded = nf4.dequantize_4bit(*nf4.quantize_4bit(base, quant_type="nf4"))
    assert (rounded - base).abs().max() > 0.01  # what a merge into 4-bit weights would be wrong by, and more


def test_a_model_that_is_held_in_4_bit_is_refused(answerer):
    settings = Settings("cpu", "fp32", Quantization(kind="nf4"), max_length=128)
    model = choose("plain", "cpu").load_base(answerer.checkpoint, settings)

    with pytest.raises(Problem, match="a merge needs it in 16"):
        require_unquantized(model)


# ---- refused, with nothing left --------------------------------------------------------------------------------------


def test_a_model_that_says_something_else_is_not_kept(touched, llama_base, cache, tmp_path, monkeypatch):
    monkeypatch.setitem(merging.TOLERANCE, "bf16", 0.0)
    error = refused(touched.path, tmp_path / "modelo", str(llama_base), "cpu", cache=cache)

    assert error.startswith("the merged model differs from base and adapter: a logit by ")
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_already_is_left_alone(taught, tmp_path):
    (tmp_path / "nota.txt").write_text("mía")

    assert refused(taught.path, tmp_path) == f"{tmp_path}: there is something already; choose another folder"
    assert [path.name for path in tmp_path.iterdir()] == ["nota.txt"]


def test_another_base_is_refused(taught, llama_base, cache, tmp_path):
    error = refused(taught.path, tmp_path / "modelo", str(llama_base), "cpu", cache=cache)

    assert error.startswith(f"base {llama_base}: another content than the recipe pins")
    assert list(tmp_path.iterdir()) == []


def test_no_adapter_is_no_adapter(tmp_path):
    assert refused(tmp_path / "nada", tmp_path / "modelo").endswith(
        "nada: not an adapter (it has no training.json, which is written last)"
    )


def test_a_full_disk_is_one_line_and_leaves_nothing(taught, aguila_base, cache, tmp_path):
    with files_up_to(50_000):
        error = refused(taught.path, tmp_path / "modelo", str(aguila_base), "cpu", cache=cache)

    assert error.startswith(f"{tmp_path / 'modelo'}: could not be written (")
    assert error.endswith("); free space there, then run again") and "\n" not in error
    assert list(tmp_path.iterdir()) == []
