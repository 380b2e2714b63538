"""Rows become token ids: prompt and completion apart, the loss on the answer only, the end of text once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from builders.errors import Problem

IGNORED = -100  # the label that every loss of torch and transformers leaves out
NAMED = 20  # ids of rows that a message names at most


@dataclass(frozen=True)
class Examples:
    """Rows as token ids, one after the other.

    ids: (n,) row ids. tokens: all tokens, flat. starts: (n + 1,) where each row's tokens begin. prompts: (n,) how many of
    a row's tokens are its prompt. truncated: ids of rows whose answer is cut at the window. left_out: ids of rows whose
    prompt alone fills the window, so that nothing of them can be learnt.
    """

    ids: tuple[str, ...]
    tokens: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]
    prompts: npt.NDArray[np.int64]
    truncated: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """(n,) tokens of each row."""
        return np.diff(self.starts)

    def row(self, index: int) -> npt.NDArray[np.int32]:
        """One row's tokens: prompt, answer, end of text."""
        return self.tokens[self.starts[index] : self.starts[index + 1]]

    def labels(self, index: int) -> npt.NDArray[np.int32]:
        """One row's tokens with the prompt's replaced by IGNORED."""
        labels = self.row(index).copy()
        labels[: self.prompts[index]] = IGNORED
        return labels

    def every(self, step: int, first: int) -> "Examples | None":
        """Each `step`-th row from `first`, or None where there is none."""
        rows = range(first, len(self), step)
        if not rows:
            return None
        sizes = self.lengths[list(rows)]
        return Examples(
            ids=tuple(self.ids[row] for row in rows),
            tokens=np.concatenate([self.row(row) for row in rows]),
            starts=np.concatenate(([0], np.cumsum(sizes))),
            prompts=self.prompts[list(rows)],
        )

    def statistics(self) -> dict[str, Any]:
        """Counts of rows and tokens; `left_out` names rows."""
        lengths = self.lengths
        return {
            "rows": len(self),
            "tokens": int(lengths.sum()),
            "answer_tokens": int((lengths - self.prompts).sum()),
            "median": int(np.median(lengths)),
            "longest": int(lengths.max()),
            "truncated": len(self.truncated),
            "left_out": list(self.left_out),
        }


def encode(rows: pl.DataFrame, tokenizer: Any, length: int, where: str) -> Examples:
    """Token ids of a split (columns id, prompt, completion: both String, or lists of messages).

    Prompt and completion are encoded apart, so that their boundary is a boundary of tokens, and no text of a row can
    become a special token. The end-of-text token stands once, at the end, unless the window cuts the answer. Raises
    Problem when no row has room for an answer, and for chats with a tokenizer that has no chat template.
    """
    prompts, answers = _encoded(rows, tokenizer, where)
    kept: list[tuple[str, int]] = []
    pieces: list[list[int]] = []
    truncated: list[str] = []
    left_out: list[str] = []
    for id, prompt, answer in zip(rows["id"].to_list(), prompts, answers, strict=True):
        room = length - len(prompt)
        if room < 1:
            left_out.append(id)
            continue
        if len(answer) > room:
            truncated.append(id)
        kept.append((id, len(prompt)))
        pieces += [prompt, answer[:room]]
    if not kept:
        raise Problem(
            f"{where}: every row's prompt alone fills the window of {length} tokens; raise train.length, or train on other rows"
        )
    sizes = [len(prompt) + len(answer) for prompt, answer in zip(pieces[::2], pieces[1::2], strict=True)]
    return Examples(
        ids=tuple(id for id, _ in kept),
        tokens=np.fromiter((token for piece in pieces for token in piece), np.int32, sum(sizes)),
        starts=np.concatenate(([0], np.cumsum(sizes, dtype=np.int64))),
        prompts=np.array([size for _, size in kept], np.int64),
        truncated=tuple(truncated),
        left_out=tuple(left_out),
    )


def encode_prompts(tokenizer: Any, prompts: Sequence[Any], where: str) -> list[list[int]]:
    """Token ids of prompts (strings or lists of messages) as the model was trained on them, for generation."""
    return _prompt_ids(tokenizer, prompts, where)


