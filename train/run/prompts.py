"""Prompts and answers as token ids: encoded apart, so that their boundary is one of tokens; no text forges a special token."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from builders.errors import Invalid


def encode_prompts(tokenizer: Any, prompts: Sequence[Any], where: str) -> list[list[int]]:
    """Token ids of prompts (strings or lists of messages), the same in training and in generation.

    Raises Invalid for chats with a tokenizer that has no chat template, or whose special tokens a text holds.
    """
    if prompts and not isinstance(prompts[0], str):
        texts = _chat_texts(tokenizer, prompts, where, prompt=True)
        return [list(ids) for ids in tokenizer(texts, add_special_tokens=False)["input_ids"]]
    begin = tokenizer("a")["input_ids"][:1]
    begin = begin if begin == [tokenizer.bos_token_id] else []
    return [[*begin, *ids] for ids in _plain(tokenizer, prompts)]


def encode_rows(rows: pl.DataFrame, tokenizer: Any, where: str) -> tuple[list[list[int]], list[list[int]]]:
    """Ids of all prompts, and of all answers with their end of text.

    rows: id, prompt, completion (both String, or lists of messages). Raises Invalid as `encode_prompts` does, and where the
    base's chat template writes an answer that does not follow its prompt.
    """
    prompts, completions = rows["prompt"].to_list(), rows["completion"].to_list()
    encoded = encode_prompts(tokenizer, prompts, where)
    eos = tokenizer.eos_token_id
    if rows.schema["completion"] == pl.String:
        return encoded, [[*answer, eos] for answer in _plain(tokenizer, completions)]
    whole = _chat_texts(tokenizer, [p + c for p, c in zip(prompts, completions, strict=True)], where, prompt=False)
    asked = _chat_texts(tokenizer, prompts, where, prompt=True)
    if strange := next((id for id, a, b in zip(rows["id"], whole, asked, strict=True) if not a.startswith(b)), None):
        raise Invalid(
            f"{where}: the base's chat template writes row {strange!r} so that its answer does not follow its prompt",
            "use another base, or a version with a plain template",
        )
    answers = [a[len(b) :] for a, b in zip(whole, asked, strict=True)]
    ended = tokenizer(answers, add_special_tokens=False)["input_ids"]
    return encoded, [[*_before(answer, eos), eos] for answer in ended]


def _before(tokens: list[int], end: int) -> list[int]:
    return tokens[: tokens.index(end)] if end in tokens else tokens


def _plain(tokenizer: Any, texts: Sequence[str]) -> list[list[int]]:
    """Ids of plain text: what reads like a special token is text too."""
    encoded = tokenizer(list(texts), add_special_tokens=False, split_special_tokens=True)["input_ids"]
    return [list(ids) for ids in encoded]


def _chat_texts(tokenizer: Any, chats: Sequence[Any], where: str, prompt: bool) -> list[str]:
    """Chats as the base's own template writes them; `prompt` ends where the answer begins."""
    if not tokenizer.chat_template:
        raise Invalid(
            f"{where}: its rows are chats and the base's tokenizer has no chat template",
            "use a base that has one, or a version with a plain template, such as instruccion",
        )
    special = sorted({*tokenizer.all_special_tokens, *tokenizer.added_tokens_encoder})
    for chat in chats:
        if forged := next((token for message in chat for token in special if token in message["content"]), None):
            raise Invalid(f"{where}: a row's text holds the base's special token {forged!r}", "remove that row")
    return list(tokenizer.apply_chat_template(list(chats), tokenize=False, add_generation_prompt=prompt))
