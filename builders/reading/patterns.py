"""Tokenizers of strangers: a pattern of theirs that goes back and forth on a row's text is noticed before it takes hours."""

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from builders.errors import Invalid

# How GPT-2 (and Falcon), Llama 3 and Qwen 2 cut texts into words: they take the signs that they look at and read none again.
PROVEN = {
    r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
}
HEAD, TIMES = 64, 2  # characters tried first; how much more of a text each time
SECONDS, PER_CHARACTER = 2.0, 20e-6  # processor time: a sound tokenizer takes a microsecond a character
ADVICE = "use one with the usual patterns"


def require_bounded(tokenizer: Any, texts: Sequence[str], where: str) -> None:
    """Encode the texts from their beginnings on, twice as much each time, and stop where that takes too long.

    tokenizer: of the library `tokenizers`; one whose patterns are PROVEN, or that has none, is not tried. Where time grows with
    the length's third power, the last try takes eight times what was still allowed, and no hours. Raises Invalid.
    """
    if set(_patterns(tokenizer)) <= PROVEN:
        return
    taken, allowed, read, size = 0.0, SECONDS, 0, HEAD
    rest = sorted(set(texts))
    with _silent():
        while rest:
            for text in rest:
                begun = time.thread_time()
                try:
                    tokenizer.encode(text[:size], add_special_tokens=False)
                except BaseException as error:  # the engine's own limit comes as a panic, which is no Exception
                    if type(error).__name__ != "PanicException":
                        raise
                    raise Invalid(f"{where}: a pattern of its tokenizer fails on the text of a row", ADVICE) from None
                taken += time.thread_time() - begun
                allowed += PER_CHARACTER * min(len(text), size)
                if taken > allowed:
                    raise Invalid(f"{where}: a pattern of its tokenizer takes too long on the text of a row", ADVICE)
            read, size = size, size * TIMES
            rest = [text for text in rest if len(text) > read]


def _patterns(tokenizer: Any) -> Iterator[str]:
    """Regular expressions with which a tokenizer changes or cuts texts."""
    for part in (tokenizer.normalizer, tokenizer.pre_tokenizer):
        waiting = [json.loads(part.__getstate__())] if part is not None else []
        while waiting:
            one = waiting.pop()
            if isinstance(one, dict):
                if isinstance(pattern := one.get("Regex"), str):
                    yield pattern
                waiting += one.values()
            elif isinstance(one, list):
                waiting += one


@contextmanager
def _silent() -> Iterator[None]:
    """Without what a panic writes to stderr before it is raised here."""
    kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)
