"""How every test runs."""

from hypothesis import settings

from tests import hub_libraries, processes, schedule
from tests.hub_server import fixture

fixture.prepare()  # before a test module imports a client of the Hub
hub = fixture.hub

# The same examples on every run and every machine, so that more of them find nothing new tomorrow; and no limit in milliseconds: a
# busy machine fails no test.
settings.register_profile("aguila", deadline=None, derandomize=True, database=None, max_examples=40)
settings.load_profile("aguila")


def pytest_ignore_collect(collection_path, config) -> bool | None:
    """With --hub-libraries, leave out the files without a test that depends on them."""
    if config.option.hub_libraries and collection_path.suffix == ".py":
        return not hub_libraries.file_depends(collection_path) or None
    return None


def pytest_collection_modifyitems(config, items) -> None:
    """With --hub-libraries, leave out the tests that do not depend on them."""
    if config.option.hub_libraries:
        chosen = [item for item in items if hub_libraries.depends(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen
    schedule.trainer_last(items)


def pytest_xdist_make_scheduler(config, log):
    """With --dist loadfile, files are handed out from both ends of the queue."""
    return schedule.FromBothEnds(config, log) if config.option.dist == "loadfile" else None


def pytest_unconfigure() -> None:
    processes.end()
    fixture.end()


def pytest_addoption(parser) -> None:
    parser.addoption("--write-golden", action="store_true", help="Write golden files instead of comparing with them.")
    parser.addoption(
        "--hub-libraries", action="store_true", help="Run only what depends on datasets and huggingface_hub."
    )
