"""The demo's card, Croissant metadata, statistics and audit, against the golden files.

After a change that is meant: `make golden`, and look at what git says. What depends on the machine's software, sizes and
hashes of Parquet files and the number of this software, is left out of the comparison.
"""

import json
import re
from pathlib import Path

import pytest

from builders.reading.audit import audit
from builders.recipes.loading import load_recipe
from builders.records import plain, to_json
from builders.versions.registry import build

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="module")
def version(tmp_path_factory):
    return build(load_recipe("demo"), tmp_path_factory.mktemp("golden")).version


def card(version):
    text = (version.path / "README.md").read_text("utf-8")
    text = re.sub(r"(num_bytes|download_size|dataset_size): \d+", r"\1: 0", text)
    return re.sub(r"aguila-data \d[\w.]*;", "aguila-data X.Y.Z;", text)


def croissant(version):
    document = json.loads((version.path / "croissant.json").read_text("utf-8"))
    for file in document["distribution"]:
        file["sha256"] = "…"
    return to_json(document)


def statistics(version):
    return (version.path / "statistics.json").read_text("utf-8")


def audited(version):
    found = plain(audit(version))
    # A rule that is added and finds nothing in the demo changes nothing here.
    acted = {name: one for name, one in found["rules"].items() if one["drops"] or one["flags"] or one["signals"]}
    return to_json({**found, "rules": acted, "statistics": "as in statistics.json"})


FILES = {"README.md": card, "croissant.json": croissant, "statistics.json": statistics, "audit.json": audited}


@pytest.mark.parametrize("name", FILES)
def test_the_demo_is_as_it_was(version, name, request):
    found, file = FILES[name](version), GOLDEN / name
    if request.config.getoption("--write-golden"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(found, "utf-8")

    assert found == file.read_text("utf-8")


def test_every_golden_file_is_compared():
    assert {file.name for file in GOLDEN.iterdir()} == FILES.keys()
