"""Scores of a version's rows, against a plain computation with transformers; taken up again; built with, and verified."""

import json

import pytest

from tests.installed import TRAINER, needs

torch = needs("torch", TRAINER)

from builders.errors import Problem
from builders.reading.audit import audited
from builders.recipes.model import ScoreFile
from builders.recipes.scores import Bounds
from builders.scores.file import beside, read_scores
from builders.versions.references import resolve
from builders.versions.registry import build
from builders.versions.verify import verify
from tests.builders.rows import small_recipe
from tests.train.models import make_version, tokenizer
from train.answers import scoring
from train.answers.scoring import score


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    folder = tmp_path_factory.mktemp("puntuadas")
    make_version(folder)
    return folder / "versions"


@pytest.fixture(scope="module")
def scored(registry, aguila_base, cache):
    return score("filas@1.0.0", str(aguila_base), registry, batch=3, engine="plain", device="cpu", cache=cache)


def plain_loss(model, prompt, answer):
    """The mean loss of an answer after a prompt, as transformers computes it."""
    ids = torch.tensor([[*prompt, *answer]])
    labels = ids.clone()
    labels[:, : len(prompt)] = -100
    with torch.no_grad():
        return float(model(input_ids=ids, labels=labels).loss)


def test_losses_are_those_of_a_plain_computation(scored, registry, aguila_base, cache):
    from tests.train.bases import loaded
    from train.answers.scoring import _base
    from train.base.checkpoint import open_checkpoint

    model, words = loaded(open_checkpoint(_base(str(aguila_base)), cache).folder), tokenizer()
    rows = resolve("filas@1.0.0", registry).rows_by_id()
    found = read_scores(scored.path).rows

    assert found["id"].to_list() == rows["id"].to_list()
    for row, one in zip(rows.to_dicts(), found.to_dicts(), strict=True):
        prompt, answer = words(row["prompt"])["input_ids"], [*words(row["completion"])["input_ids"], words.eos_token_id]
        loss, alone = plain_loss(model, prompt, answer), plain_loss(model, [words.bos_token_id], answer)
        assert (one["loss"], one["loss_alone"]) == (pytest.approx(loss, abs=1e-5), pytest.approx(alone, abs=1e-5))
        assert one["ratio"] == pytest.approx(loss / alone, abs=1e-5)
        assert one["tokens"] == len(answer)


def test_the_file_is_beside_the_version_and_says_what_was_scored_by_what(scored, registry, aguila_base):
    version = resolve("filas@1.0.0", registry)

    assert scored.path == beside(version, registry) == registry / "filas" / "scores-v1.0.0.jsonl"
    assert (scored.by.version, scored.by.content_sha256) == ("filas@1.0.0", version.content_sha256)
    assert (scored.by.base.name, scored.by.base.repo, scored.by.precision) == ("aguila-tiny", None, "fp32")
    assert str(aguila_base.parent) not in scored.path.read_text("utf-8")
    assert (
        dict(read_scores(scored.path).rows.select("id", "row_sha256").iter_rows()).items()
        <= dict(version.ledger().select("id", "row_sha256").iter_rows()).items()
    )


def test_the_same_rows_are_not_scored_twice_and_other_scores_are_not_written_over(scored, registry, aguila_base, cache):
    options = {"engine": "plain", "device": "cpu", "cache": cache}
    again = score("filas@1.0.0", str(aguila_base), registry, **options)

    assert (again.created, again.sha256, again.rows) == (False, scored.sha256, scored.rows)
    with pytest.raises(Problem, match="holds other scores"):
        score("filas@1.0.0", str(aguila_base), registry, max_length=64, **options)


def test_an_interrupted_run_goes_on_where_it_was(scored, registry, aguila_base, cache, tmp_path, monkeypatch):
    monkeypatch.setattr(scoring, "PART", 2)
    out, told = tmp_path / "puntos.jsonl", []
    options = {"batch": 1, "engine": "plain", "device": "cpu", "cache": cache}
    lines = scored.path.read_bytes().splitlines(keepends=True)
    (tmp_path / "puntos.jsonl.part").write_bytes(b"".join(lines[:6]) + lines[6][:20])  # five rows and a piece
    found = score("filas@1.0.0", str(aguila_base), registry, out, report=told.append, **options)

    assert told == ["4 of 7 rows are scored", "6 of 7 rows", "7 of 7 rows"]
    assert [path.name for path in tmp_path.iterdir() if path.name[0] != "."] == ["puntos.jsonl"]
    taken, whole = read_scores(found.path).rows, read_scores(scored.path).rows
    assert taken["id"].to_list() == whole["id"].to_list()
    assert (taken["loss"] - whole["loss"]).abs().max() < 1e-5


