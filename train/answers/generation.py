"""An adapter answers: its own template, its own end of text, one prompt or many.

answerer = open_answerer(Path("adapters/mine"))
for answer in answerer.answers([Question("¿Qué es un cenote?")]):
    print(answer.text)
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from builders.errors import Exhausted, Invalid
from builders.stages.templates import Template
from train.adapters.adapter import Adapter, open_adapter
from train.answers.sampling import GREEDY, Sampling, processors
from train.answers.streaming import Pieces, parsed
from train.base.checkpoint import Checkpoint, open_checkpoint
from train.base.tokenizer import load_tokenizer
from train.engines import DeviceName, Engine, EngineName, Settings, choose, precision_on
from train.failures import is_out_of_memory
from train.run.prompts import encode_prompts

AHEAD = 8  # batches whose prompts are sorted by length before they are read side by side


@dataclass(frozen=True)
class Question:
    """What is asked: an instruction, and the text that it is about."""

    instruction: str
    input: str = ""

    def __post_init__(self) -> None:
        """Raises Invalid for what is no text."""
        try:
            (self.instruction + self.input).encode()
        except UnicodeEncodeError:
            raise Invalid("the question is not Unicode text (half a surrogate pair)", "write UTF-8") from None


@dataclass(frozen=True)
class Answer:
    """What was answered. stopped: eos, or length where the answer was cut at the most tokens that it may have."""

    text: str
    tokens: int
    stopped: Literal["eos", "length"]


@dataclass(frozen=True)
class Answerer:
    """A loaded base with its adapter. window: tokens that prompt and answer have room for together."""

    adapter: Adapter
    checkpoint: Checkpoint
    model: Any
    tokenizer: Any
    window: int
    ends: tuple[int, ...]

    @property
    def template(self) -> Template:
        """The template that prompts are written in."""
        return self.adapter.template

    def answers(self, questions: Sequence[Question], sampling: Sampling = GREEDY) -> Iterator[Answer]:
        """One answer for each question, in their order, as soon as a few batches are done."""
        prompts = [self.template.render(question.instruction, question.input) for question in questions]
        names = [f"question {number}" for number in range(1, len(prompts) + 1)]
        yield from self.complete(prompts, names if len(names) > 1 else ["the question"], sampling)

    def stream(self, question: Question, show: Callable[[str], None], sampling: Sampling = GREEDY) -> Answer:
        """Answer one question; `show` is called with each piece of the answer as soon as whole words are there."""
        prompts = self._encoded([self.template.render(question.instruction, question.input)], ["the question"])
        out = sys.stdout

        def shown(piece: str) -> None:
            with redirect_stdout(out):  # while the model runs, stdout is stderr: engines print what is no answer
                show(piece)

        pieces = Pieces(self.template, shown)
        answer = self._generated(prompts, self._room(prompts[0], sampling), sampling, pieces.streamer(self.tokenizer))[
            0
        ]
        pieces.rest(answer.text)
        return answer

    def complete(self, prompts: Sequence[Any], names: Sequence[str], sampling: Sampling) -> Iterator[Answer]:
        """One answer for each prompt (a string or a list of messages), in their order. `names` are for messages.

        Raises Invalid, before anything is generated, for a prompt that fills the window, and Exhausted when memory runs out.
        """
        encoded = self._encoded(prompts, names)
        for at in range(0, len(encoded), sampling.batch * AHEAD):
            chunk = encoded[at : at + sampling.batch * AHEAD]
            found: dict[int, Answer] = {}
            for rows, room in self._batches(chunk, sampling):
                answers = self._generated([chunk[row] for row in rows], room, sampling)
                found |= dict(zip(rows, answers, strict=True))
            yield from (found[row] for row in range(len(chunk)))

    def _encoded(self, prompts: Sequence[Any], names: Sequence[str]) -> list[list[int]]:
        encoded = encode_prompts(self.tokenizer, prompts, str(self.adapter.path))
        for name, ids in zip(names, encoded, strict=True):
            if len(ids) >= self.window:
                raise Invalid(
                    f"{name}: its prompt has {len(ids):,} tokens, and the base reads {self.window:,} with the answer",
                    "shorten it",
                )
        return encoded

    def _room(self, prompt: Sequence[int], sampling: Sampling) -> int:
        return min(sampling.max_tokens, self.window - len(prompt))

    def _batches(self, prompts: Sequence[Sequence[int]], sampling: Sampling) -> Iterator[tuple[list[int], int]]:
        """Rows that are read side by side, and how many tokens their answers may have: prompts of about one length."""

        def room(row: int) -> int:
            return self._room(prompts[row], sampling)

        ordered = sorted(range(len(prompts)), key=lambda row: (room(row), len(prompts[row]), row))
        for most, group in groupby(ordered, key=room):
            rows = list(group)
            for at in range(0, len(rows), sampling.batch):
                yield rows[at : at + sampling.batch], most

    def _generated(
        self, prompts: Sequence[Sequence[int]], room: int, sampling: Sampling, streamer: Any = None
    ) -> list[Answer]:
        """The answers to encoded prompts, padded on the left so that every answer begins at the same place."""
        import torch
        from transformers import GenerationConfig, LogitsProcessorList

        pad, longest = self.tokenizer.pad_token_id, max(map(len, prompts))
        ids = torch.tensor([[pad] * (longest - len(prompt)) + list(prompt) for prompt in prompts])
        mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts])
        config = GenerationConfig(
            max_new_tokens=room, do_sample=False, eos_token_id=list(self.ends), pad_token_id=pad, use_cache=True
        )
        with torch.inference_mode(), redirect_stdout(sys.stderr), _memory(self.model, sampling):
            made = self.model.generate(
                input_ids=ids.to(self.model.device),
                attention_mask=mask.to(self.model.device),
                generation_config=config,
                logits_processor=LogitsProcessorList(processors(sampling, prompts)),
                streamer=streamer,
            )
        return [self._answer(tokens) for tokens in made[:, longest:].tolist()]

    def _answer(self, tokens: list[int]) -> Answer:
        end = next((at for at, token in enumerate(tokens) if token in self.ends), None)
        said = tokens[:end]
        text = self.tokenizer.decode(said, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return Answer(parsed(self.template, text), len(said), "length" if end is None else "eos")


def open_answerer(
    where: Path | str,
    base: str | None = None,
    engine: EngineName = "auto",
    device: DeviceName = "auto",
    cache: Path | None = None,
) -> Answerer:
    """Open an adapter (a folder, or OWNER/NAME@vX.Y.Z) and load it on its base, held as it was trained (4-bit if it was so).

    base: the folder that holds the base now, for one that is not on the Hub. Raises Problem for an adapter that is not
    whole, another base, an engine that is not there, and a model that would not know where to stop.
    """
    chosen = choose(engine, device)  # before the rest, which imports transformers
    adapter = open_adapter(where)
    checkpoint = open_checkpoint(adapter.base(base), cache)
    return load_answerer(adapter, checkpoint, chosen)


def load_answerer(adapter: Adapter, checkpoint: Checkpoint, engine: Engine) -> Answerer:
    """Load an opened adapter on an opened base."""
    recipe = adapter.record.recipe
    settings = Settings(
        device=engine.device,
        # An adapter that was trained in fp16 can be asked without a GPU.
        precision=precision_on(engine.device, "auto" if recipe.train.precision == "fp16" else recipe.train.precision),
        quantization=recipe.quantization,
        max_length=recipe.train.max_length,
    )
    _ = adapter.template  # a broken one is refused before the base is loaded
    with memory_in_words("quantization.kind=nf4 while training"):
        model = engine.load_adapter(engine.load_base(checkpoint, settings), adapter.path, False, settings)
    tokenizer = load_tokenizer(adapter.path, str(adapter.path))
    window = getattr(model.config, "max_position_embeddings", None) or settings.max_length
    return Answerer(adapter, checkpoint, model, tokenizer, window, ends(model, tokenizer, checkpoint.label))


def ends(model: Any, tokenizer: Any, where: str) -> tuple[int, ...]:
    """The tokens at which generation stops. Raises Invalid where the tokenizer's end of text is none of them.

    Águila's own generation_config.json says 2, a comma or so, while it was taught to end with 50256: it never stops.
    """
    said = model.generation_config.eos_token_id
    found = tuple(said) if isinstance(said, list) else () if said is None else (int(said),)
    if tokenizer.eos_token_id not in found:
        raise Invalid(
            f"base {where}: generation would stop at {list(found) or 'no token'}, and its tokenizer's end of text is "
            f"{tokenizer.eos_token_id}",
            "correct eos_token_id in its generation_config.json",
        )
    if tokenizer.pad_token_id is None or tokenizer.pad_token_id in found:
        raise Invalid(f"base {where}: its pad token ends texts too", "train with another base.pad_token")
    return found


@contextmanager
def memory_in_words(advice: str) -> Iterator[None]:
    """Turn running out of memory into Exhausted, which says what to lower."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        raise Exhausted("out of memory", advice) from None


def _memory(model: Any, sampling: Sampling) -> Any:
    return memory_in_words(f"lower the batch (now {sampling.batch}) or the most tokens (now {sampling.max_tokens})")
