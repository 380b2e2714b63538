"""`generate`, `evaluate`, `merge` and `publish-adapter` as a shell meets them; and the code that an adapter's card shows."""

import json
import os
import pty
import re
import sys
import threading

import pytest

from tests.installed import TRAINER, needs

needs("torch", TRAINER)

from aguila.commands.output import print_json
from builders.errors import Problem
from cards.shared.vocabulary import card_faults
from tests.train.models import make_version
from train.answers.answering import Asked, answer_one, read_questions
from train.answers.generation import Question
from train.answers.sampling import Sampling

CENOTE = "Un pozo natural que se abre cuando se hunde el techo de una cueva."
STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


# ---- generate --------------------------------------------------------------------------------------------------------


def test_a_text_is_answered_on_stdout_and_nothing_else_is(aguila, taught, aguila_base):
    status, out, _ = aguila("generate", taught.path, "¿Qué es un cenote?", "--base", aguila_base, "--max-tokens", 80)

    assert (status, out) == (0, CENOTE + "\n")


def test_json_is_all_that_stands_on_stdout(aguila, taught, aguila_base):
    given = ("--input", "Marta perdió el tren y llegó tarde.", "--base", aguila_base, "--json")
    status, out, _ = aguila("generate", taught.path, "Resume el texto en una frase.", *given)

    assert status == 0
    assert json.loads(out) == {
        "instruction": "Resume el texto en una frase.",
        "input": "Marta perdió el tren y llegó tarde.",
        "answer": "Marta llegó tarde.",
        "tokens": 8,
        "stopped": "eos",
    }


def test_a_file_is_answered_as_json_lines_in_its_order(aguila, taught, aguila_base, tmp_path):
    rows = [
        {"id": "a", "instruction": "¿Qué es un cenote?"},
        {
            "id": 2,
            "instruction": "Resume el texto en una frase.",
            "input": "Marta perdió el tren y llegó tarde.",
            "output": "x",
        },
    ]
    (tmp_path / "q.jsonl").write_text("\n".join(json.dumps(row) for row in rows) + "\n\n", "utf-8")
    status, out, err = aguila("generate", taught.path, "--file", "q.jsonl", "--base", aguila_base, "--max-tokens", 80)

    found = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert [(row["id"], row["answer"]) for row in found] == [("a", CENOTE), (2, "Marta llegó tarde.")]
    assert "2 of 2 answers" in err


def test_a_chat_answers_line_after_line(aguila, taught, aguila_base):
    asked = "¿Qué es un cenote?\n\n¿Qué es un cenote?\n"
    status, out, _ = aguila("generate", taught.path, "--chat", "--base", aguila_base, "--max-tokens", 80, stdin=asked)

    assert (status, out) == (0, f"{CENOTE}\n{CENOTE}\n")


@pytest.mark.parametrize("words", [[], ["hola", "--chat"], ["--file", "x.txt", "--chat"], ["--chat", "--input", "x"]])
def test_exactly_one_way_of_asking(aguila, words):
    status, out, err = aguila("generate", "adaptador", *words)

    assert (status, out) == (2, "") and err.startswith("Usage: ")


@pytest.fixture
def saying(answerer):
    """Let the head of the model say some tokens and then the end of text, over and over, whatever it is asked."""
    import torch

    hooks = []

    def say(ids):
        said, steps = [*ids, answerer.tokenizer.eos_token_id], []

        def forced(module, inputs, output):
            steps.append(None)
            scores = torch.full_like(output, -1e4)
            scores[..., said[(len(steps) - 1) % len(said)]] = 0
            return scores

        hooks.append(answerer.model.get_base_model().get_output_embeddings().register_forward_hook(forced))

    yield say
    for hook in hooks:
        hook.remove()


def test_control_characters_of_an_answer_never_reach_a_terminal(answerer, saying, capsys, monkeypatch):
    steering = "\x1b]0;título\x07\x0c\u202efin"
    shown = "\\x1b]0;título\\x07\\x0c\\u202efin\n"
    saying(answerer.tokenizer(steering, add_special_tokens=False)["input_ids"])
    answered = answer_one(answerer, Question("Di algo."), Sampling(80))
    assert answered.answer == steering
    assert capsys.readouterr().out == shown

    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert answer_one(answerer, Question("Di algo."), Sampling(80)) == answered
    assert capsys.readouterr().out == shown
    print_json(answered, None)
    assert not STEERING.search(capsys.readouterr().out)


