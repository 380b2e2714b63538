"""How every test runs."""

from hypothesis import settings

from tests import processes
from tests.hub_server import fixture

fixture.prepare()  # before a test module imports a client of the Hub
hub = fixture.hub

# The same examples on every run and every machine, and no limit in milliseconds: a busy machine fails no test.
settings.register_profile("aguila", deadline=None, derandomize=True, database=None)
settings.load_profile("aguila")


def pytest_unconfigure() -> None:
    processes.end()
    fixture.end()


def pytest_addoption(parser) -> None:
    parser.addoption("--write-golden", action="store_true", help="Write golden files instead of comparing with them.")
