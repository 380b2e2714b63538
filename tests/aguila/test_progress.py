"""Stages as people watch them."""

import io
import sys

import pytest

from aguila.commands.progress import progress, stage_line
from builders.pipeline import StageCount
from builders.schema import STAGES


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
