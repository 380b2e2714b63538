import hashlib
from pathlib import Path

import pytest

from builders.errors import Invalid, NotFound
from train.recipes.loading import load_recipe, shipped_recipes
from train.recipes.model import RENAMED, Base, TrainRecipe

COMMIT = "3698480a001cb3f62c61c314d4acb181eb31e983"
README = Path(__file__).parents[3] / "train" / "README.md"


def fields_of(part):
    """The keys of a part of a training recipe."""
    return TrainRecipe.model_fields[part].annotation.model_fields.keys()


@pytest.fixture
def recipe(tmp_path):
    def load(text, *overrides, name="entreno.yaml"):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return load_recipe(str(path), overrides)

    return load


def test_the_shipped_training_recipes_are_these():
    assert shipped_recipes() == ["aguila-7b", "aguila-7b-dpo", "tiny"]
    assert [load_recipe(name).name for name in shipped_recipes()] == shipped_recipes()


def test_a_shipped_recipe_aligns_aguila_gently():
    first, then = load_recipe("aguila-7b"), load_recipe("aguila-7b-dpo")

    assert then.dpo is not None and then.train.learning_rate == first.train.learning_rate / 40
    assert (then.base, then.quantization, then.train.max_length) == (first.base, first.quantization, 2048)


def test_aguila_7b_has_the_original_runs_hyperparameters():
    shipped = load_recipe("aguila-7b")

    lora, train = shipped.lora, shipped.train
    assert (lora.r, lora.lora_alpha, lora.lora_dropout, lora.target_modules) == (64, 16, 0.05, None)
    assert (shipped.quantization.kind, shipped.quantization.bnb_4bit_use_double_quant) == ("nf4", True)
    assert (train.max_length, train.per_device_train_batch_size, train.gradient_accumulation_steps) == (2048, 4, 2)
    assert (train.num_train_epochs, train.max_steps, train.learning_rate) == (2.0, None, 2e-4)
    assert (train.optim, train.lr_scheduler_type) == ("paged_adamw_32bit", "cosine")
    assert (train.warmup_steps, train.weight_decay, train.template, train.packing) == (10, 1e-6, None, False)
    assert (shipped.base.repo, shipped.report_to) == ("projecte-aina/aguila-7b", "none")


def test_a_base_can_be_pinned_to_a_commit():
    assert load_recipe("aguila-7b", [f"base.revision={COMMIT}"]).base.revision == COMMIT


def test_a_learning_rate_may_be_written_with_an_exponent():
    """YAML 1.1 takes 2e-4 for text."""
    changed = load_recipe("aguila-7b", ["train.learning_rate=3e-4", "train.weight_decay=1E-2"]).train
    assert (changed.learning_rate, changed.weight_decay) == (3e-4, 1e-2)


@pytest.mark.parametrize(
    "value", ["train.learning_rate=.inf", "train.num_train_epochs=.inf", "train.max_grad_norm=.nan"]
)
def test_numbers_without_an_end_are_refused(value):
    with pytest.raises(Invalid, match=f"training recipe tiny: {value.split('=')[0]}: Input should be"):
        load_recipe("tiny", [value])


def test_where_a_base_lies_is_not_part_of_a_recipe(recipe):
    here = recipe("name: x\nbase: {path: modelo}\n")
    there = recipe("name: x\nbase: {path: /otro/modelo}\n")

    assert here.sha256() == there.sha256() == hashlib.sha256(here.canonical().encode()).hexdigest()
    assert "modelo" not in here.canonical()


def test_a_base_lies_beside_its_recipe(recipe, tmp_path):
    assert recipe("name: x\nbase: {path: modelo}\n").base.path == str(tmp_path / "modelo")


def test_a_recipe_extends_a_shipped_one(recipe):
    mine = recipe("extends: aguila-7b\nname: mia\ntrain: {packing: true, per_device_train_batch_size: 1}\n")

    assert (mine.name, mine.train.packing) == ("mia", True)
    assert (mine.train.per_device_train_batch_size, mine.train.gradient_accumulation_steps) == (1, 2)
    assert mine.base.repo == "projecte-aina/aguila-7b"


def test_recipes_are_frozen():
    one = TrainRecipe(name="x", base=Base(repo="a/b"))
    with pytest.raises(ValueError, match=r"frozen"):
        one.train.seed = 2


# ---- names -----------------------------------------------------------------------------------------------------------


def test_keys_are_called_as_the_libraries_call_them():
    """What we hand to transformers, peft and bitsandbytes has their names, so that their documentation is ours."""
    transformers = pytest.importorskip("transformers", reason="the trainer is not installed (extra: train)")
    peft = pytest.importorskip("peft", reason="the trainer is not installed (extra: train)")
    ours = {
        "template",
        "packing",
        "max_length",
        "precision",
        "attention",
        "group_by_length",
        "early_stopping_patience",
    }  # the first is ours, trl has the next two, none of them `auto`; older TrainingArguments, and a callback, the last two

    assert fields_of("train") - transformers.TrainingArguments.__dataclass_fields__.keys() == ours
    assert fields_of("lora") <= peft.LoraConfig.__dataclass_fields__.keys()
    config = vars(transformers.BitsAndBytesConfig(load_in_4bit=True))
    assert fields_of("quantization") - config.keys() == {"kind"}


