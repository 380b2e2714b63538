import sys

import pytest

from tests.installed import TRAINER, needs

torch = needs("torch", TRAINER)

from builders.errors import Problem
from tests.train.models import copied, falcon, write_aguila
from train.base.checkpoint import open_checkpoint
from train.engines import Settings, attention_on, choose, precision_on
from train.engines.loading import after_load, before_load, lora_targets
from train.recipes.model import Base, Lora, Quantization

FALCON = ["dense", "dense_4h_to_h", "dense_h_to_4h", "query_key_value"]
LLAMA = ["down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj"]


def settings(kind="nf4", **changes):
    return Settings(
        **{"device": "cpu", "precision": "fp32", "quantization": Quantization(kind=kind), "max_length": 64, **changes}
    )


def opened(folder, cache):
    return open_checkpoint(Base(path=str(folder)), cache)


def adapted(folder, cache, how):
    """A base with a new adapter, by the plain engine."""
    engine = choose("plain", "cpu")
    return engine.attach_lora(engine.load_base(opened(folder, cache), how), Lora(r=4, lora_dropout=0.0), how)


@pytest.fixture
def published_falcon():
    """transformers' own FalconLinear for a test, as it is before any engine has loaded something."""
    import transformers.models.falcon.modeling_falcon as module

    class FalconLinear(torch.nn.Linear):
        def forward(self, input):
            product = input @ self.weight.T
            return product if self.bias is None else product + self.bias

    before = module.FalconLinear
    module.FalconLinear = FalconLinear
    yield FalconLinear
    module.FalconLinear = before


# ---- choosing --------------------------------------------------------------------------------------------------------


def test_auto_without_a_gpu_is_plain_on_the_cpu():
    assert not torch.cuda.is_available()
    engine = choose()
    assert (engine.name, engine.device) == ("plain", "cpu")
    assert precision_on("cpu", "auto") == "fp32" and precision_on("cpu", "bf16") == "bf16"


@pytest.mark.parametrize(
    ("capability", "precision", "attention"), [((7, 5), "fp16", "sdpa"), ((8, 0), "bf16", "flash")]
)
def test_a_card_that_only_emulates_bf16_gets_fp16_and_no_flash(monkeypatch, capability, precision, attention):
    monkeypatch.setattr(
        torch.cuda, "is_bf16_supported", lambda including_emulation=True: including_emulation or capability >= (8, 0)
    )
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: capability)
    monkeypatch.setattr("train.engines.find_spec", lambda name: name)

    assert precision_on("cuda", "auto") == precision
    assert attention_on("cuda", precision, "auto", packing=True) == attention
    assert attention_on("cuda", precision, "auto", packing=False) == "sdpa"
    assert attention_on("cuda", "fp32", "auto", packing=True) == "sdpa"


def test_precision_and_attention_that_cannot_be_are_refused(monkeypatch):
    with pytest.raises(Problem, match=r"train.precision: fp16 needs a GPU; use --set train.precision=auto"):
        precision_on("cpu", "fp16")
    with pytest.raises(
        Problem, match=r"train.attention: flash needs a GPU of Ampere or newer, and 16 bit; use --set tr"
    ):
        attention_on("cpu", "fp32", "flash", packing=True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: (9, 0))
    with pytest.raises(
        Problem, match=r"train.attention: flash_attn is not installed; `pip install flash-attn`, or use"
    ):
        attention_on("cuda", "bf16", "flash", packing=True)


@pytest.mark.parametrize("engine", ["auto", "plain", "unsloth"])
def test_a_gpu_that_is_not_there_is_refused(engine):
    with pytest.raises(Problem, match=r"--device cuda: no CUDA GPU can be used here; .*--device cpu"):
        choose(engine, "cuda")


def test_an_engine_that_is_missing_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "unsloth", None)
    with pytest.raises(Problem, match=r"the unsloth engine is not installed; run `make unsloth`, or pip install"):
        choose("unsloth", "cpu")


