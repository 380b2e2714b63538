"""What a run will hold in memory, by arithmetic."""

from pathlib import Path

import pytest

from tests.installed import TRAINER, needs

needs("torch", TRAINER)

from train.base.checkpoint import Checkpoint
from train.recipes.loading import load_recipe
from train.run.memory import Sizes, estimate


@pytest.fixture
def aguila_7b(tmp_path) -> Checkpoint:
    """The shape of Águila-7B, without weights."""
    from transformers import FalconConfig

    shape = {"hidden_size": 4544, "num_hidden_layers": 32, "num_attention_heads": 71, "vocab_size": 50257}
    flags = {"multi_query": True, "parallel_attn": True, "bias": False, "new_decoder_architecture": False}
    FalconConfig(**shape, **flags).save_pretrained(tmp_path)
    return Checkpoint(Path(tmp_path), pin=None, model_type="falcon", layers=32, vocabulary=50257)  # type: ignore[arg-type]


def test_seven_billion_weights_in_nf4_fit_a_t4(aguila_7b):
    """fp16, four full windows of answers alone: the most that the shipped recipe can meet."""
    recipe = load_recipe("aguila-7b")
    found = estimate(aguila_7b, recipe, "fp16", Sizes(length=2048, answers=2048, chunk=1024))

    assert found.adapter_parameters == 130_547_712
    assert found.base / 2**30 == pytest.approx(3.61, abs=0.03)
    assert found.adapter / 2**30 == pytest.approx(1.95, abs=0.01)
    assert found.logits == 4 * 2048 * 50257 * 2 * 2 + 3 * 1024 * 50257 * 4
    assert found.total / 2**30 < 14.5  # of 16 GiB, some of which the card itself needs


def test_only_answers_have_logits(aguila_7b):
    recipe = load_recipe("aguila-7b")
    some = estimate(aguila_7b, recipe, "bf16", Sizes(length=2048, answers=100, chunk=1024))

    assert some.logits == 400 * 50257 * (2 * 2 + 3 * 4)
