"""Merged models: whole, in 16 bit, the same as base and adapter, and nothing half-written."""

import json
import re

import pytest

from tests.installed import TRAINER, needs
from tests.processes import TRAINING, processes

torch = needs("torch", TRAINER)

from builders.errors import Problem
from builders.records import to_json
from builders.versions.fingerprint import file_fingerprint
from cards.shared.vocabulary import card_faults
from tests.train.models import files_up_to, planned
from train.adapters import merging
from train.adapters.merging import merge, require_unquantized
from train.answers.generation import Question, open_answerer
from train.answers.sampling import Sampling
from train.engines import Settings, choose
from train.methods.sft import train
from train.recipes.model import Quantization
from train.run.loss import mean_loss

FILES = [
    *("README.md", "config.json", "generation_config.json", "merging.json", "model.safetensors"),
    *("template.json", "tokenizer.json", "tokenizer_config.json"),
]


def refused(*arguments, **options):
    with pytest.raises(Problem) as problem:
        merge(*arguments, **options)
    return str(problem.value)


def weights(folder):
    from safetensors.torch import load_file

    return load_file(folder / "model.safetensors")


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
    assert json.loads((merged.path / "config.json").read_text("utf-8"))["num_kv_heads"] == 1
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


@pytest.fixture(scope="module")
def nf4(aguila_base, registry, cache, tmp_path_factory):
    """An adapter that was trained on the base in 4 bit."""
    quick = ("train.max_steps=2", "train.learning_rate=0.02", "train.eval_steps=0", "train.save_steps=0")
    plan = planned(aguila_base, registry, cache, "quantization.kind=nf4", *quick)
    return train(plan, tmp_path_factory.mktemp("nf4") / "nf4")


def test_an_adapter_that_was_trained_in_4_bit_is_merged_into_the_unrounded_base(nf4, aguila_base, cache, tmp_path):
    from safetensors.torch import load_file

    adapter = nf4
    merged = merge(adapter.path, tmp_path / "modelo", str(aguila_base), "cpu", "fp32", cache)
    name = "transformer.h.0.self_attention.query_key_value"
    base = torch.load(aguila_base / "pytorch_model.bin", weights_only=True)[f"{name}.weight"]
    lora = load_file(adapter.path / "adapter_model.safetensors")
    down, up = (lora[f"base_model.model.{name}.lora_{part}.weight"] for part in "AB")
    learnt = up @ down * 16 / 4  # alpha over r

    found = weights(merged.path)[f"{name}.weight"]
    assert learnt.abs().max() > 1e-4
    torch.testing.assert_close(found, base + learnt, rtol=0, atol=1e-6)

    import bitsandbytes.functional as bits

    rounded = bits.dequantize_4bit(*bits.quantize_4bit(base, quant_type="nf4"))
    assert (rounded - base).abs().max() > 0.01  # what a merge into 4-bit weights would be wrong by, and more


def test_a_model_that_is_held_in_4_bit_is_refused(answerer):
    settings = Settings("cpu", "fp32", Quantization(kind="nf4"), max_length=128)
    model = choose("plain", "cpu").load_base(answerer.checkpoint, settings)

    with pytest.raises(Problem, match="a merge needs it in 16"):
        require_unquantized(model)


@pytest.mark.parametrize("kind", ["pissa", "olora"])
def test_an_adapter_that_changed_its_base_when_it_began_is_reloaded_and_merged_as_it_was_trained(
    llama_base, registry, cache, tmp_path, kind
):
    """peft takes the same part out of the base again when it loads such an adapter."""
    whole = ("quantization.kind=none", "train.learning_rate=0.02", f"lora.init_lora_weights={kind}")
    plan = planned(llama_base, registry, cache, "train.max_steps=2", "train.save_steps=0", *whole)
    adapter = train(plan, tmp_path / "mio")
    reloaded = open_answerer(adapter.path, str(llama_base), "plain", "cpu", cache)
    merged = merge(adapter.path, tmp_path / "modelo", str(llama_base), "cpu", "fp32", cache)

    metrics, check = adapter.record.metrics, merged.record.check
    loss, _ = mean_loss(reloaded.model, plan.validation, plan.tokenizer.pad_token_id, 2)
    assert loss == pytest.approx(metrics.eval_loss, rel=1e-6) != metrics.first_eval_loss
    assert check.max_difference < 1e-4 and check.same_next_token == check.tokens


