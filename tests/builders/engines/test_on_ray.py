"""A Ray cluster of two machines that are processes of this one: the bytes of a local build, also where a worker is killed."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from builders.recipes.loading import load_recipe
from builders.versions.registry import STAGING, build
from tests.builders.engines.places import files_of, version, write_places

pytest.importorskip("daft", reason="Daft is not installed (extra: cluster)")
pytest.importorskip("ray", reason="Ray is not installed (extra: cluster)")
if not Path("/proc/self/task").is_dir():
    pytest.skip("worker processes are found in /proc", allow_module_level=True)

ROOT = Path(__file__).parents[3]
PATIENCE = 300  # seconds for a build, on a machine with much other work
# Ray would take the address of a network card for 127.0.0.1, where nothing of these nodes listens.
EVERY_PLACE = """
import os, sys
from pathlib import Path
from builders.engines.named import engine_named
from tests.builders.engines.places import version

for place in map(Path, sys.argv[1:]):
    version(place, Path("allí") / place.stem, engine_named("daft", ray=os.environ["RAY"], partitions=2))
"""
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
}


@pytest.fixture(scope="module")
def cluster():
    """Two nodes of one core each on 127.0.0.1."""
    # A short path, for the names of sockets are in it.
    with pytest.MonkeyPatch.context() as environment, tempfile.TemporaryDirectory(prefix="r") as folder:
        own = {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]), "RAY_TMPDIR": folder}
        for name, value in (QUIET | own).items():
            environment.setenv(name, value)
        from ray.cluster_utils import Cluster

        (Path(folder) / "ray").mkdir()
        place = {"node_ip_address": "127.0.0.1", "num_cpus": 1, "object_store_memory": 200 << 20}
        head = place | {"include_dashboard": False}
        running = Cluster(initialize_head=True, head_node_args=head)
        running.add_node(**place)
        yield running
        running.shutdown()


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    return build(load_recipe("demo"), tmp_path_factory.mktemp("aquí")).version.path


def started(cluster, folder, *what):
    """A program that is told to work on the cluster, in a process of its own."""
    return subprocess.Popen(
        [sys.executable, *what],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]), "RAY": cluster.address},
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def at_work(cluster):
    """The processes of the cluster's nodes that have a partition in work."""
    found = []
    for node in cluster.list_all_nodes():
        for raylet in node.all_processes["raylet"]:
            children = Path(f"/proc/{raylet.process.pid}/task/{raylet.process.pid}/children").read_text().split()
            titles = {
                int(pid): Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children if Path(f"/proc/{pid}").exists()
            }
            found += [pid for pid, title in titles.items() if b"UDF" in title]
    return found


def ended(running):
    """What a build said, once it ended."""
    try:
        return running.communicate(timeout=PATIENCE)[1]
    finally:
        running.kill()


def test_two_machines_give_the_bytes_of_one_however_the_rows_come(cluster, tmp_path):
    places = write_places(tmp_path)
    running = started(cluster, tmp_path, "-c", EVERY_PLACE, *map(str, places))
    here = [version(place, tmp_path / "aquí" / place.stem).path for place in places]
    said = ended(running)

    assert running.returncode == 0, said
    for place, local in zip(places, here, strict=True):
        assert files_of(tmp_path / "allí" / place.stem / "filas" / "v1.0.0") == files_of(local), place.name


def test_a_worker_killed_at_work_leaves_the_same_bytes_or_one_line_and_nothing(cluster, here, tmp_path):
    where = ("--engine", "daft", "--ray", cluster.address, "--partitions", "4", "--out", str(tmp_path))
    running = started(cluster, tmp_path, "-m", "aguila", "build", "demo", *where)
    until = time.monotonic() + PATIENCE
    while not (busy := at_work(cluster)) and running.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    assert busy, "no worker was seen at work"
    os.kill(busy[0], signal.SIGKILL)
    said = ended(running)

    assert not (tmp_path / "demo" / STAGING).exists()
    if running.returncode == 0:
        assert files_of(tmp_path / "demo" / "v1.0.0") == files_of(here)
    else:
        assert [line for line in said.splitlines() if line.startswith("error: the cluster lost work")], said
        assert not (tmp_path / "demo" / "v1.0.0").exists()
