"""Files as they come, read as `--from` reads them."""

from dataclasses import dataclass

import pytest

from builders.recipes.loading import load_recipe
from builders.sources.read import Read
from builders.sources.reading import read_source, with_source


@dataclass(frozen=True)
class Taken:
    """What was read: rows without `row` and `position`, the pin as it is recorded, what was told."""

    read: Read
    notes: list[str]

    @property
    def rows(self):
        return self.read.rows.select("id", "instruction", "input", "output").to_dicts()

    @property
    def pin(self):
        return self.read.pin.model_dump(mode="json")


@pytest.fixture
def taken(tmp_path, caplog):
    """Read a file (its name and bytes, or a path) by the recipe mix, changed by `--set`."""

    def take(place, data=None, *changes):
        path = tmp_path / place
        if data is not None:
            path.write_bytes(data)
        caplog.clear()
        recipe = with_source(load_recipe("mix", changes), str(path), tmp_path)
        return Taken(read_source(recipe, tmp_path), [record.getMessage() for record in caplog.records])

    return take
