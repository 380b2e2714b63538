"""From nothing to an aligned model, on a CPU: what docs/alignment.md shows, run command by command, and what came of it.

After a change that is meant: `python -m pytest tests/train/test_alignment.py --write-golden` writes what commands print into the page.
"""

import math
import os
import re
import shlex
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.installed import TRAINER, needs

torch = needs("torch", TRAINER)

from aguila.commands.main import main
from builders.versions.references import resolve
from tests.train.models import write_aguila
from tests.train.pairs import make_pairs
from train.adapters.adapter import open_adapter
from train.comparison.compare import compare
from train.engines import choose
from train.methods.dpo import make_dpo_plan
from train.methods.sft import train
from train.recipes.loading import load_recipe
from train.run.data import open_data

PAGE = Path(__file__).parents[2] / "docs" / "alignment.md"
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
RECIPE = re.compile(r"^```yaml\n# (\S+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"\d+\.\d+(?:e-\d+)?")
# What another machine, or another moment, prints otherwise.
LOCAL = re.compile(
    r"(?<=  sha256: )[0-9a-f]{64}|(?<=weights sha256 )[0-9a-f]{64}|(?<=fingerprint )[0-9a-f]{64}|in [\d,]+ s, [\d,]+ tokens/s"
)
GAP = re.compile(r"^aligned\t.*\t[+-][\d.]+ \(([+-][\d.]+) … ([+-][\d.]+)\)$", re.MULTILINE)
WORDS = (
    "pan vino queso barco tren libro lápiz reloj espejo árbol perro gato caballo pájaro río puente faro molino huerto jardín "
    "tejado cuchillo plato vaso sillón cuadro piano tambor abrigo zapato sombrero paraguas mapa globo sello correo mercado museo"
)


class Shown(NamedTuple):
    """A command that the page shows, and what it says that it prints."""

    command: str
    out: str


def shown():
    blocks = "".join(block[1] for block in CONSOLE.finditer(PAGE.read_text("utf-8")))
    parts = [part.partition("\n") for part in re.split(r"^\$ ", blocks, flags=re.MULTILINE)[1:]]
    return [Shown(command, out) for command, _, out in parts]


def run(command):
    """A command's stdout, in this process."""
    out, before = StringIO(), sys.argv
    sys.argv = shlex.split(command)
    try:
        with redirect_stdout(out), pytest.raises(SystemExit) as ended:
            main()
    finally:
        sys.argv = before
    assert not ended.value.code, command
    return out.getvalue()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The folder in which all was run, and what each command printed."""
    folder, here = tmp_path_factory.mktemp("alignment"), Path.cwd()
    write_aguila(folder / "models" / "aguila-tiny")
    for name, text in RECIPE.findall(PAGE.read_text("utf-8")):
        (folder / name).write_text(text, "utf-8")
    os.chdir(folder)
    try:
        yield folder, {one.command: run(one.command) for one in shown()}
    finally:
        os.chdir(here)


def test_the_page_shows_what_its_commands_print(place, request):
    printed = place[1]
    if request.config.getoption("--write-golden"):
        rest = iter(printed.items())
        blocks = [
            [next(rest) for _ in re.findall(r"^\$ ", one, re.MULTILINE)] for one in CONSOLE.findall(PAGE.read_text())
        ]
        made = iter("".join(f"$ {command}\n{out}" for command, out in block) for block in blocks)
        PAGE.write_text(CONSOLE.sub(lambda _: f"```console\n{next(made)}```", PAGE.read_text("utf-8")), "utf-8")
    for command, out in shown():
        assert NUMBER.sub("#", LOCAL.sub("#", out)) == NUMBER.sub("#", LOCAL.sub("#", printed[command])), command
        numbers = [[float(one) for one in NUMBER.findall(LOCAL.sub("#", text))] for text in (out, printed[command])]
        for here, there in zip(*numbers, strict=True):  # another CPU rounds otherwise; a share may turn on two pairs
            assert math.isclose(here, there, rel_tol=0.05, abs_tol=3.0 if here >= 1 else 0.05), (command, here, there)


def test_every_step_is_recorded(place):
    folder = place[0]
    first, aligned = (open_adapter(folder / "adapters" / name).record for name in ("first", "aligned"))

    assert (first.kind, aligned.kind, aligned.adapter.weights_sha256) == ("sft", "dpo", first.weights_sha256)
    assert aligned.metrics.first_train_loss == pytest.approx(math.log(2), abs=1e-5)
    assert aligned.data.content_sha256 == resolve("demo-preferences@1.0.0", folder / "versions").content_sha256


def test_pairs_that_were_trained_on_are_preferred_more_often_and_the_unseen_interval_is_said(place):
    unseen, seen = (GAP.search(out) for command, out in place[1].items() if command.startswith("aguila compare"))

    assert float(seen[1]) > 0, seen[0]
    assert float(unseen[1]) <= 0 <= float(unseen[2]), "it is said that unseen pairs are not told apart: say what is now"


def test_the_merged_model_says_what_the_adapter_says(place):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder, printed = place
    (said,) = (out for command, out in printed.items() if command.startswith("aguila generate"))
    model = AutoModelForCausalLM.from_pretrained(folder / "models" / "aligned")
    words = AutoTokenizer.from_pretrained(folder / "models" / "aligned")
    prompt = open_adapter(folder / "adapters" / "aligned").template.render("¿Qué es un cenote?", "")
    made = model.generate(
        **words(prompt, return_tensors="pt", return_token_type_ids=False), max_new_tokens=4, do_sample=False
    )
    size = len(words(prompt)["input_ids"])

    assert words.decode(made[0, size:], skip_special_tokens=True).strip() == said.strip()


def test_the_chain_is_whole_and_verified(place):
    (said,) = (out for command, out in place[1].items() if command.startswith("aguila explain"))
    rows = [line.split("\t") for line in said.splitlines()[1:9]]

    assert [(row[0], row[1], row[3]) for row in rows] == [
        ("base", "aguila-tiny", "recorded"),
        ("source", "demo", "verified"),
        ("version of instructions", "demo@1.0.0", "verified"),
        ("adapter (sft)", "first", "verified"),
        ("source", "demo-preferences", "verified"),
        ("version of preferences", "demo-preferences@1.0.0", "verified"),
        ("adapter (dpo)", "aligned", "verified"),
        ("merged model (fp32)", "aligned", "verified"),
    ]


def test_what_unseen_pairs_have_in_common_with_seen_ones_is_carried_over(place):
    folder = place[0]
    base, registry, first = folder / "models" / "aguila-tiny", folder / "versions", folder / "adapters" / "first"
    pairs = [
        {
            "id": f"mayúsculas-{word}",
            "prompt": f"Escribe en mayúsculas una frase con la palabra «{word}».",
            "chosen": f"HE AQUÍ UNA FRASE CON LA PALABRA {word.upper()}.",
            "rejected": f"Aquí va una frase corta con la palabra {word}.",
        }
        for word in WORDS.split()
    ]
    make_pairs(folder, pairs, "mayusculas")
    recipe, engine = load_recipe(str(folder / "dpo.yaml"), ["train.num_train_epochs=2"]), choose("plain", "cpu")
    plan = make_dpo_plan(recipe, "mayusculas@1.0.0", first, registry, engine, folder / "cache")
    aligned = train(plan, folder / "adapters" / "upper")
    data = open_data("mayusculas@1.0.0", registry, kind="preferences")
    found = compare([first, aligned.path], data, engine, "validation", base=str(base), cache=folder / "cache")

    (gap,) = found.differences
    assert found.rows >= 5 and gap.accuracy.low > 0, found.verdict
