"""The wheel: it holds every file that is needed, and works where there is no checkout and a user's files have its names."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

from aguila.own_packages import HOME, NAMES

PACKAGES = ("aguila", *NAMES)
CONTENT_SHA256 = "6d20458842d0ec49fae58e8709f4745ffbf319971cabe4e9c75eb388bd1e2da9"

pytest.importorskip("setuptools", minversion="77", reason="what builds the wheel is not installed (extra: test)")
pytest.importorskip("pip", reason="what installs the wheel is not installed")


def pip(*words):
    options = ("--disable-pip-version-check", "--no-index", "--quiet")
    subprocess.run([sys.executable, "-m", "pip", *map(str, words), *options], check=True, timeout=100)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The project's wheel, built from a copy, so that the checkout stays as it is."""
    place = tmp_path_factory.mktemp("wheel")
    for name in PACKAGES:
        copytree(HOME / name, place / "copy" / name, ignore=ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (place / "copy" / name).write_bytes((HOME / name).read_bytes())
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", place, place / "copy")
    (built,) = place.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The `bin` folder of an empty environment with the wheel. Its dependencies are those of this one; no checkout is seen."""
    place = tmp_path_factory.mktemp("environment")
    venv.create(place, with_pip=False, symlinks=True)
    python = place / "bin" / "python"
    pip("--python", python, "install", "--no-deps", wheel)
    found = sysconfig.get_paths(vars={"base": str(place), "platbase": str(place)})
    (Path(found["purelib"]) / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return place / "bin"


@pytest.fixture
def run(installed, tmp_path):
    """Run a program of that environment in a user's folder, which holds files with the names of the project's packages."""
    for name in NAMES:
        (tmp_path / f"{name}.py").write_text("raise SystemExit('this file is the user\\'s own')\n")

    def ran(program, *words):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        done = subprocess.run(
            [installed / program, *words], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return ran


def test_every_file_of_the_packages_is_in_the_wheel(wheel):
    files = {
        path.relative_to(HOME).as_posix()
        for name in PACKAGES
        for path in (HOME / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert packed == files - {"train/README.md"}
    suffixes = {Path(name).suffix for name in packed}
    assert {".py", ".typed", ".yaml", ".jsonl", ".jinja", ".css", ".js", ".md", ".txt"} == suffixes


def test_the_demo_is_built_in_another_folder_by_the_installed_command(run, installed):
    where = run("python", "-P", "-c", "import aguila, builders; print(aguila.__file__, builders.__file__)").split()
    assert all(file.startswith(str(installed.parent)) for file in where)

    assert "408 of 480 rows kept" in run("aguila", "build", "demo")
    assert f'"content_sha256": "{CONTENT_SHA256}"' in run("python", "-m", "aguila", "versions", "--json")