def test_a_trainer_that_is_missing_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(
        Problem, match=r"loading a model needs peft; run `make train`, or pip install 'aguila-data\[train\]'"
    ):
        choose("plain", "cpu")


# ---- loading ---------------------------------------------------------------------------------------------------------


def test_every_linear_layer_of_a_falcon_is_4_bit(aguila_base, cache, published_falcon):
    """Trap A: transformers 5 quantizes modules whose type is exactly nn.Linear, and FalconLinear's is not."""
    from bitsandbytes.nn import Linear4bit

    model = choose("plain", "cpu").load_base(opened(aguila_base, cache), settings())

    assert sum(isinstance(module, Linear4bit) for module in model.modules()) == 4 * 2
    assert not isinstance(model.lm_head, Linear4bit)
    assert not any(parameter.requires_grad for parameter in model.parameters())


def test_a_silent_16_bit_load_is_refused(aguila_base, cache, published_falcon):
    """Trap A without its fix: what transformers loads when asked for 4 bits."""
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig

    checkpoint = opened(aguila_base, cache)
    model = AutoModelForCausalLM.from_pretrained(
        checkpoint.folder, quantization_config=BitsAndBytesConfig(load_in_4bit=True)
    )

    with pytest.raises(
        Problem, match=r"0 of 8 linear layers are 4-bit after loading; train with --set quantization.kind=none"
    ):
        after_load(model, checkpoint, settings())


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_falcons_linear_layer_is_torchs(dtype, published_falcon):
    from transformers import FalconForCausalLM

    config, weights, ids = falcon().config, falcon().state_dict(), torch.arange(5, 60)[None]
    found = []
    for prepare in (lambda: None, before_load):
        prepare()
        model = FalconForCausalLM(config)
        model.load_state_dict(weights)
        with torch.no_grad():
            found.append(model.to(getattr(torch, dtype)).eval()(ids).logits)
    assert torch.equal(*found)


def test_a_vocabulary_that_grew_is_refused(aguila_base, cache):
    """Trap G at run time."""
    model = choose("plain", "cpu").load_base(opened(aguila_base, cache), settings("none"))
    model.resize_token_embeddings(401)
    with pytest.raises(Problem, match=r"the vocabulary changed from 400 to 401 tokens while loading; .*base.pad_token"):
        after_load(model, opened(aguila_base, cache), settings("none"))


@pytest.mark.parametrize(("base", "targets"), [("aguila_base", FALCON), ("llama_base", LLAMA)])
@pytest.mark.parametrize("kind", ["nf4", "none"])
def test_an_adapter_is_on_every_linear_layer_but_the_head(request, cache, base, targets, kind):
    model = adapted(request.getfixturevalue(base), cache, settings(kind))

    named = {name.split(".lora_A")[0].rsplit(".", 1)[-1] for name, _ in model.named_parameters() if "lora_A" in name}
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    assert sorted(named) == targets
    assert len(trained) == 2 * 2 * len(targets) and {parameter.dtype for parameter in trained} == {torch.float32}


def test_the_seed_decides_a_new_adapter(aguila_base, cache):
    def drawn(seed):
        model = adapted(aguila_base, cache, settings("none", seed=seed))
        return torch.cat(
            [parameter.detach().flatten() for name, parameter in model.named_parameters() if "lora_A" in name]
        )

    assert torch.equal(drawn(1), drawn(1)) and not torch.equal(drawn(1), drawn(2))


def test_single_layers_can_be_chosen_and_unknown_ones_are_refused(aguila_base, cache):
    model = choose("plain", "cpu").load_base(opened(aguila_base, cache), settings("none"))

    assert lora_targets(model, Lora(target_modules=("query_key_value", "dense"))) == ["dense", "query_key_value"]
    with pytest.raises(Problem, match=r"lora.target_modules: the base has no linear layer q_proj; it has dense, "):
        lora_targets(model, Lora(target_modules=("q_proj",)))


