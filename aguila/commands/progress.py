"""The stages of a build on stderr: bars on a terminal, within long stages too; elsewhere a line as each ends."""

import sys
import time
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
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from builders.schema import STAGES
    from builders.stages.outcome import heard

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[done]}"),
        TimeElapsedColumn(),
    )
    total = len(STAGES) + 1
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(f"{title}: {STAGES[0]}", total=total, done=f"0/{total}")
        within = bar.add_task("", visible=False, done="")
        began = time.monotonic()

        def report(count: "StageCount") -> None:
            nonlocal began
            bar.console.print(stage_line(count), highlight=False)
            at = STAGES.index(count.stage) + 1
            bar.update(task, completed=at, done=f"{at}/{total}", description=f"{title}: {[*STAGES, 'write'][at]}")
            bar.update(within, visible=False)
            began = time.monotonic()

        def tell(done: int, rows: int) -> None:
            said = rows_line(done, rows, time.monotonic() - began)
            bar.update(
                within, total=rows, completed=done, description="  this stage", done=said, visible=True, refresh=True
            )

        with heard(tell):
            yield report
        bar.update(within, visible=False)
        bar.update(task, completed=total, done=f"{total}/{total}", description=title)


def rows_line(done: int, rows: int, seconds: float) -> str:
    """How far a stage is: rows done, rows a second, seconds left."""
    speed = done / max(seconds, 0.001)
    return f"{done:,} of {rows:,} rows, {speed:,.0f} a second, {(rows - done) / max(speed, 0.001):.0f} s left"


def stage_line(count: "StageCount") -> str:
    """One stage's counts: name, rows out, rows dropped, seconds."""
    lost = count.rows_in - count.rows_out
    dropped = f"−{lost:,}" if lost > 0 else ""
    return f"{count.stage:<9} {count.rows_out:>9,} rows  {dropped:>8}  {count.seconds:6.1f} s"
