"""How long a build takes and how much memory, against the floor, in turn.

    python benchmarks/build.py rows.jsonl.gz [--runs 5] [-- OPTIONS OF BUILD]

Prints one line a run and the medians, of each stage too. Whole processes, start and imports included. Each run writes into a new
folder. Options after -- go to the build: `-- --engine daft --partitions 4`.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent


def measured(command: list[str]) -> tuple[float, float, str]:
    """Wall seconds, peak MiB and stdout of a command."""
    start = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=HERE.parent
    ) as process:
        assert process.stdout is not None
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024, printed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--no-floor", action="store_true")
    given = sys.argv[1:]
    end = (
        given.index("--") if "--" in given else len(given)
    )  # argparse takes it for itself where a flag stands before it
    asked, options = parser.parse_args(given[:end]), given[end + 1 :]
    source = str(Path(asked.source).resolve())
    ours, floors, memory = [], [], []
    by_stage: dict[str, list[float]] = {}
    for _ in range(asked.runs):
        with tempfile.TemporaryDirectory() as folder:
            command = [
                sys.executable,
                "-m",
                "aguila",
                "build",
                "mix",
                "--from",
                source,
                "--out",
                folder,
                "--json",
                *options,
            ]
            seconds, peak, printed = measured(command)
            result = json.loads(printed)
            stages = "  ".join(
                f"{stage['stage']} {stage['seconds']:.1f}" for stage in result["stages"] if stage["seconds"] > 0.05
            )
            print(
                f"build {seconds:6.1f} s  {peak:7.0f} MiB  {result['kept']:,} of {result['source_rows']:,} kept  ({stages})",
                flush=True,
            )
            for stage in result["stages"]:
                by_stage.setdefault(stage["stage"], []).append(stage["seconds"])
            ours.append(seconds)
            memory.append(peak)
            if not asked.no_floor:
                seconds, peak, _ = measured([sys.executable, str(HERE / "floor.py"), source, f"{folder}/floor.parquet"])
                print(f"floor {seconds:6.1f} s  {peak:7.0f} MiB", flush=True)
                floors.append(seconds)
    print(f"median build {statistics.median(ours):.1f} s, {statistics.median(memory):.0f} MiB")
    medians = {stage: statistics.median(some) for stage, some in by_stage.items()}
    rest = statistics.median(ours) - sum(medians.values())
    print("  ".join(f"{stage} {value:.1f}" for stage, value in {**medians, "rest": rest}.items()))
    if floors:
        ratios = [build / floor for build, floor in zip(ours, floors, strict=True)]
        print(f"median floor {statistics.median(floors):.1f} s, build / floor {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
