"""A recipe as transformers' TrainingArguments."""

import pytest

from tests.installed import TRAINER, needs

needs("torch", TRAINER)

from tests.train.models import planned
from train.run.arguments import SAME, training_arguments


@pytest.fixture
def arguments(aguila_base, registry, cache, tmp_path):
    def made(*overrides, evaluate=True):
        return training_arguments(planned(aguila_base, registry, cache, *overrides), tmp_path, evaluate)

    return made


def test_what_has_the_same_name_is_handed_over(arguments):
    other = {
        "per_device_train_batch_size": 3,
        "gradient_accumulation_steps": 5,
        "num_train_epochs": 7.5,
        "learning_rate": 0.125,
        "lr_scheduler_type": "linear",
        "warmup_steps": 11,
        "weight_decay": 0.25,
        "max_grad_norm": 0.75,
        "save_total_limit": 13,
        "seed": 17,
    }
    made = arguments(*(f"train.{key}={value}" for key, value in other.items()))

    assert set(SAME) == other.keys() | {"load_best_model_at_end", "neftune_noise_alpha"}
    assert {key: getattr(made, key) for key in other} == other
    assert (made.data_seed, made.per_device_eval_batch_size) == (17, 3)


@pytest.mark.parametrize(
    ("every", "strategy", "steps"), [("null", "epoch", None), ("0", "no", None), ("3", "steps", 3)]
)
def test_when_it_evaluates_and_saves(arguments, every, strategy, steps):
    made = arguments(f"train.eval_steps={every}", f"train.save_steps={every}")

    assert (made.eval_strategy, made.save_strategy) == (strategy, strategy)
    assert steps is None or (made.eval_steps, made.save_steps) == (steps, steps)


def test_it_begins_with_an_evaluation_where_it_is_told_to(arguments):
    assert arguments().eval_on_start and not arguments(evaluate=False).eval_on_start


def test_steps_are_those_of_the_epochs_unless_the_recipe_says_how_many(arguments):
    """Four rows, one a batch, two batches a step: two steps an epoch."""
    assert arguments("train.num_train_epochs=1.2").max_steps == 3
    assert arguments("train.num_train_epochs=1.2", "train.max_steps=9").max_steps == 9
    assert arguments("train.gradient_accumulation_steps=3").max_steps == 2
