"""The run knows no method by name: another one is what it is given."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.installed import TRAINER, needs

needs("torch", TRAINER)

import train.run
from tests.train.models import TINY
from train.engines import choose
from train.methods.sft import SFT
from train.recipes.loading import load_recipe
from train.run.plan import plan_run
from train.run.training import train as train_run


def test_no_module_of_the_run_names_a_method():
    for path in Path(train.run.__file__).parent.glob("*.py"):
        text = path.read_text("utf-8")
        assert "train.methods" not in text and "import sft" not in text, path.name


def test_another_method_decides_what_rows_become_what_is_small_and_its_name(aguila_base, registry, cache, tmp_path):
    seen = []

    def encode(rows, tokenizer, length, where):
        seen.append(where)
        return SFT.encode(rows.head(2), tokenizer, length, where)

    def half(logits, batch, count):
        return SFT.loss(logits, batch, count) / 2

    other = replace(SFT, kind="otro", encode=encode, loss=half)
    settings = (*TINY, f"base.path={aguila_base}", "train.max_steps=1", "train.save_steps=0")
    records = []
    for method in (replace(other, loss=SFT.loss), other):
        recipe = load_recipe("tiny", settings)
        plan = plan_run(method, recipe, "filas@1.0.0", registry, choose("plain", "cpu"), cache)
        records.append(train_run(plan, tmp_path / str(len(records))).record)

    assert seen == ["filas@1.0.0 train", "filas@1.0.0 validation"] * 2
    assert [(record.kind, record.tokens.train.rows) for record in records] == [("otro", 2)] * 2
    whole, halved = (record.metrics.first_eval_loss for record in records)
    assert halved == pytest.approx(whole / 2, rel=1e-6)
