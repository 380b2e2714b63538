"""Prompts and answers as token ids: encoded apart, so that their boundary is one of tokens; no text forges an added token."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from builders.errors import Invalid
from train.run.added_tokens import encode_apart, encode_marked, marked_cuts


def encode_prompts(tokenizer: Any, prompts: Sequence[Any], where: str) -> list[list[int]]:
    """Token ids of prompts (strings or lists of messages), the same in training and in generation.

    Raises Invalid for chats with a tokenizer that has no chat template.
    """
    if prompts and not isinstance(prompts[0], str):
        safe, mark = _safe_chats(tokenizer, prompts)
        return encode_marked(tokenizer, _chat_texts(tokenizer, safe, where, prompt=True), mark)
    begin = tokenizer("a")["input_ids"][:1]
    begin = begin if begin == [tokenizer.bos_token_id] else []
    return [[*begin, *ids] for ids in encode_apart(tokenizer, prompts)]


def encode_rows(rows: pl.DataFrame, tokenizer: Any, where: str) -> tuple[list[list[int]], list[list[int]]]:
    """Ids of all prompts, and of all answers with their end of text.

    rows: id, prompt, completion (both String, or lists of messages). Raises Invalid as `encode_prompts` does, and where the
    base's chat template writes an answer that does not follow its prompt.
    """
    prompts, completions = rows["prompt"].to_list(), rows["completion"].to_list()
    eos = tokenizer.eos_token_id
    if rows.schema["completion"] == pl.String:
        encoded = encode_prompts(tokenizer, prompts, where)
        return encoded, [[*answer, eos] for answer in encode_apart(tokenizer, completions)]
    chats, mark = _safe_chats(tokenizer, [p + c for p, c in zip(prompts, completions, strict=True)])
    whole = _chat_texts(tokenizer, chats, where, prompt=False)
    asked = _chat_texts(tokenizer, [chat[: len(p)] for chat, p in zip(chats, prompts, strict=True)], where, prompt=True)
    if strange := next((id for id, a, b in zip(rows["id"], whole, asked, strict=True) if not a.startswith(b)), None):
        raise Invalid(
            f"{where}: the base's chat template writes row {strange!r} so that its answer does not follow its prompt",
            "use another base, or a version with a plain template",
        )
    answers = [a[len(b) :] for a, b in zip(whole, asked, strict=True)]
    ended = encode_marked(tokenizer, answers, mark)
    return encode_marked(tokenizer, asked, mark), [[*_before(answer, eos), eos] for answer in ended]


def _before(tokens: list[int], end: int) -> list[int]:
    return tokens[: tokens.index(end)] if end in tokens else tokens


def _safe_chats(tokenizer: Any, chats: Sequence[Any]) -> tuple[list[Any], str]:
    """Chats with marks inside what would read as an added token, and the mark."""
    safe, mark = marked_cuts(tokenizer, [message["content"] for chat in chats for message in chat])
    return [[m | {"content": safe.get(m["content"], m["content"])} for m in chat] for chat in chats], mark


def _chat_texts(tokenizer: Any, chats: Sequence[Any], where: str, prompt: bool) -> list[str]:
    """Chats as the base's own template writes them; `prompt` ends where the answer begins."""
    if not tokenizer.chat_template:
        raise Invalid(
            f"{where}: its rows are chats and the base's tokenizer has no chat template",
            "use a base that has one, or a version with a plain template, such as instruccion",
        )
    return list(tokenizer.apply_chat_template(list(chats), tokenize=False, add_generation_prompt=prompt))
