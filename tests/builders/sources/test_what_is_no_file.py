"""Sources that never end, or that no file can be: refused before they are read."""

import os
from pathlib import Path

import pytest

from builders.errors import Invalid, NotFound
from builders.sources.read import file_bytes
from builders.versions.version import Version


@pytest.fixture
def pipe(tmp_path):
    path = tmp_path / "filas.jsonl"
    os.mkfifo(path)
    return path


def test_a_pipe_is_refused(pipe):
    with pytest.raises(Invalid) as problem:
        file_bytes(pipe)

    assert str(problem.value) == f"{pipe}: not a regular file; copy what it gives into a file, and give that"


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_a_device_is_refused(device):
    with pytest.raises((Invalid, NotFound)):
        file_bytes(Path(device))


@pytest.mark.parametrize("name", ["a\0b.jsonl", "a\ud800b.jsonl", "nada.jsonl"])
def test_a_name_that_no_file_has_is_not_found(name, tmp_path):
    with pytest.raises(NotFound, match="no such file; check the path"):
        file_bytes(tmp_path / name)


@pytest.mark.parametrize("read", [lambda version, name: version.text(name), lambda version, name: version.table(name)])
def test_nor_is_a_pipe_read_in_a_version(pipe, read):
    with pytest.raises(Invalid, match=r"filas\.jsonl: cannot be read \(.*not a regular file\)"):
        read(Version(pipe.parent, None), pipe.name)


def test_nor_as_its_manifest(tmp_path):
    from builders.versions.version import open_version

    os.mkfifo(tmp_path / "manifest.json")
    with pytest.raises(NotFound, match="not a version"):
        open_version(tmp_path)
