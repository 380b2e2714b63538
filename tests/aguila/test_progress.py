"""Stages as people watch them."""

import io
import sys

import polars as pl
import pytest

from aguila.commands.progress import progress, rows_line, stage_line
from builders.pipeline import StageCount
from builders.schema import STAGES
from builders.stages import outcome
from builders.stages.outcome import heard, side_by_side


@pytest.mark.parametrize(
    ("count", "line"),
    [
        (StageCount("read", 0, 480, 0.04), "read            480 rows               0.0 s"),
        (StageCount("quality", 67_017, 60_001, 12.34), "quality      60,001 rows    −7,016    12.3 s"),
    ],
)
def test_a_stage_in_a_line(count, line):
    assert stage_line(count) == line


def test_lines_where_there_is_no_terminal(capsys):
    with progress("build demo") as report:
        report(StageCount("read", 0, 480, 0.04))

    assert capsys.readouterr() == ("", "read            480 rows               0.0 s\n")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_bar_on_a_terminal_goes_through_every_stage(monkeypatch):
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setenv("TERM", "xterm")
    with progress("build demo") as report:
        for stage in STAGES:
            report(StageCount(stage, 480, 480, 0.0))

    assert [line.split()[0] for line in shown.getvalue().splitlines() if " rows " in line and line.split()] != []
    assert "9/9" in shown.getvalue() and all(stage in shown.getvalue() for stage in STAGES)


def test_within_a_long_stage_a_terminal_shows_rows_speed_and_time_left(monkeypatch):
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setattr(outcome, "BATCH", 2)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "160")
    with progress("build demo"):
        side_by_side(lambda part: part, pl.DataFrame({"row": range(6)}))

    assert "6 of 6 rows" in shown.getvalue() and "s left" in shown.getvalue()


def test_rows_speed_and_time_left():
    assert rows_line(25_000, 75_000, 10.0) == "25,000 of 75,000 rows, 2,500 a second, 20 s left"


def test_parts_are_told_as_they_end_while_somebody_listens(monkeypatch):
    monkeypatch.setattr(outcome, "BATCH", 2)
    rows, told = pl.DataFrame({"row": range(5)}), []
    with heard(lambda done, of: told.append((done, of))):
        said = side_by_side(lambda part: part, rows)
    side_by_side(lambda part: part, rows)

    assert told == [(2, 5), (4, 5), (5, 5)] and said.equals(rows)