def test_on_a_terminal_an_answer_is_streamed(aguila, taught, aguila_base, monkeypatch):
    """stdout is a pseudo-terminal, and somebody reads its other end."""
    master, slave = pty.openpty()
    pieces = []

    def read():
        while piece := _read(master):
            pieces.append(piece)

    reader = threading.Thread(target=read)
    with os.fdopen(slave, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stdout", terminal)
        reader.start()
        done = aguila("generate", taught.path, "¿Qué es un cenote?", "--base", aguila_base, "--max-tokens", 80)
    reader.join(timeout=30)
    os.close(master)

    assert (done.status, done.out) == (0, ""), done.err
    assert b"".join(pieces).decode() == CENOTE + "\r\n"
    assert len(pieces) > 1


def _read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux says that the other end is closed
        return b""


# ---- files of questions ----------------------------------------------------------------------------------------------


def test_a_text_file_is_one_instruction_a_line(tmp_path):
    (tmp_path / "q.txt").write_text("\ufeff¿Qué es un cenote?\r\n\r\n  Di algo.\n", "utf-8")

    assert read_questions(tmp_path / "q.txt") == [Asked(Question("¿Qué es un cenote?")), Asked(Question("Di algo."))]


@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        ("q.txt", b"\n \n", "holds no question; write one a line"),
        ("q.txt", b"\xff\xfe", "not UTF-8 text; save it as UTF-8"),
        (
            "q.jsonl",
            b'{"instruction": "a"}\nhola',
            "line 2: not JSON (Expecting value: line 1 column 1 (char 0)); write one object a line, or name the file *.txt",
        ),
        ("q.jsonl", b'{"pregunta": "a"}', "line 1: needs an object with a text `instruction`"),
        ("q.jsonl", b'["a"]', "line 1: needs an object with a text `instruction`"),
        ("q.jsonl", b'{"instruction": "a", "input": 3}', "line 1: `input` must be a text"),
        (
            "q.jsonl",
            b'{"instruction": "\\ud800"}',
            "line 1: the question is not Unicode text (half a surrogate pair); write UTF-8",
        ),
    ],
)
def test_a_file_that_holds_no_questions_is_refused(tmp_path, name, data, error):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(Problem) as problem:
        read_questions(tmp_path / name)
    assert str(problem.value).endswith(error) and str(tmp_path / name) in str(problem.value)


def test_a_file_that_is_not_there_is_told_before_anything_is_loaded(aguila):
    assert aguila("generate", "nada", "--file", "nada.txt").error == (
        "--file nada.txt: cannot be read (No such file or directory); check the name"
    )


# ---- evaluate, merge, publish-adapter --------------------------------------------------------------------------------


def test_evaluate_tells_a_table_or_json(aguila, taught, aguila_base, registry):
    words = ("evaluate", taught.path, "--dataset", "filas@1.0.0", "--registry", registry, "--split", "train")
    more = ("--base", aguila_base, "--max-tokens", 60, "--answers", 2, "--against-base")
    status, out, err = aguila(*words, *more, "--json")
    found = json.loads(out)
    assert (status, found["rows"], found["answers"]["rows"]) == (0, 4, 2)
    assert found["loss"] < found["base"]["loss"] and "loss on 4 rows" in err

    status, out, _ = aguila(*words, *more)
    assert status == 0
    assert out.splitlines()[:2] == [
        "measure\tadapter\tbase\tversion's answers",
        f"loss\t{found['loss']:.4f}\t{found['base']['loss']:.4f}\t–",
    ]


def test_evaluate_refuses_what_floats_and_other_templates(aguila, taught, aguila_base, registry, tmp_path):
    words = ("evaluate", taught.path, "--base", aguila_base, "--dataset")
    assert aguila(*words, "filas", "--registry", registry).error == "filas: name a version; there are filas@1.0.0"
    make_version(tmp_path, template="alpaca")
    error = aguila(*words, "filas@1.0.0", "--registry", tmp_path / "versions").error
    assert error.startswith("filas@1.0.0 is written in template alpaca, and the adapter was trained on instruccion;")


def test_merge_writes_a_model_and_tells_how_far_it_is_off(aguila, taught, aguila_base, tmp_path):
    status, out, _ = aguila("merge", taught.path, "modelo", "--base", aguila_base, "--precision", "fp32")

    assert status == 0
    assert re.fullmatch(
        r"merged tiny in fp32: logits differ by at most \S+ of \S+; (\d+) of \1 next tokens are the same\n  modelo\n",
        out,
    )
    assert (tmp_path / "modelo" / "merging.json").is_file()
    assert aguila("merge", taught.path, "modelo", "--base", aguila_base).error == (
        "modelo: there is something already; choose another folder"
    )


def test_publish_adapter_tells_what_it_does(hub, aguila, taught):
    repo = "ana/aguila-tiny-es"
    status, out, _ = aguila("publish-adapter", taught.path, repo, "--dry-run")
    assert status == 0 and out.splitlines()[-1].startswith(f"planned: {repo}@v1.0.0, ")
    status, out, err = aguila("publish-adapter", taught.path, repo, "--json")
    done = json.loads(out)
    assert (status, done["outcome"], done["version"]) == (0, "published", "1.0.0")
    assert done["commit"] == hub.head(repo, kind="model") and err.startswith(f"making {repo}\n")
    assert aguila("publish-adapter", taught.path, repo)[1].startswith(f"unchanged: {repo}@v1.0.0 at commit ")
    assert aguila("publish-adapter", taught.path / "nada", repo).error.endswith("nada: no such folder, so no adapter")


# ---- the card's code -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("adapter", "base"), [("taught", "aguila_base"), ("touched", "llama_base")])
def test_the_code_of_the_card_answers_as_generate_does(request, aguila, capfd, adapter, base):
    adapter, base = request.getfixturevalue(adapter), request.getfixturevalue(base)
    card = (adapter.path / "README.md").read_text("utf-8")
    code = re.search(r"```python\n(.*?)```", card, re.S)[1]
    code = code.replace('adapter = "."', f'adapter = "{adapter.path}"').replace(f'"{base.name}"', f'"{base}"')
    code = code.replace("max_new_tokens=256", "max_new_tokens=40")
    exec(compile(code, "README.md", "exec"), {})
    shown = capfd.readouterr().out

    assert card_faults(card, "model") == []
    _, out, _ = aguila("generate", adapter.path, "¿Qué es un cenote?", "--base", base, "--max-tokens", 40, "--json")
    assert shown.rstrip("\n") == json.loads(out)["answer"].rstrip("\n")
