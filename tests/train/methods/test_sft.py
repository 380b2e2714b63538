"""Supervised fine-tuning: what rows become, and the loss on their answers."""

import polars as pl
import pytest

from tests.installed import TRAINER, needs

torch = needs("torch", TRAINER)

from builders.errors import Invalid
from tests.train.models import EOS, rows, tokenizer
from train.methods import sft
from train.methods.sft import answer_loss, encode
from train.run.examples import IGNORED, shown
from train.run.prompts import encode_prompts
from train.run.record import TokenCounts

CHAT = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% if m.role == 'assistant' %}</s>{% endif %}\n{% endfor %}"
CHAT += "{% if add_generation_prompt %}<assistant>{% endif %}"


QUESTION, ANSWER = "¿Qué es un cenote?", "Un pozo natural."


def test_the_loss_is_on_the_answer_and_the_end_only():
    made = encode(rows((QUESTION, ANSWER)), tokenizer(), 200, "x")

    masked, learnt = shown(made, 0, tokenizer())
    assert masked == f"### Instrucción:\n{QUESTION}\n\n### Entrada:\n\n\n### Respuesta:\n"
    assert learnt == f"{ANSWER}{EOS}"
    labels, size = made.labels(0), made.prompts[0]
    assert (labels[:size] == IGNORED).all() and (labels[size:] == made.row(0)[size:]).all()


def test_the_boundary_of_prompt_and_answer_is_a_boundary_of_tokens():
    """Encoded together, a byte-pair vocabulary joins characters across the boundary."""
    together = tokenizer()("### Instrucción", add_special_tokens=False)["input_ids"]
    made = encode(pl.DataFrame({"id": ["a"], "prompt": ["### Ins"], "completion": ["trucción"]}), tokenizer(), 50, "x")

    assert made.row(0)[:-1].tolist() != together
    assert tokenizer().decode(made.row(0)[:-1].tolist()) == "### Instrucción"
    assert tokenizer().decode(made.row(0)[: made.prompts[0]].tolist()) == "### Ins"


def test_the_end_stands_once_even_where_a_row_writes_it():
    made = encode(rows((f"Di {EOS} tres veces.", f"{EOS}{EOS}{EOS}")), tokenizer(), 300, "x")

    assert made.row(0).tolist().count(tokenizer().eos_token_id) == 1
    assert shown(made, 0, tokenizer())[1] == EOS * 4  # as text, and then as the token


def test_the_beginning_stands_once_where_the_tokenizer_wants_it():
    words = tokenizer(hidden_bos=True)
    made = encode(rows((QUESTION, ANSWER)), words, 200, "x")

    assert made.row(0).tolist().count(words.bos_token_id) == 1 and made.row(0)[0] == words.bos_token_id
    assert (
        encode_prompts(words, rows((QUESTION, ""))["prompt"].to_list(), "x")[0]
        == made.row(0)[: made.prompts[0]].tolist()
    )


def test_an_answer_that_the_window_cuts_has_no_end_and_is_counted():
    whole = encode(rows((QUESTION, ANSWER)), tokenizer(), 200, "x")
    made = encode(rows((QUESTION, ANSWER)), tokenizer(), len(whole.row(0)) - 1, "x")

    assert made.row(0).tolist() == whole.row(0)[:-1].tolist()
    assert (made.truncated, made.left_out) == (("fila-1",), ())
    exact = encode(rows((QUESTION, ANSWER)), tokenizer(), len(whole.row(0)), "x")
    assert exact.truncated == () and exact.row(0)[-1] == tokenizer().eos_token_id


def test_rows_whose_prompt_fills_the_window_are_named():
    length = len(encode(rows((QUESTION, ANSWER)), tokenizer(), 200, "x").row(0))
    made = encode(rows((QUESTION * 40, ANSWER), (QUESTION, ANSWER), (QUESTION * 50, ANSWER)), tokenizer(), length, "x")

    assert (made.ids, made.left_out) == (("fila-2",), ("fila-1", "fila-3"))
    answer = length - int(made.prompts[0])
    assert made.counts() == TokenCounts(
        rows=1, tokens=length, answer_tokens=answer, median=length, longest=length, truncated=0
    )


