"""Added tokens (`<|im_start|>`, `<tool_call>`, be they marked special or not) are the template's; no row's text may become one.

A tokenizer finds its added tokens in any text before it reads the rest. So a text that spells one is cut inside it, and its
pieces are encoded one after the other: the same characters, as characters.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from builders.reading.patterns import require_bounded

CUTS = tuple(map(chr, range(0xFDD0, 0xFDF0)))  # code points that Unicode keeps free of characters


def encode_apart(tokenizer: Any, texts: Sequence[str]) -> list[list[int]]:
    """Ids of texts, none of them that of an added token; that for unknown characters excepted.

    What is a single character cannot be cut: as an added token that is not marked special it stays, another is left out. Raises
    Invalid for a tokenizer whose own patterns take too long on one of the texts.
    """
    _require_bounded(tokenizer, texts)
    encoded = _encoded(tokenizer, texts, split_special_tokens=True)
    added, special = forbidden(tokenizer), set(tokenizer.all_special_ids)
    for at, ids in enumerate(encoded):
        if not added.isdisjoint(ids):
            pieces = cut(tokenizer, texts[at], split_special_tokens=True)
            ids = list(chain(*_encoded(tokenizer, pieces, split_special_tokens=True)))
            encoded[at] = [one for one in ids if one not in added or one not in special]
    return encoded


def forbidden(tokenizer: Any) -> set[int]:
    """The ids that no row's text may become. The one for unknown characters may, unless it ends or begins a text as well."""
    added = {*tokenizer.added_tokens_encoder.values(), *tokenizer.all_special_ids}
    others = {tokenizer.eos_token_id, tokenizer.bos_token_id, tokenizer.pad_token_id}
    return added - ({tokenizer.unk_token_id} - others)


def cut(tokenizer: Any, text: str, **how: Any) -> list[str]:
    """A text in pieces none of which holds an added token of more than one character. how: as it will be encoded."""
    added = forbidden(tokenizer)
    pieces, whole = [text], False
    while not whole:  # each round cuts, so there is an end; a second is needed where one token was inside another
        whole = True
        for at, ids in reversed(list(enumerate(_encoded(tokenizer, pieces, **how)))):
            if added.isdisjoint(ids):
                continue
            places = sorted(set(_inside(tokenizer, pieces[at], added, how)))
            ends = [*places, len(pieces[at])]
            if places:
                whole = False
                pieces[at : at + 1] = [pieces[at][start:end] for start, end in zip([0, *places], ends, strict=True)]
    return pieces


def _inside(tokenizer: Any, text: str, added: set[int], how: dict[str, Any]) -> Iterable[int]:
    """A place inside each added token that the tokenizer finds, be it spelled otherwise (in capitals, in wide signs)."""
    if not tokenizer.is_fast:
        for token in tokenizer.added_tokens_encoder:
            at = text.find(token)
            while at >= 0 and len(token) > 1:
                yield at + 1
                at = text.find(token, at + 1)
        return
    found = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, **how)
    for one, (start, end) in zip(found["input_ids"], found["offset_mapping"], strict=True):
        if one in added:
            # With the blanks beside it that some tokens take in.
            start += len(text[start:end]) - len(text[start:end].lstrip()) if text[start:end].strip() else 0
            if start + 1 < end:
                yield start + 1


def _require_bounded(tokenizer: Any, texts: Sequence[str]) -> None:
    if tokenizer.is_fast:  # another has no patterns of its own
        require_bounded(tokenizer.backend_tokenizer, texts, "base")


def _encoded(tokenizer: Any, texts: Sequence[str], **how: Any) -> list[list[int]]:
    if not texts:
        return []
    return [list(ids) for ids in tokenizer(list(texts), add_special_tokens=False, **how)["input_ids"]]


def marked_cuts(tokenizer: Any, texts: Sequence[str]) -> tuple[dict[str, str], str]:
    """Texts that spell an added token, each with a mark where it is to be cut; and the mark, which none of the texts holds."""
    distinct = sorted(set(texts))
    mark = next((one for one in CUTS if not any(one in text for text in distinct)), CUTS[0])
    added = forbidden(tokenizer)
    _require_bounded(tokenizer, distinct)
    encoded = _encoded(tokenizer, distinct)
    forged = [text for text, ids in zip(distinct, encoded, strict=True) if not added.isdisjoint(ids)]
    return {text: mark.join(cut(tokenizer, text)) for text in forged}, mark


def encode_marked(tokenizer: Any, texts: Sequence[str], mark: str) -> list[list[int]]:
    """Ids of texts as a chat template wrote them, those with marks piece by piece."""
    pieces = [[piece for piece in text.split(mark) if piece] for text in texts]
    flat = iter(_encoded(tokenizer, list(chain(*pieces))))
    return [list(chain(*(next(flat) for _ in some))) for some in pieces]
