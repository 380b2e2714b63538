"""A folder is on the disk before it has its name, and its name is on the disk before anybody is told."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from builders.durable import move_into_place
from builders.recipes.loading import load_recipe
from builders.versions import registry
from builders.versions.registry import build

ROOT = Path(__file__).parents[2]


@pytest.fixture
def made(tmp_path):
    folder = tmp_path / "a-medias"
    (folder / "data").mkdir(parents=True)
    for name in ("README.md", "data/train.parquet", "manifest.json"):
        (folder / name).write_text(name)
    return folder


def recorded(monkeypatch):
    """Paths in the order in which they are synced and renamed."""
    steps = []
    fsync, rename = os.fsync, Path.rename

    def synced(handle):
        steps.append(("fsync", Path(f"/proc/self/fd/{handle}").readlink()))
        fsync(handle)

    def renamed(path, target):
        steps.append(("rename", target))
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "rename", renamed)
    return steps


def test_every_file_then_its_folder_then_the_name_then_the_folder_of_the_name(made, monkeypatch, tmp_path):
    steps = recorded(monkeypatch)
    move_into_place(made, tmp_path / "v1.0.0")

    order = [(what, path.relative_to(tmp_path).as_posix()) for what, path in steps]
    assert set(order[:5]) == {("fsync", "a-medias"), ("fsync", "a-medias/data")} | {
        ("fsync", f"a-medias/{name}") for name in ("README.md", "data/train.parquet", "manifest.json")
    }
    assert order.index(("fsync", "a-medias/data/train.parquet")) < order.index(("fsync", "a-medias/data"))
    assert order[4:] == [("fsync", "a-medias"), ("rename", "v1.0.0"), ("fsync", ".")]
    assert (tmp_path / "v1.0.0" / "data" / "train.parquet").read_text() == "data/train.parquet"


def test_a_build_puts_its_version_so(tmp_path, monkeypatch):
    moved = []

    def move(made, target):
        moved.append((made.name, (made / "manifest.json").is_file(), target.name))
        move_into_place(made, target)

    monkeypatch.setattr(registry, "move_into_place", move)
    build(load_recipe("demo"), tmp_path)

    assert moved == [(".aguila-building", True, "v1.0.0")]


def test_a_disk_that_fails_while_it_writes_leaves_no_name(made, monkeypatch, tmp_path):
    def failing(handle):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(OSError, match="Input/output error"):
        move_into_place(made, tmp_path / "v1.0.0")

    assert made.is_dir() and not (tmp_path / "v1.0.0").exists()


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_what_the_system_is_asked_for(made, tmp_path):
    code = f"from pathlib import Path; from builders.durable import move_into_place as m; m(Path({str(made)!r}), Path({str(tmp_path / 'v1.0.0')!r}))"
    trace = tmp_path / "llamadas"
    watched = ("strace", "-f", "-y", "-e", "trace=fsync,fdatasync,rename,renameat,renameat2", "-o", trace)
    ended = subprocess.run([*watched, sys.executable, "-c", code], cwd=ROOT, capture_output=True)
    if b"ptrace" in ended.stderr or not trace.exists():
        pytest.skip("strace may not watch here")

    calls = [line for line in trace.read_text().splitlines() if str(tmp_path) in line]
    names = [re.search(r"(fsync|rename)\w*\(", line)[1] for line in calls]
    assert ended.returncode == 0 and names == ["fsync"] * 5 + ["rename", "fsync"]
    assert all(line.rstrip().endswith("= 0") for line in calls)
