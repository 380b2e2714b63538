"""The stages of a build as they end, on stderr: a bar on a terminal, lines elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from aguila.commands.output import note

if TYPE_CHECKING:
    from builders.pipeline import OnStage, StageCount


@contextmanager
def progress(title: str) -> Iterator["OnStage"]:
    """What to call with each stage that has ended."""
    if not sys.stderr.isatty():
        yield lambda count: note(stage_line(count))
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from builders.schema import STAGES

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(f"{title}: {STAGES[0]}", total=len(STAGES) + 1)

        def report(count: "StageCount") -> None:
            bar.console.print(stage_line(count), highlight=False)
            following = [*STAGES, "write"][STAGES.index(count.stage) + 1]
            bar.update(task, advance=1, description=f"{title}: {following}")

        yield report
        bar.update(task, completed=len(STAGES) + 1, description=title)


def stage_line(count: "StageCount") -> str:
    """One stage's counts: name, rows out, rows dropped, seconds."""
    lost = count.rows_in - count.rows_out
    dropped = f"−{lost:,}" if lost > 0 else ""
    return f"{count.stage:<9} {count.rows_out:>9,} rows  {dropped:>8}  {count.seconds:6.1f} s"
