"""Files are handed out from both ends, the trainer's from one of them."""

from types import SimpleNamespace

import pytest

from tests.schedule import FromBothEnds, trainer_last

FILES = ("tests/aguila/test_a.py", "tests/docs/test_b.py", "tests/train/run/test_c.py", "tests/train/test_d.py")
TESTS = [f"{file}::test_{number}" for file in FILES for number in range(9 if "test_b" in file else 3)]


class Worker:
    """One that has collected the tests, and takes what it is given."""

    shutting_down = False

    def __init__(self, number):
        self.gateway, self.files, self.indexes = SimpleNamespace(id=f"gw{number}"), [], []

    def send_runtest_some(self, indexes):
        self.indexes += indexes
        self.files.append(TESTS[indexes[0]].split("::")[0])

    def shutdown(self):
        self.shutting_down = True


@pytest.fixture
def scheduler(pytestconfig):
    option = SimpleNamespace(loadscopereorder=True, tx=["popen", "popen"])
    config = SimpleNamespace(option=option, hook=None, getvalue=lambda name: getattr(option, name))
    return FromBothEnds(config, SimpleNamespace(loadscopesched=lambda *_: None, loadfilesched=lambda *_: None))


def test_one_worker_begins_with_the_trainers_files_and_the_other_with_the_rest_until_all_is_done(scheduler):
    first, second = Worker(0), Worker(1)
    for worker in (first, second):
        scheduler.add_node(worker)
        scheduler.add_node_collection(worker, TESTS)
    scheduler.schedule()

    assert (first.files, second.files) == ([FILES[3]], [FILES[0]])
    while scheduler.has_pending:
        for worker in (first, second):
            if worker.indexes:
                scheduler.mark_test_complete(worker, worker.indexes.pop(0))
    assert (first.files, second.files) == ([FILES[3], FILES[2]], [FILES[0], FILES[1]])


def test_the_trainers_tests_come_last_and_the_others_stay_as_they_were():
    items = [SimpleNamespace(nodeid=nodeid) for nodeid in ("tests/train/x", "tests/b", "tests/trains", "tests/a")]
    trainer_last(items)

    assert [item.nodeid for item in items] == ["tests/b", "tests/trains", "tests/a", "tests/train/x"]
