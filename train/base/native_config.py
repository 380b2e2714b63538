"""config.json and generation_config.json in today's names: Águila's 2023 RefinedWebModel format becomes native Falcon."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from builders.errors import Invalid
from train.base.location import AGAIN, read_json

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


def native_config(old: Mapping[str, Any], where: str) -> dict[str, Any]:
    """A config.json in today's names. Raises Invalid for what has no native counterpart.

    RefinedWebModel is Falcon-7B's architecture, RefinedWeb is Falcon-40B's. transformers reads a 2023 configuration
    without a word and takes its own defaults for the keys that it does not know, so every key is accounted for here.
    """
    kind = old.get("model_type")
    if not isinstance(kind, str):
        raise Invalid(f"base {where}: config.json names no model_type", AGAIN)
    if kind not in REFINED_WEB:
        if kind == "falcon" and (odd := sorted((RENAMED.keys() - {"torch_dtype"}) & old.keys())):
            raise Invalid(
                f"base {where}: config.json says falcon and has RefinedWeb's keys {', '.join(odd)}", "correct it"
            )
        return _one_kv_head({key: value for key, value in old.items() if key not in ("auto_map", "_name_or_path")})
    if old.get("apply_residual_connection_post_layernorm"):
        raise Invalid(f"base {where}: apply_residual_connection_post_layernorm=true has no native counterpart")
    if unknown := sorted(old.keys() - RENAMED.keys() - KEPT - LEFT):
        raise Invalid(
            f"base {where}: config.json has keys that no native Falcon has ({', '.join(unknown)})",
            "this checkpoint needs its own code, which is never run here",
        )
    new = {RENAMED.get(key, key): value for key, value in old.items() if key not in LEFT}
    needed = {"hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size"}
    if missing := sorted(needed - new.keys()):
        raise Invalid(f"base {where}: config.json lacks {', '.join(missing)}", AGAIN)
    new |= {
        "model_type": "falcon",
        "architectures": ["FalconForCausalLM"],
        "new_decoder_architecture": REFINED_WEB[kind],
    }
    if REFINED_WEB[kind]:
        new.setdefault("num_ln_in_parallel_attn", 2)
    return _one_kv_head(new)


def _one_kv_head(config: dict[str, Any]) -> dict[str, Any]:
    """Falcon's multi-query attention has one key and value head. transformers ignores the number there and writes that of the
    query heads, which llama.cpp's converter believes."""
    multi = config["model_type"] == "falcon" and config.get("multi_query", True)  # as FalconConfig takes it
    return config | {"num_kv_heads": 1} if multi and not config.get("new_decoder_architecture") else config


def require_native(config: Mapping[str, Any], where: str) -> None:
    """Raise Invalid for a model that transformers does not know, or whose vocabulary is not told."""
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    if config["model_type"] not in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
        raise Invalid(
            f"base {where}: transformers has no causal language model of type {config['model_type']!r}",
            "a checkpoint's own code is never run here: use another base",
        )
    if not isinstance(config.get("vocab_size"), int):
        raise Invalid(f"base {where}: config.json has no vocab_size", "use a base that is a text model alone")


def generation_config(path: Path, tokenizer: Any) -> dict[str, Any]:
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


def layers(config: Mapping[str, Any]) -> int:
    """How many layers a configuration speaks of, under any of the names for it."""
    return int(config.get("num_hidden_layers") or config.get("n_layer") or config.get("num_layers") or 0)
