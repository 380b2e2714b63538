"""transformers' Trainer with our order of rows and our evaluation, and what happens between its steps."""

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import Sampler
from transformers import Trainer, TrainerCallback

from builders.errors import Invalid
from train.recipes.model import Train
from train.run.checkpoints import folder_of, mark
from train.run.examples import Examples, epoch_order
from train.run.loss import batch_loss, summed_loss
from train.run.method import Method
from train.run.progress import Evaluation, OnStep, Step

DIVERGED = 700.0  # a guess at random has the logarithm of the vocabulary, about 11; e^710, a perplexity, is no float


class SeededOrder(Sampler[int]):  # type: ignore[misc]
    """Rows in an order that follows from recipe and epoch alone."""

    def __init__(self, lengths: npt.NDArray[np.int64], train: Train, processes: int) -> None:
        self.lengths, self.train, self.processes, self.epoch = lengths, train, processes, 0

    def set_epoch(self, epoch: int) -> None:
        """Called before each epoch."""
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self.lengths)

    def __iter__(self) -> Iterator[int]:
        yield from epoch_order(self.lengths, self.train, self.processes, self.epoch).tolist()


class RunTrainer(Trainer):  # type: ignore[misc]
    """Trainer over windows of examples; evaluation is the mean over all learnt tokens, whatever the batch size."""

    def __init__(self, validation: Examples | None, pad: int, method: Method, train: Train, **options: Any) -> None:
        self.validation, self.pad, self.method, self.recipe = validation, pad, method, train
        self.measured: list[Any] = []
        self.tokens_seen, self.evaluating = 0, 0.0
        self.control: Any
        super().__init__(**options)

    def _get_train_sampler(self, train_dataset: Any = None) -> SeededOrder:
        return SeededOrder((train_dataset or self.train_dataset).lengths, self.recipe, self.args.world_size)

    def training_step(self, model: Any, inputs: Any, *more: Any, **options: Any) -> Any:
        """One micro batch, its tokens counted."""
        self.tokens_seen += inputs["tokens"]
        return super().training_step(model, inputs, *more, **options)

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """The method's loss of a micro batch. Processes' gradients are averaged, and the count is that of all of them."""
        loss = batch_loss(model, self.accelerator.unwrap_model(model), inputs, self.method.loss, num_items_in_batch)
        if self.method.measures:
            self.measured.append(inputs["measured"])
        return loss if num_items_in_batch is None else loss * self.args.world_size

    def _get_num_items_in_batch(self, batch_samples: list[Any], device: Any) -> Any:
        if self.method.together == 1:
            return super()._get_num_items_in_batch(batch_samples, device)
        rows = sum(len(batch["reference"]) for batch in batch_samples)
        return self.accelerator.gather(torch.tensor(rows // self.method.together, device=device)).sum()

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """What is logged of a step, with what the loss measured since the last one."""
        if "loss" in logs and self.measured:
            rows = torch.cat(self.measured).double()
            sums = self._summed(torch.cat([rows.new_tensor([len(rows)]), rows.sum(dim=0)]))
            logs |= {name: value / sums[0] for name, value in zip(self.method.measures, sums[1:], strict=True)}
            self.measured = []
        super().log(logs, start_time)

    def _summed(self, sums: Any) -> list[float]:
        """Numbers added up over all processes."""
        found: list[float] = self.accelerator.reduce(sums, reduction="sum").tolist()
        return found

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Loss on the validation rows, and what it measures: each of n processes takes every n-th, and the sums are added up."""
        began = time.monotonic()
        rank, processes = self.args.process_index, self.args.world_size
        mine = self.validation.every(processes, rank) if self.validation else None
        names = ("loss", *self.method.measures)
        found = np.zeros(len(names))
        if mine:
            found = summed_loss(self.model, mine, self.pad, self.recipe.eval_batch, self.method)
        device = "cpu" if processes == 1 else self.args.device
        count, *sums = self._summed(
            torch.tensor([mine.items if mine else 0, *found], dtype=torch.float64, device=device)
        )
        metrics = {f"eval_{name}": total / max(count, 1) for name, total in zip(names, sums, strict=True)}
        self.evaluating += time.monotonic() - began
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


class Reporting(TrainerCallback):  # type: ignore[misc]
    """Reports each step and evaluation as it ends."""

    def __init__(self, report: OnStep) -> None:
        self.report = report
        self.trainer: RunTrainer | None = None
        self.started, self.first = 0.0, 0

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Note where the run begins."""
        self.started, self.first = time.monotonic(), state.global_step

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        """Report what the log says. Raises Invalid when the run has diverged: it would go on without learning anything."""
        for loss in (logs or {}).get("loss"), (logs or {}).get("eval_loss"):
            if loss is not None and not loss < DIVERGED:
                raise Invalid(
                    f"step {state.global_step}: the loss is {loss:.4g}, the run has diverged",
                    f"lower train.learning_rate (now {args.learning_rate:g}), and train into another --out",
                )
        if not state.is_world_process_zero or not logs or not self.trainer:
            return
        if "eval_loss" in logs:
            self.report(
                Evaluation(state.global_step, logs["eval_loss"], logs.get("eval_margin"), logs.get("eval_accuracy"))
            )
        elif "loss" in logs:
            seconds = time.monotonic() - self.started - self.trainer.evaluating
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
                    margin=logs.get("margin"),
                    accuracy=logs.get("accuracy"),
                )
            )


class Marking(TrainerCallback):  # type: ignore[misc]
    """Marks each checkpoint as complete, with the run that it belongs to and the size of each file."""

    def __init__(self, identity: str) -> None:
        self.identity = identity

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """The checkpoint is whole, once every process has written its part: mark it."""
        if args.world_size > 1:
            torch.distributed.barrier()
        if state.is_world_process_zero:
            mark(folder_of(Path(args.output_dir), state.global_step), state.global_step, self.identity)


class Interruptible(TrainerCallback):  # type: ignore[misc]
    """Ctrl-C ends the run after the step at hand, with a checkpoint; a second one ends it at once."""

    def __init__(self) -> None:
        self.asked = self.ended = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While this lasts, Ctrl-C only asks for an end. Elsewhere than in the main thread, it is left as it is."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, self._ask)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _ask(self, number: int, frame: Any) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """End the run if that was asked for, unless it ends here anyway; of several processes all stop after the same step."""
        if _anywhere(self.asked, args) and state.global_step < state.max_steps:
            self.ended = control.should_save = control.should_training_stop = True


def _anywhere(asked: bool, args: Any) -> bool:
    """Was it asked for in any process?"""
    if args.world_size == 1:
        return asked
    count = torch.tensor(float(asked), device=args.device)
    torch.distributed.all_reduce(count)
    return bool(count)


def peak_memory() -> int:
    """Most bytes held so far: on the GPU if there is one in use, else by this process."""
    if torch.cuda.is_available() and torch.cuda.max_memory_allocated():
        return int(torch.cuda.max_memory_allocated())
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024  # KiB on Linux
