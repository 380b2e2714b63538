"""A model's answers to a version's rows: in a file that a recipe takes, taken up after a kill, refused where they do not fit."""

import polars as pl
import pytest

from tests.installed import TRAINER, needs

needs("torch", TRAINER)

from builders.errors import Problem
from builders.recipes.model import Recipe, Split
from builders.sources.answers import parse_answers
from builders.versions.references import resolve
from builders.versions.registry import build
from builders.versions.verify import verify
from tests.train.models import make_version
from train.answers import sampled
from train.answers.generation import Answerer
from train.answers.sampled import sample_answers
from train.answers.sampling import Sampling

DRAWN = Sampling(max_tokens=48, temperature=0.2, top_p=0.95, seed=3, batch=2)


@pytest.fixture(scope="module")
def sample(taught, aguila_base, registry, cache):
    def run(out, sampling=DRAWN, **options):
        options = {"base": str(aguila_base), "engine": "plain", "device": "cpu", "cache": cache} | options
        return sample_answers("filas@1.0.0", taught.path, out, options.pop("registry", registry), sampling, **options)

    return run


@pytest.fixture(scope="module")
def found(sample, tmp_path_factory):
    return sample(tmp_path_factory.mktemp("answers") / "answers.jsonl")


def lines(path):
    return parse_answers(path.read_bytes(), path.name)


def test_each_line_says_whose_answer_it_is_and_how_it_was_drawn(found, taught, registry, tmp_path):
    answers = lines(tmp_path / found.path)

    assert [one.id for one in answers] == resolve("filas@1.0.0", registry).rows_by_id()["id"].to_list()
    assert {(one.adapter, one.seed, one.temperature, one.top_p, one.max_tokens) for one in answers} == {
        (f"tiny {taught.record.weights_sha256}", 3, 0.2, 0.95, 48)
    }
    assert found.cut == sum(one.stopped == "length" for one in answers) > 0
    assert (found.rows, found.left_out) == (7, ())


def test_a_killed_run_goes_on_to_the_same_bytes(found, sample, tmp_path, monkeypatch):
    monkeypatch.setattr(sampled, "AHEAD", 1)  # two rows a part
    asked, whole = Answerer.complete, sample(tmp_path / "whole.jsonl")

    def dies(self, prompts, names, sampling):
        yield from asked(self, prompts, names, sampling)
        if names[0] == f"row {lines(tmp_path / 'whole.jsonl')[4].id!r}":
            raise KeyboardInterrupt

    monkeypatch.setattr(Answerer, "complete", dies)
    with pytest.raises(KeyboardInterrupt):
        sample(tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()
    monkeypatch.setattr(Answerer, "complete", asked)
    told = []
    again = sample(tmp_path / "out.jsonl", report=told.append)

    assert told == ["4 of 7 rows are answered", "6 of 7 answers", "7 of 7 answers"]
    assert (
        again.sha256 == whole.sha256
        and (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    )
    assert sorted(path.name for path in tmp_path.iterdir() if path.name[0] != ".") == ["out.jsonl", "whole.jsonl"]


def test_what_was_drawn_otherwise_is_not_taken_up(found, sample, tmp_path):
    (tmp_path / "out.jsonl.part").write_bytes(b'{"version":"otra"}\n' + b"".join([b'{"id":"1"}\n'] * 9))
    told = []
    sample(tmp_path / "out.jsonl", limit=2, split="train", report=told.append)

    assert told == ["2 rows to answer", "2 of 2 answers"]
    with pytest.raises(Problem, match="there is something already; choose another --out"):
        sample(tmp_path / "out.jsonl")


def test_a_version_of_pairs_is_built_of_them_and_verified_without_a_model(sample, tmp_path):
    registry = tmp_path / "versions"
    make_version(tmp_path, split=Split(validation=0.0))
    found = sample(tmp_path / "answers.jsonl", registry=registry)
    source = found.source | {"rows": {"kind": "version", "ref": str(registry / "filas" / "v1.0.0")}}
    recipe = Recipe.model_validate(
        {"kind": "preferences", "name": "spin", "source": source, "split": {"validation": 0.0}}
    )
    version = build(recipe, registry).version
    ledger, answers = version.ledger(), {one.id: one for one in lines(tmp_path / "answers.jsonl")}

    cut = {id for id, one in answers.items() if one.stopped == "length"}
    assert set(ledger.filter(pl.col("rule") == "never_stopped")["id"]) == cut and len(cut) == found.cut == 1
    assert set(version.rows()["rejected_origin"]) == {f"adapter {found.adapter}, seed 3, temperature 0.2"}
    (one,) = version.rows().filter(pl.col("id") == "fila-11")["rejected_output"]
    assert one == answers["fila-11"].answer
    assert verify(version, registry).ok


def test_a_version_in_another_template_is_refused(sample, tmp_path):
    make_version(tmp_path, template="alpaca")
    with pytest.raises(Problem, match="is written in template alpaca, and the adapter was trained on instruccion"):
        sample(tmp_path / "answers.jsonl", registry=tmp_path / "versions")


def test_rows_whose_prompt_fills_the_window_are_left_out(sample, registry, tmp_path, monkeypatch):
    monkeypatch.setattr(sampled, "load_answerer", narrow(sampled.load_answerer))
    some = sample(tmp_path / "answers.jsonl")

    assert some.left_out and some.rows + len(some.left_out) == 7
    assert {one.id for one in lines(tmp_path / "answers.jsonl")}.isdisjoint(some.left_out)


def narrow(load):
    """Answerers with a window of 60 tokens."""
    from dataclasses import replace

    return lambda *words: replace(load(*words), window=60)


def test_the_command_prints_what_a_recipe_needs(aguila, found, taught, aguila_base, registry):
    words = ["answers", "filas@1.0.0", "--adapter", taught.path, "--base", aguila_base, "--registry", registry]
    done = aguila(*words, "--out", "a.jsonl", "--limit", 2, "--max-tokens", 8, "--batch", 1)

    assert done.status == 0, done.err
    sha256 = done.out.split("sha256: ")[1][:64]
    assert done.out.startswith("2 rows of filas@1.0.0 are answered by tiny: ")
    assert done.out.endswith(
        f"source:\n  kind: answers\n  path: a.jsonl\n  sha256: {sha256}\n  rows: {{kind: version, ref: filas@1.0.0}}\n"
    )
