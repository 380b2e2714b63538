"""Adapters compared on the same rows, with and without their base, as numbers, as a table and as a page."""

import json
import re

import pytest

from tests.installed import TRAINER, needs

needs("torch", TRAINER)

from builders.errors import Problem
from cards.comparison.page import models_page
from cards.comparison.paired import Interval
from cards.comparison.table import compared_table
from train.answers.measures import Languages, OwnAnswers
from train.answers.sampling import Sampling
from train.comparison.compare import ComparedModel, compare, longer
from train.engines import choose
from train.run.data import open_data


@pytest.fixture(scope="module")
def data(registry):
    return open_data("filas@1.0.0", registry)


@pytest.fixture(scope="module")
def compared(taught, mine, aguila_base, data, cache):
    """The adapter that knows the train rows by heart, one of two steps, and their base, on the train rows."""
    return compare(
        *([taught.path, mine.path], data, choose("plain", "cpu"), "train", None, 1, Sampling(20)),
        against_base=True,
        base=str(aguila_base),
        cache=cache,
    )


def test_losses_are_those_of_evaluation_and_every_two_models_are_compared(compared, answerer, data):
    from train.answers.evaluation import evaluate

    alone = evaluate(answerer, data, "train", answered=0, against_base=True)
    by_name = {one.name: one for one in compared.models}
    assert list(by_name) == ["filas", "base", "mio"]
    assert by_name["filas"].loss == pytest.approx(alone.loss, abs=1e-5)
    assert by_name["base"].loss == pytest.approx(alone.base.loss, abs=1e-5)
    assert [(one.one, one.other) for one in compared.differences] == [
        *(("filas", "base"), ("filas", "mio"), ("base", "mio")),
    ]
    gap = compared.differences[0]
    assert gap.nats == pytest.approx(by_name["base"].loss - by_name["filas"].loss, abs=2e-6)
    assert (gap.wins, gap.losses, gap.sure) == (0, 4, True) and gap.low > 1


def test_the_verdict_names_the_best_and_by_how_much(compared):
    assert re.fullmatch(r"filas beats mio by \d\.\d{4} ± \d\.\d{4} nats an answer token", compared.verdict)


def test_table_and_page_say_the_same(compared):
    header, rows = compared_table(compared)
    page = models_page(compared, header, rows)

    assert [row[0] for row in rows] == ["filas", "base", "mio"] and len({len(row) for row in [header, *rows]}) == 1
    assert all(f"<td>{cell}</td>" in page for row in rows for cell in row)
    assert compared.verdict in page and "<svg" in page and "<script" not in page


def test_adapters_whose_losses_are_of_other_tokens_are_refused(taught, touched, data):
    with pytest.raises(Problem, match=r"has another tokenizer than .*; compare adapters of one tokenizer"):
        compare([taught.path, touched.path], data, choose("plain", "cpu"), "train")
    with pytest.raises(Problem, match=r"a comparison needs two models; name another adapter, or add --against-base"):
        compare([taught.path], data, choose("plain", "cpu"), "train")


def test_the_command(aguila, taught, mine, aguila_base, registry, tmp_path):
    words = ["compare", taught.path, mine.path, "--dataset", "filas@1.0.0", "--split", "train", "--limit", "2"]
    done = aguila(*words, "--base", aguila_base, "--registry", registry, "--html", "dos.html", "--json")

    assert done.status == 0, done.err
    found = json.loads(done.out)
    assert [one["name"] for one in found["models"]] == ["filas", "mio"] and found["rows"] == 2
    assert (tmp_path / "dos.html").read_text("utf-8").startswith("<!doctype html>")


# ---- on pairs of answers ---------------------------------------------------------------------------------------------


def model(name, accuracy, words):
    """A model as a comparison finds it, with answers of so many words."""
    own = OwnAnswers(
        rows=1,
        spanish=1.0,
        language=Languages(es=1, other=0, undetermined=0),
        refusals=0,
        empty=0,
        looping=0,
        distinct={},
        words=words,
        cut=0,
        tokens=words,
    )
    share = None if accuracy is None else Interval(accuracy, 0.0, 1.0)
    return ComparedModel(name=name, loss=1.0, perplexity=2.7, answers=own, accuracy=share)


@pytest.mark.parametrize(
    ("accuracy", "words", "warned"), [(0.8, 24.1, True), (0.8, 24.0, False), (0.6, 30.0, False), (None, 30.0, False)]
)
def test_a_better_model_with_answers_longer_by_over_a_fifth_is_named(accuracy, words, warned):
    found = list(longer([model("sft", accuracy and 0.6, 20.0), model("dpo", accuracy, words)]))

    assert bool(found) == warned
    assert not warned or found == [
        "dpo has a higher accuracy than sft, and its answers are longer by over 20 % (24.1 words, 20.0): "
        "length may be what it learnt"
    ]


@pytest.fixture(scope="module")
def preferred(taught, mine, aguila_base, paired, cache):
    data = open_data("pares@1.0.0", paired, kind=None)
    engine = choose("plain", "cpu")
    return compare([taught.path, mine.path], data, engine, "train", base=str(aguila_base), cache=cache)


def test_a_model_prefers_the_answer_whose_tokens_are_likelier_on_average(preferred, answerer, paired):
    import numpy as np

    from train.methods.dpo import encode_pairs
    from train.run.loss import row_losses

    rows = open_data("pares@1.0.0", paired, kind=None).split("train")
    examples = encode_pairs(rows, answerer.tokenizer, 128, "x")
    mean = row_losses(answerer.model, examples, answerer.tokenizer.pad_token_id, 4) / examples.answers
    first, second = preferred.models

    assert first.accuracy.value == pytest.approx(np.mean(mean[0::2] < mean[1::2]), abs=1e-6)
    chosen = (mean * examples.answers)[0::2].sum() / examples.answers[0::2].sum()
    assert first.loss == pytest.approx(chosen, abs=1e-5) and preferred.rows == rows.height
    (gap,) = preferred.differences
    assert gap.accuracy.value == pytest.approx(second.accuracy.value - first.accuracy.value, abs=1e-6)


def test_table_and_page_of_pairs_say_the_same(preferred):
    header, rows = compared_table(preferred)
    page = models_page(preferred, header, rows)

    assert header == ["model", "loss", "accuracy", "95 % interval", "points against filas"]
    assert all(f"<td>{cell}</td>" in page for row in rows for cell in row)
    assert f"{preferred.rows} train pairs of pares@1.0.0" in page and preferred.verdict in page
    assert "pairs" in preferred.verdict
