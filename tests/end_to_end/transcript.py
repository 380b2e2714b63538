"""Transcripts in README and docs: found by the test, and written by `make docs` after a change that alters them."""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
OWN = "alignment.md"  # needs a model: tests/train/test_alignment.py runs and writes it
PAGES = [README, *(page for page in sorted((ROOT / "docs").glob("*.md")) if page.name != OWN)]
BLOCK = re.compile(r"```console\n\$ (?P<command>.+?)\n(?P<output>.*?)```", re.DOTALL)


def transcripts() -> dict[str, tuple[str, str]]:
    """Every command with its output as it is shown, by page and command."""
    return {
        f"{page.name}: {block['command']}": (block["command"], block["output"])
        for page in PAGES
        for block in BLOCK.finditer(page.read_text("utf-8"))
    }


def aguila(*arguments: str, cwd: Path | str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user would, in a folder of its own."""
    return subprocess.run(
        [sys.executable, "-m", "aguila", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def main() -> None:
    """Run every command of a page on a fresh demo and put its output beneath it."""
    with tempfile.TemporaryDirectory() as folder:

        def rerun(block: re.Match[str]) -> str:
            shown = aguila(*shlex.split(block["command"])[1:], cwd=folder)
            if shown.returncode:
                sys.exit(f"{block['command']}: {shown.stderr}")
            return f"```console\n$ {block['command']}\n{shown.stdout}```"

        for page in PAGES:
            page.write_text(BLOCK.sub(rerun, page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