def test_weights_that_were_damaged_since_are_told(tmp_path):
    """A base from the Hub is pinned by its commit: nothing reads its weights again before they are loaded."""
    base = write_aguila(tmp_path / "aguila-tiny")
    checkpoint = opened(base, tmp_path / "cache")
    weights = base / "pytorch_model.bin"
    weights.write_bytes(weights.read_bytes()[:200_000])

    with pytest.raises(Problem) as problem:
        choose("plain", "cpu").load_base(checkpoint, settings("none"))
    assert str(problem.value).startswith(
        "base aguila-tiny: its weights cannot be read any more (PytorchStreamReader failed"
    )
    assert str(problem.value).endswith(f"; remove {weights} and fetch the checkpoint again")


def test_safetensors_that_were_damaged_since_are_told(llama_base, tmp_path):
    base = copied(llama_base, tmp_path / "llama")
    checkpoint = opened(base, tmp_path / "cache")
    weights = base / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:20_000])

    with pytest.raises(
        Problem, match=r"base llama: its weights cannot be read any more .*; remove .*model.safetensors"
    ):
        choose("plain", "cpu").load_base(checkpoint, settings("none"))


# ---- evaluation before training (trap E) -----------------------------------------------------------------------------


def learnt(folder, cache, look_first):
    """The loss after some steps on one text, in 4 bits; with or without a forward pass without gradients before."""
    model = adapted(folder, cache, settings(precision="bf16"))
    ids = torch.arange(5, 37).repeat(2, 1)
    if look_first:
        with torch.no_grad():
            model.eval()(ids)
    model.train()
    optimizer = torch.optim.AdamW([parameter for parameter in model.parameters() if parameter.requires_grad], lr=0.02)
    for _ in range(12):
        loss = model(input_ids=ids, labels=ids).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return float(loss.detach())


def test_an_evaluation_before_training_changes_nothing(tmp_path):
    """Trap E: bitsandbytes repacks the weights on the first forward without gradients, and the gradients are wrong then."""
    base = write_aguila(tmp_path / "aguila-tiny", falcon(hidden_size=128, num_attention_heads=4))

    assert learnt(base, tmp_path / "cache", look_first=True) == learnt(base, tmp_path / "cache", look_first=False)


# ---- stored adapters -------------------------------------------------------------------------------------------------


def test_a_stored_adapter_comes_back_on_its_base(aguila_base, cache, tmp_path):
    model = adapted(aguila_base, cache, settings("none"))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                parameter.add_(0.1)
    model.save_pretrained(tmp_path / "adaptador", save_embedding_layers=False)
    engine, ids = choose("plain", "cpu"), torch.arange(5, 60)[None]

    again = engine.load_adapter(
        engine.load_base(opened(aguila_base, cache), settings("none")), tmp_path / "adaptador", False, settings("none")
    )

    with torch.no_grad():
        assert torch.equal(model.eval()(ids).logits, again(ids).logits)
    assert not again.training and not any(parameter.requires_grad for parameter in again.parameters())


def test_an_adapter_for_another_base_is_refused(aguila_base, llama_base, cache, tmp_path):
    adapted(aguila_base, cache, settings("none")).save_pretrained(tmp_path / "adaptador", save_embedding_layers=False)
    engine = choose("plain", "cpu")
    base = engine.load_base(opened(llama_base, cache), settings("none"))
    with pytest.raises(Problem, match=r"does not fit this base .*use the base that it was trained on"):
        engine.load_adapter(base, tmp_path / "adaptador", False, settings("none"))


def test_an_adapter_without_safetensors_is_refused(aguila_base, cache, tmp_path):
    adapted(aguila_base, cache, settings("none")).save_pretrained(tmp_path / "adaptador", save_embedding_layers=False)
    (tmp_path / "adaptador" / "adapter_model.safetensors").rename(tmp_path / "adaptador" / "adapter_model.bin")
    engine = choose("plain", "cpu")
    base = engine.load_base(opened(aguila_base, cache), settings("none"))
    with pytest.raises(Problem, match=r"adapter_model.safetensors is missing"):
        engine.load_adapter(base, tmp_path / "adaptador", False, settings("none"))
