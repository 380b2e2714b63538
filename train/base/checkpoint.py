"""A checkpoint made native, with no remote code: Águila's 2023 RefinedWebModel format, or any causal LM transformers knows.

The native folder holds a rewritten config.json, generation_config.json and tokenizer_config.json, and links to the
weights. Python files stay behind, nothing names them any more, and `trust_remote_code` is never passed.
"""

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from builders.errors import Problem
from train.base.location import TOKENIZER_FILES, Located, index_of, locate, read_json, weight_names
from train.recipes.model import Base

FORMAT = 1  # of the native folder; a change here makes every folder anew
# The 2023 names (configuration_RW.py of falcon-7b and falcon-40b) and what they are called now.
RENAMED = {
    "n_layer": "num_hidden_layers",
    "n_head": "num_attention_heads",
    "n_head_kv": "num_kv_heads",
    "n_embed": "hidden_size",
    "torch_dtype": "dtype",
}
KEPT = frozenset(
    (
        *(
            "alibi",
            "attention_dropout",
            "bias",
            "bos_token_id",
            "dtype",
            "eos_token_id",
            "hidden_dropout",
            "hidden_size",
        ),
        *("initializer_range", "layer_norm_epsilon", "max_position_embeddings", "multi_query", "pad_token_id"),
        *("parallel_attn", "tie_word_embeddings", "use_cache", "vocab_size"),
    )
)
# Where remote code lies, who wrote the file, and a switch that the 2023 code itself only knew as false.
LEFT = frozenset(
    (
        *("_name_or_path", "apply_residual_connection_post_layernorm", "architectures", "auto_map", "model_type"),
        "transformers_version",
    )
)
REFINED_WEB = {"RefinedWebModel": False, "RefinedWeb": True}  # → new_decoder_architecture
NAMED_PADS = ("<pad>", "[PAD]", "<|pad|>", "<|finetune_right_pad_id|>", "<|padding|>", "<unk>")
# How byte-level vocabularies spell the byte FF, which no UTF-8 text holds.
UNUSED_BYTE = "ÿ"


@dataclass(frozen=True)
class Checkpoint:
    """A native checkpoint folder, safe to load, and what it was made from.

    pin: kind (hub | folder), repo, revision, name, sha256. layers and vocabulary are the configuration's.
    """

    folder: Path
    pin: Mapping[str, Any]
    model_type: str
    layers: int
    vocabulary: int

    @property
    def told(self) -> str:
        """The base in a word, for people: no path."""
        return f"{self.pin['repo']}@{self.pin['revision'][:12]}" if self.pin["repo"] else str(self.pin["name"])


def open_checkpoint(base: Base, cache: Path | None = None, weights: bool = True) -> Checkpoint:
    """Fetch a base if need be and make it native, in `cache` (default: beside the Hub's cache).

    `weights=False` leaves the weights out, for a look at tokens and sizes. Raises Problem for a base that is missing or
    corrupt, that transformers has no native model for, or whose configuration holds keys that nobody here knows.
    """
    return native(locate(base, weights), cache or default_cache(), base.pad_token, weights)


def default_cache() -> Path:
    """`HF_HOME/aguila/checkpoints`."""
    from huggingface_hub.constants import HF_HOME

    return Path(HF_HOME) / "aguila" / "checkpoints"


def native(found: Located, cache: Path, pad_token: str | None = None, weights: bool = True) -> Checkpoint:
    """The native folder of a located base, made if it is not there yet. It appears whole or not at all.

    Its name follows from the base's pin, so the same base always has the same folder.
    """
    config = native_config(read_json(found.folder / "config.json"), found.told)
    _require_native(config, found.told)
    names = weight_names(found.folder) if weights else []
    if weights and not names:
        raise Problem(
            f"base {found.told}: it has no weights ({' or '.join(('model.safetensors', 'pytorch_model.bin'))}); fetch it again"
        )
    identity = json.dumps([FORMAT, dict(found.pin), pad_token, weights], sort_keys=True)
    folder = cache.absolute() / f"{found.pin['name']}-{hashlib.sha256(identity.encode()).hexdigest()[:16]}"
    if not _whole(folder, found.folder, names):
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".making-", dir=cache) as making:
            made = Path(making) / "checkpoint"
            made.mkdir()
            _write(made, found, config, names, pad_token)
            shutil.rmtree(folder, ignore_errors=True)
            with suppress(FileExistsError):  # another process was faster, with the same content
                made.rename(folder)
    config = read_json(folder / "config.json")
    return Checkpoint(folder, found.pin, config["model_type"], layers(config), config["vocab_size"])