# ---- the code of the cards -------------------------------------------------------------------------------------------

# Each piece of code as it stands, in a folder where "made" leads to what it is of, and the name of the base to the base; none of it may be ours.
OUTSIDE = """
import contextlib, io, json, os, sys

OURS = {"aguila", "builders", "cards", "filters", "train", "tests"}

class Barred:
    def find_spec(self, name, *_):
        if name.partition(".")[0] in OURS:
            raise AssertionError(f"{name} was imported")

sys.meta_path.insert(0, Barred())
for name in [name for name in sys.modules if name.partition(".")[0] in OURS]:
    del sys.modules[name]
from transformers import GenerationMixin

generate = GenerationMixin.generate  # what learnt to end, ends sooner than this; what did not would be slow
GenerationMixin.generate = lambda self, *_, **options: generate(self, *_, **options | {"max_new_tokens": 40})
for folder, code in json.load(sys.stdin):
    os.chdir(folder)
    import torch
    import transformers.models.falcon.modeling_falcon as falcon
    falcon.FalconLinear = type("FalconLinear", (torch.nn.Linear,), {})  # as a fresh process has it
    known = {}
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(code, known)
    quantized = sum(type(one).__name__.endswith("Linear4bit") for one in known["model"].modules())
    print(json.dumps([said.getvalue(), quantized]))
sys.exit()
"""


def codes(folder):
    return re.findall(r"^```python\n(.*?)^```", (folder / "README.md").read_text("utf-8"), re.M | re.S)


def test_the_code_of_each_card_runs_without_this_package(
    taught, nf4, merged, answerer, aguila_base, environment, tmp_path
):
    """In a process of its own, on the base as it was published in 2023: transformers, peft and bitsandbytes alone."""
    tasks = []
    for name, folder in (("taught", taught.path), ("nf4", nf4.path), ("merged", merged.path)):
        (tmp_path / name).mkdir()
        for place, what in (("made", folder), ("aguila-tiny", aguila_base)):
            (tmp_path / name / place).symlink_to(what)
        tasks += [(str(tmp_path / name), code.replace('= "."  #', '= "made"  #')) for code in codes(folder)]
    with processes(tmp_path, TRAINING, **environment) as start:
        process = start(first=OUTSIDE)
        process.stdin.write(json.dumps(tasks))
        said, errors = process.communicate()

    assert process.returncode == 0, errors
    found = [json.loads(line) for line in said.splitlines()]
    learnt = next(answerer.answers([Question("¿Qué es un cenote?")], Sampling(80))).text
    assert [quantized > 0 for _, quantized in found] == [False, True, False, True] == [False, True] * (len(tasks) // 2)
    assert (found[0][0], found[2][0]) == (f"{learnt}\n", f"{learnt}\n")


def test_the_card_of_a_merged_model(merged, taught):
    card = (merged.path / "README.md").read_text("utf-8")

    assert card_faults(card, "model") == []
    assert f"weights sha256 `{taught.record.weights_sha256}`" in card
    assert taught.record.data.content_sha256 in card and "## Licence" in card and "### Instrucción:" in card


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
    assert refused(tmp_path / "nada", tmp_path / "modelo").endswith("nada: no such folder, so no adapter")


def test_a_full_disk_is_one_line_and_leaves_nothing(taught, aguila_base, cache, tmp_path):
    with files_up_to(50_000):
        error = refused(taught.path, tmp_path / "modelo", str(aguila_base), "cpu", cache=cache)

    assert error.startswith(f"{tmp_path / 'modelo'}: could not be written (")
    assert error.endswith("); free space there, then run again") and "\n" not in error
    assert list(tmp_path.iterdir()) == []
