"""What is shown before the first step: a fresh adapter changes nothing, all of it learns, and engines agree."""

from dataclasses import replace

import pytest

from tests.installed import TRAINER, needs

torch = needs("torch", TRAINER)

from builders.errors import Invalid
from tests.train.models import planned
from train.engines import Settings
from train.run.batches import Collator
from train.run.probe import require_learning


@pytest.fixture
def plan(aguila_base, registry, cache):
    return planned(aguila_base, registry, cache)


@pytest.fixture
def probed(plan):
    """Probe a model that was changed before, as an engine of some name."""

    def probe(change=lambda model: None, engine="plain"):
        settings = Settings("cpu", "fp32", plan.recipe.quantization, 128)
        model = plan.engine.attach_lora(plan.engine.load_base(plan.checkpoint, settings), plan.recipe.lora, settings)
        change(model)
        named = replace(plan, engine=replace(plan.engine, name=engine))
        state = torch.random.get_rng_state()
        require_learning(model, named, settings, Collator(plan.tokenizer.pad_token_id))
        assert torch.equal(state, torch.random.get_rng_state()) and model.training
        assert all(parameter.grad is None for parameter in model.parameters())

    return probe


def second(model):
    return next(one for name, one in model.named_parameters() if ".lora_B." in name)


def test_a_model_that_learns_leaves_no_trace(probed):
    probed()
    probed(engine="unsloth")


def test_a_fresh_adapter_that_changes_the_loss_is_refused(probed):
    with pytest.raises(Invalid, match=r"engine plain: a fresh adapter changes the loss from \d\.\d+ to \d"):
        probed(lambda model: second(model).data.fill_(0.5))


def test_a_matrix_without_a_gradient_is_refused(probed):
    with pytest.raises(Invalid, match=r"engine plain: 1 of 8 LoRA matrices get no gradient, such as base_model.model"):
        probed(lambda model: second(model).register_hook(torch.zeros_like))


def test_an_engine_that_computes_something_else_is_refused(probed):
    def wrong(model):
        model.get_base_model().transformer.ln_f.weight.data.mul_(1.5)

    with pytest.raises(
        Invalid, match=r"engine unsloth: its loss on 8 rows is .*, the plain engine's .*; use --engine plain"
    ):
        probed(wrong, "unsloth")
