import numpy as np
import polars as pl
import pytest

pytest.importorskip("transformers", reason="the trainer is not installed (extra: train)")

from builders.errors import Problem
from builders.stages.templates import template_named
from tests.train.models import EOS, tokenizer
from train.run.examples import IGNORED, encode, encode_prompts, order, padded_share, shown

CHAT = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% if m.role == 'assistant' %}</s>{% endif %}\n{% endfor %}"
CHAT += "{% if add_generation_prompt %}<assistant>{% endif %}"


def rows(*pairs, template="instruccion"):
    """Rows of (instruction, output) as a version holds them."""
    frame = pl.DataFrame(
        {
            "id": [f"fila-{number}" for number in range(1, len(pairs) + 1)],
            "instruction": [question for question, _ in pairs],
            "input": ["" for _ in pairs],
            "output": [answer for _, answer in pairs],
        }
    )
    return frame.with_columns(template_named(template).columns())


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
    assert made.statistics() == {
        "rows": 1,
        "tokens": length,
        "answer_tokens": length - int(made.prompts[0]),
        "median": length,
        "longest": length,
        "truncated": 0,
        "left_out": ["fila-1", "fila-3"],
    }


def test_a_window_without_room_for_any_answer_is_refused():
    with pytest.raises(
        Problem, match=r"filas train: every row's prompt alone fills the window of 8 tokens; raise train.max_length"
    ):
        encode(rows((QUESTION, ANSWER)), tokenizer(), 8, "filas train")


def test_every_so_manieth_row():
    made = encode(rows(*[(f"Di {word}.", word) for word in ("uno", "dos", "tres", "cuatro")]), tokenizer(), 200, "x")

    part = made.every(2, 1)
    assert part.ids == ("fila-2", "fila-4")
    assert part.row(1).tolist() == made.row(3).tolist() and part.labels(0).tolist() == made.labels(1).tolist()
    assert made.every(5, 4) is None


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
    with pytest.raises(Problem, match=r"its rows are chats and the base's tokenizer has no chat template"):
        encode(rows((QUESTION, ANSWER), template="messages"), tokenizer(), 200, "x")


def test_a_chat_that_would_forge_an_end_is_refused():
    with pytest.raises(Problem, match=r"a row's text holds the base's special token '</s>'"):
        encode(rows((QUESTION, "Fin.</s>"), template="messages"), chat_tokenizer(), 200, "x")


def test_a_chat_template_that_writes_prompts_differently_is_refused():
    odd = CHAT.replace("<assistant>", "<modelo>")
    with pytest.raises(Problem, match=r"writes row 'fila-1' so that its answer does not follow its prompt"):
        encode(rows((QUESTION, ANSWER), template="messages"), chat_tokenizer(odd), 200, "x")


# ---- order -----------------------------------------------------------------------------------------------------------


def test_the_order_follows_from_seed_and_epoch_alone():
    assert order(8, 2024, 0).tolist() == [6, 5, 7, 1, 2, 0, 3, 4]
    assert order(8, 2024, 1).tolist() != order(8, 2024, 0).tolist() != order(8, 1, 0).tolist()
    assert sorted(order(1000, 7, 3).tolist()) == list(range(1000))


def test_the_share_of_filling_is_that_of_the_first_epochs_batches():
    lengths = np.array([1, 2, 3, 4])
    ordered = lengths[order(4, 5, 0)]
    cells = 2 * ordered[:2].max() + 2 * ordered[2:].max()

    assert padded_share(lengths, 2, 5) == 1 - 10 / cells
    assert padded_share(lengths, 1, 5) == 0