def layers(config: Mapping[str, Any]) -> int:
    """How many layers a configuration speaks of, under any of the names for it."""
    return int(config.get("num_hidden_layers") or config.get("n_layer") or config.get("num_layers") or 0)


def _whole(folder: Path, source: Path, names: list[str]) -> bool:
    """Is the folder there, with links that lead to the files that are meant?"""
    return (folder / "config.json").is_file() and all(
        (folder / name).is_file() and (folder / name).samefile(source / name) for name in names
    )


def native_config(old: Mapping[str, Any], where: str) -> dict[str, Any]:
    """A config.json in today's names. Raises Problem for what has no native counterpart.

    RefinedWebModel is Falcon-7B's architecture, RefinedWeb is Falcon-40B's. transformers reads a 2023 configuration
    without a word and takes its own defaults for the keys that it does not know, so every key is accounted for here.
    """
    kind = old.get("model_type")
    if not isinstance(kind, str):
        raise Problem(f"base {where}: config.json names no model_type; fetch the checkpoint again")
    if kind not in REFINED_WEB:
        if kind == "falcon" and (odd := sorted((RENAMED.keys() - {"torch_dtype"}) & old.keys())):
            raise Problem(
                f"base {where}: config.json says falcon and has RefinedWeb's keys {', '.join(odd)}; correct it"
            )
        return {key: value for key, value in old.items() if key not in ("auto_map", "_name_or_path")}
    if old.get("apply_residual_connection_post_layernorm"):
        raise Problem(f"base {where}: apply_residual_connection_post_layernorm=true has no native counterpart")
    if unknown := sorted(old.keys() - RENAMED.keys() - KEPT - LEFT):
        raise Problem(
            f"base {where}: config.json has keys that no native Falcon has ({', '.join(unknown)}); this checkpoint "
            "needs its own code, which is never run here"
        )
    new = {RENAMED.get(key, key): value for key, value in old.items() if key not in LEFT}
    needed = {"hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size"}
    if missing := sorted(needed - new.keys()):
        raise Problem(f"base {where}: config.json lacks {', '.join(missing)}; fetch the checkpoint again")
    new |= {
        "model_type": "falcon",
        "architectures": ["FalconForCausalLM"],
        "new_decoder_architecture": REFINED_WEB[kind],
    }
    if REFINED_WEB[kind]:
        new.setdefault("num_ln_in_parallel_attn", 2)
    return new


def _require_native(config: Mapping[str, Any], where: str) -> None:
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    if config["model_type"] not in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
        raise Problem(
            f"base {where}: transformers has no causal language model of type {config['model_type']!r}; "
            "a checkpoint's own code is never run here: use another base"
        )


def _write(folder: Path, found: Located, config: dict[str, Any], names: list[str], pad_token: str | None) -> None:
    for name in TOKENIZER_FILES:
        if (found.folder / name).is_file():
            shutil.copyfile(found.folder / name, folder / name)
    if names and (index := index_of(found.folder)):
        shutil.copyfile(found.folder / index, folder / index)
    for name in names:
        _link(found.folder / name, folder / name)
    _dump(folder / "config.json", config)
    tokenizer = _pinned_tokenizer(folder, config, found.told, pad_token)
    config |= {"pad_token_id": tokenizer.pad_token_id}
    if config.get("eos_token_id") is None:
        config["eos_token_id"] = tokenizer.eos_token_id
    _dump(folder / "config.json", config)
    _dump(folder / "generation_config.json", _generation(found.folder / "generation_config.json", tokenizer))
    if names:
        _check_weights(folder, found.told)


def _link(source: Path, target: Path) -> None:
    if not source.is_file():
        raise Problem(f"{source}: missing, and the checkpoint's index names it; fetch the checkpoint again")
    try:
        target.symlink_to(source.resolve())
    except OSError:  # a file system without symbolic links
        os.link(source.resolve(), target)


