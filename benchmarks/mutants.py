"""How many small changes of `builders/stages` and `filters` the nearest tests notice.

    make mutants                                     # or, with cosmic-ray installed:
    python benchmarks/mutants.py --minutes 10 --seed 1 [--only filters/rule.py]

Cosmic Ray says what can be changed (an operator, a comparison, a number, a branch). Of each place one change is drawn, and
changes are tried in random order, in a copy of the tree, until the minutes (of processor time, so that a busy machine tries as
many) are spent. Annotations are left out: changing them breaks the import or nothing. It prints each survivor and the score.
"""

import argparse
import ast
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cosmic_ray.commands.init import init
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec, TestOutcome

ROOT = Path(__file__).parents[1]
TREE = ("aguila", "builders", "cards", "filters", "train", "tests", "pyproject.toml", "README.md", "CONTRIBUTING.md")
PLACES = ("builders/stages", "filters")
RULES, STAGES = "tests/filters/rules", "tests/builders/stages"
# The tests nearest to a module, by the longest beginning of its path.
NEAREST = {
    "filters": ("tests/filters", "tests/builders/test_gold.py"),
    "filters/rule.py": ("tests/filters/test_rule.py", f"{RULES}/test_parallel.py", f"{RULES}/test_rules.py"),
    "filters/rules": (f"{RULES}/test_rules.py", "tests/builders/test_gold.py"),
    **dict.fromkeys(
        [
            f"filters/{room}/{name}"
            for room in ("rules", "languages/spanish")
            for name in ("numerals", "keywords", "parallel")
        ],
        (f"{RULES}/test_parallel.py", f"{RULES}/test_rules.py"),
    ),
    **dict.fromkeys(
        ["filters/rules/pii", "filters/detectors/personal", "filters/languages/spanish/personal"],
        (f"{RULES}/test_pii.py", f"{STAGES}/test_masking.py"),
    ),
    "filters/detectors": ("tests/filters/detectors", "tests/builders/test_gold.py"),
    "builders/stages": (STAGES,),
    "builders/stages/decontamination": (f"{STAGES}/test_decontamination.py",),
    "builders/stages/dedup": (f"{STAGES}/test_dedup.py",),
    "builders/stages/buckets": (f"{STAGES}/test_buckets.py", f"{STAGES}/test_dedup.py"),
    "builders/stages/minhash": (f"{STAGES}/test_minhash.py", f"{STAGES}/test_dedup.py"),
    "builders/stages/near": (f"{STAGES}/test_dedup.py",),
    "builders/stages/word_hashes": (f"{STAGES}/test_minhash.py", f"{STAGES}/test_decontamination.py"),
    "builders/stages/language": (
        f"{STAGES}/test_language.py",
        "tests/filters/detectors",
        "tests/builders/test_other_language.py",
    ),
    "builders/stages/quality": (f"{STAGES}/test_quality.py",),
    "builders/stages/repair": (f"{STAGES}/test_repair.py", f"{STAGES}/test_masking.py"),
    "builders/stages/sampling": (f"{STAGES}/test_sampling.py",),
    "builders/stages/templates": (f"{STAGES}/test_templates.py",),
}
TIMEOUT = 300  # seconds: a change that makes a loop endless is noticed by that


def main() -> None:
    """Try changes until the time is up."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=10, help="of processor time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="beginning of the path of what is changed")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="aguila-mutants-") as folder:
        for name in TREE:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, Path(folder) / name)
        for cache in Path(folder).rglob("__pycache__"):
            shutil.rmtree(cache)
        os.chdir(folder)
        os.environ["PYTHONPATH"] = folder
        report(changes(asked.seed, asked.only), 60 * asked.minutes)


def changes(seed: int, only: str) -> list[MutationSpec]:
    """One change of each place in the code, in random order."""
    modules = [path for place in PLACES for path in sorted(Path(place).rglob("*.py")) if str(path).startswith(only)]
    annotated = {str(path): set(annotations(path)) for path in modules}
    places: dict[tuple[str, int, int], list[MutationSpec]] = {}
    with use_db(":memory:", WorkDB.Mode.create) as work:
        init(modules, work, {})
        for item in work.work_items:
            change = item.mutations[0]
            line, column = change.start_pos
            if line not in annotated[str(change.module_path)]:
                places.setdefault((str(change.module_path), line, column), []).append(change)
    draw = random.Random(seed)
    chosen = [draw.choice(found) for _, found in sorted(places.items())]
    draw.shuffle(chosen)
    return chosen


def annotations(path: Path) -> Iterator[int]:
    """The lines that hold annotations of parameters, results and fields."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        for name in ("annotation", "returns"):
            note = getattr(node, name, None)
            if isinstance(note, ast.expr):
                yield from range(note.lineno, (note.end_lineno or note.lineno) + 1)


def nearest(module: str) -> tuple[str, ...]:
    """The tests nearest to a module."""
    return NEAREST[max((place for place in NEAREST if module.startswith(place)), key=len)]


def spent() -> float:
    """Seconds of processor time of all tests so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def report(chosen: list[MutationSpec], seconds: float) -> None:
    """Try the changes until so much time is spent, and print what survived and the score."""
    for tests in sorted({nearest(str(change.module_path)) for change in chosen}):
        if subprocess.run(command(tests).split(), capture_output=True, check=False).returncode:
            sys.exit(f"{' '.join(tests)}: fails without any change")
    tried, noticed, begun = 0, 0, spent()
    for change in chosen:
        if spent() - begun > seconds:
            break
        result = mutate_and_test([change], command(nearest(str(change.module_path))), TIMEOUT)
        tried += 1
        noticed += result.test_outcome == TestOutcome.KILLED
        print(f"{noticed} of {tried} noticed, {spent() - begun:.0f} s", file=sys.stderr, flush=True)
        if result.test_outcome != TestOutcome.KILLED:
            print(f"{result.test_outcome}: {change.operator_name}\n{result.diff or result.output}", flush=True)
    share = f"{noticed / tried:.0%}" if tried else "–"
    print(f"{noticed} of {tried} changes noticed ({share}); {len(chosen)} places can be changed")


def command(tests: tuple[str, ...]) -> str:
    """How tests are run: until the first that fails."""
    return f"{sys.executable} -m pytest -q -x -p no:cacheprovider {' '.join(tests)}"


if __name__ == "__main__":
    main()
