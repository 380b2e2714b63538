"""docs/tutorial.ipynb: its cells are run here, and what they print is written into it.

    make docs                          # or: python -m docs.notebook

The cells are run as a Jupyter kernel runs them, in this process and in an empty folder: what they print, and the value of a last
line that is an expression, as text. Nothing else of Jupyter is needed, and the test compares every output, not only that no
cell fails. A notebook uses no magics and no `!commands`.
"""

import ast
import contextlib
import io
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

NOTEBOOK = Path(__file__).parent / "tutorial.ipynb"
Cell = dict[str, Any]  # as nbformat 4.5 has it


def main() -> None:
    """Run the notebook and write its outputs."""
    notebook = json.loads(NOTEBOOK.read_text("utf-8"))
    NOTEBOOK.write_text(as_text({**notebook, "cells": run(notebook["cells"])}), "utf-8")
    print(f"wrote {NOTEBOOK.name}")


def as_text(notebook: dict[str, Any]) -> str:
    """A notebook as Jupyter writes it, so that saving it there changes nothing else."""
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def run(cells: Sequence[Cell]) -> list[Cell]:
    """The cells with their outputs. An exception of a cell goes on, with a note of which cell it was."""
    names: dict[str, Any] = {"__name__": "__main__"}
    made: list[Cell] = []
    count = 0
    with tempfile.TemporaryDirectory() as folder, _inside(folder), pl.Config():
        for cell in cells:
            if cell["cell_type"] != "code":
                made.append(cell)
                continue
            count += 1
            try:
                outputs = _outputs("".join(cell["source"]), names, count)
            except Exception as error:
                error.add_note(f"in cell {count} of {NOTEBOOK.name}")
                raise
            made.append({**cell, "execution_count": count, "outputs": outputs})
    return made


def _outputs(source: str, names: dict[str, Any], count: int) -> list[Cell]:
    """Run one cell: what it prints, then the value of its last expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()
    value = None
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, f"cell {count}", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), f"cell {count}", "eval"), names)
    outputs: list[Cell] = []
    if text := printed.getvalue():
        outputs.append({"name": "stdout", "output_type": "stream", "text": text.splitlines(keepends=True)})
    if value is not None and not source.rstrip().endswith(";"):  # a semicolon says that it is not to be shown
        data = {"text/plain": repr(value).splitlines(keepends=True)}
        outputs.append({"data": data, "execution_count": count, "metadata": {}, "output_type": "execute_result"})
    return outputs


@contextlib.contextmanager
def _inside(folder: str) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


if __name__ == "__main__":
    main()