def _pinned_tokenizer(folder: Path, config: Mapping[str, Any], where: str, asked: str | None) -> Any:
    """Pin the tokenizer's pad to an existing token that is not eos, and load it.

    Unsloth on a GPU replaces a pad that is eos by a new token and grows the vocabulary; a collator that ignores pads
    would ignore the eos that the model must learn.
    """
    path = folder / "tokenizer_config.json"
    old = read_json(path) if path.is_file() else {}
    settings = {key: value for key, value in old.items() if key not in ("auto_map", "name_or_path")}
    _dump(path, settings)
    tokenizer = load_tokenizer(folder, where)
    if tokenizer.eos_token_id is None:
        raise Problem(f"base {where}: its tokenizer has no eos token, so nothing would teach the model to stop")
    if len(tokenizer) > config["vocab_size"]:
        raise Problem(
            f"base {where}: its tokenizer has {len(tokenizer):,} tokens and the model {config['vocab_size']:,}; "
            "fetch the checkpoint again"
        )
    known = tokenizer.get_vocab()
    wanted = (asked,) if asked else (tokenizer.pad_token, *NAMED_PADS, UNUSED_BYTE)
    pad = next((token for token in wanted if token in known and known[token] != tokenizer.eos_token_id), None)
    if pad is None:
        told = f"base.pad_token {asked!r} is not" if asked else "none of the usual pad tokens is"
        raise Problem(f"base {where}: {told} an existing token other than eos; name one as base.pad_token")
    _dump(path, settings | {"pad_token": pad})
    specials = folder / "special_tokens_map.json"
    if specials.is_file():
        _dump(specials, read_json(specials) | {"pad_token": pad})
    return load_tokenizer(folder, where)


def load_tokenizer(folder: Path, where: str) -> Any:
    """The tokenizer of a native folder, or of an adapter. Raises Problem when it cannot be read, or names code of its own.

    On a terminal transformers would ask whether to fetch and run that code.
    """
    from transformers import AutoTokenizer

    if (folder / "tokenizer_config.json").is_file() and "auto_map" in read_json(folder / "tokenizer_config.json"):
        raise Problem(
            f"{where}: tokenizer_config.json names code of its own (auto_map), which is never run here; remove it"
        )
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    except Exception as error:  # the tokenizers library raises plain Exception for a broken file
        reason = " ".join(str(error).split())[:200]
        raise Problem(f"base {where}: its tokenizer cannot be read ({reason}); fetch the checkpoint again") from None
    tokenizer.padding_side = "right"
    return tokenizer


def _generation(path: Path, tokenizer: Any) -> dict[str, Any]:
    """A generation_config.json whose tokens are the tokenizer's. Águila's says eos 2, and generation never stops.

    A chat model may end on several tokens: those stay that are special tokens of its tokenizer.
    """
    old = read_json(path) if path.is_file() else {}
    said = old.get("eos_token_id")
    special = {*tokenizer.all_special_ids, *tokenizer.added_tokens_decoder}
    ends = sorted(
        {tokenizer.eos_token_id, *(one for one in (said if isinstance(said, list) else [said]) if one in special)}
    )
    new = {key: value for key, value in old.items() if key not in ("transformers_version", "_from_model_config")}
    new |= {"eos_token_id": ends[0] if len(ends) == 1 else ends, "pad_token_id": tokenizer.pad_token_id}
    return new | ({} if tokenizer.bos_token_id is None else {"bos_token_id": tokenizer.bos_token_id})


def _check_weights(folder: Path, where: str) -> None:
    """Read every tensor's name and shape, not its numbers: what is missing would silently be made up at random."""
    import torch
    from transformers import AutoModelForCausalLM

    without_bars()
    try:
        _, told = AutoModelForCausalLM.from_pretrained(
            str(folder), device_map="meta", dtype=torch.float32, output_loading_info=True, local_files_only=True
        )
    except Exception as error:  # torch, safetensors, pickle and transformers each raise their own
        reason = " ".join(str(error).split())[:200]
        raise Problem(f"base {where}: its weights cannot be read ({reason}); fetch the checkpoint again") from None
    if lacking := sorted(told["missing_keys"]):
        raise Problem(
            f"base {where}: {len(lacking)} weights are missing ({', '.join(lacking[:3])}…); fetch the checkpoint again"
        )
    # Tables that old files hold and that are computed today.
    if surplus := sorted(key for key in told["unexpected_keys"] if not key.endswith((".inv_freq", ".masked_bias"))):
        raise Problem(
            f"base {where}: {len(surplus)} weights that its configuration has no place for ({', '.join(surplus[:3])}…); "
            "config.json and weights do not belong together"
        )


def without_bars() -> None:
    """Bars of transformers are for people who look."""
    from transformers.utils import logging

    if not sys.stderr.isatty():
        logging.disable_progress_bar()


def _dump(path: Path, values: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(values, ensure_ascii=False, indent=2, sort_keys=True) + "\n", "utf-8")
