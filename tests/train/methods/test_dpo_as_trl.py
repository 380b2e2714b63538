"""The loss of pairs against TRL's own trainer, as the oracle: from the same adapter, on the same pairs in the same order."""

import math
from importlib.metadata import PackageNotFoundError, version

import pytest

from tests.installed import TRAINER, needs

needs("torch", TRAINER)

from tests.train.pairs import planned_pairs
from train.engines import Settings
from train.methods.sft import train
from train.run.examples import order

ORACLE = "1.14.2"  # 1.15.0 does not train on a CPU
try:
    installed = version("trl")
except PackageNotFoundError:
    installed = "none"
pytestmark = pytest.mark.skipif(installed != ORACLE, reason=f"TRL {ORACLE} is not installed (found: {installed})")
STEPS = 4
SETTINGS = (
    f"train.max_steps={STEPS}",
    "train.learning_rate=0.005",
    "train.per_device_train_batch_size=2",
    "train.gradient_accumulation_steps=1",
    "train.eval_steps=0",
    "train.save_steps=0",
)


def of_trl(plan, work):
    """The losses of TRL's trainer: the model as our engine loads it, the pairs as text, one after the other in our order."""
    from datasets import Dataset
    from torch.utils.data import SequentialSampler
    from trl import DPOConfig, DPOTrainer

    class InOrder(DPOTrainer):
        def _get_train_sampler(self, dataset=None):
            return SequentialSampler(dataset if dataset is not None else self.train_dataset)

    train = plan.recipe.train
    settings = Settings("cpu", plan.precision, plan.recipe.quantization, train.max_length, seed=train.seed)
    base = plan.engine.load_base(plan.checkpoint, settings)
    model = plan.engine.load_adapter(base, plan.start.path, True, settings)
    exact = {name: one.detach().clone() for name, one in model.named_parameters() if one.requires_grad}
    pairs = plan.data.split("train").select("prompt", "chosen", "rejected")
    rows = pairs[order(pairs.height, train.seed, 0).tolist()]
    trainer = InOrder(
        model=model,
        args=DPOConfig(
            output_dir=str(work),
            beta=plan.recipe.dpo.beta,
            max_length=train.max_length,
            per_device_train_batch_size=train.per_device_train_batch_size,
            gradient_accumulation_steps=train.gradient_accumulation_steps,
            max_steps=STEPS,
            learning_rate=train.learning_rate,
            lr_scheduler_type=train.lr_scheduler_type,
            warmup_steps=train.warmup_steps,
            weight_decay=train.weight_decay,
            max_grad_norm=train.max_grad_norm,
            optim=plan.optimizer,
            seed=train.seed,
            logging_steps=1,
            save_strategy="no",
            report_to="none",
            use_cpu=True,
            bf16=False,
            gradient_checkpointing=False,
            dataset_num_proc=None,
            disable_tqdm=True,
        ),
        train_dataset=Dataset.from_list(rows.to_dicts()),
        processing_class=plan.tokenizer,
    )
    for name, parameter in model.named_parameters():  # TRL rounds what is learnt of a 4-bit model to bf16; we do not
        parameter.data = exact.get(name, parameter.data)
    trainer.train()
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]


@pytest.mark.parametrize(("kind", "tolerance"), [("none", 1e-4), ("nf4", 1e-3)])
def test_losses_agree_with_those_of_trl(kind, tolerance, aguila_base, paired, cache, mine, tmp_path):
    plan = planned_pairs(aguila_base, paired, cache, mine.path, *SETTINGS, f"quantization.kind={kind}")
    theirs = of_trl(plan, tmp_path / "trl")
    lines = (train(plan, tmp_path / "dpo").path / "losses.csv").read_text("utf-8").splitlines()[1:]
    ours = [float(line.split(",")[2]) for line in lines]
    apart = max(abs(one - other) for one, other in zip(ours, theirs, strict=True))
    print(f"\n{kind}: ours {ours}, TRL's {theirs}, apart {apart:.2e}")

    assert ours[0] == pytest.approx(math.log(2), abs=1e-4 if kind == "none" else 2e-3)
    assert len(ours) == STEPS and max(ours) - min(ours) > 0.05  # something was learnt
    assert apart < tolerance