def _encoded(rows: pl.DataFrame, tokenizer: Any, where: str) -> tuple[list[list[int]], list[list[int]]]:
    """Ids of all prompts, and of all answers with their end of text."""
    prompts, completions = rows["prompt"].to_list(), rows["completion"].to_list()
    encoded = _prompt_ids(tokenizer, prompts, where)
    eos = tokenizer.eos_token_id
    if rows.schema["completion"] == pl.String:
        return encoded, [[*answer, eos] for answer in _plain(tokenizer, completions)]
    whole = _chat_texts(tokenizer, [p + c for p, c in zip(prompts, completions, strict=True)], where, prompt=False)
    asked = _chat_texts(tokenizer, prompts, where, prompt=True)
    if strange := next((id for id, a, b in zip(rows["id"], whole, asked, strict=True) if not a.startswith(b)), None):
        raise Problem(
            f"{where}: the base's chat template writes row {strange!r} so that its answer does not follow its prompt; use "
            "another base, or a version with a plain template"
        )
    answers = [a[len(b) :] for a, b in zip(whole, asked, strict=True)]
    ended = tokenizer(answers, add_special_tokens=False)["input_ids"]
    return encoded, [[*_before(answer, eos), eos] for answer in ended]


def _before(tokens: list[int], end: int) -> list[int]:
    return tokens[: tokens.index(end)] if end in tokens else tokens


def _prompt_ids(tokenizer: Any, prompts: Sequence[Any], where: str) -> list[list[int]]:
    if prompts and not isinstance(prompts[0], str):
        texts = _chat_texts(tokenizer, prompts, where, prompt=True)
        return [list(ids) for ids in tokenizer(texts, add_special_tokens=False)["input_ids"]]
    begin = tokenizer("a")["input_ids"][:1]
    begin = begin if begin == [tokenizer.bos_token_id] else []
    return [[*begin, *ids] for ids in _plain(tokenizer, prompts)]


def _plain(tokenizer: Any, texts: Sequence[str]) -> list[list[int]]:
    """Ids of plain text: what reads like a special token is text too."""
    encoded = tokenizer(list(texts), add_special_tokens=False, split_special_tokens=True)["input_ids"]
    return [list(ids) for ids in encoded]


def _chat_texts(tokenizer: Any, chats: Sequence[Any], where: str, prompt: bool) -> list[str]:
    """Chats as the base's own template writes them; `prompt` ends where the answer begins."""
    if not tokenizer.chat_template:
        raise Problem(
            f"{where}: its rows are chats and the base's tokenizer has no chat template; use a base that has one, or a "
            "version with a plain template, such as instruccion"
        )
    special = sorted({*tokenizer.all_special_tokens, *tokenizer.added_tokens_encoder})
    for chat in chats:
        if forged := next((token for message in chat for token in special if token in message["content"]), None):
            raise Problem(f"{where}: a row's text holds the base's special token {forged!r}; remove that row")
    return list(tokenizer.apply_chat_template(list(chats), tokenize=False, add_generation_prompt=prompt))


def order(count: int, seed: int, epoch: int) -> npt.NDArray[np.int64]:
    """A permutation of `count` things, the same for a seed and epoch on every machine."""
    keys = np.random.PCG64([seed, epoch]).random_raw(count)
    return np.argsort(keys, kind="stable")


def padded_share(lengths: npt.NDArray[np.int64], batch: int, seed: int) -> float:
    """Share of the first epoch's tokens that only fill up short rows."""
    ordered = lengths[order(len(lengths), seed, 0)]
    cells = sum(int(part.max()) * len(part) for part in _parts(ordered, batch))
    return 1 - int(lengths.sum()) / cells


def _parts(values: npt.NDArray[np.int64], size: int) -> Iterator[npt.NDArray[np.int64]]:
    return (values[at : at + size] for at in range(0, len(values), size))


def shown(examples: Examples, index: int, tokenizer: Any) -> tuple[str, str]:
    """One row as the model sees it: the part that is masked, and the part that is learnt."""
    row, size = examples.row(index), int(examples.prompts[index])
    return str(tokenizer.decode(row[:size].tolist())), str(tokenizer.decode(row[size:].tolist()))
