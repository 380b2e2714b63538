"""The campaign, short: nothing altered passes, no source is a traceback, a build that is killed leaves nothing half-written.

`make chaos` runs it long; see the README here.
"""

import os
import random
import shutil
import time
from collections import Counter

import pytest

from builders.versions.references import sound_versions
from builders.versions.verify import verify
from builders.versions.version import open_version
from tests.builders.rows import small_version, write_rows
from tests.chaos.campaign import read_mutated, tamperings
from tests.processes import processes

SEED = int(os.environ.get("CHAOS_SEED", "1"))
INPUTS = int(os.environ.get("CHAOS_INPUTS", "200"))
KILLS = int(os.environ.get("CHAOS_KILLS", "10"))
TOGETHER = 5  # builds that run at once, in one registry


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    return small_version(tmp_path_factory.mktemp("original"))


def test_a_mutated_source_is_read_or_refused_in_one_line(tmp_path):
    outcomes = Counter(read_mutated(tmp_path, SEED * 1_000_000 + number) for number in range(INPUTS))
    print(f"{INPUTS:,} sources from seed {SEED}: {dict(outcomes)}")
    assert outcomes["read"] > 0 and outcomes["refused"] > 0


def test_every_tampering_is_noticed_by_what_must_notice_it(original, tmp_path):
    unnoticed, count = [], 0
    for name, change, check in tamperings(original.path):
        folder = shutil.copytree(original.path, tmp_path / str(count))
        change(folder)
        found = verify(open_version(folder), original.path.parents[1], quick=True)
        if check not in {one.check for one in found if not one.ok}:
            unnoticed.append(name)
        count += 1
    print(f"{count} tamperings")
    assert count >= 80 and unnoticed == []


def test_a_build_that_is_killed_leaves_a_whole_version_or_none(tmp_path):
    write_rows(tmp_path / "filas.jsonl")
    (tmp_path / "filas.yaml").write_text(
        "name: filas\nsource: {kind: file, path: filas.jsonl}\nsplit: {validation: 0.3}\ncard: {license: apache-2.0}\n"
    )
    chance = random.Random(SEED)
    with processes(tmp_path) as start:
        for first in range(0, KILLS, TOGETHER):
            builds = [
                start("build", "filas.yaml", "--set", f"card.title=Filas {first + number}")
                for number in range(TOGETHER)
            ]
            for child, rest in zip(builds, sorted(chance.uniform(0, 0.8) for _ in builds), strict=True):
                time.sleep(rest)
                os.kill(child.pid, 9)
                child.communicate()
                child.wait()
    registry = tmp_path / "versions"
    versions = [path for path in registry.glob("*/*") if path.is_dir() and path.name.startswith("v")]
    print(f"{KILLS} kills from seed {SEED}: {len(versions)} versions were there before the kill")
    assert {path.name for path in versions} == {f"v{number}" for number in sound_versions(registry, "filas")}
    for folder in versions:
        assert [one for one in verify(open_version(folder), registry, quick=True) if not one.ok] == [], folder
    with processes(tmp_path) as start:  # nothing that is left stands in the way of the next build
        child = start("build", "filas.yaml", "--set", "card.title=Filas enteras")
        child.communicate()
        assert child.wait() == 0