def test_the_readme_lists_every_key_and_its_former_name():
    rows = [line.split("|")[1:4] for line in README.read_text("utf-8").splitlines() if line.startswith("| `")]
    listed = {key.split("`")[1]: former.strip(" `") for key, _, former in rows}
    keys = [f"{part}.{key}" for part in ("lora", "quantization", "train") for key in fields_of(part)]

    assert list(listed) == keys
    assert {former: key for key, former in listed.items() if former} == RENAMED


@pytest.mark.parametrize("key", RENAMED)
def test_a_key_of_former_times_is_answered_with_todays(key):
    section, _, name = RENAMED[key].partition(".")
    assert name in fields_of(section)

    with pytest.raises(Invalid) as refused:
        load_recipe("tiny", [f"{key}=1"])
    assert str(refused.value) == f"training recipe tiny: unknown key {key}; it is called {RENAMED[key]} now"


@pytest.mark.parametrize(
    ("key", "meant"),
    [("train.lenght", "max_length"), ("train.epoch", "num_train_epochs"), ("lora.target", "target_modules")],
)
def test_a_misspelt_key_of_former_times_too(key, meant):
    with pytest.raises(Invalid, match=f"unknown key {key}; did you mean {meant}\\?; known here: "):
        load_recipe("tiny", [f"{key}=1"])


# ---- mistakes --------------------------------------------------------------------------------------------------------

WRONG = {
    "train.max_lenght=10": "training recipe tiny: unknown key train.max_lenght; did you mean max_length?; known here: template, max_length",
    "train.per_device_train_batch_size=0": "training recipe tiny: train.per_device_train_batch_size: Input should be greater than or equal to 1, not 0",
    "train.optim=sgd": "training recipe tiny: train.optim: Input should be 'paged_adamw_32bit'",
    "report_to=neptune": "training recipe tiny: report_to: Input should be 'none', 'tensorboard', 'wandb', 'mlflow' or 'trackio'",
    "base.revision=main": "training recipe tiny: base.revision: must be a commit's 40 hexadecimal digits (a branch or a tag can move), not 'main'",
    "base.sha256=abc": "training recipe tiny: base.sha256: must be 64 hexadecimal digits, not 'abc'",
    "base.path=modelo": "training recipe tiny: base: repo and path are two bases; keep one",
    'base.pad_token="\\ud800"': "training recipe tiny: half a character ('\\ud800'); write it whole",
    "lora.target_modules=[]": "training recipe tiny: lora.target_modules: ",
    "quantization=nf4": "training recipe tiny: quantization: must be a mapping of keys to values, not 'nf4'",
    "train.precision=fp8": "training recipe tiny: train.precision: Input should be 'auto', 'bf16', 'fp16' or 'fp32', not 'fp8'",
}


@pytest.mark.parametrize("override", WRONG)
def test_a_wrong_value_is_refused_in_one_line(override):
    with pytest.raises(Invalid) as refused:
        load_recipe("tiny", [override])
    assert str(refused.value).startswith(WRONG[override])


def test_a_revision_without_a_repository_is_refused():
    with pytest.raises(Invalid, match=r"revision is a commit of a Hub repository"):
        load_recipe("tiny", ["base.repo=null", f"base.revision={COMMIT}"])


def test_a_recipe_that_is_nowhere_names_the_nearest_shipped_one():
    with pytest.raises(NotFound) as refused:
        load_recipe("aguila-7")
    assert str(refused.value) == (
        "training recipe aguila-7: no such file, and no shipped recipe has that name; did you mean aguila-7b?; "
        "shipped: aguila-7b, aguila-7b-dpo, tiny"
    )


def test_recipes_that_extend_each_other_are_refused(recipe, tmp_path):
    (tmp_path / "otro.yaml").write_text("extends: entreno.yaml\nname: y\n", "utf-8")
    with pytest.raises(Invalid) as refused:
        recipe("extends: otro.yaml\nname: x\n")
    assert str(refused.value) == (
        "training recipe entreno.yaml: extends goes in a circle: entreno.yaml → otro.yaml → entreno.yaml; remove one extends"
    )


def test_what_is_no_yaml_is_said_of_a_training_recipe(recipe):
    with pytest.raises(
        Invalid, match=r"^training recipe .*entreno.yaml, line 2: not YAML that can be read: key 'name' is given"
    ):
        recipe("name: x\nname: y\n")
    with pytest.raises(Invalid, match=r"^training recipe .*: must be a mapping of keys to values"):
        recipe("- x\n")
