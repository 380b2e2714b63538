"""The command line in this process: what it says and how it ends, without the second that a process needs to start.

Tests of signals, terminals, disks and rivals run it in processes of its own instead (`tests/processes.py`).
"""

import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from aguila.commands.main import main


def aguila(*words: object, cwd: Path | str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run `aguila WORDS…` in a folder, with its output in a pipe."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(cwd)
        patch.setattr(sys, "argv", ["aguila", *map(str, words)])
        for name, value in {"COLUMNS": "100", **environment}.items():
            patch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main()
    said = [stream.buffer.getvalue().decode() for stream in (out, err)]
    return subprocess.CompletedProcess(list(words), ended.value.code or 0, *said)
