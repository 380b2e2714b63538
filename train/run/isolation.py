"""Shown on the very model that is trained: a packed row does not see the one before it."""

from typing import Any

from builders.errors import Invalid
from train.run.batches import Collator, on_device, read

PROBE = 12  # tokens of each of two rows that show whether one sees the other


def require_isolation(model: Any, collate: Collator) -> None:
    """Raise Invalid when a packed row sees the one before it.

    The second of two packed rows must have the same logits whatever the first one says.
    """
    import torch

    config = model.config
    seen, hint = "packed rows would see each other on this base", "train with --set train.packing=false"
    if getattr(config, "alibi", False):
        raise Invalid(f"train.packing: the base's positions (ALiBi) cannot start again within a window; {seen}", hint)
    first = torch.arange(PROBE) % config.vocab_size
    second = (torch.arange(PROBE) * 7 + 3) % config.vocab_size
    training = model.training
    model.eval()
    found = []
    with torch.no_grad():
        for before in (first, (first * 5 + 11) % config.vocab_size):
            window = [(tokens.numpy(), tokens.numpy()) for tokens in (before, second)]
            batch = read(on_device(collate([window]), model.device))
            try:
                found.append(model(**batch, use_cache=False).logits[0, PROBE : 2 * PROBE].float())
            except (RuntimeError, ValueError, TypeError, IndexError):  # it does not know what to do with such a mask
                raise Invalid(
                    f"train.packing: this base takes no mask that keeps packed rows apart; {seen}", hint
                ) from None
    model.train(training)
    if not torch.allclose(found[0], found[1], rtol=0, atol=1e-3 * float(found[0].abs().max())):
        raise Invalid(f"train.packing: {seen}", hint)
