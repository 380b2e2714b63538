import hashlib

import pytest

from builders.errors import Problem
from train.recipes.model import Base, TrainRecipe, load_recipe, shipped_recipes

COMMIT = "3698480a001cb3f62c61c314d4acb181eb31e983"


@pytest.fixture
def recipe(tmp_path):
    def load(text, *overrides, name="entreno.yaml"):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return load_recipe(str(path), overrides)

    return load


def test_the_shipped_training_recipes_are_these():
    assert shipped_recipes() == ["aguila-7b", "tiny"]
    assert [load_recipe(name).name for name in shipped_recipes()] == shipped_recipes()


def test_aguila_7b_has_the_original_runs_hyperparameters():
    shipped = load_recipe("aguila-7b")

    assert (shipped.lora.r, shipped.lora.alpha, shipped.lora.dropout, shipped.lora.targets) == (64, 16, 0.05, None)
    assert (shipped.quantization.kind, shipped.quantization.double) == ("nf4", True)
    train = shipped.train
    assert (train.length, train.batch, train.accumulation, train.epochs, train.max_steps) == (2048, 4, 2, 2.0, None)
    assert (train.optimizer, train.schedule, train.learning_rate) == ("paged_adamw_32bit", "cosine", 2e-4)
    assert (train.warmup, train.weight_decay, train.template, train.packing) == (10, 1e-6, None, False)
    assert (shipped.base.repo, shipped.report_to) == ("projecte-aina/aguila-7b", "none")


def test_a_base_can_be_pinned_to_a_commit():
    assert load_recipe("aguila-7b", [f"base.revision={COMMIT}"]).base.revision == COMMIT


def test_a_learning_rate_may_be_written_with_an_exponent():
    """YAML 1.1 takes 2e-4 for text."""
    changed = load_recipe("aguila-7b", ["train.learning_rate=3e-4", "train.weight_decay=1E-2"]).train
    assert (changed.learning_rate, changed.weight_decay) == (3e-4, 1e-2)


@pytest.mark.parametrize("value", ["train.learning_rate=.inf", "train.num_train_epochs=.inf", "train.max_grad_norm=.nan"])
def test_numbers_without_an_end_are_refused(value):
    with pytest.raises(Problem, match=f"training recipe tiny: {value.split('=')[0]}: Input should be"):
        load_recipe("tiny", [value])


def test_where_a_base_lies_is_not_part_of_a_recipe(recipe):
    here = recipe("name: x\nbase: {path: modelo}\n")
    there = recipe("name: x\nbase: {path: /otro/modelo}\n")

    assert here.sha256() == there.sha256() == hashlib.sha256(here.canonical().encode()).hexdigest()
    assert "modelo" not in here.canonical()


def test_a_base_lies_beside_its_recipe(recipe, tmp_path):
    assert recipe("name: x\nbase: {path: modelo}\n").base.path == str(tmp_path / "modelo")


def test_a_recipe_extends_a_shipped_one(recipe):
    mine = recipe("extends: aguila-7b\nname: mia\ntrain: {packing: true, batch: 1}\n")

    assert (mine.name, mine.train.packing, mine.train.batch, mine.train.accumulation) == ("mia", True, 1, 2)
    assert mine.base.repo == "projecte-aina/aguila-7b"


def test_recipes_are_frozen():
    one = TrainRecipe(name="x", base=Base(repo="a/b"))
    with pytest.raises(ValueError, match=r"frozen"):
        one.train.batch = 2


WRONG = {
    "train.lenght=10": "training recipe tiny: unknown key train.lenght; did you mean length?; known here: template, length",
    "train.per_device_train_batch_size=0": "training recipe tiny: train.batch: Input should be greater than or equal to 1, not 0",
    "train.optim=sgd": "training recipe tiny: train.optimizer: Input should be 'paged_adamw_32bit'",
    "report_to=neptune": "training recipe tiny: report_to: Input should be 'none', 'tensorboard', 'wandb', 'mlflow' or 'trackio'",
    "base.revision=main": "training recipe tiny: base.revision: String should match pattern '^[0-9a-f]{40}$', not 'main'",
    "base.path=modelo": "training recipe tiny: base: repo and path are two bases; keep one",
    "lora.target_modules=[]": "training recipe tiny: lora.targets: ",
    "quantization=nf4": "training recipe tiny: quantization: must be a mapping of keys to values, not 'nf4'",
}


@pytest.mark.parametrize("override", WRONG)
def test_a_wrong_value_is_refused_in_one_line(override):
    with pytest.raises(Problem) as refused:
        load_recipe("tiny", [override])
    assert str(refused.value).startswith(WRONG[override])


def test_a_revision_without_a_repository_is_refused():
    with pytest.raises(Problem, match=r"revision is a commit of a Hub repository"):
        load_recipe("tiny", ["base.repo=null", f"base.revision={COMMIT}"])


def test_a_recipe_that_is_nowhere_names_the_nearest_shipped_one():
    with pytest.raises(Problem) as refused:
        load_recipe("aguila-7")
    assert str(refused.value) == (
        "training recipe aguila-7: no such file, and no shipped recipe has that name; did you mean aguila-7b?; "
        "shipped: aguila-7b, tiny"
    )


def test_recipes_that_extend_each_other_are_refused(recipe, tmp_path):
    (tmp_path / "otro.yaml").write_text("extends: entreno.yaml\nname: y\n", "utf-8")
    with pytest.raises(Problem, match=r"extends goes in a circle"):
        recipe("extends: otro.yaml\nname: x\n")
