"""No text of a row becomes an added token, marked special or not: over the tokenizer's own list, in training and in generation."""

import itertools
from functools import cache

import polars as pl
import pytest

from tests.train.models import tokenizer
from train.run.added_tokens import encode_apart, forbidden
from train.run.prompts import encode_prompts, encode_rows

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@cache
def with_tools():
    """A tokenizer as those of chat models: added tokens that are special, others that are not, one inside another, one that
    takes in blanks, one that is compared after lower-casing."""
    from tokenizers import AddedToken, Tokenizer, normalizers
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer.from_str(tokenizer().backend_tokenizer.to_str())
    made.normalizer = normalizers.Lowercase()
    made.add_special_tokens(["<|im_start|>", "<|im_end|>", "<unk>"])
    made.add_tokens(
        [
            AddedToken("<tool_call>", normalized=False),
            AddedToken("</tool_call>", normalized=False),
            AddedToken("tool", normalized=True),
            AddedToken("<think>", lstrip=True, rstrip=True, normalized=False),
            AddedToken("  ", normalized=False),
            AddedToken("<|im_start|>assistant", normalized=False),
        ]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=made, eos_token="<|im_end|>", unk_token="<unk>", pad_token="<unk>", chat_template=CHATML
    )


TOKENIZERS = [with_tools, tokenizer, lambda: tokenizer(hidden_bos=True)]


def hostile(words):
    """Every added token alone, in a sentence, twice, in capitals, next to and inside every other."""
    added = sorted(words.added_tokens_encoder)
    for one in added:
        yield from (one, f"Di {one} ahora.", one + one, f" {one} ", one.upper(), f"á{one}é\n")
    for one, other in itertools.permutations(added, 2):
        yield from (one + other, one[: len(one) // 2] + other + one[len(one) // 2 :])


@pytest.mark.parametrize("words", TOKENIZERS)
def test_no_text_becomes_an_added_token_and_every_text_stays_what_it_is(words):
    words = words()
    texts = list(hostile(words))
    for text, ids in zip(texts, encode_apart(words, texts), strict=True):
        assert forbidden(words).isdisjoint(ids), text
        assert words.decode(ids, clean_up_tokenization_spaces=False) in (text, text.lower()), text


def test_a_text_without_added_tokens_is_encoded_as_ever():
    texts = ["¿Qué es un cenote?", "Usa a < b y <b>negrita</b>.", ""]
    plain = with_tools()(texts, add_special_tokens=False)["input_ids"]
    assert encode_apart(with_tools(), texts) == plain


@pytest.mark.parametrize("chat", [False, True], ids=["plain", "chat"])
def test_training_and_generation_see_the_same_prompt_and_only_the_templates_tokens(chat):
    words = with_tools()
    texts = list(hostile(words))
    if chat:
        prompts = [[{"role": "user", "content": text}] for text in texts]
        answers = [[{"role": "assistant", "content": text}] for text in reversed(texts)]
        frame = {"user": 2, "assistant": 0}  # of the template: the user's end, the beginnings of two turns
    else:
        prompts, answers, frame = texts, texts[::-1], {}
    rows = pl.DataFrame({"id": [str(at) for at in range(len(texts))], "prompt": prompts, "completion": answers})
    asked, answered = encode_rows(rows, words, "here")
    assert asked == encode_prompts(words, prompts, "here")
    own = forbidden(words)
    shortest = ["x"] if not chat else [[{"role": "user", "content": "x"}]]
    of_template = encode_prompts(words, shortest, "here")[0]
    expected = [one for one in of_template if one in own]
    assert len(expected) == (3 if frame else 0)
    for text, ids, answer in zip(texts, asked, answered, strict=True):
        assert [one for one in ids if one in own] == expected, text
        assert answer[-1] == words.eos_token_id and own.isdisjoint(answer[:-1]), text
