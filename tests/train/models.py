"""Tiny random models in the shape of Águila and of a Llama, their tokenizer trained here; and a small version to train on."""

import json
import shutil
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import polars as pl
import pytest

from builders.recipes.model import Split
from builders.stages.templates import template_named
from tests.builders.rows import small_version

needs_unsloth = pytest.mark.skipif(find_spec("unsloth") is None, reason="unsloth is not installed (make unsloth)")
EOS = "<|endoftext|>"
TEXT = [
    "### Instrucción:\nResume el texto en una frase.\n\n### Entrada:\nMarta perdió el tren y llegó tarde a la estación.\n\n### Respuesta:\n",
    "Un pozo natural que se abre cuando se hunde el techo de una cueva. ¿Qué es un cenote? La capital de Chile es Santiago.",
    "Pela las patatas, córtalas en rodajas finas y fríelas a fuego lento en abundante aceite de oliva durante veinte minutos.",
    "Bate los huevos con una pizca de sal, mezcla todo y cuaja la tortilla por los dos lados en una sartén bien caliente.",
]
MODULE = "raise RuntimeError('remote code ran')\n"
# A run that is over soon, and yet changes the loss.
QUICK = ("train.max_steps=2", "train.learning_rate=0.05", "train.save_steps=0")
TINY = (
    "base.repo=null",
    "train.max_length=128",
    "train.per_device_train_batch_size=1",
    "train.gradient_accumulation_steps=2",
    "train.warmup_steps=1",
    "lora.r=4",
)


@cache
def tokenizer(hidden_bos: bool = False):
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    special = ["<s>", "</s>", "<unk>"] if hidden_bos else [EOS]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(
        TEXT,
        trainers.BpeTrainer(
            vocab_size=400, special_tokens=special, initial_alphabet=sorted(alphabet), show_progress=False
        ),
    )
    if hidden_bos:
        made.post_processor = processors.TemplateProcessing("<s> $A", special_tokens=[("<s>", 0)])
        return PreTrainedTokenizerFast(tokenizer_object=made, bos_token="<s>", eos_token="</s>", unk_token="<unk>")
    return PreTrainedTokenizerFast(tokenizer_object=made, bos_token=EOS, eos_token=EOS, unk_token=EOS, pad_token=EOS)


def _drawn(model):
    """The model with larger weights than it begins with, so that what it sees makes a difference."""
    import torch

    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 2:
                parameter.mul_(3)
    return model.eval()


@cache
def falcon(layers: int = 2, **changes):
    """A random Falcon in Águila's shape: multi-query, parallel attention, rotary, no bias, tied head."""
    import torch
    from transformers import FalconConfig, FalconForCausalLM

    torch.manual_seed(0)
    vocabulary = tokenizer()
    settings = {
        "vocab_size": len(vocabulary),
        "hidden_size": 64,
        "num_hidden_layers": layers,
        "num_attention_heads": 2,
        "multi_query": True,
        "parallel_attn": True,
        "bias": False,
        "alibi": False,
        "new_decoder_architecture": False,
        "bos_token_id": vocabulary.bos_token_id,
        "eos_token_id": vocabulary.eos_token_id,
    }
    return _drawn(FalconForCausalLM(FalconConfig(**(settings | changes))))


def refined_web_config(model) -> dict:
    """config.json with the keys of falcon-7b's in 2023."""
    config = model.config
    return {
        "alibi": config.alibi,
        "apply_residual_connection_post_layernorm": False,
        "architectures": ["RWForCausalLM"],
        "attention_dropout": 0.0,
        "auto_map": {
            "AutoConfig": "configuration_RW.RWConfig",
            "AutoModelForCausalLM": "modelling_RW.RWForCausalLM",
        },
        "bias": False,
        "bos_token_id": config.bos_token_id,
        "eos_token_id": config.eos_token_id,
        "hidden_dropout": 0.0,
        "hidden_size": config.hidden_size,
        "initializer_range": 0.02,
        "layer_norm_epsilon": 1e-05,
        "model_type": "RefinedWebModel",
        "multi_query": True,
        "n_head": config.num_attention_heads,
        "n_layer": config.num_hidden_layers,
        "parallel_attn": True,
        "torch_dtype": "float32",
        "transformers_version": "4.27.4",
        "use_cache": True,
        "vocab_size": config.vocab_size,
    }


def write_aguila(folder: Path, model=None) -> Path:
    """A checkpoint as Águila's was published: 2023 config, Python files, pickled weights, a generation config that never ends."""
    import torch

    model = model or falcon()
    tokenizer().save_pretrained(folder)
    (folder / "config.json").write_text(json.dumps(refined_web_config(model), indent=2), "utf-8")
    (folder / "generation_config.json").write_text(
        json.dumps({"_from_model_config": True, "bos_token_id": 1, "eos_token_id": 2})
    )
    for name in ("configuration_RW.py", "modelling_RW.py"):
        (folder / name).write_text(MODULE)
    torch.save({name: tensor.clone() for name, tensor in model.state_dict().items()}, folder / "pytorch_model.bin")
    return folder


def write_llama(folder: Path, chat_template: str | None = None) -> Path:
    """A native Llama in safetensors, with bos, eos, unk and no pad."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    words = tokenizer(hidden_bos=True)
    config = LlamaConfig(
        vocab_size=len(words),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        bos_token_id=words.bos_token_id,
        eos_token_id=words.eos_token_id,
        max_position_embeddings=256,
    )
    _drawn(LlamaForCausalLM(config)).save_pretrained(folder)
    words.save_pretrained(folder)
    if chat_template:
        (folder / "chat_template.jinja").write_text(chat_template, "utf-8")
    return folder


def make_version(folder: Path, **changes):
    """Seven short rows, about a third of them for validation, in the template `instruccion`."""
    return small_version(folder, **{"split": Split(validation=0.3), **changes})


def copied(source: Path, target: Path) -> Path:
    """A copy to damage."""
    return Path(shutil.copytree(source, target))


def planned(base: Path, registry: Path, cache_folder: Path, *overrides: str, recipe: str = "tiny"):
    """A plan for the plain engine on the CPU, on filas@1.0.0."""
    from train.engines import choose
    from train.methods.sft import make_plan
    from train.recipes.loading import load_recipe

    loaded = load_recipe(recipe, [*TINY, f"base.path={base}", *overrides])
    return make_plan(loaded, "filas@1.0.0", registry, choose("plain", "cpu"), cache_folder)


def rows(*pairs, template="instruccion"):
    """Rows of (instruction, output) as a version holds them."""
    frame = pl.DataFrame(
        {
            "id": [f"fila-{number}" for number in range(1, len(pairs) + 1)],
            "instruction": [question for question, _ in pairs],
            "input": ["" for _ in pairs],
            "output": [answer for _, answer in pairs],
        }
    )
    return frame.with_columns(template_named(template).columns())


@contextmanager
def files_up_to(size: int):
    """No file of this process may grow beyond `size` bytes: what writing meets on a full disk."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


if __name__ == "__main__":
    import sys

    print(write_aguila(Path(sys.argv[1])))
