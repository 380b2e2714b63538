"""A run as people watch it, on stderr: a bar on a terminal, lines elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click

GIB = 2**30
LINES = 100  # about so many lines for a whole run where there is no terminal


@dataclass(frozen=True)
class Step:
    """One step that is done, for people. tokens_per_second counts tokens that are no filling; memory is the peak, in bytes.
    margin, accuracy: of pairs of answers (see `PairMeasures`)."""

    step: int
    steps: int
    epoch: float
    loss: float
    tokens_per_second: float
    memory: int
    seconds_left: float
    margin: float | None = None
    accuracy: float | None = None


@dataclass(frozen=True)
class Evaluation:
    """One evaluation on the validation rows; of pairs of answers with their margin and accuracy."""

    step: int
    loss: float
    margin: float | None = None
    accuracy: float | None = None


OnStep = Callable[[Step | Evaluation], None]


@contextmanager
def watched(title: str) -> Iterator[OnStep]:
    """What to call with each step and evaluation."""
    if not sys.stderr.isatty():
        yield _print
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn(title),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None)

        def report(done: Step | Evaluation) -> None:
            if isinstance(done, Evaluation):
                bar.console.print(line(done), highlight=False)
            else:
                bar.update(task, total=done.steps, completed=done.step, description=_state(done))

        yield report


def _print(done: Step | Evaluation) -> None:
    if isinstance(done, Evaluation) or done.step in (1, done.steps) or not done.step % max(1, done.steps // LINES):
        click.echo(line(done), err=True)


def line(done: Step | Evaluation) -> str:
    """One step or evaluation in a line."""
    if isinstance(done, Evaluation):
        return f"step {done.step:,}: validation loss {done.loss:.4f}{_pairs(done)}"
    left = int(done.seconds_left)
    return f"step {done.step:,}/{done.steps:,}  {_state(done)}  {left // 3600}:{left // 60 % 60:02}:{left % 60:02} left"


def _state(step: Step) -> str:
    return f"loss {step.loss:.4f}{_pairs(step)}  {step.tokens_per_second:,.0f} tokens/s  {step.memory / GIB:.2f} GiB"


def _pairs(done: Step | Evaluation) -> str:
    if done.margin is None or done.accuracy is None:
        return ""
    return f"  margin {done.margin:.4f}  accuracy {done.accuracy:.1%}"
