"""A new rule is one file: CONTRIBUTING.md's own example, in a copy of the tree, leaves the suite green.

Run there are the tests that list rules, count them, or show their names. They were found by adding the rule by hand, as a flag
and as a drop, and running all of tests/filters and tests/cards, and of tests/builders and tests/end_to_end what builds
without the Hub: no other test met the rule.
"""

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.end_to_end.transcript import ROOT

TREE = ("aguila", "builders", "cards", "docs", "filters", "train", "tests")
FILES = ("README.md", "CONTRIBUTING.md", "pyproject.toml")
EACH = ("tests/filters/rules/test_rules.py", "tests/filters/test_rule.py")
# Of the tests that each rule has, those of the new ones; the others' are no different from those that run here anyway.
MET = "not test_rules.py or impossible_hour or judging or between or hostile"
MEETING_RULES = (
    *EACH,
    # It is named wherever rules are shown.
    "tests/aguila/test_commands.py::test_a_transcript_is_true",
    "tests/aguila/test_commands.py::test_rules_as_a_table",
    "tests/builders/reading/test_explain.py::test_every_rule_that_was_applied_is_told_in_the_order_in_which_rules_claim_a_row",
    # One that drops is held to the gold rows, and takes its turn in what a row leaves by.
    "tests/builders/test_gold.py",
    "tests/builders/stages/test_quality.py",
)


def example():
    """The example rule of CONTRIBUTING.md, as a reader would copy it."""
    section = (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("## Add a rule")[1]
    block = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert block, "the section has an example"
    return block[1]


@pytest.fixture
def copy(tmp_path):
    for name in TREE:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_the_example_rule_is_one_file_and_the_suite_stays_green_for_a_flag_and_a_drop(copy):
    code = example()
    assert code.count('verdict="flag"') == code.count("def impossible_hour(") == code.count("defect=27") == 1
    (copy / "filters/rules/hours.py").write_text(code, "utf-8")
    dropping = code.replace('verdict="flag"', 'verdict="drop"').replace("defect=27", "defect=28")
    dropping = dropping.replace("def impossible_hour(", "def impossible_hour_dropped(")
    (copy / "filters/rules/hours_dropped.py").write_text(dropping, "utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-vv", "-p", "no:cacheprovider", "-k", MET, *MEETING_RULES],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-3000:]
    # They were met: their examples were tests, and all that was chosen ran.
    for name in ("impossible_hour", "impossible_hour_dropped"):
        assert f"test_a_rule_catches_and_spares_its_examples[{name}] PASSED" in run.stdout
    assert all(f"{test.split('::')[0]}::" in run.stdout for test in MEETING_RULES)
