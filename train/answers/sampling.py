"""How the next token is chosen: the likeliest, or one drawn at random in a way that no other row of a batch can change."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from builders.errors import Invalid


@dataclass(frozen=True)
class Sampling:
    """How answers are written.

    temperature: 0 takes the likeliest token each time; above, tokens are drawn, the rarer ones the more often the higher it
    is. top_p: draw from the likeliest tokens that have this probability together (Holtzman et al. 2020). max_tokens: an
    answer has at most so many. batch: prompts that are read side by side; it changes no answer but for rounding.
    """

    max_tokens: int = 512
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    batch: int = 8

    def __post_init__(self) -> None:
        """Raises Invalid for a value that nothing can be written with."""
        if self.max_tokens < 1 or self.batch < 1:
            raise Invalid("max_tokens and batch must be at least 1")
        if not 0 <= self.temperature < float("inf"):
            raise Invalid(f"temperature must be 0 or more, not {self.temperature}")
        if not 0 < self.top_p <= 1:
            raise Invalid(f"top_p must be above 0 and at most 1, not {self.top_p}")


GREEDY = Sampling()


def processors(sampling: Sampling, prompts: Sequence[Sequence[int]]) -> list[Any]:
    """What turns the logits of these prompts' next tokens into a choice by their maximum; nothing for temperature 0.

    Drawing from a softmax is the same as adding Gumbel noise to the logits and taking the largest (Gumbel 1954). So each
    row can have noise of its own, which follows from the seed and its prompt, whatever else is in the batch.
    """
    if sampling.temperature == 0:
        return []
    import torch
    from transformers import TemperatureLogitsWarper, TopPLogitsWarper

    generators = [
        torch.Generator().manual_seed(_seed(sampling.seed, prompt))  # on the CPU: the same on every machine
        for prompt in prompts
    ]

    def noisy(ids: Any, scores: Any) -> Any:
        noise = [torch.empty(scores.shape[-1]).exponential_(generator=one).log().neg() for one in generators]
        return scores + torch.stack(noise).to(scores.device)

    warpers: list[Any] = [TemperatureLogitsWarper(sampling.temperature)]
    if sampling.top_p < 1:
        warpers.append(TopPLogitsWarper(sampling.top_p))
    return [*warpers, noisy]


def _seed(seed: int, prompt: Sequence[int]) -> int:
    digest = hashlib.sha256(json.dumps([seed, list(prompt)]).encode()).digest()
    return int.from_bytes(digest[:8]) >> 1
