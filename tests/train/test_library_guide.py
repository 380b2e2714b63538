"""The blocks of docs/library.md about training, run in order in an empty folder."""

from pathlib import Path

from tests.docs.test_library import blocks, run
from tests.installed import TRAINER, needs

needs("torch", TRAINER)


def test_training_runs(tmp_path, monkeypatch):
    from tests.train.models import falcon, write_aguila

    monkeypatch.chdir(tmp_path)
    write_aguila(tmp_path / "models" / "small", falcon(layers=1))

    names = run(_for_training())

    assert names["adapter"].path == Path("adapters/small")


def _for_training() -> list[tuple[str, str]]:
    """What the blocks about training need of the others: the registry, and the demo's version."""
    found = blocks()
    build = next(index for index, (title, _) in enumerate(found) if title == "Build")
    return [found[0], found[build], *(one for one in found if one[0] == "Train")]
