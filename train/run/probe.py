"""Shown before the first step, on any engine and device: the adapter learns, and the engine computes what the plain one does.

An engine that patches kernels can be wrong without an error; some seconds here are less than a run that learnt nothing.
"""

import gc
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from builders.errors import Invalid
from train.engines import Engine, Settings
from train.run.batches import on_device
from train.run.loss import batch_loss
from train.run.plan import Plan

ROWS = 8
CLOSE = 0.01  # two engines' losses, as a share
DRIFT = -1  # the place of the mean log-ratio among what a loss of pairs measures
SCALE = {"fp16": 1024.0, "bf16": 1.0, "fp32": 1.0}  # of the loss: small gradients are nothing in fp16
HINT = "use --engine plain"


def require_learning(model: Any, plan: Plan, settings: Settings, collate: Any) -> None:
    """Raise Invalid, saying what differs, for a fresh adapter that changes the loss, or gets no gradient, or for an engine
    whose loss is not the plain engine's."""
    import torch

    size = plan.recipe.train.per_device_train_batch_size
    windows = [plan.train[index] for index in range(min(ROWS, len(plan.train)))]
    batches = [on_device(collate(windows[at : at + size]), model.device) for at in range(0, len(windows), size)]
    hint = HINT if plan.engine.name != "plain" else "use the versions of constraints.txt"

    def loss_of(model: Any) -> float:
        model.eval()
        with torch.no_grad():
            losses = [float(batch_loss(model, model, batch, plan.method.loss, None)) for batch in batches]
        return sum(losses) / len(losses)

    with torch.random.fork_rng(devices=[model.device] if model.device.type == "cuda" else []):
        fresh = loss_of(model)
        if plan.start:
            _require_start(batches, plan.start.path)
        elif plan.recipe.lora.init_lora_weights not in ("olora", "pissa"):  # they change the base
            with model.disable_adapter():
                base = loss_of(model)
            if not math.isclose(fresh, base, rel_tol=1e-3):
                raise Invalid(
                    f"engine {plan.engine.name}: a fresh adapter changes the loss from {base:.5f} to {fresh:.5f}", hint
                )
        _require_gradients(model, plan, batches[0], hint)
        if plan.engine.name != "plain":
            _require_plain(fresh, plan, settings, loss_of)
    model.train()


def _require_start(batches: list[Any], adapter: Path) -> None:
    """Nothing has been learnt yet, so no answer may be likelier or less likely than its reference says."""
    import torch

    measured = torch.cat([batch["measured"][:, DRIFT] for batch in batches])
    known = torch.cat([batch["reference"] for batch in batches]).abs().max()
    if not bool((measured.abs() <= CLOSE * known).all()):
        raise Invalid(
            f"adapter {adapter}: its answers' log-probabilities are not the reference's (they differ by "
            f"{float(measured.abs().max()):.3g})",
            "remove the run's folder, or use the versions of constraints.txt",
        )


def _require_gradients(model: Any, plan: Plan, batch: Any, hint: str) -> None:
    """Every second matrix must get a gradient; the first ones get none while the second are zero."""
    import torch

    model.train()
    (batch_loss(model, model, batch, plan.method.loss, None) * SCALE[plan.precision]).backward()
    second = {name: one for name, one in model.named_parameters() if ".lora_B." in name}
    without = [
        name
        for name, one in second.items()
        if one.grad is None or not bool(torch.isfinite(one.grad).all()) or not bool(one.grad.any())
    ]
    model.zero_grad(set_to_none=True)
    if without or not second:
        named = f", such as {without[0]}" if without else ""
        raise Invalid(
            f"engine {plan.engine.name}: {len(without)} of {len(second)} LoRA matrices get no gradient{named}", hint
        )


def _require_plain(fresh: float, plan: Plan, settings: Settings, loss_of: Callable[[Any], float]) -> None:
    """The plain engine's loss on the same rows, where its base fits beside the one that is loaded."""
    import torch

    from train.engines.plain import PlainEngine

    if settings.device == "cuda" and torch.cuda.mem_get_info()[0] < 1.3 * plan.memory().base:
        return
    plain: Engine = PlainEngine(settings.device)
    loaded = plain.load_base(plan.checkpoint, settings)
    if plan.start:
        loaded = plain.load_adapter(loaded, plan.start.path, False, settings)
    expected = loss_of(loaded)
    del loaded
    gc.collect()
    if not math.isclose(fresh, expected, rel_tol=CLOSE):
        raise Invalid(
            f"engine {plan.engine.name}: its loss on {ROWS} rows is {fresh:.5f}, the plain engine's {expected:.5f}",
            HINT,
        )
