"""Unsloth itself, on its CPU backend, beside the plain engine.

It must be imported before transformers and changes that for the rest of a process, so all of it runs in one process of its
own: the commands one after the other, as `python -m aguila` runs each.
"""

import json
import subprocess
import sys

import pytest

from tests.installed import TRAINER, needs

needs("torch", TRAINER)

from tests.train.models import needs_unsloth
from train.base.checkpoint import open_checkpoint
from train.recipes.model import Base

pytestmark = needs_unsloth

# A few steps of each kind that differs between the engines: packed rows, quantized weights.
SHORT = (
    *("train.max_steps=3", "train.learning_rate=0.02", "train.save_steps=0"),
    *("quantization.kind=nf4", "train.packing=true"),
)
PAIRS = ("train.max_steps=2", "train.learning_rate=0.02", "train.save_steps=0")
DRAWN = ("--max-tokens", "20", "--temperature", "0.5", "--top-p", "0.9", "--seed", "3", "--device", "cpu")
# argv: a file of named commands, where their results go, and the folders of a published and of a native checkpoint.
SCRIPT = """
import contextlib, io, json, pathlib, runpy, sys

commands, results, published, native = sys.argv[1:]
done = {}
for name, words in json.loads(pathlib.Path(commands).read_text("utf-8")).items():
    sys.argv, out, err = ["aguila", *words], io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            runpy.run_module("aguila", run_name="__main__")
        except SystemExit as ended:
            done[name] = [ended.code or 0, out.getvalue(), err.getvalue()]

from unsloth_zoo.pad_token import fix_pad_token
from transformers import AutoModelForCausalLM, AutoTokenizer

done["pads"] = []
for folder in (published, native):
    with contextlib.redirect_stdout(sys.stderr):
        words, model = AutoTokenizer.from_pretrained(folder), AutoModelForCausalLM.from_pretrained(native)
        result = fix_pad_token(words, model=model, model_config=model.config)
    done["pads"].append([bool(result["changed"]), len(words), model.get_input_embeddings().num_embeddings])
pathlib.Path(results).write_text(json.dumps(done), "utf-8")
"""


@pytest.fixture(scope="module")
def questions(tmp_path_factory):
    path = tmp_path_factory.mktemp("questions") / "q.txt"
    path.write_text("¿Qué es un cenote?\nNombra la capital de Chile, y di por qué.\n", "utf-8")
    return path


@pytest.fixture(scope="module")
def asked(taught, aguila_base, questions):
    """The words of a command that draws answers, its engine last."""
    return ["generate", taught.path, "--file", questions, "--base", aguila_base, *DRAWN, "--engine"]


@pytest.fixture(scope="module")
def aligning(training_words, paired, mine):
    """The words of a command that goes on from an adapter on pairs, its options last."""

    def words(*options):
        found = training_words("--adapter", mine.path, *options, overrides=PAIRS)
        return ["train", "dpo", *("pares@1.0.0" if word == "filas@1.0.0" else word for word in found[2:])]

    return words


@pytest.fixture(scope="module")
def unsloth(training_words, asked, aligning, environment, aguila_base, llama_base, cache, tmp_path_factory):
    """What each command came to under unsloth (status, stdout, stderr), and what its loader did to two tokenizers' pads."""
    here = tmp_path_factory.mktemp("unsloth")
    engine = ("--engine", "unsloth", "--device", "cpu", "--json")
    commands = {
        "falcon": training_words(*engine, "--out", "falcon", overrides=SHORT),
        "llama": training_words(*engine, "--out", "llama", overrides=SHORT, base=llama_base),
        "answers": [*asked, "unsloth"],
        "aligned": aligning(*engine, "--out", "aligned"),
    }
    (here / "commands.json").write_text(json.dumps(commands, default=str), "utf-8")
    native = open_checkpoint(Base(path=str(aguila_base)), cache).folder
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, "commands.json", "results.json", str(aguila_base), str(native)],
        cwd=here,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert sorted(path.name for path in here.iterdir()) == [
        "aligned",
        "commands.json",
        "falcon",
        "llama",
        "results.json",
    ]
    return json.loads((here / "results.json").read_text("utf-8"))


def test_both_engines_train_the_same_adapter(unsloth, aguila, training_words, tmp_path):
    """Traps B and D: Unsloth itself, and a trainer whose loss needs no GPU kernel."""
    status, out, err = unsloth["falcon"]
    assert status == 0, err
    assert "Unsloth" in err and "step 3/3" in err
    theirs = json.loads(out)
    ours = json.loads(aguila(*training_words("--engine", "plain", "--json", overrides=SHORT)).out)

    assert (ours["engine"], theirs["engine"]) == ("plain", "unsloth")
    assert theirs["software"]["unsloth"] and "unsloth" not in ours["software"]
    assert ours["metrics"] == theirs["metrics"] and ours["tokens"] == theirs["tokens"]
    assert ours["metrics"]["eval_loss"] < ours["metrics"]["first_eval_loss"]
    files = [{name: one for name, one in record["files"].items() if name != "README.md"} for record in (ours, theirs)]
    assert files[0] == files[1]


def test_both_engines_align_alike(unsloth, aguila, aligning):
    status, out, err = unsloth["aligned"]
    assert status == 0, err
    theirs = json.loads(out)
    ours = json.loads(aguila(*aligning("--engine", "plain", "--json", "--out", "dpo")).out)

    assert (ours["engine"], theirs["engine"]) == ("plain", "unsloth")
    assert ours["metrics"] == theirs["metrics"] and ours["metrics"]["pairs"]["validation"][-1]["margin"] != 0
    assert ours["files"]["adapter_model.safetensors"] == theirs["files"]["adapter_model.safetensors"]


def test_it_trains_a_llama(unsloth):
    status, out, err = unsloth["llama"]
    assert status == 0, err
    record = json.loads(out)

    assert (record["path"], record["base"]["model_type"]) == ("llama", "llama")
    assert record["metrics"]["eval_loss"] < record["metrics"]["first_eval_loss"]


def test_both_engines_draw_the_same_answers(unsloth, aguila, asked):
    status, out, err = unsloth["answers"]

    assert status == 0, err
    assert aguila(*asked, "plain").out == out
    assert [json.loads(line)["tokens"] > 5 for line in out.splitlines()] == [True, True]


def test_it_leaves_the_pinned_pad_and_the_vocabulary_alone(unsloth, aguila_base, cache):
    """Trap G: what its GPU loader does to a tokenizer, called by itself; the published one, whose pad is eos, it changes."""
    vocabulary = open_checkpoint(Base(path=str(aguila_base)), cache).vocabulary
    published, pinned = unsloth["pads"]

    assert published[0] is True and pinned == [False, vocabulary, vocabulary]
