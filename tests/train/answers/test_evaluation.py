"""What an adapter is worth, counted."""

import json
from dataclasses import replace

import polars as pl
import pytest
from msgspec import structs

from tests.installed import TRAINER, needs

torch = needs("torch", TRAINER)

from builders.errors import Problem
from builders.recipes.model import Split
from builders.records import plain, to_json
from tests.train.models import make_version
from train.answers.evaluation import evaluate, evaluation_table
from train.answers.generation import open_answerer
from train.answers.measures import Languages, PromptTemplates, answer_measures
from train.answers.sampling import Sampling
from train.base.tokenizer import load_tokenizer
from train.engines import Settings, choose
from train.methods.sft import encode
from train.recipes.model import Quantization
from train.run.data import open_data
from train.run.loss import mean_loss

SHORT = Sampling(max_tokens=40)


@pytest.fixture(scope="module")
def data(registry):
    return open_data("filas@1.0.0", registry)


def refused(*arguments, **options):
    with pytest.raises(Problem) as problem:
        evaluate(*arguments, **options)
    return str(problem.value)


# ---- loss ------------------------------------------------------------------------------------------------------------


def test_the_loss_is_the_one_that_the_trainer_measured_at_its_end(touched, llama_base, cache, data):
    here = open_answerer(touched.path, str(llama_base), "plain", "cpu", cache)
    found = evaluate(here, data, answered=0)

    assert found.loss == pytest.approx(touched.record.metrics.eval_loss, rel=1e-6)
    assert found.perplexity == pytest.approx(torch.tensor(found.loss).exp().item(), rel=1e-5)
    assert found.answer_tokens == touched.record.tokens.validation.answer_tokens
    assert "answers" not in plain(found)


def test_the_base_beside_it_is_the_base_alone_and_the_adapter_is_on_again(answerer, data):
    found = evaluate(answerer, data, "train", answered=4, sampling=SHORT, against_base=True)
    again = evaluate(answerer, data, "train", answered=4, sampling=SHORT)

    settings = Settings("cpu", "fp32", Quantization(kind="none"), max_length=128)
    base = choose("plain", "cpu").load_base(answerer.checkpoint, settings)
    tokenizer = load_tokenizer(answerer.checkpoint.folder, "x")
    alone, _ = mean_loss(base, encode(data.split("train"), tokenizer, 128, "x"), tokenizer.pad_token_id, 8)
    assert found.base.loss == pytest.approx(alone, rel=1e-6)
    assert found.loss < found.base.loss - 1
    assert structs.replace(found, base=None) == again


# ---- answers ---------------------------------------------------------------------------------------------------------


def test_answers_learnt_by_heart_are_measured_like_the_versions_own(answerer, data):
    found = evaluate(answerer, data, "train", answered=4, sampling=Sampling(max_tokens=120))
    own = found.answers_of_the_version

    assert found.answers.rows == own.rows == 4
    assert found.answers.language == own.language == Languages(es=4, other=0, undetermined=0)
    assert (found.answers.spanish, found.answers.empty, found.answers.refusals) == (1.0, 0, 0)
    assert found.answers.distinct.keys() == {"distinct_1", "distinct_2", "distinct_3"}


def test_answers_that_are_cut_are_counted(answerer, data):
    found = evaluate(answerer, data, "train", sampling=Sampling(max_tokens=3))

    assert (found.answers.cut, found.answers.tokens) == (4, 3.0)


def test_each_kind_of_answer_is_counted_by_the_builders_own_decisions():
    rows = pl.DataFrame(
        {
            "instruction": [
                "Describe el mar.",
                "¿Qué tiempo hace hoy en Lugo?",
                "Di qué es un río.",
                "Cuenta algo del ahorro.",
                "Habla del sol.",
            ],
            "input": [""] * 5,
        }
    )
    answers = [
        "El mar es una gran extensión de agua salada que cubre la mayor parte del planeta.",
        "Lo siento, no tengo acceso a información en tiempo real.",
        "A river is a large stream of fresh water that flows across the land towards the sea.",
        "El ahorro es importante para la familia y para la familia y para la familia y para la familia y para la familia y para la familia.",
        " \n",
    ]
    found = answer_measures(rows, answers)

    assert found.language == Languages(es=3, other=1, undetermined=0)
    assert (found.spanish, found.refusals, found.looping, found.empty) == (0.6, 1, 1, 1)
    assert found.words == pytest.approx(sum(len(a.replace(",", "").split()) for a in answers) / 5)


def test_nothing_but_empty_answers():
    found = answer_measures(pl.DataFrame({"instruction": ["Di algo."], "input": [""]}), [""])

    assert (found.empty, found.spanish, found.words, found.distinct["distinct_1"]) == (1, 0.0, 0.0, 0.0)


# ---- which rows ------------------------------------------------------------------------------------------------------


def test_fewer_rows_are_inside_more_rows_whatever_their_order(answerer, data):
    backwards = replace(data, splits={split: rows.reverse() for split, rows in data.splits.items()})
    sums = []
    for limit in (1, 2, 3):
        found = evaluate(answerer, data, limit=limit, answered=0)
        assert found.rows == limit
        assert evaluate(answerer, backwards, limit=limit, answered=0) == found
        sums.append(found.loss * found.answer_tokens)
    assert sums == sorted(sums)


def test_it_is_all_plain_values_and_fits_a_table(answerer, data):
    found = evaluate(answerer, data, limit=2, answered=1, sampling=SHORT, against_base=True)

    assert json.loads(to_json(found)) == plain(found)
    header, rows = evaluation_table(found)
    assert header == ["measure", "adapter", "base", "version's answers"]
    shown = {row[0]: row[1:] for row in rows}
    assert shown["loss"] == [f"{found.loss:.4f}", f"{found.base.loss:.4f}", "–"]
    assert shown["answers in Spanish"][2] == "100.0%"
    assert shown["distinct-2"][0] == f"{found.answers.distinct['distinct_2']:.3f}"


# ---- refused ---------------------------------------------------------------------------------------------------------


def test_a_version_in_another_template_is_refused_unless_its_prompts_are_written_anew(answerer, data, tmp_path):
    make_version(tmp_path, template="alpaca")
    other = open_data("filas@1.0.0", tmp_path / "versions")

    assert refused(answerer, other) == (
        "filas@1.0.0 is written in template alpaca, and the adapter was trained on instruccion; use a version with "
        "that template (aguila evaluate can write the prompts anew, with --rewrite-prompts)"
    )
    found = evaluate(answerer, other, answered=0, rewrite=True)
    assert found.template == PromptTemplates(adapter="instruccion", version="alpaca", rewritten=True)
    assert found.loss == evaluate(answerer, data, answered=0).loss


def test_a_split_without_rows_is_refused(answerer, tmp_path):
    make_version(tmp_path, split=Split())
    whole = open_data("filas@1.0.0", tmp_path / "versions")

    assert refused(answerer, whole, "test").startswith("filas@1.0.0: it has no test rows (it has train")
