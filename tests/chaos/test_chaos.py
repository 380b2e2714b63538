"""The campaign, short: nothing altered passes, and no source is a traceback.

`make chaos` runs it long; see the README here.
"""

import os
import shutil
from collections import Counter

import pytest

from builders.versions.verify import verify
from builders.versions.version import open_version
from tests.builders.rows import small_version
from tests.chaos.campaign import read_mutated, tamperings
from tests.chaos.records import read_record

SEED = int(os.environ.get("CHAOS_SEED", "1"))
INPUTS = int(os.environ.get("CHAOS_INPUTS", "200"))


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    return small_version(tmp_path_factory.mktemp("original"))


def test_a_mutated_source_is_read_or_refused_in_one_line(tmp_path):
    outcomes = Counter(read_mutated(tmp_path, SEED * 1_000_000 + number) for number in range(INPUTS))
    print(f"{INPUTS:,} sources from seed {SEED}: {dict(outcomes)}")
    assert outcomes["read"] > 0 and outcomes["refused"] > 0


def test_a_damaged_file_of_records_is_read_or_refused_in_one_line(tmp_path):
    outcomes = Counter(read_record(tmp_path, SEED * 1_000_000 + number) for number in range(INPUTS))
    print(f"{INPUTS:,} files of records from seed {SEED}: {dict(outcomes)}")
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
