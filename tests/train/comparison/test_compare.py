"""Adapters compared on the same rows, with and without their base, as numbers, as a table and as a page."""

import json
import re

import pytest

pytest.importorskip("torch", reason="the trainer is not installed (extra: train)")

from builders.errors import Problem
from cards.comparison.page import models_page
from cards.comparison.table import compared_table
from train.answers.sampling import Sampling
from train.comparison.compare import compare
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
