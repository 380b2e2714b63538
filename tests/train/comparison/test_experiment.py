"""An experiment finds a difference that was planted, and none where there is none; it goes on where it stopped."""

import importlib
import random
import re
import shutil

import pytest

from tests.installed import TRAINER, needs

needs("torch", TRAINER)

from builders.errors import Problem
from builders.recipes.model import Dedup, FileSource, Language, Quality, Recipe, Repair, Split
from builders.versions.registry import build
from tests.builders.rows import write_rows
from tests.end_to_end.transcript import ROOT
from tests.train.models import TINY, planned
from train.comparison.experiment import (
    FIELDS,
    Experiment,
    load_experiment,
    random_rows,
    require_apart,
    run_experiment,
    steps_for,
)
from train.engines import choose
from train.run.data import open_data
from train.run.examples import epoch_order

OFF = {"enabled": False}
WORDS = [
    "la",
    "casa",
    "de",
    "mi",
    "madre",
    "está",
    "en",
    "el",
    "centro",
    "del",
    "pueblo",
    "y",
    "tiene",
    "un",
    "patio",
    "con",
    "naranjos",
]


def rows(spoilt=0.0, first=0, count=60):
    """Rows of a little language; of a share of them the letters of the answers are shuffled. Test rows are never spoilt."""
    found = []
    for number in range(first, first + count):
        drawn = random.Random(number)
        answer = " ".join(drawn.choices(WORDS, k=12))
        if drawn.random() < spoilt and not number < 30:
            answer = "".join(drawn.sample(answer, len(answer)))
        found.append((f"fila-{number}", f"Di {number}.", "", f"{answer}."))
    return found


