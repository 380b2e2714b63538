"""The base's tokenizer, its pad pinned to a token that is not its end."""

import pytest

from tests.installed import TRAINER, needs

needs("torch", TRAINER)

from builders.errors import Invalid
from tests.train.bases import opened, settings
from tests.train.models import EOS
from train.base.tokenizer import load_tokenizer


def test_the_pad_is_an_existing_token_that_is_not_eos(aguila_base, cache):
    """Trap G: Águila's pad is its eos."""
    checkpoint = opened(aguila_base, cache)

    words = load_tokenizer(checkpoint.folder, "")
    assert (words.pad_token, words.eos_token, len(words)) == ("ÿ", EOS, checkpoint.vocabulary)
    assert words.pad_token_id != words.eos_token_id
    assert settings(checkpoint, "config.json")["pad_token_id"] == words.pad_token_id
    everything = words("Año, ñu, ü; «¿qué?» ÿ <|endoftext|>", add_special_tokens=False, split_special_tokens=True)
    assert words.pad_token_id not in everything["input_ids"]


def test_the_pad_can_be_named(aguila_base, cache):
    assert load_tokenizer(opened(aguila_base, cache, pad_token="þ").folder, "").pad_token == "þ"


@pytest.mark.parametrize("token", [EOS, "no-es-una-palabra"])
def test_a_pad_that_is_eos_or_new_is_refused(aguila_base, cache, token):
    with pytest.raises(Invalid) as refused:
        opened(aguila_base, cache, pad_token=token)
    assert f"base.pad_token {token!r} is not an existing token other than eos" in str(refused.value)


def test_a_llama_passes_with_its_own_pad_and_eos(llama_base, cache):
    checkpoint = opened(llama_base, cache)

    words = load_tokenizer(checkpoint.folder, "")
    assert (checkpoint.model_type, words.pad_token, words.eos_token) == ("llama", "<unk>", "</s>")
    assert settings(checkpoint, "generation_config.json")["eos_token_id"] == words.eos_token_id
    assert (checkpoint.folder / "model.safetensors").is_symlink()
