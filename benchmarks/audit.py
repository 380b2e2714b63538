"""How long an audit takes and how much memory, against the build of what it audits.

    python benchmarks/audit.py rows.jsonl.gz [--runs 3]

Builds once, then audits the version and the raw file by turns, whole processes with start and imports. Prints one line a run,
the medians, and the ratio of an audit to the build.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from build import measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    source = str(Path(asked.source).resolve())
    aguila = [sys.executable, "-m", "aguila"]
    with tempfile.TemporaryDirectory() as folder:
        built, peak, _ = measured([*aguila, "build", "mix", "--from", source, "--out", folder, "--json"])
        print(f"build        {built:6.1f} s  {peak:7.0f} MiB", flush=True)
        version = ["mix@1.0.0", "--registry", folder]
        commands = {
            "audit": [*aguila, "audit", *version, "--json"],
            "audit --html": [*aguila, "audit", *version, "--html", f"{folder}/audit.html"],
            "audit --from": [*aguila, "audit", "--from", source, "--json"],
        }
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(asked.runs):
            for name, command in commands.items():
                took, peak, _ = measured(command)
                seconds[name].append(took)
                print(f"{name:<12} {took:6.1f} s  {peak:7.0f} MiB", flush=True)
        page = Path(folder, "audit.html").stat().st_size / 1e6
    for name, took in seconds.items():
        print(f"median {name} {statistics.median(took):.1f} s, {statistics.median(took) / built:.2f} of the build")
    print(f"page {page:.1f} MB")


if __name__ == "__main__":
    main()