def version(folder, name, *parts, split=None):
    off = {"repair": Repair(**OFF), "language": Language(**OFF), "quality": Quality(**OFF), "dedup": Dedup(**OFF)}
    source = FileSource(path=str(write_rows(folder / f"{name}.jsonl", [row for part in parts for row in part])))
    return build(Recipe(name=name, source=source, split=split or Split(validation=0.0), **off), folder / "versions")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Versions of one size: whole, another that is as good, one that is half spoilt; and one whose test rows are used."""
    made = tmp_path_factory.mktemp("experiment")
    version(made, "prueba", rows(count=30), split=Split(validation=0.0, test=0.8))
    version(made, "entera", rows(first=100))
    version(made, "otra", rows(first=300))
    version(made, "rota", rows(first=100, spoilt=0.5))
    return made


@pytest.fixture(scope="module")
def experiment(aguila_base):
    settings = (*TINY, f"base.path={aguila_base}", "train.learning_rate=0.02", "lora.r=16", "train.save_steps=0")
    return Experiment(
        name="prueba",
        recipe="tiny",
        set=(*settings, "train.per_device_train_batch_size=8", "train.gradient_accumulation_steps=1"),
        versions={"entera": "entera@1.0.0", "otra": "otra@1.0.0", "rota": "rota@1.0.0"},
        test="prueba@1.0.0",
        seeds=(1, 2),
        tokens=12_000,
    )


@pytest.fixture(scope="module")
def found(experiment, folder, cache):
    return run_experiment(experiment, folder / "out", folder / "versions", choose("plain", "cpu"), cache)


def test_a_planted_difference_is_found_and_none_where_there_is_none(found):
    said = {(one.one, one.other): one for one in found.effects}

    assert abs(said["entera", "otra"].nats) <= said["entera", "otra"].width
    for whole in ("entera", "otra"):
        assert said[whole, "rota"].nats > said[whole, "rota"].width > 0
    sentences = found.sentences
    assert sentences[0].startswith(("entera cannot be told from otra (", "otra cannot be told from entera ("))
    assert sentences[1].startswith("entera beats rota by 0.") and sentences[1].endswith(" nats, 2 seeds")


def test_what_is_done_stays_done(found, experiment, folder, cache):
    changed = folder / "out" / "otra-2"
    shutil.rmtree(changed)
    trained = []
    again = run_experiment(
        *(experiment, folder / "out", folder / "versions", choose("plain", "cpu"), cache), report=trained.append
    )

    assert again == found
    assert [line.partition(":")[0] for line in trained if "steps" in line] == ["otra-2"]
    other = experiment.model_copy(update={"tokens": 100})
    with pytest.raises(Problem, match=r"entera-1: an adapter of another recipe or version; choose another --out"):
        run_experiment(other, folder / "out", folder / "versions", choose("plain", "cpu"), cache)


def test_every_run_sees_as_many_tokens(aguila_base, registry, cache):
    """Four rows, two a step: whole epochs, and steps of the next until the budget is spent."""
    plan = planned(aguila_base, registry, cache)
    lengths, each = plan.train.lengths, int(plan.train.lengths.sum())
    third = lengths[epoch_order(lengths, plan.recipe.train, 1, 2)]

    assert steps_for(plan, 1) == 1 and steps_for(plan, each) == 2 and steps_for(plan, each + 1) == 3
    assert steps_for(plan, 2 * each + int(third[:2].sum())) == 5
    assert steps_for(plan, 2 * each + int(third[:2].sum()) + 1) == 6


def test_a_version_that_holds_test_rows_under_other_ids_is_refused(folder):
    leaked = [(f"otra-{id}", *texts) for id, *texts in rows(count=30)]
    version(folder, "fuga", rows(first=500), leaked)

    data, test = (open_data(name, folder / "versions") for name in ("fuga@1.0.0", "prueba@1.0.0"))
    with pytest.raises(
        Problem, match=r"fuga@1.0.0: \d+ of its train rows are test rows of prueba@1.0.0 \(first 'otra-"
    ):
        require_apart(data, test)


def test_random_rows_are_unfiltered_and_none_is_a_test_row_under_another_id(folder, tmp_path):
    """The source: the rows of the tested version under other ids, forty others, and two that a build would call duplicates."""
    again = [(f"copia-{id}", *texts) for id, *texts in rows(count=30)]
    others = rows(first=600, count=40)
    twins = [(f"doble-{number}", *others[0][1:]) for number in range(2)]
    source = write_rows(tmp_path / "fuente.jsonl", [*again, *others, *twins])
    recipe = tmp_path / "mezcla.yaml"
    recipe.write_text(f"name: mezcla\nsource: {{kind: file, path: {source}}}\n", "utf-8")
    test, said = open_data("prueba@1.0.0", folder / "versions"), []
    tested, out = test.split("test").height, tmp_path / "out"
    data = open_data(random_rows(str(recipe), 20, test, out, said.append), out / "versions")

    kept = data.version.rows()
    assert data.version.label == "mezcla-random@1.0.0" and kept.height == 72 - tested
    assert said == [
        f"random: {tested} rows of its source are left out: test rows of prueba@1.0.0, of other ids",
        f"random: {72 - tested} rows, all that there are, where 100 were wanted",
    ]
    require_apart(data, test)
    assert kept.select(FIELDS).join(test.split("test").select(FIELDS), on=FIELDS, how="semi").is_empty()
    assert kept.filter(kept["instruction"] == others[0][1]).height > 1


def test_the_experiment_of_the_guide_is_one(tmp_path):
    """The examples that are shown: lists as YAML writes them."""
    guide = (ROOT / "docs" / "howto.md").read_text("utf-8")
    shown = re.findall(r"```yaml\n(name: filtered-or-not\n.*?)```", guide, re.DOTALL)
    module = (importlib.import_module("train.comparison.experiment").__doc__ or "").partition("\n\n")[2]
    assert len(shown) == 1
    for text in (*shown, module):
        (tmp_path / "experimento.yaml").write_text(text, "utf-8")
        found = load_experiment(str(tmp_path / "experimento.yaml"))
        assert (found.seeds, found.tokens) == ((1, 2, 3), 200_000)
    assert found.set == ("train.max_length=384",)


def test_a_seed_is_named_once(tmp_path):
    (tmp_path / "e.yaml").write_text(
        "{name: x, recipe: tiny, versions: {a: a@1.0.0}, test: a@1.0.0, tokens: 1, seeds: [1, 1]}"
    )
    with pytest.raises(Problem, match="seeds: each seed is one run of each version; name it once"):
        load_experiment(str(tmp_path / "e.yaml"))