def test_what_another_model_left_is_not_taken_up(scored, registry, aguila_base, cache, tmp_path):
    told, lines = [], scored.path.read_text("utf-8").splitlines(keepends=True)
    other = json.dumps(json.loads(lines[0]) | {"max_length": 99}) + "\n"
    (tmp_path / "puntos.jsonl.part").write_text("".join([other, *lines[1:]]), "utf-8")
    score(
        "filas@1.0.0",
        str(aguila_base),
        registry,
        tmp_path / "puntos.jsonl",
        4,
        engine="plain",
        device="cpu",
        cache=cache,
        report=told.append,
    )

    assert told[0] == "7 rows to score"


def test_rows_without_room_for_an_answer_are_left_out(registry, aguila_base, cache, tmp_path):
    prompts = resolve("filas@1.0.0", registry).rows()["prompt"].to_list()
    sizes = sorted(len(tokenizer()(prompt)["input_ids"]) for prompt in prompts)
    found = score(
        "filas@1.0.0",
        str(aguila_base),
        registry,
        tmp_path / "cortas.jsonl",
        max_length=sizes[3] + 1,
        engine="plain",
        device="cpu",
        cache=cache,
    )

    assert found.left_out == sum(size > sizes[3] for size in sizes) > 0
    assert found.rows + found.left_out == 7
    assert read_scores(found.path).rows["tokens"].min() == 1


@pytest.mark.parametrize("base", ["nadie", "a/b@main", "a/b@"])
def test_a_model_that_is_none_is_refused(base, registry, cache):
    with pytest.raises(Problem, match="no such folder, and no repository"):
        score("filas@1.0.0", base, registry, engine="plain", device="cpu", cache=cache)


def test_the_audit_shows_the_spread_of_scores(scored, registry):
    numbers = audited("filas@1.0.0", registry).numbers.scores

    ratios = read_scores(scored.path).rows["ratio"].sort()
    assert (numbers.base, numbers.rows) == ("aguila-tiny", 7)
    assert (numbers.ratio.p50, numbers.from_one) == (round(ratios[3], 4), int((ratios >= 1).sum()))


def test_a_version_that_is_built_with_scores_is_verified_without_a_model(scored, registry, tmp_path):
    rows = read_scores(scored.path).rows.sort("ratio")
    drop, flag = (round((rows["ratio"][at - 1] + rows["ratio"][at]) / 2, 6) for at in (6, 5))
    asked = ScoreFile(path=str(scored.path), drop=Bounds(ratio_from=drop), flag=Bounds(ratio_from=flag))
    recipe = small_recipe(registry.parent / "filas.jsonl", scores=asked, name="puntuadas")
    version = build(recipe, registry).version
    ledger = {row["id"]: row for row in version.ledger().to_dicts()}
    worst, second = ledger[rows["id"][6]], ledger[rows["id"][5]]

    assert (worst["status"], worst["stage"], worst["rule"]) == ("dropped", "quality", "scores")
    assert worst["evidence"].endswith(f"(ratio {rows['ratio'][6]})")
    assert "scores" in second["flags"] and second["rule"] != "scores"
    assert sum("scores" in (row["flags"] or ()) or row["rule"] == "scores" for row in ledger.values()) == 2
    assert version.recipe.scores.sha256 == scored.sha256 and version.recipe.scores.path is None
    assert (version.path / "scores.jsonl").read_bytes() == scored.path.read_bytes()
    assert [str(check) for check in verify(version, registry).checks if not check.ok] == []
    assert audited("puntuadas@1.0.0", registry).numbers.scores.rows == sum(
        row["status"] == "kept" and row["id"] in rows["id"] for row in ledger.values()
    )
