"""Which tests the libraries of the Hub (`datasets`, `huggingface_hub`) could break in a new version.

`make test-latest` runs these on the newest of both and leaves the others out, without importing them, so that its environment
needs little else (extra `test-hub`). A file is looked at when it lies in a room of what uses the libraries, or names them or
the fixture `hub`; of its tests, those run that use what it names. `tests/test_hub_libraries.py` holds the rooms complete.
"""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Tests of modules that use the libraries, and of what is written with them.
ROOMS = (
    "tests/hub_server/",
    "tests/builders/hub/",
    "tests/builders/reading/test_tokenizer.py",
    "tests/cards/adapter/test_adapter_card.py",
    "tests/cards/dataset/test_dataset_card.py",
    "tests/cards/shared/test_header.py",
    "tests/cards/test_golden.py",
)
# The trainer admits no newer libraries than its own packages do.
LEFT_OUT = ("tests/train/",)
NAMED = re.compile(r"\b(?:datasets|huggingface_hub|hub)\b")
IMPORTED = re.compile(r"(?m)^\s*(?:from|import) (?:datasets|huggingface_hub)\b")


def file_depends(path: Path) -> bool:
    """Whether a test file may hold tests that depend on the libraries."""
    place = path.relative_to(ROOT).as_posix()
    if place.startswith(LEFT_OUT):
        return False
    return place.startswith(ROOMS) or bool(NAMED.search(_text(path)))


def depends(item: pytest.Item) -> bool:
    """Whether a test depends on the libraries: by its room, by what its file imports, or by its fixtures."""
    place = item.path.relative_to(ROOT).as_posix()
    if place.startswith(LEFT_OUT):
        return False
    fixtures = getattr(item, "fixturenames", ())
    return place.startswith(ROOMS) or "hub" in fixtures or bool(IMPORTED.search(_text(item.path)))


@cache
def _text(path: Path) -> str:
    return path.read_text("utf-8")
