"""How every test runs."""

import re
from functools import cache
from pathlib import Path

from hypothesis import settings

from tests import processes
from tests.hub_server import fixture

fixture.prepare()  # before a test module imports a client of the Hub
hub = fixture.hub

# The same examples on every run and every machine, and no limit in milliseconds: a busy machine fails no test.
settings.register_profile("aguila", deadline=None, derandomize=True, database=None)
settings.load_profile("aguila")


# A test that names one of these, or lies in the Hub's rooms, depends on the libraries of the Hub.
HUB_WORDS = re.compile(r"\b(?:datasets|huggingface_hub|hub)\b")
HUB_ROOMS = ("tests/hub_server/", "tests/builders/hub/", "tests/cards/dataset/")


def pytest_collection_modifyitems(items) -> None:
    """Mark what the newest libraries of the Hub could break: `make test-latest` runs that and no more."""
    for item in items:
        path = item.path.relative_to(item.config.rootpath).as_posix()
        uses = "hub" in getattr(item, "fixturenames", ())
        imports = any(HUB_WORDS.search(line) for line in _imports(item.path))
        if uses or imports or path.startswith(HUB_ROOMS):
            item.add_marker("hub_libraries")


@cache
def _imports(path: Path) -> list[str]:
    return re.findall(r"(?m)^\s*(?:from|import) [^\n]+", path.read_text("utf-8"))


def pytest_unconfigure() -> None:
    processes.end()
    fixture.end()


def pytest_addoption(parser) -> None:
    parser.addoption("--write-golden", action="store_true", help="Write golden files instead of comparing with them.")
