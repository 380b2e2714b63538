"""The base's tokenizer: read without running code, its pad pinned to a token that is not its end."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from builders.errors import Invalid
from train.base.location import AGAIN, read_json
from train.failures import in_a_line

NAMED_PADS = ("<pad>", "[PAD]", "<|pad|>", "<|finetune_right_pad_id|>", "<|padding|>", "<unk>")
# How byte-level vocabularies spell the byte FF, which no UTF-8 text holds.
UNUSED_BYTE = "ÿ"


def load_tokenizer(folder: Path, where: str) -> Any:
    """The tokenizer of a native folder, or of an adapter. Raises Invalid when it cannot be read, or names code of its own.

    On a terminal transformers would ask whether to fetch and run that code.
    """
    from transformers import AutoTokenizer

    if (folder / "tokenizer_config.json").is_file() and "auto_map" in read_json(folder / "tokenizer_config.json"):
        raise Invalid(
            f"{where}: tokenizer_config.json names code of its own (auto_map), which is never run here", "remove it"
        )
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    except Exception as error:  # the tokenizers library raises plain Exception for a broken file
        raise Invalid(f"base {where}: its tokenizer cannot be read ({in_a_line(error)})", AGAIN) from None
    tokenizer.padding_side = "right"
    return tokenizer


def pin_pad(folder: Path, config: Mapping[str, Any], where: str, asked: str | None) -> Any:
    """Pin the tokenizer's pad to an existing token that is not eos, and load it.

    Unsloth on a GPU replaces a pad that is eos by a new token and grows the vocabulary; a collator that ignores pads
    would ignore the eos that the model must learn.
    """
    path = folder / "tokenizer_config.json"
    old = read_json(path) if path.is_file() else {}
    settings = {key: value for key, value in old.items() if key not in ("auto_map", "name_or_path")}
    write_json(path, settings)
    tokenizer = load_tokenizer(folder, where)
    if tokenizer.eos_token_id is None:
        raise Invalid(f"base {where}: its tokenizer has no eos token, so nothing would teach the model to stop")
    if len(tokenizer) > config["vocab_size"]:
        raise Invalid(
            f"base {where}: its tokenizer has {len(tokenizer):,} tokens and the model {config['vocab_size']:,}", AGAIN
        )
    known = tokenizer.get_vocab()
    wanted = (asked,) if asked else (tokenizer.pad_token, *NAMED_PADS, UNUSED_BYTE)
    pad = next((token for token in wanted if token in known and known[token] != tokenizer.eos_token_id), None)
    if pad is None:
        what = f"base.pad_token {asked!r} is not" if asked else "none of the usual pad tokens is"
        raise Invalid(f"base {where}: {what} an existing token other than eos", "name one as base.pad_token")
    write_json(path, settings | {"pad_token": pad})
    specials = folder / "special_tokens_map.json"
    if specials.is_file():
        write_json(specials, read_json(specials) | {"pad_token": pad})
    return load_tokenizer(folder, where)


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Write a configuration as JSON, keys sorted."""
    path.write_text(json.dumps(values, ensure_ascii=False, indent=2, sort_keys=True) + "\n", "utf-8")