def test_a_window_without_room_for_any_answer_is_refused():
    with pytest.raises(
        Invalid, match=r"filas train: every row's prompt alone fills the window of 8 tokens; raise train.max_length"
    ):
        encode(rows((QUESTION, ANSWER)), tokenizer(), 8, "filas train")


# ---- chats -----------------------------------------------------------------------------------------------------------


def chat_tokenizer(template=CHAT):
    import copy

    words = copy.deepcopy(tokenizer(hidden_bos=True))
    words.chat_template = template
    return words


def test_a_chat_is_written_by_the_bases_own_template():
    words = chat_tokenizer()
    made = encode(rows((QUESTION, ANSWER), template="messages"), words, 200, "x")

    assert shown(made, 0, words) == (f"<user>{QUESTION}<assistant>", f"{ANSWER}</s>")
    assert made.row(0).tolist().count(words.eos_token_id) == 1
    assert encode_prompts(words, rows((QUESTION, ""), template="messages")["prompt"].to_list(), "x") == [
        made.row(0)[: made.prompts[0]].tolist()
    ]


def test_a_chat_without_a_chat_template_is_refused():
    with pytest.raises(Invalid, match=r"its rows are chats and the base's tokenizer has no chat template"):
        encode(rows((QUESTION, ANSWER), template="messages"), tokenizer(), 200, "x")


def test_an_end_that_a_chats_text_spells_is_text():
    words = chat_tokenizer()
    made = encode(rows((QUESTION, "Fin.</s> Sigue.")), words, 200, "x")
    chat = encode(rows((QUESTION, "Fin.</s> Sigue."), template="messages"), words, 200, "x")
    assert shown(chat, 0, words)[1] == shown(made, 0, words)[1] == "Fin.</s> Sigue.</s>"
    assert chat.row(0).tolist().count(words.eos_token_id) == 1


def test_a_chat_template_that_writes_prompts_differently_is_refused():
    odd = CHAT.replace("<assistant>", "<modelo>")
    with pytest.raises(Invalid, match=r"writes row 'fila-1' so that its answer does not follow its prompt"):
        encode(rows((QUESTION, ANSWER), template="messages"), chat_tokenizer(odd), 200, "x")


# ---- the loss --------------------------------------------------------------------------------------------------------


def drawn(count=13, vocabulary=50):
    torch.manual_seed(1)
    logits = torch.randn(count, vocabulary, requires_grad=True)
    return logits, {"shift_labels": torch.randint(0, vocabulary, (count,))}


@pytest.mark.parametrize("count", [None, 40])
def test_loss_and_gradient_are_those_of_transformers(monkeypatch, count):
    from transformers.loss.loss_utils import ForCausalLMLoss

    monkeypatch.setattr(sft, "CHUNK", 5)  # several chunks, the last one short
    logits, batch = drawn()
    ours = answer_loss(logits, batch, count)
    (ours_gradient,) = torch.autograd.grad(ours, logits)
    theirs = ForCausalLMLoss(logits[None], None, 50, count, shift_labels=batch["shift_labels"][None])
    (their_gradient,) = torch.autograd.grad(theirs, logits)

    torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(ours_gradient, their_gradient)


def test_a_batch_without_answers_has_no_loss_and_a_gradient():
    logits, _ = drawn()
    found = answer_loss(logits[:0], {"shift_labels": torch.zeros(0, dtype=torch.long)})

    assert found.item() == 0
    assert torch.autograd.grad(found, logits)[0].abs().sum() == 0


@pytest.mark.parametrize("half", ["bfloat16", "float16"])
def test_half_precision_logits_are_summed_in_full_precision(half):
    logits, batch = drawn()
    half = getattr(torch, half)
    found = answer_loss(logits.to(half), batch)

    assert found.dtype == torch.float32
    torch.testing.assert_close(found, answer_loss(logits.to(half).float(), batch))
