"""A new statistic with its chart is two files: CONTRIBUTING.md's own example, in a copy of the tree, is counted and shown."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders.rows import small_version

ROOT = Path(__file__).parents[3]
TREE = ("aguila", "builders", "cards", "filters", "train")
# One process, because importing costs most: build the demo, audit it, compare a version of before with one of after.
SCRIPT = """
import json, sys
from pathlib import Path
from builders.reading.audit import audited
from builders.recipes.loading import load_recipe
from builders.versions.diff import diff
from builders.versions.registry import build
from builders.versions.version import open_version
from cards.audit.page import audit_page
from cards.audit.tables import audit_tables

registry = Path("versions")
version = build(load_recipe("demo"), registry).version
found = audited(version.label, registry)
before = open_version(Path(sys.argv[1]))
shown = {
    "path": str(version.path),
    "counted": found.numbers.statistics.endings,
    "tables": {table.title: table.rows for table in audit_tables(found.numbers)},
    "captioned": "<figcaption>How answers end</figcaption>" in audit_page(found.numbers, found.rows),
    "before": before.statistics().endings,
    "shifts": [[one.statistic, one.old, one.new] for one in diff(before, version).statistics if "endings" in one.statistic],
}
print(json.dumps(shown))
"""


def blocks():
    """The two code blocks of the section, as a reader would copy them."""
    section = (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("## Add a statistic")[1].split("\n## ")[0]
    return re.findall(r"```python\n(.*?)```", section, re.DOTALL)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("endings")


@pytest.fixture(scope="module")
def shown(place):
    for name in TREE:
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    module, field = blocks()
    (place / "cards/statistics/endings.py").write_text(module, "utf-8")
    listed = place / "cards/statistics/listed.py"
    text = listed.read_text("utf-8")
    text = text.replace(
        "\n\nclass RowStatistics", "\nfrom cards.statistics.endings import ENDINGS\n\n\nclass RowStatistics", 1
    )
    text = text.replace("\n\n\nclass Statistics(", f"\n{field.rstrip()}\n\n\nclass Statistics(", 1)
    listed.write_text(text, "utf-8")
    (place / "before").mkdir()
    before = small_version(place / "before")
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(before.path)],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(place)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return json.loads(run.stdout)


@pytest.fixture(scope="module")
def version(place, shown):
    return place / shown["path"]


def test_it_is_counted_by_the_build(version, shown):
    recorded = json.loads((version / "statistics.json").read_text("utf-8"))

    assert recorded["endings"] == shown["counted"]
    assert sum(recorded["endings"].values()) == recorded["rows"] > 0


def test_its_picture_is_drawn_and_stands_on_the_card_under_its_caption(version):
    card = (version / "README.md").read_text("utf-8")

    assert re.search(r"\n\nHow answers end:\n\n!\[Rows by the sign .*\]\(charts/endings\.svg\)\n\n", card)
    assert "<title>Rows by the sign that their answer ends with" in (version / "charts/endings.svg").read_text("utf-8")
    assert "charts/endings.svg" in json.loads((version / "manifest.json").read_text("utf-8"))["files"]


def test_the_audit_tabulates_and_shows_it(shown):
    assert list(shown["tables"])[-1] == "How answers end"
    assert shown["tables"]["How answers end"][0][0] == "."
    assert shown["captioned"]


def test_a_version_of_before_is_read_and_compared_without_it(shown):
    assert shown["before"] is None
    assert ["endings..", None, shown["counted"]["."]] in shown["shifts"]
