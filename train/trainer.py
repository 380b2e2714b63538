"""transformers' Trainer with our order of rows and our evaluation, and what it tells while it runs."""

import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch.utils.data import Sampler
from transformers import Trainer, TrainerCallback

from train.examples import Examples, order
from train.loss import mean_loss
from train.progress import Evaluation, OnStep, Step

COMPLETE = "complete.json"  # written into a checkpoint when everything else in it is


class SeededOrder(Sampler[int]):  # type: ignore[misc]
    """Rows in an order that follows from seed and epoch alone."""

    def __init__(self, count: int, seed: int) -> None:
        self.count, self.seed, self.epoch = count, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """Called before each epoch."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[int]:
        yield from order(self.count, self.seed, self.epoch).tolist()


class AnswerTrainer(Trainer):  # type: ignore[misc]
    """Trainer over windows of examples; evaluation is the mean over all answer tokens, whatever the batch size."""

    def __init__(self, validation: Examples | None, pad: int, **options: Any) -> None:
        self.validation, self.pad, self.tokens_seen = validation, pad, 0
        self.control: Any
        super().__init__(**options)

    def _get_train_sampler(self, train_dataset: Any = None) -> SeededOrder:
        return SeededOrder(len(train_dataset or self.train_dataset), self.args.data_seed)

    def training_step(self, model: Any, inputs: Any, *more: Any, **options: Any) -> Any:
        """One micro batch, its tokens counted."""
        self.tokens_seen += int((inputs["input_ids"] != self.pad).sum())
        return super().training_step(model, inputs, *more, **options)

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Loss on the validation rows: each process takes every so-manieth, and the sums are added up."""
        import torch

        rank, processes = self.args.process_index, self.args.world_size
        mine = self.validation.every(processes, rank) if self.validation else None
        loss, count = mean_loss(self.model, mine, self.pad, self.args.per_device_eval_batch_size) if mine else (0.0, 0)
        sums = torch.tensor(
            [loss * count, count], dtype=torch.float64, device="cpu" if processes == 1 else self.args.device
        )
        total, answers = self.accelerator.reduce(sums, reduction="sum").tolist()
        metrics = {"eval_loss": total / max(answers, 1)}
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


class Telling(TrainerCallback):  # type: ignore[misc]
    """Tells each step and evaluation as it ends."""

    def __init__(self, report: OnStep) -> None:
        self.report = report
        self.trainer: AnswerTrainer | None = None
        self.started, self.first = 0.0, 0

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Note where the run begins."""
        self.started, self.first = time.monotonic(), state.global_step

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        """Tell what the log says."""
        if not state.is_world_process_zero or not logs or not self.trainer:
            return
        if "eval_loss" in logs:
            self.report(Evaluation(state.global_step, logs["eval_loss"]))
        elif "loss" in logs:
            seconds = time.monotonic() - self.started
            done = state.global_step - self.first
            self.report(
                Step(
                    step=state.global_step,
                    steps=state.max_steps,
                    epoch=state.epoch or 0.0,
                    loss=logs["loss"],
                    tokens_per_second=self.trainer.tokens_seen * args.world_size / seconds,
                    memory=peak_memory(),
                    seconds_left=seconds / max(done, 1) * (state.max_steps - state.global_step),
                )
            )


class Marking(TrainerCallback):  # type: ignore[misc]
    """Marks each checkpoint as complete, and with the run that it belongs to."""

    def __init__(self, identity: str) -> None:
        self.identity = identity

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """The checkpoint is whole: mark it."""
        if state.is_world_process_zero:
            folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
            (folder / COMPLETE).write_text(
                json.dumps({"step": state.global_step, "run": self.identity}) + "\n", "utf-8"
            )


class Interruptible(TrainerCallback):  # type: ignore[misc]
    """Ctrl-C ends the run after the step at hand, with a checkpoint; a second one ends it at once."""

    def __init__(self) -> None:
        self.asked = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While this lasts, Ctrl-C is a wish. Elsewhere than in the main thread, it is left as it is."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, self._wish)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _wish(self, number: int, frame: Any) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Grant the wish, unless the run ends here anyway."""
        if self.asked and state.global_step < state.max_steps:
            control.should_save = control.should_training_stop = True


def peak_memory() -> int:
    """Most bytes held so far: on the GPU if there is one in use, else by this process."""
    import torch

    if torch.cuda.is_available() and torch.cuda.max_memory_allocated():
        return int(torch.cuda.max_memory_allocated())
    import psutil

    return int(psutil.Process().memory_info().rss)
