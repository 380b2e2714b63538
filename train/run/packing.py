"""Batches as tensors: rows padded to the longest, or packed into windows in which they cannot see each other.

A native Falcon builds its causal mask without looking at position ids, so positions that start again do not keep packed
rows apart. A 4-D float mask does, under sdpa and eager: each row sees itself, causally, and nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from builders.errors import Invalid
from train.run.examples import IGNORED, Examples, order

if TYPE_CHECKING:
    import torch

PROBE = 12  # tokens of each of two rows that show whether one sees the other


@dataclass(frozen=True)
class Windows:
    """What a training step draws from, by index: single rows, or packs of them."""

    examples: Examples
    packs: tuple[tuple[int, ...], ...]

    def __len__(self) -> int:
        return len(self.packs)

    def __getitem__(self, index: int) -> list[tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]]:
        """The tokens and labels of each row of one pack."""
        return [(self.examples.row(row), self.examples.labels(row)) for row in self.packs[index]]

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """(packs,) tokens of each."""
        lengths = self.examples.lengths
        return np.array([lengths[list(pack)].sum() for pack in self.packs], np.int64)


def alone(examples: Examples) -> Windows:
    """Every row by itself."""
    return Windows(examples, tuple((row,) for row in range(len(examples))))


def packed(examples: Examples, length: int, seed: int) -> Windows:
    """Rows packed into windows of `length` tokens: first fit, longest first, rows of equal length in the seed's order."""
    lengths = examples.lengths
    shuffled = order(len(examples), seed, 0)
    rows = shuffled[np.argsort(-lengths[shuffled], kind="stable")]
    room = np.full(len(rows), length, np.int64)
    packs: list[list[int]] = []
    for row in rows.tolist():
        open_packs = room[: len(packs) + 1]
        at = int(np.argmax(open_packs >= lengths[row]))
        if at == len(packs):
            packs.append([])
        packs[at].append(row)
        room[at] -= lengths[row]
    return Windows(examples, tuple(tuple(pack) for pack in packs))


@dataclass(frozen=True)
class Collator:
    """Windows to a batch of tensors: input_ids, labels (batch, longest) and an attention mask.

    Padded: a (batch, longest) mask. Packed: position_ids that start again with each row, and a (batch, 1, longest,
    longest) float mask, 0 where a token may look and the lowest float elsewhere. `multiple` rounds the longest up.
    """

    pad: int
    packing: bool = False
    multiple: int = 1

    def __call__(self, windows: Sequence[Sequence[tuple[Any, Any]]]) -> Mapping[str, "torch.Tensor"]:
        """The batch of some windows."""
        import torch

        longest = max(sum(len(tokens) for tokens, _ in window) for window in windows)
        shape = (len(windows), -(-longest // self.multiple) * self.multiple)
        ids, labels = np.full(shape, self.pad, np.int64), np.full(shape, IGNORED, np.int64)
        positions, segments = np.zeros(shape, np.int64), np.full(shape, -1, np.int64)
        for line, window in enumerate(windows):
            at = 0
            for number, (tokens, wanted) in enumerate(window):
                here = slice(at, at + len(tokens))
                ids[line, here], labels[line, here] = tokens, wanted
                labels[line, at] = IGNORED  # nothing before it in its own row predicts a row's first token
                positions[line, here], segments[line, here] = np.arange(len(tokens)), number
                at += len(tokens)
        batch = {"input_ids": torch.from_numpy(ids), "labels": torch.from_numpy(labels)}
        if not self.packing:
            return batch | {"attention_mask": torch.from_numpy((segments >= 0).astype(np.int64))}
        return batch | {
            "position_ids": torch.from_numpy(positions),
            "attention_mask": isolating_mask(torch.from_numpy(segments)),
        }


def isolating_mask(segments: "torch.Tensor") -> "torch.Tensor":
    """(batch, 1, length, length) float mask from (batch, length) row numbers: 0 within a row and not ahead."""
    import torch

    length = segments.shape[1]
    same = segments[:, :, None] == segments[:, None, :]
    seen = same & torch.ones(length, length, dtype=torch.bool).tril()
    return torch.zeros(seen.shape).masked_fill(~seen, torch.finfo(torch.float32).min)[:, None]


def require_isolation(model: Any, pad: int) -> None:
    """Show on this very model that a packed row does not see the one before it. Raises Invalid when it does.

    The second of two packed rows must have the same logits whatever the first one says.
    """
    import torch

    config = model.config
    seen, hint = "packed rows would see each other on this base", "train with --set train.packing=false"
    if getattr(config, "alibi", False):
        raise Invalid(f"train.packing: the base's positions (ALiBi) cannot start again within a window; {seen}", hint)
    first = torch.arange(PROBE) % config.vocab_size
    second = (torch.arange(PROBE) * 7 + 3) % config.vocab_size
    collate = Collator(pad, packing=True)
    training = model.training
    model.eval()
    found = []
    with torch.no_grad():
        for before in (first, (first * 5 + 11) % config.vocab_size):
            window = [(tokens.numpy(), tokens.numpy()) for tokens in (before, second)]
            batch = {key: value.to(model.device) for key, value in collate([window]).items() if key != "labels"}
            try:
                found.append(model(**batch, use_cache=False).logits[0, PROBE:].float())
            except (RuntimeError, ValueError, TypeError, IndexError):  # it does not know what to do with such a mask
                raise Invalid(
                    f"train.packing: this base takes no mask that keeps packed rows apart; {seen}", hint
                ) from None
    model.train(training)
    if not torch.allclose(found[0], found[1], rtol=0, atol=1e-3 * float(found[0].abs().max())):
        raise Invalid(f"train.packing: {seen}", hint)
